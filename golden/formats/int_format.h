// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "golden/base/matrix.h"

namespace sb::golden {

/// Uniform integer format of any width around zero point 0 (seed 003). Signed: largest code
/// 2^(bits-1) - 1, smallest its negative with `narrow` (the seed's choice), one less without it.
/// Unsigned: [0, 2^bits - 1].
struct IntFormat {
  int bits = 8;  ///< 2 .. 24 signed, 1 .. 24 unsigned
  bool is_signed = true;
  bool narrow = true;

  bool operator==(const IntFormat&) const = default;
};

int64_t code_min(const IntFormat& format);
int64_t code_max(const IntFormat& format);

/// Code of x at the scale amax / code_max: rhe(x / scale), saturated. Throws InputError for a width
/// out of range, amax that is not positive and finite, x that is NaN.
int64_t quantize_code(double x, double amax, const IntFormat& format);

/// Nearest representable value (quantize, then dequantize).
double quantize_value(double x, double amax, const IntFormat& format);

}  // namespace sb::golden
