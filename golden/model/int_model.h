// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/base/clamp.h"
#include "golden/base/matrix.h"
#include "golden/base/operator_params.h"
#include "golden/model/bert_config.h"
#include "golden/model/bert_model.h"

namespace sb::golden {

// Parameters of the integer-only BERT encoder. H: hidden, F: width of the feed-forward block after
// the split of outlier neurons (may differ from layer to layer). Scales are beside the integers for
// reports and for the fold; no operator reads them.

/// A linear layer: product, bias, requantization.
struct IntLinear {
  MatrixI8 weight;            ///< (out, in)
  std::vector<int32_t> bias;  ///< the zero point of the input is folded in
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

/// Everything from text to sentence embedding: the integer encoder and the float parts that the
/// host computes.
struct IntModel {
  IntBert encoder;
  BertModel host;                ///< configuration, embeddings and their LayerNorm; no layers
  std::string vocabulary;        ///< text of vocab.txt
  std::string tokenizer_config;  ///< text of tokenizer_config.json, or empty
};

/// Writes one safetensors file; replaced as a whole or not at all. Tensors hold weights, biases,
/// multipliers, shifts, tables and per-channel scales under the names of the float model's
/// intermediate values (layer.N.attention.q.weight ...), host.* the float embeddings,
/// host.vocabulary the bytes of vocab.txt; the metadata holds, as JSON text, every single number
/// ("numbers"), the configuration ("config") and the format's version ("format").
std::string int_model_bytes(const IntModel& model);
/// Writes them, as a whole or not at all.
void save_int_model(const IntModel& model, const std::filesystem::path& path);

/// Reads it. InputError, naming file and tensor, for a missing tensor or number, another shape than
/// the configuration asks, a value outside the widths of numerics.md, or an accumulator that could
/// overflow.
IntModel load_int_model(const std::filesystem::path& path);
/// The same from bytes; name: what messages call the file.
IntModel parse_int_model(std::string bytes, const std::string& name);

/// True if the path is a file (an integer model) rather than a folder (a float model). InputError
/// if it is neither or cannot be looked at.
bool is_int_model(const std::filesystem::path& path);

}  // namespace sb::golden
