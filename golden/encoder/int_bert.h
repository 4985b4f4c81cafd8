#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "golden/base/types.h"
#include "golden/model/bert_config.h"
#include "golden/ops/int_exp.h"
#include "golden/ops/int_layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/table.h"

namespace sb::golden {

// The integer-only BERT encoder: what the hardware computes, bit for bit (numerics.md). One
// sequence at a time; rows are tokens. S: tokens, H: hidden, F: width of the feed-forward block
// after the split of outlier neurons (may differ from layer to layer). Scales are beside the
// integers for reports and for the fold; no operator reads them.

/// Multiplier and shift of each output channel.
struct Requant {
  std::vector<uint32_t> mult;  ///< below 2^16
  std::vector<uint8_t> shift;  ///< 7 .. 46
};

/// acc * scale as multiplier and shift, with 16 significant bits. Throws InputError, naming `what`,
/// if a scale needs a shift outside 7 .. 46.
void append_requant(Requant& requant, double scale, const std::string& what);

/// A linear layer: product, bias, requantization.
struct IntLinear {
  MatrixI8 weight;            ///< (out, in)
  std::vector<int32_t> bias;  ///< zero point of the input and bias correction are folded in
  Requant requant;
  int zero = 0;  ///< zero point of the output
  Clamp clamp = Clamp::S8;
  std::vector<double>
      acc_scale;  ///< what one count of the accumulator is worth, per output channel
  std::vector<double> out_scale;  ///< what one output code is worth
};

/// Bits that the accumulator needs, sign included, when the largest |input code| is max_code: the
/// provable bound of numerics.md section 1. Throws InputError, naming the layer, when more than 32.
int check_accumulator(const IntLinear& linear, int max_code, const std::string& name);

/// One attention head's scores: requantization and exp.
struct IntHead {
  uint32_t mult = 0;
  uint8_t shift = 0;
  ExpTable table{};
  double score_scale = 0;  ///< what one score code is worth in the exponent
};

/// LayerNorm to the int16 residual and, but for the last of the model, the operand of the next
/// product.
struct IntNorm {
  LayerNormParams norm;
  OperandParams operand;  ///< k is empty in the last LayerNorm
  double scale =
      0;  ///< what one 16-bit code is worth, before and after the residual addition that follows
};

struct IntLayer {
  IntLinear query, key, value;  ///< (H, H) to int8
  std::vector<IntHead> heads;
  Requant context;                    ///< of P·V after the row factor; H channels, int8
  std::vector<double> context_scale;  ///< what one code of the context is worth, H channels
  IntLinear attention_output;         ///< (H, H) to int16, in units of the residual that it joins
  IntNorm attention_norm;
  IntLinear intermediate;  ///< (F, H) to int8 with zero point
  Table gelu{};            ///< to 8-bit unsigned or 9-bit signed codes
  IntLinear output;        ///< (H, F) to int16
  IntNorm output_norm;
};

struct IntBert {
  BertConfig config;            ///< of the float model
  double input_scale = 0;       ///< what one code of the quantized embeddings is worth
  OperandParams input_operand;  ///< from the quantized embeddings to the operand of layer 0
  std::vector<IntLayer> layers;

  double output_scale() const { return layers.back().output_norm.scale; }
};

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

}  // namespace sb::golden
