// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/requantize.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "golden/base/error.h"
#include "golden/ops/rounding.h"

namespace sb::golden {

namespace {

void check(uint32_t mult, int shift, int zp) {
  if (mult >= (1U << 26))
    throw InputError(fmt::format("requantize: multiplier {} is not below 2^26", mult));
  if (shift < 0 || shift > 46)
    throw InputError(fmt::format("requantize: shift {} is not in 0..46", shift));
  if (zp < std::numeric_limits<int16_t>::min() || zp > std::numeric_limits<int16_t>::max())
    throw InputError(fmt::format("requantize: zero point {} is not int16", zp));
}

// Arguments have been checked; the product stays below 2^57.
int16_t requantize_checked(int32_t acc, uint32_t mult, int shift, int zp, Clamp clamp) {
  return saturate(round_half_even_shift(int64_t{acc} * mult, shift) + zp, clamp);
}

}  // namespace

int32_t requantize(int32_t acc, uint32_t mult, int shift, int zp, Clamp clamp) {
  check(mult, shift, zp);
  return requantize_checked(acc, mult, shift, zp, clamp);
}

MatrixI16 requantize(const MatrixI32& acc, std::span<const uint32_t> mult,
                     std::span<const uint8_t> shift, int zp, Clamp clamp) {
  const auto columns = static_cast<size_t>(acc.cols());
  if (mult.size() != columns || shift.size() != columns)
    throw InputError(fmt::format("requantize: {} multipliers and {} shifts for {} columns",
                                 mult.size(), shift.size(), columns));
  for (size_t n = 0; n < columns; ++n) check(mult[n], shift[n], zp);
  MatrixI16 y(acc.rows(), acc.cols());
  for (Eigen::Index r = 0; r < acc.rows(); ++r)
    for (size_t n = 0; n < columns; ++n) {
      const auto column = static_cast<Eigen::Index>(n);
      y(r, column) = requantize_checked(acc(r, column), mult[n], shift[n], zp, clamp);
    }
  return y;
}

void append_requant(Requant& requant, double scale, const std::string& what) {
  if (!(scale > 0) || !std::isfinite(scale))
    throw InputError(fmt::format("{}: requantization by {} is impossible", what, scale));
  int exponent = 0;
  std::frexp(scale, &exponent);  // scale = fraction * 2^exponent, fraction in 0.5 .. 1
  int shift = 16 - exponent;
  double mult = std::nearbyint(std::ldexp(scale, shift));
  if (mult == 65536) mult = std::nearbyint(std::ldexp(scale, --shift));
  if (shift > 46) {  // smaller than any shift can say: fewer bits of the multiplier
    mult = std::nearbyint(std::ldexp(scale, 46));
    shift = 46;
  }
  if (shift < 6)  // the requantizer holds 26 bits at a shift of 16
    throw InputError(
        fmt::format("{}: requantization by {}, which is not below 1023.99", what, scale));
  requant.mult.push_back(static_cast<uint32_t>(mult));
  requant.shift.push_back(static_cast<uint8_t>(shift));
}

}  // namespace sb::golden
