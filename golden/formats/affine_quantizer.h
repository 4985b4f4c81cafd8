// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/quantize/axis.h"

namespace sb::golden {

/// Default: the asymmetric range is widened to include 0; zero point and codes are clamped to
/// [0, 2^bits - 1]. SeedCompat: seed 004 as printed. The range is not widened; Tensor clamps both,
/// Channel clamps nothing, the other axes clamp the zero point alone, so codes may leave `bits`.
/// The symmetric form is the same in both.
enum class AffineMode { Default, SeedCompat };

/// Affine quantizer: x is about (code - zero_point) * scale. Its ranges are those of the tensor
/// that comes.
struct AffineQuantizer {
  Axis axis = Axis::Tensor;
  bool symmetric = true;
  int bits = 8;               ///< 2 .. 24 (symmetric), 1 .. 24 (asymmetric)
  double range_floor = 1e-5;  ///< least range (or largest magnitude) a scale is made from; a tensor
                              ///< far below it becomes all zeros. Units of x; must be above 0.
  AffineMode mode = AffineMode::Default;
};

struct Quantized {
  Matrix<int64_t> codes;            ///< same shape as the input
  std::vector<double> scale;        ///< one per group, units of x per code
  std::vector<int64_t> zero_point;  ///< one per group, 0 when symmetric
  MatrixD dequantized;              ///< (code - zero_point) * scale
  double l2 = 0;                    ///< Euclidean norm of x - dequantized over the whole tensor
};

/// Seed 004. Symmetric: s = max(absmax, floor) / (2^(bits-1) - 1), q = rhe(x / s).
/// Asymmetric: s = max(max - min, floor) / (2^bits - 1), zp = -rhe(min / s), q = rhe(x / s) + zp
/// (in SeedCompat with Axis::Tensor rhe(x / s + zp), as that function has it). Computed in double.
/// Throws InputError for an empty matrix, NaN or Inf, bits out of range, a floor that is not
/// positive.
Quantized quantize(const MatrixF& x, const AffineQuantizer& spec);

}  // namespace sb::golden
