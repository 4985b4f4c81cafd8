// SPDX-License-Identifier: Apache-2.0
#include "golden/formats/fake_quantized_model.h"

#include <fmt/format.h>

#include <array>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

struct LinearSlot {
  const char* output;  // names within a layer
  const char* input;
  LinearWeights BertLayerWeights::*weights;
};

constexpr std::array<LinearSlot, 6> kSlots{{
    {"attention.q", "attention.input", &BertLayerWeights::query},
    {"attention.k", "attention.input", &BertLayerWeights::key},
    {"attention.v", "attention.input", &BertLayerWeights::value},
    {"attention.dense", "attention.context", &BertLayerWeights::attention_output},
    {"ffn1", "ffn1.input", &BertLayerWeights::intermediate},
    {"ffn2", "gelu", &BertLayerWeights::output},
}};

std::string name_of(size_t layer, const char* slot) {
  return fmt::format("layer.{}.{}", layer, slot);
}

}  // namespace

MatrixF linear(const MatrixF& x, const LinearWeights& weights, const LinearQuantizers& quantizer) {
  const LinearWeights quantized{fake_quantize(weights.weight, quantizer.weight), weights.bias};
  return fake_quantize(linear(fake_quantize(x, quantizer.input), quantized), quantizer.output);
}

std::vector<std::string> linear_names(const BertConfig& config) {
  std::vector<std::string> names;
  for (int layer = 0; layer < config.layers; ++layer)
    for (const LinearSlot& slot : kSlots)
      names.push_back(name_of(static_cast<size_t>(layer), slot.output));
  return names;
}

std::string linear_input_name(const std::string& linear_name) {
  for (const LinearSlot& slot : kSlots) {
    const std::string end = fmt::format(".{}", slot.output);
    if (linear_name.starts_with("layer.") && linear_name.ends_with(end))
      return linear_name.substr(0, linear_name.size() - end.size() + 1) + slot.input;
  }
  throw InputError(fmt::format("'{}' is not a linear layer of the model", linear_name));
}

Observer FakeQuantizedModel::observer() const {
  return [this](const std::string& name, MatrixF& value) {
    const auto found = activations.find(name);
    if (found != activations.end()) value = fake_quantize(value, found->second);
  };
}

VectorF FakeQuantizedModel::sentence_embedding(std::span<const int32_t> ids) const {
  return l2_normalize(mean_pool(encode(model, ids, {}, {}, observer())));
}

FakeQuantizedModel fake_quantize_layers(const BertModel& model,
                                        const std::map<std::string, LinearQuantizers>& quantizers) {
  FakeQuantizedModel replaced{model, {}};
  size_t used = 0;
  for (size_t layer = 0; layer < replaced.model.layers.size(); ++layer)
    for (const LinearSlot& slot : kSlots) {
      const auto found = quantizers.find(name_of(layer, slot.output));
      if (found == quantizers.end()) continue;
      ++used;
      MatrixF& weight = (replaced.model.layers[layer].*slot.weights).weight;
      weight = fake_quantize(weight, found->second.weight);
      replaced.activations[found->first] = found->second.output;
      replaced.activations[name_of(layer, slot.input)] = found->second.input;
    }
  if (used != quantizers.size())
    throw InputError(
        fmt::format("layer replacement: {} of {} names are no linear layer of the model",
                    quantizers.size() - used, quantizers.size()));
  for (size_t layer = 0; layer < replaced.model.layers.size(); ++layer)
    for (const LinearSlot& slot : kSlots) {
      const auto shared = replaced.activations.find(name_of(layer, slot.input));
      if (shared == replaced.activations.end()) continue;
      const auto own = quantizers.find(name_of(layer, slot.output));
      if (own == quantizers.end() || own->second.input != shared->second)
        throw InputError(fmt::format(
            "layer replacement: {} must have the input quantizer of the layers that share "
            "its input",
            name_of(layer, slot.output)));
    }
  return replaced;
}

ActivationRanges::ActivationRanges(const BertModel& model,
                                   const std::vector<std::vector<int32_t>>& texts)
    : model_(model) {
  if (texts.empty()) throw InputError("layer replacement: no calibration text");
  for (const std::string& name : linear_names(model.config)) {
    calibrators_.try_emplace(name);
    calibrators_.try_emplace(linear_input_name(name));
  }
  const Observer collect = [this](const std::string& name, MatrixF& value) {
    const auto found = calibrators_.find(name);
    if (found != calibrators_.end()) found->second.add(value);
  };
  for (const std::vector<int32_t>& ids : texts) encode(model, ids, {}, {}, collect);
}

std::map<std::string, LinearQuantizers> ActivationRanges::quantizers(
    const ModelFormats& formats) const {
  std::map<std::string, TensorQuantizer> known;  // q, k and v share an input: search its range once
  const auto activation = [&](const std::string& name, const NumberFormat& format) {
    TensorQuantizer quantizer{format, Axis::Tensor, formats.fixed_grid, {}};
    if (!quantizer.needs_amax() || formats.dynamic) return quantizer;
    const auto found = known.find(name);
    if (found != known.end()) return found->second;
    CalibrationOptions options = formats.calibration;
    if (const auto* integer = std::get_if<IntFormat>(&format)) options.bits = integer->bits;
    quantizer.amax = calibrators_.at(name).amax(options);
    return known[name] = quantizer;
  };
  std::map<std::string, LinearQuantizers> result;
  for (const std::string& name : linear_names(model_.config))
    result[name] = {activation(linear_input_name(name), formats.input),
                    {formats.weight,
                     formats.weight_per_channel ? Axis::Channel : Axis::Tensor,
                     formats.fixed_grid,
                     {}},
                    activation(name, formats.output)};
  return result;
}

}  // namespace sb::golden
