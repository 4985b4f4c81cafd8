// SPDX-License-Identifier: Apache-2.0
// The feed-forward block of one layer: split of outlier neurons, GELU table, ffn1 and ffn2.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/ops/table.h"
#include "golden/quantize/gptq.h"
#include "golden/quantize/int_bert_builder.h"

namespace sb::golden {

using Eigen::VectorXd;

namespace {

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

}  // namespace

void IntBertBuilder::feed_forward(int index, const LayerRecord& record, const LayerRecord& odd,
                                  double h_scale) {
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
    const double range = abs_range({z.data(), static_cast<size_t>(z.size())}, rule(127));
    const double reached = options_.margin_operand * range;
    format.in_scale = scale_of(options_.split_outliers ? std::min(reached, top) : reached, 127);
  }
  const double reach = (127 - format.in_zero) * format.in_scale;  // where a code saturates

  std::vector<NeuronCopy> copies;
  for (Eigen::Index n = 0; n < z.cols(); ++n) copies.push_back({n, 0});
  if (options_.split_outliers) {
    copies = split_neurons(ffn1, ffn2, z_max, reach);
    report_.copies += static_cast<int>(copies.size() - static_cast<size_t>(z.cols()));
  }

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
  scale_inputs(ffn2, VectorXd::Constant(ffn2.weight.cols(), format.out_scale));
  layer.intermediate =
      linear(name + "ffn1", ffn1, VectorXd::Constant(ffn1.weight.rows(), format.in_scale),
             Clamp::S8, moments("h", record, odd, h_unit), format.in_zero);
  MatrixD gelu_moments;
  if (wants_moments())
    gelu_moments = mixed_moments(gelu_codes(z, copies, format, layer.gelu),
                                 gelu_codes(odd.at("ffn1"), copies, format, layer.gelu), odd.first);
  layer.output = linear(name + "ffn2", ffn2, VectorXd::Constant(ffn2.weight.rows(), h_scale),
                        Clamp::S16, gelu_moments, 0, format.out_zero);
}

}  // namespace sb::golden
