#pragma once
#include <cstdint>
#include <span>

#include "golden/base/types.h"

namespace sb::golden {

/// Clamp of a requantized value: signed or unsigned 8 bit, signed 9 bit, signed 16 bit.
enum class Clamp { S8, U8, S9, S16 };

int clamp_min(Clamp clamp);
int clamp_max(Clamp clamp);

/// value * 2^-shift rounded to the nearest integer, ties to even. shift 0 .. 100.
__int128 round_half_even_shift(__int128 value, int shift);
/// The same for |value| below 2^62 and shift 0 .. 62.
int64_t round_half_even_shift(int64_t value, int shift);

/// numerics.md section 2: sat(rhe(acc * mult * 2^-shift) + zp). mult below 2^26, shift 0 .. 46, zp
/// int16; throws InputError outside.
int32_t requantize(int32_t acc, uint32_t mult, int shift, int zp, Clamp clamp);

/// The same over a matrix (rows, N), with one multiplier and one shift per column.
MatrixI16 requantize(const MatrixI32& acc, std::span<const uint32_t> mult,
                     std::span<const uint8_t> shift, int zp, Clamp clamp);

}  // namespace sb::golden
