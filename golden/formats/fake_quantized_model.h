// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "golden/encoder/float_encoder.h"
#include "golden/formats/number_format.h"

namespace sb::golden {

// Layer replacement of seed 003: a float model whose linear layers pass their input, weight and
// output through quantizers (quantize, then dequantize), so that the accuracy of any format can be
// measured.

/// Quantizers of one linear layer. Bias stays float.
struct LinearQuantizers {
  TensorQuantizer input, weight, output;
};

/// output(input(x) * weight(W)^T + b).
MatrixF linear(const MatrixF& x, const LinearWeights& weights, const LinearQuantizers& quantizer);

/// Names of the linear layers of a model, as the Observer names their outputs: layer.N.attention.q,
/// .k, .v, .dense, layer.N.ffn1, layer.N.ffn2.
std::vector<std::string> linear_names(const BertConfig& config);

/// The Observer's name of what a linear layer multiplies: layer.N.attention.input for q, k and v,
/// and so on. Throws InputError for a name that is no linear layer.
std::string linear_input_name(const std::string& linear_name);

/// A model with replaced layers: quantized weights, and an observer that quantizes inputs and
/// outputs.
struct FakeQuantizedModel {
  BertModel model;
  std::map<std::string, TensorQuantizer> activations;  ///< by the Observer's name

  /// Valid while this object lives.
  Observer observer() const;
  /// Mean-pooled embedding of length 1, as golden::sentence_embedding.
  VectorF sentence_embedding(std::span<const int32_t> ids) const;
};

/// Replaces the named layers; the others stay float. q, k and v of one layer share their input, so
/// they are replaced together and with the same input quantizer. Throws InputError otherwise, and
/// for an unknown name.
FakeQuantizedModel fake_quantize_layers(const BertModel& model,
                                        const std::map<std::string, LinearQuantizers>& quantizers);

/// One triple of formats for every linear layer, and how their ranges are found.
struct ModelFormats {
  NumberFormat input, weight, output;
  bool weight_per_channel = true;  ///< one range per output channel
  bool fixed_grid = false;         ///< float formats unscaled
  bool dynamic =
      false;  ///< input and output ranges from each tensor that comes, not from calibration
  CalibrationOptions calibration;  ///< of inputs and outputs; its `bits` is taken from an integer
                                   ///< format. Weight ranges are maxima.
};

/// |x| of every linear layer's input and output over calibration texts.
class ActivationRanges {
 public:
  /// Runs the float model over token ids. Throws InputError without texts.
  ActivationRanges(const BertModel& model, const std::vector<std::vector<int32_t>>& texts);

  /// Static quantizers for every linear layer of the model.
  std::map<std::string, LinearQuantizers> quantizers(const ModelFormats& formats) const;

 private:
  const BertModel& model_;
  std::map<std::string, Calibrator> calibrators_;
};

}  // namespace sb::golden
