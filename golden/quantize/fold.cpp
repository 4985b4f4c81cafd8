// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/fold.h"

#include <algorithm>
#include <cmath>

namespace sb::golden {

Eigen::VectorXd smoothing_factors(const Eigen::VectorXd& x_max, const Eigen::VectorXd& w_max,
                                  double alpha) {
  Eigen::VectorXd factor = Eigen::VectorXd::Ones(x_max.size());
  double log_sum = 0;
  for (Eigen::Index c = 0; c < x_max.size(); ++c) {
    if (x_max[c] > 0 && w_max[c] > 0)
      factor[c] = std::pow(x_max[c], alpha) / std::pow(w_max[c], 1 - alpha);
    log_sum += std::log(factor[c]);
  }
  return factor / std::exp(log_sum / static_cast<double>(x_max.size()));
}

Eigen::VectorXd input_channel_max(const MatrixD& weight) {
  return weight.cwiseAbs().colwise().maxCoeff().transpose();
}

void scale_inputs(FoldedLinear& linear, const Eigen::VectorXd& unit) {
  linear.weight *= unit.asDiagonal();
}

void divide_outputs(FoldedLinear& linear, const Eigen::VectorXd& divisor) {
  linear.weight = divisor.cwiseInverse().asDiagonal() * linear.weight;
  linear.bias = linear.bias.cwiseQuotient(divisor);
}

std::vector<NeuronCopy> split_neurons(FoldedLinear& ffn1, FoldedLinear& ffn2,
                                      const Eigen::VectorXd& z_max, double threshold) {
  std::vector<NeuronCopy> copies;
  for (Eigen::Index n = 0; n < z_max.size(); ++n) {
    const int count = std::max(1, static_cast<int>(std::ceil(z_max[n] / threshold)));
    for (int i = 0; i < count; ++i) copies.push_back({n, i * threshold});
  }
  const auto neurons = static_cast<Eigen::Index>(copies.size());
  FoldedLinear first{MatrixD(neurons, ffn1.weight.cols()), Eigen::VectorXd(neurons)};
  MatrixD second(ffn2.weight.rows(), neurons);
  for (Eigen::Index i = 0; i < neurons; ++i) {
    const auto& [neuron, offset] = copies[static_cast<size_t>(i)];
    first.weight.row(i) = ffn1.weight.row(neuron);
    first.bias[i] = ffn1.bias[neuron] - offset;
    second.col(i) = ffn2.weight.col(neuron);
  }
  ffn1 = std::move(first);
  ffn2.weight = std::move(second);
  return copies;
}

}  // namespace sb::golden
