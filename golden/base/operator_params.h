// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace sb::golden {

// What an integer operator is told, as plain data: a model file holds it, golden/ops computes with
// it (numerics.md). The host makes all of it once and gives the same values to the golden model and
// to the hardware.

/// exp(-d * scale) as unsigned 8 bit for a score d codes below the row's maximum (section 4). Entry
/// 0 is 255.
using ExpTable = std::array<uint8_t, 256>;

/// Any function of an int8 code, entry x + 128 (section 9). Entries are 9-bit signed codes.
using Table = std::array<int16_t, 256>;

/// Multiplier and shift of each output channel (section 2).
struct Requant {
  std::vector<uint32_t> mult;  ///< below 2^16
  std::vector<uint8_t> shift;  ///< 6 .. 46
};

/// One LayerNorm (section 8). All integers.
struct LayerNormParams {
  uint32_t mean_mult = 0;     ///< below 2^26; mean_mult * 2^-mean_shift is 256 / N
  int mean_shift = 0;         ///< 16 .. 32
  uint64_t e = 0;             ///< N^2 * eps in units of the input, below 2^56
  int row_shift = 15;         ///< 8 .. 31, added to each row's own shift h
  std::vector<int32_t> gain;  ///< N values, signed 18 bit
  std::vector<int32_t> bias;  ///< N values, signed 26 bit, in 1/256 of an output code
};

/// The narrow copy of a 16-bit row that feeds the array: y = sat_bits(rhe(y16 * k * 2^-shift)).
struct OperandParams {
  std::vector<uint16_t> k;  ///< one per channel
  int shift = 20;           ///< 16, 20, 24 or 28
  int bits = 8;             ///< 8 or 9, signed
};

}  // namespace sb::golden
