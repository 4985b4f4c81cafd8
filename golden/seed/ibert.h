// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/base/matrix.h"
#include "golden/seed/seed_quant.h"

namespace sb::golden {

/// Operators of I-BERT (Kim and others, 2021) with the constants and the shortcuts of seed 000.
/// Every intermediate is an integer, held in a double (53 bits; the seed's float32 keeps 24). One
/// scale serves the whole tensor, so rows of very different magnitude lose accuracy. SeedMode
/// selects the quantization of the input, and for LayerNorm also whether its two mistakes are kept.
/// Errors against float64: see golden/formats/quantization.md. All throw InputError for an empty
/// tensor, NaN or Inf.

/// Softmax over each row. Input in 32 bits; exp by x0 = -0.6931, n = 30, and .35815147 (r^2 + b r +
/// c); its value in 16 bits; output floor(exp * floor(2^32 / sum) / 2^24) / 256: multiples of
/// 1/256, at most 255/256.
MatrixD ibert_softmax(const MatrixD& scores, SeedMode mode = SeedMode::Corrected);

/// GELU: x/2 (1 + erf(x / 1.4142)), erf = sign(x) (-.2888 (min(|x|, 1.769) - 1.769)^2 + 1),
/// shift 14.
MatrixD ibert_gelu(const MatrixD& x, SeedMode mode = SeedMode::Corrected);

/// LayerNorm over each row; gain and bias: one value per column. Input, gain and bias in 16 bits;
/// integer mean, variance (rounded squares over n) and square root; a real division. Corrected:
/// gain and bias have scales of their own and eps is counted in units of scale^2, and a row without
/// variance gives its bias. Compat: both clipped to the input's range, eps in units of scale.
MatrixD ibert_layernorm(const MatrixD& x, const Vector<double>& gain, const Vector<double>& bias,
                        double eps, SeedMode mode = SeedMode::Corrected);

}  // namespace sb::golden
