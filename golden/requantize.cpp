#include "golden/requantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "golden/error.h"

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

int32_t requantize(int32_t acc, uint32_t mult, int shift, int zp, Clamp clamp) {
  if (mult >= (1U << 26)) throw InputError(fmt::format("requantize: multiplier {} is not below 2^26", mult));
  if (shift < 0 || shift > 46) throw InputError(fmt::format("requantize: shift {} is not in 0..46", shift));
  if (zp < std::numeric_limits<int16_t>::min() || zp > std::numeric_limits<int16_t>::max())
    throw InputError(fmt::format("requantize: zero point {} is not int16", zp));
  const __int128 rounded = round_half_even_shift(__int128{acc} * mult, shift) + zp;
  return static_cast<int32_t>(std::clamp(rounded, __int128{clamp_min(clamp)}, __int128{clamp_max(clamp)}));
}

MatrixI16 requantize(const MatrixI32& acc, std::span<const uint32_t> mult, std::span<const uint8_t> shift,
                     int zp, Clamp clamp) {
  const auto columns = static_cast<size_t>(acc.cols());
  if (mult.size() != columns || shift.size() != columns)
    throw InputError(fmt::format("requantize: {} multipliers and {} shifts for {} columns", mult.size(),
                                 shift.size(), columns));
  MatrixI16 y(acc.rows(), acc.cols());
  for (Eigen::Index r = 0; r < acc.rows(); ++r)
    for (Eigen::Index n = 0; n < acc.cols(); ++n)
      y(r, n) = static_cast<int16_t>(
          requantize(acc(r, n), mult[static_cast<size_t>(n)], shift[static_cast<size_t>(n)], zp, clamp));
  return y;
}

}  // namespace sb::golden
