// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>
#include <vector>

#include "golden/base/matrix.h"

namespace sb::golden {

// Rewrites of a float network that leave its function alone and its tensors easier to quantize. All
// in double.

/// y = weight x + bias. weight: (out, in).
struct FoldedLinear {
  MatrixD weight;
  Eigen::VectorXd bias;
};

/// SmoothQuant factors (Xiao et al., "SmoothQuant", 2023, equation 4): x_max^alpha / w_max^(1 -
/// alpha), divided by their geometric mean; 1 where either maximum is 0. x_max: largest |x| per
/// channel; w_max: largest |w| that multiplies it. Dividing the input channel by its factor and
/// multiplying its weights keeps the product.
Eigen::VectorXd smoothing_factors(const Eigen::VectorXd& x_max, const Eigen::VectorXd& w_max,
                                  double alpha);

/// Largest |w| of each input channel.
Eigen::VectorXd input_channel_max(const MatrixD& weight);

/// The layer as a function of x / unit: weight[n][k] *= unit[k].
void scale_inputs(FoldedLinear& linear, const Eigen::VectorXd& unit);

/// The layer with outputs divided by `divisor`: weights and bias.
void divide_outputs(FoldedLinear& linear, const Eigen::VectorXd& divisor);

/// Which neuron of the original each neuron of a split layer copies, and what was taken off its
/// bias.
struct NeuronCopy {
  Eigen::Index neuron;
  double offset;
};

/// Splits each neuron whose value reaches past `threshold` into ceil(max / threshold) copies: copy
/// i has the bias minus i * threshold, and the second layer's column is repeated. With copies that
/// saturate at the threshold, sum_i GELU(min(z - i T, T)) is close to GELU(z): at most .17 off,
/// near multiples of T. ffn1: (F, H), ffn2: (H, F); z_max: F values. Returns one entry per neuron
/// of the result.
std::vector<NeuronCopy> split_neurons(FoldedLinear& ffn1, FoldedLinear& ffn2,
                                      const Eigen::VectorXd& z_max, double threshold);

}  // namespace sb::golden
