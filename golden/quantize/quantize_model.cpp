// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/quantize_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "golden/base/error.h"
#include "golden/encoder/float_encoder.h"
#include "golden/ops/exp.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/table.h"
#include "golden/quantize/calibration_record.h"
#include "golden/quantize/gptq.h"
#include "golden/quantize/quantize_linear.h"

namespace sb::golden {
namespace {

using Eigen::VectorXd;

FoldedLinear to_double(const LinearWeights& weights) {
  return {weights.weight.cast<double>(), weights.bias.cast<double>()};
}

std::span<const float> as_span(const VectorF& v) {
  return {v.data(), static_cast<size_t>(v.size())};
}

std::span<const float> all(const MatrixF& m) { return {m.data(), static_cast<size_t>(m.size())}; }

VectorXd constant(Eigen::Index size, double value) { return VectorXd::Constant(size, value); }

// A scale of something that was zero in every calibration text would be zero.
double scale_of(double range, double codes) { return std::max(range, 1e-6) / codes; }

void check_options(const QuantizeOptions& o) {
  const auto need = [](bool good, const char* what, double value) {
    if (!good) throw InputError(fmt::format("quantize: {} is {}", what, value));
  };
  need(o.activation_bits == 8 || o.activation_bits == 9, "activation bits (8 or 9)",
       o.activation_bits);
  need(o.split_threshold >= 1 && o.split_threshold <= 1000, "split threshold (1 .. 1000)",
       o.split_threshold);
  need(o.smooth_alpha >= 0 && o.smooth_alpha <= 1, "smoothing exponent (0 .. 1)", o.smooth_alpha);
  need(o.gelu_floor <= -1 && o.gelu_floor >= -100, "GELU floor (-100 .. -1)", o.gelu_floor);
  need(o.range.percentile > 50 && o.range.percentile <= 100, "percentile (above 50, at most 100)",
       o.range.percentile);
  for (double m : {o.margin_operand, o.margin_context, o.margin_residual})
    need(m > 0 && m <= 100, "range margin (above 0, at most 100)", m);
}

// Quantizes layer after layer of the float model; each LayerNorm is finished by the layer that
// takes its output.
class Quantizer {
 public:
  Quantizer(const BertModel& model, const QuantizeOptions& options, QuantizeReport& report)
      : model_(model), options_(options), report_(report) {
    result_.config = model.config;
    result_.layers.resize(model.layers.size());
  }

  void layer(int index, const LayerRecord& record, const MatrixF& x);
  void finish(const MatrixF& last_x);

  IntBert& result() { return result_; }
  LinearMeans& means() { return means_; }

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
  VectorXd operand_unit(const MatrixF& x, const MatrixD& weight, double margin, int codes) const;
  // The operand of a 16-bit row of the given scale; `unit` becomes what the multipliers really
  // give.
  OperandParams operand(double scale, VectorXd& unit) const;
  IntLinear linear(const std::string& name, const FoldedLinear& weights, const VectorXd& out_scale,
                   Clamp clamp, const MatrixD& moments, int out_zero = 0, int in_zero = 0);
  bool wants_moments() const { return options_.weigh_clip || options_.gptq; }
  // Of an input in units of its codes; empty if no option asks for them.
  MatrixD moments(const MatrixF& x, const VectorXd& unit) const;
  void keep_mean(const std::string& name, const VectorXd& mean) { means_[name] = mean; }

  void attention(int index, const LayerRecord& record, const MatrixD& x_moments,
                 const VectorXd& x_unit, FoldedLinear q, FoldedLinear k, FoldedLinear v,
                 double residual);
  void feed_forward(int index, const LayerRecord& record, double h_scale);

