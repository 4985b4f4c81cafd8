// SPDX-License-Identifier: Apache-2.0
#include "golden/encoder/int_encoder.h"

#include <fmt/format.h>

#include <cmath>
#include <mutex>

#include "golden/base/error.h"
#include "golden/base/parallel.h"
#include "golden/encoder/float_encoder.h"
#include "golden/ops/exp.h"
#include "golden/ops/gemm.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/residual.h"
#include "golden/ops/table.h"

namespace sb::golden {
namespace {

// Reports under the names of one layer; puts them together only when somebody looks.
class IntLayerObserver {
 public:
  IntLayerObserver(const IntObserver& observer, int layer) : observer_(observer), layer_(layer) {}

  void product(const std::string& name, const MatrixI16& a, const MatrixI8& w,
               std::span<const int32_t> bias, const MatrixI32& acc) const {
    if (!observer_.product) return;
    const std::string full = fmt::format("layer.{}.{}", layer_, name);
    observer_.product({full, a, w, bias, acc});
  }
  void value(const std::string& name, const MatrixI16& codes) const {
    if (observer_.value) observer_.value(fmt::format("layer.{}.{}", layer_, name), codes);
  }

 private:
  const IntObserver& observer_;
  int layer_;
};

MatrixI16 int_linear(const std::string& name, const MatrixI16& a, const IntLinear& linear,
                     const IntLayerObserver& observe) {
  const MatrixI32 acc = gemm(a, linear.weight, linear.bias);
  observe.product(name, a, linear.weight, linear.bias, acc);
  MatrixI16 y =
      requantize(acc, linear.requant.mult, linear.requant.shift, linear.zero, linear.clamp);
  observe.value(name, y);
  return y;
}

// Codes of an int8 tensor, kept as int16 like every activation, as the weights of a product.
MatrixI8 as_weight(const MatrixI16& codes) { return codes.cast<int8_t>(); }

MatrixI16 int_attention(const IntLayer& layer, const MatrixI16& q, const MatrixI16& k,
                        const MatrixI16& v, KeyMask mask, const IntLayerObserver& observe) {
  const Eigen::Index tokens = q.rows();
  const auto heads = static_cast<Eigen::Index>(layer.heads.size()), width = q.cols() / heads;
  MatrixI16 context(tokens, q.cols());
  for (Eigen::Index h = 0; h < heads; ++h) {
    const IntHead& head = layer.heads[static_cast<size_t>(h)];
    const MatrixI16 q_head = q.middleCols(h * width, width);
    const MatrixI8 k_head = as_weight(k.middleCols(h * width, width));
    const std::string scores_name = fmt::format("attention.scores.{}", h);
    const MatrixI32 score_acc = gemm(q_head, k_head);
    observe.product(scores_name, q_head, k_head, {}, score_acc);
    const std::vector<uint32_t> mult(static_cast<size_t>(tokens), head.mult);
    const std::vector<uint8_t> shift(static_cast<size_t>(tokens), head.shift);
    const MatrixI16 scores = requantize(score_acc, mult, shift, 0, Clamp::S8);
    observe.value(scores_name, scores);

    const ExpRows exp = exp_rows(scores, mask, head.table);
    observe.value(fmt::format("attention.exp.{}", h), exp.u);
    std::vector<uint32_t> r;
    for (uint32_t sum : exp.sum) r.push_back(reciprocal(sum));
    const MatrixI8 v_head = as_weight(v.middleCols(h * width, width).transpose());
    const MatrixI32 acc = gemm(exp.u, v_head);
    const std::string context_name = fmt::format("attention.context.{}", h);
    observe.product(context_name, exp.u, v_head, {}, acc);
    const auto first = static_cast<size_t>(h * width), count = static_cast<size_t>(width);
    context.middleCols(h * width, width) =
        requantize(row_factor(acc, r), std::span(layer.context.mult).subspan(first, count),
                   std::span(layer.context.shift).subspan(first, count), 0, Clamp::S8);
  }
  observe.value("attention.context", context);
  return context;
}

}  // namespace

MatrixI16 quantize_embeddings(const IntBert& model, const MatrixF& x) {
  MatrixI16 codes(x.rows(), x.cols());
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const double code = std::nearbyint(x.data()[i] / model.input_scale);
    if (std::isnan(code)) throw InputError("an embedding is not a number");
    codes.data()[i] = saturate(code, Clamp::S16);
  }
  return codes;
}

