// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/quantize_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "golden/base/error.h"
#include "golden/encoder/float_encoder.h"
#include "golden/quantize/calibration_record.h"
#include "golden/quantize/int_bert_builder.h"

namespace sb::golden {
namespace {

void check_options(const QuantizeOptions& o) {
  const auto need = [](bool good, const char* what, double value) {
    if (!good) throw InputError(fmt::format("quantize: {} is {}", what, value));
  };
  need(o.activation_bits == 8 || o.activation_bits == 9, "activation bits (8 or 9)",
       o.activation_bits);
  need(o.split_threshold >= 1 && o.split_threshold <= 1000, "split threshold (1 .. 1000)",
       o.split_threshold);
  need(o.smooth_alpha >= 0 && o.smooth_alpha <= 1, "smoothing exponent (0 .. 1)", o.smooth_alpha);
  need(o.gelu_floor <= -1 && o.gelu_floor >= -100, "GELU floor (-100 .. -1)", o.gelu_floor);
  need(o.range.percentile > 50 && o.range.percentile <= 100, "percentile (above 50, at most 100)",
       o.range.percentile);
  for (double m : {o.margin_operand, o.margin_context, o.margin_residual})
    need(m > 0 && m <= 100, "range margin (above 0, at most 100)", m);
}

int widest_accumulator(const IntBert& model) {
  const int operand = 1 << (model.input_operand.bits - 1);
  int bits = 0;
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const IntLayer& layer = model.layers[i];
    int gelu_max = 0;
    for (int code : layer.gelu) gelu_max = std::max(gelu_max, std::abs(code));
    const auto check = [&](const IntLinear& linear, int max_code, const char* name) {
      bits =
          std::max(bits, check_accumulator(linear, max_code, fmt::format("layer.{}.{}", i, name)));
    };
    check(layer.query, operand, "attention.q");
    check(layer.key, operand, "attention.k");
    check(layer.value, operand, "attention.v");
    check(layer.attention_output, 128, "attention.dense");
    check(layer.intermediate, operand, "ffn1");
    check(layer.output, gelu_max, "ffn2");
  }
  return bits;
}

}  // namespace

IntBert quantize_model(const BertModel& model, const TokenLists& texts,
                       const QuantizeOptions& options, QuantizeReport* report,
                       const Progress& progress, const TokenLists& odd) {
  check_options(options);
  if (texts.empty()) throw InputError("quantize: no calibration texts");
  if (model.config.positions > 2048)  // numerics.md section 3
    throw InputError(fmt::format("quantize: {} positions, the row factor takes at most 2048 keys",
                                 model.config.positions));
  QuantizeReport counts;
  IntBertBuilder builder(model, options, counts);
  std::vector<MatrixF> states, odd_states;
  for (const auto& ids : texts) states.push_back(embeddings(model, ids));
  for (const auto& ids : odd) odd_states.push_back(embeddings(model, ids));
  for (int i = 0; i < model.config.layers; ++i) {
    if (progress)
      progress(fmt::format("calibration of layer {} of {}", i + 1, model.config.layers));
    const LayerRecord record = record_layer(model, i, states);
    const LayerRecord odd_record = record_layer(model, i, odd_states, false);
    for (const LayerRecord* values_of : {&record, &odd_record})
      for (const auto& [name, values] : values_of->values)
        if (!values.allFinite())
          throw InputError(
              fmt::format("quantize: layer.{}.{} holds a value that is not finite", i, name));
    builder.layer(i, record, odd_record);
    if (i + 1 == model.config.layers) builder.finish(record.at("x"));
  }
  counts.accumulator_bits = widest_accumulator(builder.result());
  if (report != nullptr) *report = counts;
  return std::move(builder.result());
}

}  // namespace sb::golden
