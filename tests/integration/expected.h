// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/ops/gemm.h"
#include "golden/ops/requantize.h"
#include "tb/host/gemm_pack.h"

namespace sb {

/// What the golden model says of a problem.
inline golden::MatrixI32 expected_result(const tb::GemmProblem& p) {
  const golden::MatrixI32 acc = golden::gemm(p.a, p.w, p.bias);
  if (!p.requantization) return acc;
  const auto& q = *p.requantization;
  return golden::requantize(acc, q.mult, q.shift, q.zero_point, q.clamp).cast<int32_t>();
}

}  // namespace sb
