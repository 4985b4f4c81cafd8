// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace sb::test {

/// factor * mult == quotient * 2^shift + 2^(shift - 1) + 2^bit, quotient even: all that is shifted
/// out is the half and one more bit, which alone says to round up.
struct NearTie {
  int64_t factor = 0;
  int64_t mult = 0;
  int64_t quotient = 0;
};

/// The first that |factor|, mult and |quotient| up to their limits give. bit: 0 .. shift - 2.
inline std::optional<NearTie> near_tie(int shift, int bit, int64_t most_factor, int64_t most_mult,
                                       int64_t most_quotient, bool negative) {
  if (bit > 0) {  // its power of two goes to both
    const int up = std::min(bit, 24), rest = bit - up;
    auto found =
        near_tie(shift - bit, 0, most_factor >> up, most_mult >> rest, most_quotient, negative);
    if (found) found->factor <<= up, found->mult <<= rest;
    return found;
  }
  // quotient * 2^shift + 2^(shift - 1) + 1 = 0 modulo an odd mult.
  for (int64_t mult = 1; mult <= most_mult; mult += 2) {
    int64_t half = 1;  // 2^-n modulo mult, n = 1 .. shift
    int64_t sum = 0;
    for (int n = 1; n <= shift; ++n) {
      half = half % 2 == 0 ? half / 2 : (half + mult) / 2;
      if (n == 1 || n == shift) sum += half;
    }
    int64_t quotient = (2 * mult - sum % mult) % mult;  // the only one of 0 .. mult - 1
    if (negative) quotient -= mult;
    if (quotient % 2 != 0) quotient += negative ? -mult : mult;
    if (std::abs(quotient) > most_quotient) continue;
    const __int128 product =
        (static_cast<__int128>(quotient) << shift) + (static_cast<__int128>(1) << (shift - 1)) + 1;
    const __int128 factor = product / mult;
    if (factor * mult != product || factor > most_factor || factor < -most_factor) continue;
    return NearTie{static_cast<int64_t>(factor), mult, quotient};
  }
  return std::nullopt;
}

}  // namespace sb::test