IntLayerOutput int_layer(const IntLayer& layer, int index, const MatrixI16& x,
                         const MatrixI16& operand, KeyMask mask, const IntObserver& observer) {
  const IntLayerObserver observe(observer, index);
  observe.value("attention.input", operand);
  const MatrixI16 q = int_linear("attention.q", operand, layer.query, observe);
  const MatrixI16 k = int_linear("attention.k", operand, layer.key, observe);
  const MatrixI16 v = int_linear("attention.v", operand, layer.value, observe);
  const MatrixI16 context = int_attention(layer, q, k, v, mask, observe);
  const MatrixI16 dense = int_linear("attention.dense", context, layer.attention_output, observe);
  const MatrixI16 sum = residual_add(x, dense);
  observe.value("attention.sum", sum);
  const MatrixI16 h = layernorm(sum, layer.attention_norm.norm);
  observe.value("h", h);

  const MatrixI16 h_operand = narrow_operand(h, layer.attention_norm.operand);
  observe.value("ffn1.input", h_operand);
  const MatrixI16 before = int_linear("ffn1", h_operand, layer.intermediate, observe);
  const MatrixI16 activated = apply_table(before, layer.gelu);
  observe.value("gelu", activated);
  const MatrixI16 ffn2 = int_linear("ffn2", activated, layer.output, observe);
  const MatrixI16 sum2 = residual_add(h, ffn2);
  observe.value("sum", sum2);
  IntLayerOutput out;
  out.x = layernorm(sum2, layer.output_norm.norm);
  observe.value("x", out.x);
  if (!layer.output_norm.operand.k.empty())
    out.operand = narrow_operand(out.x, layer.output_norm.operand);
  return out;
}

MatrixI16 int_encode(const IntBert& model, const MatrixI16& x, KeyMask mask,
                     const IntObserver& observer) {
  if (x.rows() < 1 || x.cols() != model.config.hidden)
    throw InputError(fmt::format("integer encoder: embeddings of {} x {} for a model of width {}",
                                 x.rows(), x.cols(), model.config.hidden));
  IntLayerOutput state{x, narrow_operand(x, model.input_operand)};
  for (size_t i = 0; i < model.layers.size(); ++i)
    state = int_layer(model.layers[i], static_cast<int>(i), state.x, state.operand, mask, observer);
  return state.x;
}

MatrixF dequantize_output(const IntBert& model, const MatrixI16& x) {
  return (x.cast<double>() * model.output_scale()).cast<float>();
}

MatrixF int_sentence_embeddings(const IntModel& model,
                                const std::vector<std::vector<int32_t>>& texts,
                                const std::function<void(size_t)>& done) {
  MatrixF result(static_cast<Eigen::Index>(texts.size()), model.host.config.hidden);
  std::mutex mutex;
  size_t finished = 0;
  parallel_for(texts.size(), [&](size_t i) {
    const MatrixI16 x = quantize_embeddings(model.encoder, embeddings(model.host, texts[i]));
    const MatrixF last = dequantize_output(model.encoder, int_encode(model.encoder, x));
    result.row(static_cast<Eigen::Index>(i)) = l2_normalize(mean_pool(last)).transpose();
    if (!done) return;
    const std::scoped_lock lock(mutex);
    done(++finished);
  });
  return result;
}

}  // namespace sb::golden
