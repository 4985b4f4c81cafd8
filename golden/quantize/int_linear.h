// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "golden/model/int_model.h"
#include "golden/quantize/fold.h"

namespace sb::golden {

/// How a linear layer becomes integers.
struct IntLinearOptions {
  std::string name;           ///< for messages
  Eigen::VectorXd out_scale;  ///< what one output code is worth, per output channel
  int out_zero = 0;
  Clamp clamp = Clamp::S8;
  int in_zero = 0;  ///< zero point of the input codes, folded into the bias
  bool per_channel = true;
  bool clip = true;  ///< weight range by least squared error over .5 to 1 of the maximum, 26 steps;
                     ///< else maximum
  const MatrixD* moments =
      nullptr;              ///< of the inputs (input_moments of gptq.h), for the two choices below
  bool weigh_clip = false;  ///< each weight's squared error counts by its input's moment
  bool gptq = false;        ///< codes from gptq_round; else each weight to the nearest
};

/// Weight scale (what one int8 code, -127..127, is worth) of the given values by maximum or least
/// squared error, in which value i counts importance[i] times (once if empty). All zero: 0.
double weight_scale(const double* values, Eigen::Index count, bool clip,
                    const Eigen::VectorXd& importance = {});

/// Quantizes a layer whose inputs are already codes (scale_inputs has been applied): weights
/// symmetric, bias in accumulator units, requantization. Throws InputError if bias or multiplier do
/// not fit. The moments, where there are any, must be K x K for weights (N, K).
IntLinear make_int_linear(const FoldedLinear& linear, const IntLinearOptions& plan);

}  // namespace sb::golden
