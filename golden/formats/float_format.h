// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

#include "golden/base/matrix.h"

namespace sb::golden {

/// A binary floating-point format without infinities: sign, E exponent bits, M mantissa bits,
/// exponent bias B, largest magnitude. Exponent code e = 1 .. 2^E - 1 holds 2^(e - B) (1 + m 2^-M),
/// code 0 the subnormals m 2^(1 - M - B). Out-of-range values saturate. A bias need not be an
/// integer: that scales the whole grid (seed 003).
struct FloatFormat {
  int exponent_bits = 0;  ///< 1 .. 8
  int mantissa_bits = 0;  ///< 1 .. 23
  double bias = 0;
  double max = 0;

  bool operator==(const FloatFormat&) const = default;
};

/// The format whose largest magnitude is `max`, seed 003: B = 2^E - log2(max) + log2(2 - 2^-M) - 1.
/// Throws InputError for E, M or max out of range (max: 2^-100 .. 2^128).
FloatFormat float_format(int exponent_bits, int mantissa_bits, double max);

/// IEEE 754 layout: B = 2^(E-1) - 1 and the top exponent code kept for Inf and NaN. E 2 .. 8.
FloatFormat ieee_format(int exponent_bits, int mantissa_bits);

/// By name. FP16, BF16, E5M2: IEEE layout. E4M3: bias 7, maximum 448 (OCP 8-bit formats, 2023: its
/// one NaN code takes the place of 480). E3M4 and any other E<e>M<m>: bias 2^(E-1) - 1, every code
/// finite. Throws InputError.
FloatFormat named_float_format(std::string_view name);

/// Nearest representable value, ties to the even mantissa; seed 003: clip to +-max,
/// e = max(1, floor(log2|x| + B)), step 2^(e - M - B), round. x must be finite.
double quantize_value(double x, const FloatFormat& format);

/// Elementwise. Throws InputError for an empty matrix, NaN or Inf.
MatrixF quantize(const MatrixF& x, const FloatFormat& format);

/// Every representable magnitude, ascending from 0. E + M at most 16.
std::vector<double> representable_values(const FloatFormat& format);

}  // namespace sb::golden
