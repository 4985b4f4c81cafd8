// SPDX-License-Identifier: Apache-2.0
#include "golden/seed/seed_quant.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/base/error.h"
#include "golden/base/finite.h"

namespace sb::golden {
namespace {

/// rhe(clip(steps)) with the clip of the mode.
double quantize_step(double steps, int bits, SeedMode mode) {
  const double half = std::ldexp(1.0, bits - 1);
  const double low = mode == SeedMode::Compat ? -half - 1 : -half;
  return std::nearbyint(std::clamp(steps, low, half - 1));
}

}  // namespace

double seed_scale(double min, double max, int bits, SeedMode mode) {
  if (bits < 2 || bits > 32)
    throw InputError(fmt::format("tensor_quant_scale: {} bits, must be 2..32", bits));
  const double half = std::ldexp(1.0, bits - 1);
  const double scale = mode == SeedMode::Compat
                           ? std::max(std::abs(min / -(half + 0.5)), std::abs(max / (half - 0.5)))
                           : std::max(std::abs(min), std::abs(max)) / (half - 1);
  return scale > 0 ? scale : 1;
}

SeedTensor tensor_quant_scale(const MatrixD& x, int bits, SeedMode mode,
                              std::optional<double> scale) {
  require_finite(x, "tensor_quant_scale input");
  const double s = scale ? *scale : seed_scale(x.minCoeff(), x.maxCoeff(), bits, mode);
  if (bits < 2 || bits > 32)
    throw InputError(fmt::format("tensor_quant_scale: {} bits, must be 2..32", bits));
  if (!(s > 0) || !std::isfinite(s))
    throw InputError(fmt::format("tensor_quant_scale: scale {}", s));
  return {x.unaryExpr([&](double v) { return quantize_step(v / s, bits, mode); }), s};
}

MatrixI8 to_int8(const MatrixD& codes, SeedMode mode) {
  MatrixI8 y(codes.rows(), codes.cols());
  for (Eigen::Index i = 0; i < codes.size(); ++i) {
    const auto code = static_cast<int64_t>(codes.data()[i]);
    if (mode == SeedMode::Corrected && (code < -128 || code > 127))
      throw InputError(fmt::format("to_int8: code {} does not fit", code));
    y.data()[i] = static_cast<int8_t>(code);  // C++20: modulo 256
  }
  return y;
}

MatrixI8 requantize_real(const MatrixD& x, double multiplier, SeedMode mode) {
  require_finite(x, "requantize input");
  if (!(multiplier > 0) || !std::isfinite(multiplier))
    throw InputError(fmt::format("requantize: multiplier {}, must be above 0", multiplier));
  return to_int8(x.unaryExpr([&](double v) { return quantize_step(v * multiplier, 8, mode); }),
                 mode);
}

MatrixI8 requantize_real(const MatrixI32& acc, double multiplier, SeedMode mode) {
  return requantize_real(MatrixD(acc.cast<double>()), multiplier, mode);
}

double FixedMultiplier::value() const { return std::ldexp(static_cast<double>(mult), -shift); }

FixedMultiplier fixed_multiplier(double multiplier) {
  if (!(multiplier >= 0x1p-31) || multiplier > 65535)
    throw InputError(fmt::format("requantize: multiplier {} is not in 2^-31 .. 65535", multiplier));
  int shift = 15 - std::ilogb(multiplier);
  auto mult = static_cast<uint32_t>(std::nearbyint(std::ldexp(multiplier, shift)));
  if (mult == 65536) {
    mult = 32768;
    --shift;
  }
  return {mult, shift};
}

}  // namespace sb::golden
