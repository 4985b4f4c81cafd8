// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "golden/base/matrix.h"

namespace sb::tb {

/// Where a result comes from, so that a mismatch can be told in the terms of the hardware.
struct MismatchContext {
  int m = 0;                             ///< size of the array: columns of an n-block; 0: not told
  int chunk_rows = 0;                    ///< rows of a job (depth of the accumulators); 0: not told
  const golden::MatrixI16* a = nullptr;  ///< activations (rows, K), or none
  const golden::MatrixI8* w = nullptr;   ///< weights (N, K), or none
  std::string rerun;                     ///< command that reruns the case, or empty
};

/// Elements that differ. Of matrices of different shape all elements of the expected one count (at
/// least 1).
uint64_t count_mismatches(const golden::MatrixI32& expected, const golden::MatrixI32& got);

/// None when both are equal. Else some lines: how many elements are wrong, the first of them in
/// row-major order with its place in the matrix and in the hardware, both values, its operands, the
/// command to rerun.
std::optional<std::string> describe_mismatch(const golden::MatrixI32& expected,
                                             const golden::MatrixI32& got,
                                             const MismatchContext& context = {});

}  // namespace sb::tb
