// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>
#include <algorithm>
#include <bit>
#include <string>

#include "golden/base/clamp.h"
#include "golden/base/matrix.h"
#include "golden/model/bert_model.h"
#include "golden/model/int_model.h"
#include "golden/quantize/calibration_record.h"
#include "golden/quantize/fold.h"
#include "golden/quantize/quantize_model.h"
#include "golden/quantize/quantize_options.h"

namespace sb::golden {

// The steps of quantize_model (integer_model.md), layer by layer: part of that function.

FoldedLinear to_double(const LinearWeights& weights);

/// A scale of something that was zero in every calibration text would be zero.
inline double scale_of(double range, double codes) { return std::max(range, 1e-6) / codes; }

/// Quantizes layer after layer of the float model; each LayerNorm is finished by the layer that
/// takes its output. attention.cpp and feed_forward.cpp hold those two steps.
class IntBertBuilder {
 public:
  IntBertBuilder(const BertModel& model, const QuantizeOptions& options, QuantizeReport& report)
      : model_(model), options_(options), report_(report) {
    result_.config = model.config;
    result_.layers.resize(model.layers.size());
  }

  /// record: what the float layer computed; odd: the same for the odd texts, or no rows.
  void layer(int index, const LayerRecord& record, const LayerRecord& odd);
  /// The last LayerNorm, from the last hidden state of all texts.
  void finish(const MatrixF& last_x);

  IntBert& result() { return result_; }

 private:
  int operand_max() const { return (1 << (options_.activation_bits - 1)) - 1; }
  // The calibrator of a tensor whose largest code is given.
  CalibrationOptions rule(int codes) const {
    CalibrationOptions range = options_.range;
    range.bits = std::bit_width(static_cast<unsigned>(codes)) + 1;
    return range;
  }
  // Of the channels of an int8 tensor: each has some thousand values, too few for as many bins as a
  // tensor's.
  CalibrationOptions channel_rule() const {
    CalibrationOptions range = rule(127);
    range.bins = 512;
    return range;
  }
  double residual_scale(const MatrixF& a, const MatrixF& b) const {
    return scale_of(
        options_.margin_residual * std::max(a.cwiseAbs().maxCoeff(), b.cwiseAbs().maxCoeff()),
        32767);
  }
  // What one code of each channel of an operand is wanted to be worth.
  Eigen::VectorXd operand_unit(const MatrixF& x, const MatrixD& weight, double margin,
                               int codes) const;
  // The operand of a 16-bit row of the given scale; `unit` becomes what the multipliers really
  // give.
  OperandParams operand(double scale, Eigen::VectorXd& unit) const;
  IntLinear linear(const std::string& name, const FoldedLinear& weights,
                   const Eigen::VectorXd& out_scale, Clamp clamp, const MatrixD& moments,
                   int out_zero = 0, int in_zero = 0);
  bool wants_moments() const { return options_.weigh_clip || options_.gptq; }
  // Of a recorded input in units of its codes; empty if no option asks for them.
  MatrixD moments(const std::string& input, const LayerRecord& record, const LayerRecord& odd,
                  const Eigen::VectorXd& unit) const;

  void attention(int index, const LayerRecord& record, const LayerRecord& odd,
                 const MatrixD& x_moments, const Eigen::VectorXd& x_unit, FoldedLinear q,
                 FoldedLinear k, FoldedLinear v, double residual);
  void feed_forward(int index, const LayerRecord& record, const LayerRecord& odd, double h_scale);

  const BertModel& model_;
  const QuantizeOptions& options_;
  QuantizeReport& report_;
  IntBert result_;
  double sum_scale_ = 0;  // of the sum that the previous layer's second LayerNorm takes
};

}  // namespace sb::golden