  const BertModel& model_;
  const QuantizeOptions& options_;
  QuantizeReport& report_;
  IntBert result_;
  LinearMeans means_;
  double sum_scale_ = 0;  // of the sum that the previous layer's second LayerNorm takes
};

VectorXd Quantizer::operand_unit(const MatrixF& x, const MatrixD& weight, double margin,
                                 int codes) const {
  const VectorXd factor = options_.smooth
                              ? smoothing_factors(column_ranges(x, {}), input_channel_max(weight),
                                                  options_.smooth_alpha)
                              : constant(x.cols(), 1);
  const MatrixF smoothed = x * factor.cwiseInverse().cast<float>().asDiagonal();
  const double range = abs_range(all(smoothed), rule(codes));
  return scale_of(margin * range, codes) * factor;
}

OperandParams Quantizer::operand(double scale, VectorXd& unit) const {
  // An operand cannot be finer than the 16-bit row that it is made from.
  std::vector<double> ratio;
  for (double u : unit) ratio.push_back(std::min(scale / u, 65535.0 / 65536));
  OperandParams params = make_operand(ratio, options_.activation_bits);
  for (Eigen::Index c = 0; c < unit.size(); ++c)
    unit[c] = scale / operand_ratio(params, static_cast<size_t>(c));
  return params;
}

IntLinear Quantizer::linear(const std::string& name, const FoldedLinear& weights,
                            const VectorXd& out_scale, Clamp clamp, const MatrixD& moments,
                            int out_zero, int in_zero) {
  return quantize_linear(weights, {.name = name,
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

MatrixD Quantizer::moments(const MatrixF& x, const VectorXd& unit) const {
  if (!wants_moments()) return {};
  return input_moments(x * unit.cwiseInverse().cast<float>().asDiagonal(), options_.correct_bias);
}

// GELU codes, their zero point taken off, that the float values before it would give.
MatrixF gelu_codes(const MatrixF& z, const std::vector<NeuronCopy>& copies,
                   const TableFormat& format, const Table& table) {
  MatrixF codes(z.rows(), static_cast<Eigen::Index>(copies.size()));
  for (Eigen::Index row = 0; row < z.rows(); ++row)
    for (size_t i = 0; i < copies.size(); ++i) {
      const double code =
          std::nearbyint((z(row, copies[i].neuron) - copies[i].offset) / format.in_scale);
      const auto index =
          static_cast<size_t>(std::clamp(code + format.in_zero, -128.0, 127.0) + 128);
      codes(row, static_cast<Eigen::Index>(i)) = static_cast<float>(table[index] - format.out_zero);
    }
  return codes;
}

void Quantizer::layer(int index, const LayerRecord& record, const MatrixF& x) {
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
  attention(index, record, moments(x, x_unit), x_unit, std::move(q), std::move(k), std::move(v),
            x_scale);

  const double h_scale = residual_scale(record.at("h"), record.at("sum"));
  IntNorm& norm = result_.layers[static_cast<size_t>(index)].attention_norm;
  norm.norm =
      make_layernorm(as_span(weights.attention_norm.gamma), as_span(weights.attention_norm.beta),
                     model_.config.eps, x_scale, h_scale);
  norm.scale = h_scale;
  feed_forward(index, record, h_scale);
  sum_scale_ = h_scale;
}

void Quantizer::attention(int index, const LayerRecord& record, const MatrixD& x_moments,
                          const VectorXd& x_unit, FoldedLinear q, FoldedLinear k, FoldedLinear v,
                          double residual) {
  const std::string name = fmt::format("layer.{}.attention.", index);
  IntLayer& layer = result_.layers[static_cast<size_t>(index)];
  const Eigen::Index hidden = q.weight.rows(), heads = model_.config.heads,
                     width = model_.config.head_width();

  VectorXd q_range = column_ranges(record.at("attention.q"), channel_rule());
  VectorXd k_range = column_ranges(record.at("attention.k"), channel_rule());
  VectorXd ratio = constant(hidden, 1);
  if (options_.equalize_heads)
    for (Eigen::Index c = 0; c < hidden; ++c)
      if (q_range[c] > 0 && k_range[c] > 0) ratio[c] = std::sqrt(q_range[c] / k_range[c]);
  divide_outputs(q, ratio);
  divide_outputs(k, ratio.cwiseInverse());
  q_range = q_range.cwiseQuotient(ratio);
  k_range = k_range.cwiseProduct(ratio);
  keep_mean(name + "q", column_mean(record.at("attention.q")).cwiseQuotient(ratio));
  keep_mean(name + "k", column_mean(record.at("attention.k")).cwiseProduct(ratio));
  keep_mean(name + "v", column_mean(record.at("attention.v")));
  keep_mean(name + "dense", column_mean(record.at("attention.dense")));

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
  const VectorXd v_scale = v_range.unaryExpr(
      [&](double range) { return scale_of(options_.margin_context * range, 127); });
  FoldedLinear dense = to_double(model_.layers[static_cast<size_t>(index)].attention_output);
  VectorXd context_unit =
      operand_unit(record.at("attention.context"), dense.weight, options_.margin_context, 127);
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
  layer.attention_output = linear(name + "dense", dense, constant(hidden, residual), Clamp::S16,
                                  moments(record.at("attention.context"), context_unit));
}

void Quantizer::feed_forward(int index, const LayerRecord& record, double h_scale) {
  const std::string name = fmt::format("layer.{}.", index);
  IntLayer& layer = result_.layers[static_cast<size_t>(index)];
  const BertLayerWeights& weights = model_.layers[static_cast<size_t>(index)];
  FoldedLinear ffn1 = to_double(weights.intermediate), ffn2 = to_double(weights.output);
  const MatrixF& z = record.at("ffn1");
  const VectorXd z_max = column_max(z);

  // GELU input: [floor, top] over the 256 codes, or symmetric.
  double top = std::max(1.0, z_max.maxCoeff());
  if (options_.split_outliers) top = std::min(top, options_.split_threshold);
  TableFormat format;
  if (options_.gelu_zero_points) {
    format.in_scale = (top - options_.gelu_floor) / 255;
    format.in_zero = static_cast<int>(std::nearbyint(-128 - options_.gelu_floor / format.in_scale));
  } else {
    const double range = abs_range(all(z), rule(127));
    const double reached = options_.margin_operand * range;
    format.in_scale = scale_of(options_.split_outliers ? std::min(reached, top) : reached, 127);
  }
  const double reach = (127 - format.in_zero) * format.in_scale;  // where a code saturates

  VectorXd mean = column_mean(z);
  std::vector<NeuronCopy> copies;
  for (Eigen::Index n = 0; n < z.cols(); ++n) copies.push_back({n, 0});
  if (options_.split_outliers) {
    copies = split_neurons(ffn1, ffn2, z_max, reach);
    report_.copies += static_cast<int>(copies.size() - static_cast<size_t>(z.cols()));
    VectorXd split_mean(static_cast<Eigen::Index>(copies.size()));
    for (size_t i = 0; i < copies.size(); ++i)
      split_mean[static_cast<Eigen::Index>(i)] = mean[copies[i].neuron] - copies[i].offset;
    mean = split_mean;
  }
  keep_mean(name + "ffn1", mean);
  keep_mean(name + "ffn2", column_mean(record.at("ffn2")));

  // GELU output: the whole range that the input codes can reach, its minimum included.
  const double lowest = -0.17, highest = gelu(reach);
  const bool nine = options_.activation_bits == 9;
  if (options_.gelu_zero_points) {
    format.clamp = nine ? Clamp::S9 : Clamp::U8;
    format.out_scale = (highest - lowest) / (nine ? 511 : 255);
    format.out_zero =
        static_cast<int>(std::nearbyint(clamp_min(format.clamp) - lowest / format.out_scale));
  } else {
    format.clamp = nine ? Clamp::S9 : Clamp::S8;
    format.out_scale = highest / clamp_max(format.clamp);
  }
  layer.gelu = make_table(gelu, format);

  VectorXd h_unit =
      operand_unit(record.at("h"), ffn1.weight, options_.margin_operand, operand_max());
  layer.attention_norm.operand = operand(h_scale, h_unit);
  scale_inputs(ffn1, h_unit);
  scale_inputs(ffn2, constant(ffn2.weight.cols(), format.out_scale));
  layer.intermediate = linear(name + "ffn1", ffn1, constant(ffn1.weight.rows(), format.in_scale),
                              Clamp::S8, moments(record.at("h"), h_unit), format.in_zero);
  MatrixD gelu_moments;
  if (wants_moments())
    gelu_moments = input_moments(gelu_codes(z, copies, format, layer.gelu), options_.correct_bias);
  layer.output = linear(name + "ffn2", ffn2, constant(ffn2.weight.rows(), h_scale), Clamp::S16,
                        gelu_moments, 0, format.out_zero);
}

void Quantizer::finish(const MatrixF& last_x) {
  const double scale =
      scale_of(options_.margin_residual * static_cast<double>(last_x.cwiseAbs().maxCoeff()), 32767);
  const NormWeights& norm = model_.layers.back().output_norm;
  result_.layers.back().output_norm = {
      make_layernorm(as_span(norm.gamma), as_span(norm.beta), model_.config.eps, sum_scale_, scale),
      {},
      scale};
}

MatrixF stack(const std::vector<MatrixF>& parts) {
  Eigen::Index rows = 0;
  for (const MatrixF& part : parts) rows += part.rows();
  MatrixF all(rows, parts.front().cols());
  rows = 0;
  for (const MatrixF& part : parts) {
    all.middleRows(rows, part.rows()) = part;
    rows += part.rows();
  }
  return all;
}

int widest_accumulator(const IntBert& model) {
  const int operand = 1 << (model.input_operand.bits - 1);
  int bits = 0;
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const IntLayer& layer = model.layers[i];
    int gelu_max = 0;
    for (int code : layer.gelu) gelu_max = std::max(gelu_max, std::abs(code));
    const auto check = [&](const IntLinear& linear, int max_code, const char* name) {
      bits =
          std::max(bits, check_accumulator(linear, max_code, fmt::format("layer.{}.{}", i, name)));
    };
    check(layer.query, operand, "attention.q");
    check(layer.key, operand, "attention.k");
    check(layer.value, operand, "attention.v");
    check(layer.attention_output, 128, "attention.dense");
    check(layer.intermediate, operand, "ffn1");
    check(layer.output, gelu_max, "ffn2");
  }
  return bits;
}

}  // namespace

IntBert quantize_model(const BertModel& model, const TokenLists& texts,
                       const QuantizeOptions& options, QuantizeReport* report,
                       const Progress& progress) {
  check_options(options);
  if (texts.empty()) throw InputError("quantize: no calibration texts");
  if (model.config.positions > 2048)  // numerics.md section 3
    throw InputError(fmt::format("quantize: {} positions, the row factor takes at most 2048 keys",
                                 model.config.positions));
  QuantizeReport counts;
  Quantizer quantizer(model, options, counts);
  std::vector<MatrixF> states;
  for (const auto& ids : texts) states.push_back(embeddings(model, ids));
  const std::vector<MatrixF> embedded = states;
  for (int i = 0; i < model.config.layers; ++i) {
    if (progress)
      progress(fmt::format("calibration of layer {} of {}", i + 1, model.config.layers));
    const MatrixF x = stack(states);
    const LayerRecord record = record_layer(model, i, states);
    for (const auto& [name, values] : record.values)
      if (!values.allFinite())
        throw InputError(
            fmt::format("quantize: layer.{}.{} holds a value that is not finite", i, name));
    quantizer.layer(i, record, x);
  }
  quantizer.finish(stack(states));
  if (options.correct_bias)
    correct_biases(quantizer.result(), embedded, quantizer.means(), progress);
  counts.accumulator_bits = widest_accumulator(quantizer.result());
  if (report != nullptr) *report = counts;
  return std::move(quantizer.result());
}

}  // namespace sb::golden
