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

using Sums = std::map<std::string, std::vector<int64_t>>;

// Column sums of the accumulators of the named products. Integers, so the order of the texts does
// not matter.
Sums accumulator_sums(const IntLayer& layer, int index, const std::vector<IntLayerOutput>& states,
                      const std::vector<std::string>& names) {
  std::vector<Sums> per_text(states.size());
  parallel_for(states.size(), [&](size_t text) {
    IntObserver observer;
    observer.product = [&](const IntProduct& product) {
      for (const std::string& name : names)
        if (product.name == name) {
          const Matrix<int64_t> sum = product.acc.cast<int64_t>().colwise().sum();
          per_text[text][name].assign(sum.data(), sum.data() + sum.size());
        }
    };
    int_layer(layer, index, states[text].x, states[text].operand, {}, observer);
  });
  Sums total = per_text[0];
  for (size_t text = 1; text < per_text.size(); ++text)
    for (auto& [name, sums] : total)
      for (size_t n = 0; n < sums.size(); ++n) sums[n] += per_text[text].at(name)[n];
  return total;
}

void correct(IntLinear& linear, const std::vector<int64_t>& sums, const Eigen::VectorXd& mean,
             double rows, const std::string& name) {
  for (size_t n = 0; n < sums.size(); ++n) {
    const double integer_mean = static_cast<double>(sums[n]) / rows;
    const double wanted = mean[static_cast<Eigen::Index>(n)] / linear.acc_scale[n];
    const double bias = linear.bias[n] + std::nearbyint(wanted - integer_mean);
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
  double rows = 0;
  for (const MatrixF& x : embeddings) {
    const MatrixI16 codes = quantize_embeddings(model, x);
    states.push_back({codes, narrow_operand(codes, model.input_operand)});
    rows += static_cast<double>(x.rows());
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
      const Sums sums = accumulator_sums(layer, index, states, names);
      for (size_t n = 0; n < step.size(); ++n)
        correct(*step[n].second, sums.at(names[n]), means.at(names[n]), rows, names[n]);
    }
    parallel_for(states.size(), [&](size_t text) {
      states[text] = int_layer(layer, index, states[text].x, states[text].operand);
    });
  }
}

}  // namespace sb::golden
