// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/int_bert_builder.h"

#include <algorithm>

#include "golden/ops/layernorm.h"
#include "golden/quantize/gptq.h"
#include "golden/quantize/int_linear.h"

namespace sb::golden {

using Eigen::VectorXd;

namespace {

std::span<const float> as_span(const VectorF& v) {
  return {v.data(), static_cast<size_t>(v.size())};
}

}  // namespace

FoldedLinear to_double(const LinearWeights& weights) {
  return {weights.weight.cast<double>(), weights.bias.cast<double>()};
}

VectorXd IntBertBuilder::operand_unit(const MatrixF& x, const MatrixD& weight, double margin,
                                      int codes) const {
  const VectorXd factor = options_.smooth
                              ? smoothing_factors(column_ranges(x, {}), input_channel_max(weight),
                                                  options_.smooth_alpha)
                              : VectorXd(VectorXd::Ones(x.cols()));
  const MatrixF smoothed = x * factor.cwiseInverse().cast<float>().asDiagonal();
  const double range =
      abs_range({smoothed.data(), static_cast<size_t>(smoothed.size())}, rule(codes));
  return scale_of(margin * range, codes) * factor;
}

OperandParams IntBertBuilder::operand(double scale, VectorXd& unit) const {
  // An operand cannot be finer than the 16-bit row that it is made from.
  std::vector<double> ratio;
  for (double u : unit) ratio.push_back(std::min(scale / u, 65535.0 / 65536));
  OperandParams params = make_operand(ratio, options_.activation_bits);
  for (Eigen::Index c = 0; c < unit.size(); ++c)
    unit[c] = scale / operand_ratio(params, static_cast<size_t>(c));
  return params;
}

IntLinear IntBertBuilder::linear(const std::string& name, const FoldedLinear& weights,
                                 const VectorXd& out_scale, Clamp clamp, const MatrixD& moments,
                                 int out_zero, int in_zero) {
  return make_int_linear(weights, {.name = name,
                                   .out_scale = out_scale,
                                   .out_zero = out_zero,
                                   .clamp = clamp,
                                   .in_zero = in_zero,
                                   .per_channel = options_.per_channel,
                                   .clip = options_.clip_weights,
                                   .moments = moments.size() > 0 ? &moments : nullptr,
                                   .weigh_clip = options_.weigh_clip,
                                   .gptq = options_.gptq});
}

MatrixD IntBertBuilder::moments(const std::string& input, const LayerRecord& record,
                                const LayerRecord& odd, const VectorXd& unit) const {
  if (!wants_moments()) return {};
  const auto per_code = unit.cwiseInverse().cast<float>().asDiagonal();
  return mixed_moments(record.at(input) * per_code, odd.at(input) * per_code, odd.first);
}

void IntBertBuilder::layer(int index, const LayerRecord& record, const LayerRecord& odd) {
  const MatrixF& x = record.at("attention.input");
  const BertLayerWeights& weights = model_.layers[static_cast<size_t>(index)];
  FoldedLinear q = to_double(weights.query), k = to_double(weights.key),
               v = to_double(weights.value);

  // The segment of x: LayerNorm output (or embeddings) and the sum that it joins share one scale.
  const double x_scale = residual_scale(x, record.at("attention.sum"));
  MatrixD stacked(3 * x.cols(), x.cols());
  stacked << q.weight, k.weight, v.weight;
  VectorXd x_unit = operand_unit(x, stacked, options_.margin_operand, operand_max());
  const OperandParams x_operand = operand(x_scale, x_unit);
  if (index == 0) {
    result_.input_scale = x_scale;
    result_.input_operand = x_operand;
  } else {
    const NormWeights& norm = model_.layers[static_cast<size_t>(index) - 1].output_norm;
    result_.layers[static_cast<size_t>(index) - 1].output_norm = {
        make_layernorm(as_span(norm.gamma), as_span(norm.beta), model_.config.eps, sum_scale_,
                       x_scale),
        x_operand, x_scale};
  }
  attention(index, record, odd, moments("attention.input", record, odd, x_unit), x_unit,
            std::move(q), std::move(k), std::move(v), x_scale);

  const double h_scale = residual_scale(record.at("h"), record.at("sum"));
  IntNorm& norm = result_.layers[static_cast<size_t>(index)].attention_norm;
  norm.norm =
      make_layernorm(as_span(weights.attention_norm.gamma), as_span(weights.attention_norm.beta),
                     model_.config.eps, x_scale, h_scale);
  norm.scale = h_scale;
  feed_forward(index, record, odd, h_scale);
  sum_scale_ = h_scale;
}

void IntBertBuilder::finish(const MatrixF& last_x) {
  const double scale =
      scale_of(options_.margin_residual * static_cast<double>(last_x.cwiseAbs().maxCoeff()), 32767);
  const NormWeights& norm = model_.layers.back().output_norm;
  result_.layers.back().output_norm = {
      make_layernorm(as_span(norm.gamma), as_span(norm.beta), model_.config.eps, sum_scale_, scale),
      {},
      scale};
}

}  // namespace sb::golden
