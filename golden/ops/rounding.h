// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace sb::golden {

/// rhe of numerics.md: value * 2^-shift rounded to the nearest integer, ties to even. |value| below
/// 2^62, shift 0 .. 62.
constexpr int64_t round_half_even_shift(int64_t value, int shift) {
  if (shift == 0) return value;
  const int64_t odd = (value >> shift) & 1;  // of the floor: a tie goes up only from an odd one
  return (value + (int64_t{1} << (shift - 1)) - 1 + odd) >> shift;
}

}  // namespace sb::golden
