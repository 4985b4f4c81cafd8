// SPDX-License-Identifier: Apache-2.0
#include "golden/seed/seed_pipeline.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include "golden/base/error.h"
#include "golden/ops/gemm.h"
#include "golden/seed/ibert.h"

namespace sb::golden {
namespace {

MatrixI16 operand(const MatrixI8& x) { return x.cast<int16_t>(); }

MatrixI32 product(const SeedLinear& linear, const MatrixI8& x, const LinearEngine& engine) {
  if (x.cols() != linear.weight.cols())
    throw InputError(fmt::format("seed pipeline: {} columns, the layer takes {}", x.cols(),
                                 linear.weight.cols()));
  return engine(operand(x), linear.weight, linear.bias);
}

MatrixD real_product(const SeedLinear& linear, const MatrixI8& x, const LinearEngine& engine) {
  return product(linear, x, engine).cast<double>() * linear.acc_scale;
}

// The real-valued results of each stage, before its last requantization. Calibration and inference
// share them.

MatrixD softmax_part(const SeedLayer& layer, const SeedQkv& qkv, const LinearEngine& engine) {
  const double head_size = static_cast<double>(qkv.query.cols()) / layer.heads;
  const double scale = layer.query_scale * layer.key_scale / std::sqrt(head_size);
  return ibert_softmax(
      attention_scores(qkv.query, qkv.key, layer.heads, engine).cast<double>() * scale, layer.mode);
}

MatrixD add_and_norm(const SeedLayer& layer, const SeedLinear& dense, const SeedNorm& norm,
                     const MatrixI8& x, const MatrixD& skip, const LinearEngine& engine) {
  const MatrixD y = real_product(dense, x, engine);
  if (skip.rows() != y.rows() || skip.cols() != y.cols())
    throw InputError(fmt::format("seed pipeline: skip is {} x {}, the stage gives {} x {}",
                                 skip.rows(), skip.cols(), y.rows(), y.cols()));
  return ibert_layernorm(y + skip, norm.gain, norm.bias, layer.eps, layer.mode);
}

MatrixD gelu_part(const SeedLayer& layer, const MatrixI8& x, const LinearEngine& engine) {
  return ibert_gelu(real_product(layer.intermediate, x, engine), layer.mode);
}

}  // namespace

LinearEngine golden_engine() {
  return [](const MatrixI16& a, const MatrixI8& w, std::span<const int32_t> bias) {
    return gemm(a, w, bias);
  };
}

MatrixI32 attention_scores(const MatrixI8& query, const MatrixI8& key, int heads,
                           const LinearEngine& engine) {
  if (heads < 1 || query.cols() % heads != 0 || query.cols() != key.cols())
    throw InputError(fmt::format("attention: {} query and {} key columns for {} heads",
                                 query.cols(), key.cols(), heads));
  const Eigen::Index size = query.cols() / heads;
  MatrixI32 scores(heads * query.rows(), key.rows());
  for (Eigen::Index h = 0; h < heads; ++h)
    scores.middleRows(h * query.rows(), query.rows()) =
        engine(operand(query.middleCols(h * size, size)), key.middleCols(h * size, size), {});
  return scores;
}

MatrixI32 attention_values(const MatrixI8& probs, const MatrixI8& value, int heads,
                           const LinearEngine& engine) {
  if (heads < 1 || value.cols() % heads != 0 || probs.rows() % heads != 0 ||
      probs.cols() != value.rows())
    throw InputError(fmt::format("attention: probabilities {} x {} and values {} x {} for {} heads",
                                 probs.rows(), probs.cols(), value.rows(), value.cols(), heads));
  const Eigen::Index size = value.cols() / heads, rows = probs.rows() / heads;
  MatrixI32 context(rows, value.cols());
  for (Eigen::Index h = 0; h < heads; ++h)
    context.middleCols(h * size, size) =
        engine(operand(probs.middleRows(h * rows, rows)),
               MatrixI8(value.middleCols(h * size, size).transpose()), {});
  return context;
}

SeedQkv seed_stage1(const SeedLayer& layer, const MatrixI8& x, const LinearEngine& engine) {
  return {requantize_real(product(layer.query, x, engine), layer.m_query, layer.mode),
          requantize_real(product(layer.key, x, engine), layer.m_key, layer.mode),
          requantize_real(product(layer.value, x, engine), layer.m_value, layer.mode)};
}

MatrixI8 seed_stage2(const SeedLayer& layer, const SeedQkv& qkv, const MatrixD& skip,
                     const LinearEngine& engine) {
  const MatrixI8 probs =
      requantize_real(softmax_part(layer, qkv, engine), layer.m_probs, layer.mode);
  const MatrixI8 context = requantize_real(attention_values(probs, qkv.value, layer.heads, engine),
                                           layer.m_context, layer.mode);
  return requantize_real(
      add_and_norm(layer, layer.attention_output, layer.attention_norm, context, skip, engine),
      layer.m_stage2, layer.mode);
}

MatrixI8 seed_stage3(const SeedLayer& layer, const MatrixI8& x, const LinearEngine& engine) {
  return requantize_real(gelu_part(layer, x, engine), layer.m_stage3, layer.mode);
}

MatrixI8 seed_stage4(const SeedLayer& layer, const MatrixI8& x, const MatrixD& skip,
                     const LinearEngine& engine) {
  return requantize_real(add_and_norm(layer, layer.output, layer.output_norm, x, skip, engine),
                         layer.m_stage4, layer.mode);
}

SeedData seed_layer(const SeedLayer& layer, const SeedData& x, const LinearEngine& engine) {
  if (x.scale != layer.input_scale)
    throw InputError(fmt::format("seed pipeline: input scale {}, the layer expects {}", x.scale,
                                 layer.input_scale));
  const SeedQkv qkv = seed_stage1(layer, x.data, engine);
  const SeedData attention{seed_stage2(layer, qkv, x.real(), engine), layer.attention_scale};
  const MatrixI8 activated = seed_stage3(layer, attention.data, engine);
  return {seed_stage4(layer, activated, attention.real(), engine), layer.output_scale};
}

SeedData seed_pipeline(std::span<const SeedLayer> layers, const SeedData& x,
                       const LinearEngine& engine) {
  if (layers.empty()) throw InputError("seed pipeline: no layer");
  SeedData data = x;
  for (const SeedLayer& layer : layers) data = seed_layer(layer, data, engine);
  return data;
}

SeedData seed_input(const SeedLayer& layer, const MatrixF& x) {
  const SeedTensor q = tensor_quant_scale(x.cast<double>(), 8, layer.mode, layer.input_scale);
  return {to_int8(q.codes, layer.mode), q.scale};
}

namespace {

/// f of every element.
template <typename T, typename F>
auto map(const std::vector<T>& data, const F& f) {
  std::vector<std::decay_t<decltype(f(data.front()))>> y;
  y.reserve(data.size());
  for (const T& x : data) y.push_back(f(x));
  return y;
}

/// Scale of one tensor from its extremes over all calibration sequences.
double scale_over(const std::vector<MatrixD>& tensors, SeedMode mode) {
  double min = 0, max = 0;
  for (const MatrixD& t : tensors) {
    min = std::min(min, t.minCoeff());
    max = std::max(max, t.maxCoeff());
  }
  return seed_scale(min, max, 8, mode);
}

void require_shape(const SeedLinearWeights& w, Eigen::Index out, Eigen::Index in,
                   const char* name) {
  if (w.weight.rows() != out || w.weight.cols() != in || w.bias.size() != out)
    throw InputError(fmt::format("seed pipeline: {} is {} x {} with {} biases, must be {} x {}",
                                 name, w.weight.rows(), w.weight.cols(), w.bias.size(), out, in));
}

SeedNorm load_norm(const SeedNormWeights& w, Eigen::Index size, const char* name) {
  if (w.gain.size() != size || w.bias.size() != size)
    throw InputError(fmt::format("seed pipeline: {} has {} gains and {} biases, must be {}", name,
                                 w.gain.size(), w.bias.size(), size));
  return {w.gain.cast<double>(), w.bias.cast<double>()};
}

/// Weights at their own scale, bias in accumulator units at 32 bits.
SeedLinear make_int_linear(const SeedLinearWeights& w, double input_scale, SeedMode mode) {
  const SeedTensor q = tensor_quant_scale(w.weight.cast<double>(), 8, mode);
  SeedLinear linear{to_int8(q.codes, mode), {}, q.scale * input_scale};
  const MatrixD bias =
      tensor_quant_scale(MatrixD(w.bias.cast<double>().transpose()), 32, mode, linear.acc_scale)
          .codes;
  for (Eigen::Index n = 0; n < bias.cols(); ++n) {
    if (bias(0, n) < std::numeric_limits<int32_t>::min())
      throw InputError(fmt::format("seed pipeline: bias {} is below int32 at scale {}", w.bias[n],
                                   linear.acc_scale));
    linear.bias.push_back(static_cast<int32_t>(bias(0, n)));
  }
  return linear;
}

/// Calibrates one layer; `data` holds the int8 input of every sequence and receives the output.
class LayerCalibration {
 public:
  LayerCalibration(const SeedLayerWeights& weights, double input_scale, SeedMode mode,
                   const LinearEngine& engine)
      : weights_(weights), engine_(engine) {
    layer_.mode = mode;
    layer_.heads = weights.heads;
    layer_.eps = weights.eps;
    layer_.input_scale = input_scale;
    const Eigen::Index d = weights.query.weight.rows(), f = weights.intermediate.weight.rows();
    if (weights.heads < 1 || d % weights.heads != 0)
      throw InputError(fmt::format("seed pipeline: {} heads for a width of {}", weights.heads, d));
    if (!(weights.eps >= 0) || !std::isfinite(weights.eps))
      throw InputError(fmt::format("seed pipeline: eps {}, must be 0 or more", weights.eps));
    require_shape(weights.query, d, d, "query");
    require_shape(weights.key, d, d, "key");
    require_shape(weights.value, d, d, "value");
    require_shape(weights.attention_output, d, d, "attention output");
    require_shape(weights.intermediate, f, d, "intermediate");
    require_shape(weights.output, d, f, "output");
    layer_.attention_norm = load_norm(weights.attention_norm, d, "attention LayerNorm");
    layer_.output_norm = load_norm(weights.output_norm, d, "output LayerNorm");
  }

