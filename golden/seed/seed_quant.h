// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

#include "golden/base/matrix.h"

namespace sb::golden {

/// Corrected: scale absmax / (2^(bits-1) - 1), codes saturate to -2^(bits-1) .. 2^(bits-1) - 1:
/// what hardware does. Compat: seed 000 as written. Scale max(|min| / 128.5, |max| / 127.5), clip
/// to -129 .. 127 before rounding, and a cast to int8 that wraps -129 round to +127. (8 bits; other
/// widths alike.)
enum class SeedMode { Corrected, Compat };

/// Integer codes, held in doubles because Compat codes may leave the width, and their scale (units
/// per code).
struct SeedTensor {
  MatrixD codes;
  double scale;
};

/// Scale that seed 000 (or its corrected form) gives a tensor with these extremes; an all-zero
/// tensor has scale 1.
double seed_scale(double min, double max, int bits, SeedMode mode);

/// Seed 000 `tensor_quant_scale`: rhe(clip(x / scale)). Without `scale` the tensor's own extremes
/// give it. bits 2 .. 32. Throws InputError for an empty tensor, NaN, Inf, bits out of range, a
/// scale that is not positive.
SeedTensor tensor_quant_scale(const MatrixD& x, int bits = 8, SeedMode mode = SeedMode::Corrected,
                              std::optional<double> scale = std::nullopt);

/// The cast of codes to int8: exact in Corrected, modulo 256 in Compat. Throws InputError when a
/// Corrected code does not fit.
MatrixI8 to_int8(const MatrixD& codes, SeedMode mode);

/// Seed 000 `requantize`: int8 of acc * multiplier, multiplier = s_w * s_x / s_out. Corrected:
/// saturates; Compat: clips at -129 and wraps. The product is taken in double: exact when the
/// multiplier has at most 21 significant bits.
MatrixI8 requantize_real(const MatrixD& x, double multiplier, SeedMode mode);
MatrixI8 requantize_real(const MatrixI32& acc, double multiplier, SeedMode mode);

/// A positive real multiplier as the hardware holds it: value = mult * 2^-shift, mult 32768 ..
/// 65535 (16 bits).
struct FixedMultiplier {
  uint32_t mult;
  int shift;  ///< 0 .. 46

  double value() const;
};

/// Nearest FixedMultiplier, relative error at most 2^-17. Throws InputError outside 2^-31 .. 65535.
FixedMultiplier fixed_multiplier(double multiplier);

}  // namespace sb::golden
