// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
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
  /// Cycle in which each result word (row, n-block) was handed over, or none.
  const golden::Matrix<uint64_t>* arrived = nullptr;
  /// A shell line that reruns the case and records the cycles around that one (0: not told), or
  /// none.
  std::function<std::string(uint64_t cycle)> rerun = {};
};

/// An argument as a shell reads it back, in quotes where it needs them.
std::string shell_quoted(const std::string& argument);

/// Elements that differ. Of matrices of different shape all elements of the expected one count (at
/// least 1).
uint64_t count_mismatches(const golden::MatrixI32& expected, const golden::MatrixI32& got);

/// None when both are equal. Else some lines: how many elements are wrong, the first of them in
/// row-major order with its place in the matrix and in the hardware, both values, its operands,
/// the cycle, and the line to rerun.
std::optional<std::string> describe_mismatch(const golden::MatrixI32& expected,
                                             const golden::MatrixI32& got,
                                             const MismatchContext& context = {});

}  // namespace sb::tb
