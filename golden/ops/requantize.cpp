#include "golden/ops/requantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "golden/base/error.h"

namespace sb::golden {

int clamp_min(Clamp clamp) {
  switch (clamp) {
    case Clamp::S8: return -128;
    case Clamp::U8: return 0;
    case Clamp::S9: return -256;
    case Clamp::S16: return -32768;
  }
  throw InputError("requantize: unknown clamp");
}

int clamp_max(Clamp clamp) {
  switch (clamp) {
    case Clamp::S8: return 127;
    case Clamp::U8:
    case Clamp::S9: return 255;
    case Clamp::S16: return 32767;
  }
  throw InputError("requantize: unknown clamp");
}

__int128 round_half_even_shift(__int128 value, int shift) {
  if (shift == 0) return value;
  const __int128 unit = __int128{1} << shift;
  const __int128 floor = value >> shift;  // arithmetic, towards minus infinity
  const __int128 rest = value - floor * unit;
  if (rest * 2 > unit) return floor + 1;
  if (rest * 2 == unit) return floor + (floor & 1);
  return floor;
}

int64_t round_half_even_shift(int64_t value, int shift) {
  if (shift == 0) return value;
  const int64_t odd = (value >> shift) & 1;  // of the floor: a tie goes up only from an odd one
  return (value + (int64_t{1} << (shift - 1)) - 1 + odd) >> shift;
}

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
int32_t requantize_checked(int32_t acc, uint32_t mult, int shift, int zp, int low, int high) {
  const int64_t rounded = round_half_even_shift(int64_t{acc} * mult, shift) + zp;
  return static_cast<int32_t>(std::clamp<int64_t>(rounded, low, high));
}

}  // namespace

int32_t requantize(int32_t acc, uint32_t mult, int shift, int zp, Clamp clamp) {
  check(mult, shift, zp);
  return requantize_checked(acc, mult, shift, zp, clamp_min(clamp), clamp_max(clamp));
}

MatrixI16 requantize(const MatrixI32& acc, std::span<const uint32_t> mult,
                     std::span<const uint8_t> shift, int zp, Clamp clamp) {
  const auto columns = static_cast<size_t>(acc.cols());
  if (mult.size() != columns || shift.size() != columns)
    throw InputError(fmt::format("requantize: {} multipliers and {} shifts for {} columns",
                                 mult.size(), shift.size(), columns));
  for (size_t n = 0; n < columns; ++n) check(mult[n], shift[n], zp);
  const int low = clamp_min(clamp), high = clamp_max(clamp);
  MatrixI16 y(acc.rows(), acc.cols());
  for (Eigen::Index r = 0; r < acc.rows(); ++r)
    for (size_t n = 0; n < columns; ++n) {
      const auto column = static_cast<Eigen::Index>(n);
      y(r, column) = static_cast<int16_t>(
          requantize_checked(acc(r, column), mult[n], shift[n], zp, low, high));
    }
  return y;
}

}  // namespace sb::golden
