// SPDX-License-Identifier: Apache-2.0
// Attention of one layer: heads, q, k, v, context, output projection.
#include <fmt/format.h>

#include <cmath>

#include "golden/ops/exp.h"
#include "golden/ops/requantize.h"
#include "golden/quantize/int_bert_builder.h"

namespace sb::golden {

using Eigen::VectorXd;

namespace {

// Units of int8 channels, widened where the odd texts would saturate.
VectorXd hold(const VectorXd& unit, const MatrixF& odd) {
  if (odd.rows() == 0) return unit;
  return unit.cwiseMax(odd.cwiseAbs().colwise().maxCoeff().transpose().cast<double>() / 127);
}

}  // namespace

void IntBertBuilder::attention(int index, const LayerRecord& record, const LayerRecord& odd,
                               const MatrixD& x_moments, const VectorXd& x_unit, FoldedLinear q,
                               FoldedLinear k, FoldedLinear v, double residual) {
  const std::string name = fmt::format("layer.{}.attention.", index);
  IntLayer& layer = result_.layers[static_cast<size_t>(index)];
  const Eigen::Index hidden = q.weight.rows(), heads = model_.config.heads,
                     width = model_.config.head_width();

  VectorXd q_range = column_ranges(record.at("attention.q"), channel_rule());
  VectorXd k_range = column_ranges(record.at("attention.k"), channel_rule());
  VectorXd ratio = VectorXd::Ones(hidden);
  if (options_.equalize_heads)
    for (Eigen::Index c = 0; c < hidden; ++c)
      if (q_range[c] > 0 && k_range[c] > 0) ratio[c] = std::sqrt(q_range[c] / k_range[c]);
  divide_outputs(q, ratio);
  divide_outputs(k, ratio.cwiseInverse());
  q_range = q_range.cwiseQuotient(ratio);
  k_range = k_range.cwiseProduct(ratio);

  VectorXd q_scale(hidden), k_scale(hidden);
  for (Eigen::Index h = 0; h < heads; ++h) {
    const auto channels = Eigen::seqN(h * width, width);
    const double q_head = scale_of(options_.margin_operand * q_range(channels).maxCoeff(), 127);
    const double k_head = scale_of(options_.margin_operand * k_range(channels).maxCoeff(), 127);
    q_scale(channels).setConstant(q_head);
    k_scale(channels).setConstant(k_head);
    const double range = abs_range(record.scores[static_cast<size_t>(h)], rule(127));
    const double score_scale = scale_of(options_.margin_operand * range, 127);
    Requant requant;
    append_requant(requant, q_head * k_head / std::sqrt(static_cast<double>(width)) / score_scale,
                   fmt::format("{}scores.{}", name, h));
    layer.heads.push_back(
        {requant.mult[0], requant.shift[0], make_exp_table(score_scale), score_scale});
  }

  VectorXd v_range = column_ranges(record.at("attention.v"), channel_rule());
  if (!options_.channel_ranges) v_range.setConstant(v_range.maxCoeff());
  const VectorXd v_scale = hold(v_range.unaryExpr([&](double range) {
    return scale_of(options_.margin_context * range, 127);
  }),
                                odd.at("attention.v"));
  FoldedLinear dense = to_double(model_.layers[static_cast<size_t>(index)].attention_output);
  const VectorXd context_unit =
      hold(operand_unit(record.at("attention.context"), dense.weight, options_.margin_context, 127),
           odd.at("attention.context"));
  for (Eigen::Index c = 0; c < hidden; ++c) {
    append_requant(layer.context, 0x1p-16 * v_scale[c] / context_unit[c],
                   fmt::format("{}context.{}", name, c));
    layer.context_scale.push_back(context_unit[c]);
  }

  scale_inputs(q, x_unit);
  scale_inputs(k, x_unit);
  scale_inputs(v, x_unit);
  scale_inputs(dense, context_unit);
  layer.query = linear(name + "q", q, q_scale, Clamp::S8, x_moments);
  layer.key = linear(name + "k", k, k_scale, Clamp::S8, x_moments);
  layer.value = linear(name + "v", v, v_scale, Clamp::S8, x_moments);
  layer.attention_output =
      linear(name + "dense", dense, VectorXd::Constant(hidden, residual), Clamp::S16,
             moments("attention.context", record, odd, context_unit));
}

}  // namespace sb::golden
