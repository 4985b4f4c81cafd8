// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/model/bert_model.h"

namespace sb::golden {

// Float32 BERT encoder (Devlin et al., "BERT", 2018; layer structure as in seed 001: embeddings,
// encoder layers of attention -> intermediate -> output, pooling). One sequence at a time: rows are
// tokens, columns are channels. S: tokens of the sequence, H: hidden, F: ffn.

/// Sees every intermediate value under its name, in the order of computation, and may change it:
/// what follows uses the changed value (so that activations can be fake-quantized).
///
///     name                          shape           what
///     embeddings.sum                (S, H)          word + position + type
///     embeddings                    (S, H)          after LayerNorm: the input x of layer 0
///     layer.N.attention.input       (S, H)          copy of x: what QKV multiply (the residual
///                                                   keeps x)
///     layer.N.attention.q, .k, .v   (S, H)          with bias
///     layer.N.attention.scores      (heads * S, S)  q k^T / sqrt(H / heads);
///                                                   row head * S + query
///     layer.N.attention.probs       (heads * S, S)  softmax over keys
///     layer.N.attention.context     (S, H)          probs v, heads side by side: what the output
///                                                   projection multiplies
///     layer.N.attention.dense       (S, H)          output projection
///     layer.N.attention.sum         (S, H)          dense + x
///     layer.N.h                     (S, H)          attention LayerNorm
///     layer.N.ffn1.input            (S, H)          copy of h: what ffn1 multiplies
///     layer.N.ffn1                  (S, F)          before GELU
///     layer.N.gelu                  (S, F)          what ffn2 multiplies
///     layer.N.ffn2                  (S, H)
///     layer.N.sum                   (S, H)          ffn2 + h
///     layer.N.x                     (S, H)          output LayerNorm: the input of layer N + 1
using Observer = std::function<void(const std::string& name, MatrixF& value)>;

/// One byte per token, 0 = padding: such keys take no part in attention, such rows none in pooling.
/// Empty: all tokens are valid.
using TokenMask = std::span<const uint8_t>;

// ---- operators

/// x W^T + b: (S, in) to (S, out).
MatrixF linear(const MatrixF& x, const LinearWeights& weights);
/// (x - mean) / sqrt(var + eps) * gamma + beta per row, biased variance, sums in double.
MatrixF layer_norm(const MatrixF& x, const NormWeights& weights, double eps);
/// x / 2 * (1 + erf(x / sqrt 2)) (Hendrycks and Gimpel, 2016), the exact form.
MatrixF apply_gelu(const MatrixF& x);
/// Softmax of each row over the columns that the mask allows; 0 elsewhere. A row without a valid
/// column is 0.
MatrixF softmax(const MatrixF& x, TokenMask mask = {});

// ---- the model in pieces. InputError for a sequence that is empty, longer than config.positions,
// or holds an id outside the vocabulary, and for types or a mask of another length.

/// Word + position + type embeddings and their LayerNorm. types: one per token, or empty for all 0.
MatrixF embeddings(const BertModel& model, std::span<const int32_t> ids,
                   std::span<const int32_t> types = {}, const Observer& observer = {});

/// Attention, its output projection, residual and LayerNorm: x (S, H) to h (S, H).
MatrixF attention(const BertModel& model, int layer, const MatrixF& x, TokenMask mask = {},
                  const Observer& observer = {});
/// First half of the feed-forward block: h (S, H) to gelu(ffn1) (S, F).
MatrixF intermediate(const BertModel& model, int layer, const MatrixF& h,
                     const Observer& observer = {});
/// Second half: ffn2, residual from h, LayerNorm: (S, F) and h (S, H) to x (S, H).
MatrixF layer_output(const BertModel& model, int layer, const MatrixF& activated, const MatrixF& h,
                     const Observer& observer = {});
/// attention -> intermediate -> layer_output.
MatrixF encoder_layer(const BertModel& model, int layer, const MatrixF& x, TokenMask mask = {},
                      const Observer& observer = {});

/// embeddings -> every encoder layer: the last hidden state (S, H).
MatrixF encode(const BertModel& model, std::span<const int32_t> ids,
               std::span<const int32_t> types = {}, TokenMask mask = {},
               const Observer& observer = {});

// ---- from hidden states to one vector

/// Mean of the valid rows.
VectorF mean_pool(const MatrixF& x, TokenMask mask = {});
/// The row of the first token, [CLS].
VectorF cls_pool(const MatrixF& x);
/// tanh(dense([CLS])), the pooler of the original BERT. InputError if the model has none.
VectorF pooler_output(const BertModel& model, const MatrixF& x);
/// v / |v|, and 0 for 0.
VectorF l2_normalize(const VectorF& v);

/// encode -> mean_pool -> l2_normalize: the sentence embedding of the all-MiniLM family.
VectorF sentence_embedding(const BertModel& model, std::span<const int32_t> ids);

/// sentence_embedding of every text, one per row, on all processors.
MatrixF sentence_embeddings(const BertModel& model, const std::vector<std::vector<int32_t>>& texts);

}  // namespace sb::golden
