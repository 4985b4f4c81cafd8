// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/seed/seed_quant.h"

namespace sb::golden {

// Encoder layers quantized as seed 000 does it, in four stages with int8 data between them. Every
// product of a stage is a plain integer product, done by an engine the caller may replace, so the
// same stages run on hardware. S: tokens, D: hidden size, F: feed-forward size, H: heads. Nonlinear
// operators are those of golden/seed/ibert.h.

/// acc[r][n] = bias[n] + sum_k a[r][k] * w[n][k], as golden::gemm. a: (rows, K) with codes in
/// -128..127, w: (N, K), bias: N values or none.
using LinearEngine =
    std::function<MatrixI32(const MatrixI16& a, const MatrixI8& w, std::span<const int32_t> bias)>;

/// Float parameters. Weights are (out, in).
struct SeedLinearWeights {
  MatrixF weight;
  VectorF bias;
};
struct SeedNormWeights {
  VectorF gain, bias;
};
struct SeedLayerWeights {
  int heads = 0;
  double eps = 0;
  SeedLinearWeights query, key, value, attention_output;  ///< D x D
  SeedNormWeights attention_norm;                         ///< D
  SeedLinearWeights intermediate, output;                 ///< F x D, D x F
  SeedNormWeights output_norm;                            ///< D
};

/// One quantized linear layer: int8 weights, int32 bias in accumulator units; acc * acc_scale is
/// the real value.
struct SeedLinear {
  MatrixI8 weight;
  std::vector<int32_t> bias;
  double acc_scale = 0;
};
struct SeedNorm {
  Vector<double> gain, bias;
};

/// A calibrated layer: weights, the scales of its int8 tensors and the multipliers between them. In
/// Corrected mode every multiplier that meets an int32 accumulator (query, key, value, context) is
/// exactly a FixedMultiplier, and the scale after it is acc_scale / multiplier, so that the
/// hardware requantizer gives the same codes.
struct SeedLayer {
  SeedMode mode = SeedMode::Corrected;
  int heads = 0;
  double eps = 0;
  SeedLinear query, key, value, attention_output, intermediate, output;
  SeedNorm attention_norm, output_norm;
  double input_scale = 0, query_scale = 0, key_scale = 0, value_scale = 0, probs_scale = 0,
         context_scale = 0, attention_scale = 0, gelu_scale = 0, output_scale = 0;
  double m_query = 0, m_key = 0, m_value = 0, m_probs = 0, m_context = 0, m_stage2 = 0,
         m_stage3 = 0, m_stage4 = 0;
};

/// int8 data and its scale: real value = data * scale.
struct SeedData {
  MatrixI8 data;
  double scale = 0;

  MatrixD real() const { return data.cast<double>() * scale; }
};

struct SeedQkv {
  MatrixI8 query, key, value;  ///< (S, D) each
};

/// q k^T of every head, int32, stacked: row head * S + query, (H * S, S).
MatrixI32 attention_scores(const MatrixI8& query, const MatrixI8& key, int heads,
                           const LinearEngine& engine);
/// probabilities (H * S, S) times v, int32, heads side by side: (S, D).
MatrixI32 attention_values(const MatrixI8& probs, const MatrixI8& value, int heads,
                           const LinearEngine& engine);

/// Stage 1: x (S, D) to q, k and v, requantized.
SeedQkv seed_stage1(const SeedLayer& layer, const MatrixI8& x, const LinearEngine& engine);
/// Stage 2: scores * query_scale * key_scale / sqrt(D / H), softmax, requantize, times v,
/// requantize, dense,
/// + skip (real values of the layer's input), LayerNorm, requantize: (S, D).
MatrixI8 seed_stage2(const SeedLayer& layer, const SeedQkv& qkv, const MatrixD& skip,
                     const LinearEngine& engine);
/// Stage 3: dense, GELU, requantize: (S, D) to (S, F).
MatrixI8 seed_stage3(const SeedLayer& layer, const MatrixI8& x, const LinearEngine& engine);
/// Stage 4: dense, + skip (real values of stage 2's output), LayerNorm, requantize: (S, F) to (S,
/// D).
MatrixI8 seed_stage4(const SeedLayer& layer, const MatrixI8& x, const MatrixD& skip,
                     const LinearEngine& engine);

/// The four stages; the result carries its scale. `x.scale` must be the layer's input_scale.
SeedData seed_layer(const SeedLayer& layer, const SeedData& x, const LinearEngine& engine);

/// Layers one after the other: int8 data passes from each to the next. Throws InputError without a
/// layer, for a width that does not fit, or scales that do not follow each other.
SeedData seed_pipeline(std::span<const SeedLayer> layers, const SeedData& x,
                       const LinearEngine& engine);

/// Quantizes the weights and finds every scale and multiplier: the quantized layers run over the
/// float inputs, one (S, D) matrix per calibration sequence, stage by stage, and each
/// requantization takes its scale from the extremes over all sequences. Throws InputError for no
/// layer, no input, NaN, Inf or shapes that do not fit.
std::vector<SeedLayer> calibrate_seed_pipeline(std::span<const SeedLayerWeights> layers,
                                               std::span<const MatrixF> inputs, SeedMode mode,
                                               const LinearEngine& engine);

/// The engine of the golden model: golden::gemm.
LinearEngine golden_engine();

/// Float data as the first layer takes it: int8 at layer.input_scale.
SeedData seed_input(const SeedLayer& layer, const MatrixF& x);

}  // namespace sb::golden
