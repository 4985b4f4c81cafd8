// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <span>

namespace sb::golden {

/// Largest magnitude that |bias + sum_k a[k] * w[k]| can reach when no |a[k]| is above max_code:
/// |bias| + max_code * sum_k |w[k]| (numerics.md section 1). A product is exact, and every partial
/// sum of it, when this fits the accumulator.
inline int64_t accumulator_bound(std::span<const int8_t> w, int64_t bias, int max_code) {
  int64_t magnitude = 0;
  for (int value : w) magnitude += std::abs(value);
  return std::abs(bias) + max_code * magnitude;
}

/// What an accumulator holds.
constexpr int64_t kAccumulatorMax = std::numeric_limits<int32_t>::max();

}  // namespace sb::golden