  SeedLayer run(std::vector<MatrixI8>& data) {
    SeedLayer& l = layer_;
    l.query = make_int_linear(weights_.query, l.input_scale, l.mode);
    l.key = make_int_linear(weights_.key, l.input_scale, l.mode);
    l.value = make_int_linear(weights_.value, l.input_scale, l.mode);
    const auto project = [&](const SeedLinear& linear, double& multiplier, double& scale) {
      return requantized_product(
          map(data, [&](const MatrixI8& x) { return product(linear, x, engine_); }),
          linear.acc_scale, multiplier, scale);
    };
    const std::vector<MatrixI8> q = project(l.query, l.m_query, l.query_scale);
    const std::vector<MatrixI8> k = project(l.key, l.m_key, l.key_scale);
    const std::vector<MatrixI8> v = project(l.value, l.m_value, l.value_scale);

    std::vector<MatrixD> real;
    for (size_t i = 0; i < data.size(); ++i)
      real.push_back(softmax_part(l, {q[i], k[i], v[i]}, engine_));
    // Softmax has a known range, so the corrected form needs no measurement: 127.5 steps to 1.
    l.probs_scale = l.mode == SeedMode::Compat ? scale_over(real, l.mode) : 1 / 127.5;
    l.m_probs = 1 / l.probs_scale;
    std::vector<MatrixI32> acc;
    for (size_t i = 0; i < data.size(); ++i)
      acc.push_back(
          attention_values(requantize_real(real[i], l.m_probs, l.mode), v[i], l.heads, engine_));
    const std::vector<MatrixI8> context =
        requantized_product(acc, l.probs_scale * l.value_scale, l.m_context, l.context_scale);

    l.attention_output = make_int_linear(weights_.attention_output, l.context_scale, l.mode);
    for (size_t i = 0; i < data.size(); ++i)
      real[i] = add_and_norm(l, l.attention_output, l.attention_norm, context[i],
                             SeedData{data[i], l.input_scale}.real(), engine_);
    const std::vector<MatrixI8> attention = requantized_real(real, l.m_stage2, l.attention_scale);

    l.intermediate = make_int_linear(weights_.intermediate, l.attention_scale, l.mode);
    for (size_t i = 0; i < data.size(); ++i) real[i] = gelu_part(l, attention[i], engine_);
    const std::vector<MatrixI8> activated = requantized_real(real, l.m_stage3, l.gelu_scale);

    l.output = make_int_linear(weights_.output, l.gelu_scale, l.mode);
    for (size_t i = 0; i < data.size(); ++i)
      real[i] = add_and_norm(l, l.output, l.output_norm, activated[i],
                             SeedData{attention[i], l.attention_scale}.real(), engine_);
    data = requantized_real(real, l.m_stage4, l.output_scale);
    return layer_;
  }

