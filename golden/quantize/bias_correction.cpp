// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/bias_correction.h"

#include <fmt/format.h>

#include <cmath>

#include "golden/base/error.h"
#include "golden/base/parallel.h"
#include "golden/encoder/int_encoder.h"
#include "golden/ops/layernorm.h"

namespace sb::golden {
namespace {

using Means = std::map<std::string, std::vector<double>>;

// Means over the texts, in their order, of the column means of the named products' accumulators.
Means accumulator_means(const IntLayer& layer, int index, const std::vector<IntLayerOutput>& states,
                        const std::vector<std::string>& names) {
  std::vector<Means> per_text(states.size());
  parallel_for(states.size(), [&](size_t text) {
    IntObserver observer;
    observer.product = [&](const IntProduct& product) {
      for (const std::string& name : names)
        if (product.name == name) {
          const Matrix<int64_t> sum = product.acc.cast<int64_t>().colwise().sum();
          for (const int64_t value : sum.reshaped())
            per_text[text][name].push_back(static_cast<double>(value) /
                                           static_cast<double>(product.acc.rows()));
        }
    };
    int_layer(layer, index, states[text].x, states[text].operand, {}, observer);
  });
  Means total = per_text[0];
  for (auto& [name, means] : total)
    for (size_t n = 0; n < means.size(); ++n) {
      for (size_t text = 1; text < per_text.size(); ++text) means[n] += per_text[text].at(name)[n];
      means[n] /= static_cast<double>(per_text.size());
    }
  return total;
}

void correct(IntLinear& linear, const std::vector<double>& means, const Eigen::VectorXd& mean,
             const std::string& name) {
  for (size_t n = 0; n < means.size(); ++n) {
    const double wanted = mean[static_cast<Eigen::Index>(n)] / linear.acc_scale[n];
    const double bias = linear.bias[n] + std::nearbyint(wanted - means[n]);
    if (!(std::abs(bias) <= 0x1p31 - 1))
      throw InputError(
          fmt::format("{}: the corrected bias {} of output {} does not fit int32", name, bias, n));
    linear.bias[n] = static_cast<int32_t>(bias);
  }
}

}  // namespace

void correct_biases(IntBert& model, const std::vector<MatrixF>& embeddings,
                    const LinearMeans& means, const Progress& progress) {
  std::vector<IntLayerOutput> states;
  for (const MatrixF& x : embeddings) {
    const MatrixI16 codes = quantize_embeddings(model, x);
    states.push_back({codes, narrow_operand(codes, model.input_operand)});
  }
  for (size_t i = 0; i < model.layers.size(); ++i) {
    IntLayer& layer = model.layers[i];
    const int index = static_cast<int>(i);
    if (progress)
      progress(fmt::format("bias correction of layer {} of {}", i + 1, model.layers.size()));
    // Layers that see the same corrected inputs are corrected together.
    const std::vector<std::vector<std::pair<const char*, IntLinear*>>> steps{
        {{"attention.q", &layer.query}, {"attention.k", &layer.key}, {"attention.v", &layer.value}},
        {{"attention.dense", &layer.attention_output}},
        {{"ffn1", &layer.intermediate}},
        {{"ffn2", &layer.output}}};
    for (const auto& step : steps) {
      std::vector<std::string> names;
      for (const auto& [name, linear] : step) names.push_back(fmt::format("layer.{}.{}", i, name));
      const Means given = accumulator_means(layer, index, states, names);
      for (size_t n = 0; n < step.size(); ++n)
        correct(*step[n].second, given.at(names[n]), means.at(names[n]), names[n]);
    }
    parallel_for(states.size(), [&](size_t text) {
      states[text] = int_layer(layer, index, states[text].x, states[text].operand);
    });
  }
}

}  // namespace sb::golden
