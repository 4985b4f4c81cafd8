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
  const auto clamp = q.clamp == tb::Clamp::U8    ? golden::Clamp::U8
                     : q.clamp == tb::Clamp::S9  ? golden::Clamp::S9
                     : q.clamp == tb::Clamp::S16 ? golden::Clamp::S16
                                                 : golden::Clamp::S8;
  if (q.clamp == tb::Clamp::Raw) return acc;
  return golden::requantize(acc, q.mult, q.shift, q.zero_point, clamp).cast<int32_t>();
}

}  // namespace sb