 private:
  std::vector<MatrixI8> requantized_product(const std::vector<MatrixI32>& acc, double acc_scale,
                                            double& multiplier, double& scale) const {
    const auto real =
        map(acc, [&](const MatrixI32& a) { return MatrixD(a.cast<double>() * acc_scale); });
    multiplier = acc_scale / scale_over(real, layer_.mode);
    if (layer_.mode == SeedMode::Corrected) multiplier = fixed_multiplier(multiplier).value();
    scale = acc_scale / multiplier;
    return map(acc,
               [&](const MatrixI32& a) { return requantize_real(a, multiplier, layer_.mode); });
  }

  std::vector<MatrixI8> requantized_real(const std::vector<MatrixD>& real, double& multiplier,
                                         double& scale) const {
    scale = scale_over(real, layer_.mode);
    multiplier = 1 / scale;
    return map(real, [&](const MatrixD& r) { return requantize_real(r, multiplier, layer_.mode); });
  }

  const SeedLayerWeights& weights_;
  const LinearEngine& engine_;
  SeedLayer layer_;
};

}  // namespace

std::vector<SeedLayer> calibrate_seed_pipeline(std::span<const SeedLayerWeights> layers,
                                               std::span<const MatrixF> inputs, SeedMode mode,
                                               const LinearEngine& engine) {
  if (layers.empty()) throw InputError("seed pipeline: no layer");
  if (inputs.empty()) throw InputError("seed pipeline: no calibration input");
  std::vector<MatrixD> real;
  real.reserve(inputs.size());
  for (const MatrixF& x : inputs) {
    if (x.rows() == 0) throw InputError("seed pipeline: empty calibration input");
    real.emplace_back(x.cast<double>());
  }
  double scale = scale_over(real, mode);
  std::vector<MatrixI8> data = map(real, [&](const MatrixD& x) {
    return to_int8(tensor_quant_scale(x, 8, mode, scale).codes, mode);
  });
  std::vector<SeedLayer> calibrated;
  calibrated.reserve(layers.size());
  for (const SeedLayerWeights& weights : layers) {
    calibrated.push_back(LayerCalibration(weights, scale, mode, engine).run(data));
    scale = calibrated.back().output_scale;
  }
  return calibrated;
}

}  // namespace sb::golden
