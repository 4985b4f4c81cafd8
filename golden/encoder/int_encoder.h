// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/model/int_model.h"

namespace sb::golden {

// The integer-only BERT encoder: what the hardware computes, bit for bit (numerics.md). One
// sequence at a time; rows are tokens. S: tokens, H: hidden.

/// One matrix product with all that a test bench needs to replay it. Names are those of the float
/// model's intermediate values: layer.N.attention.q, .k, .v, .dense, layer.N.ffn1, .ffn2, and per
/// head layer.N.attention.scores.H (a: q, w: k) and layer.N.attention.context.H (a: exp codes, w: v
/// transposed).
struct IntProduct {
  const std::string& name;
  const MatrixI16& a;             ///< (S, K)
  const MatrixI8& w;              ///< (N, K)
  std::span<const int32_t> bias;  ///< N values or none
  const MatrixI32& acc;           ///< (S, N)
};

/// Sees every product and every other intermediate value, in the order of computation. The values:
/// requantized products under the product's name; layer.N.attention.input and .ffn1.input
/// (operands), .attention.exp.H, .attention.context (heads side by side), .attention.sum, .h,
/// .gelu, .sum, .x.
struct IntObserver {
  std::function<void(const IntProduct&)> product;
  std::function<void(const std::string& name, const MatrixI16& value)> value;
};

/// Per key, 0 = padding; empty: all valid.
using KeyMask = std::span<const uint8_t>;

/// Float embeddings (S, H) to the int16 residual: sat_16(rhe(x / input_scale)), numerics.md
/// section 10.
MatrixI16 quantize_embeddings(const IntBert& model, const MatrixF& x);

/// One layer. x: (S, H) int16 residual. operand: the array operand made from it. last: no operand
/// follows.
struct IntLayerOutput {
  MatrixI16 x;        ///< (S, H) int16
  MatrixI16 operand;  ///< (S, H), empty after the last layer
};
IntLayerOutput int_layer(const IntLayer& layer, int index, const MatrixI16& x,
                         const MatrixI16& operand, KeyMask mask = {},
                         const IntObserver& observer = {});

/// Every layer: int16 embeddings to the last int16 hidden state, both (S, H).
MatrixI16 int_encode(const IntBert& model, const MatrixI16& x, KeyMask mask = {},
                     const IntObserver& observer = {});

/// The last hidden state as real values.
MatrixF dequantize_output(const IntBert& model, const MatrixI16& x);

/// Sentence embedding (mean pooling, length 1) of every token list, one per row, on all processors.
/// done: called with the number of finished texts, from several threads, one at a time.
MatrixF int_sentence_embeddings(const IntModel& model,
                                const std::vector<std::vector<int32_t>>& texts,
                                const std::function<void(size_t)>& done = {});

}  // namespace sb::golden
