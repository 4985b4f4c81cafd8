#include "golden/encoder/int_bert.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "golden/base/error.h"
#include "golden/ops/gemm.h"
#include "golden/ops/residual.h"

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

void append_requant(Requant& requant, double scale, const std::string& what) {
  if (!(scale > 0) || !std::isfinite(scale))
    throw InputError(fmt::format("{}: requantization by {} is impossible", what, scale));
  int exponent = 0;
  std::frexp(scale, &exponent);  // scale = fraction * 2^exponent, fraction in 0.5 .. 1
  int shift = 16 - exponent;
  double mult = std::nearbyint(std::ldexp(scale, shift));
  if (mult == 65536) mult = std::nearbyint(std::ldexp(scale, --shift));
  if (shift > 46) {  // smaller than any shift can say: fewer bits of the multiplier
    mult = std::nearbyint(std::ldexp(scale, 46));
    shift = 46;
  }
  if (shift < 7)
    throw InputError(fmt::format("{}: requantization by {} needs a shift below 7", what, scale));
  requant.mult.push_back(static_cast<uint32_t>(mult));
  requant.shift.push_back(static_cast<uint8_t>(shift));
}

int check_accumulator(const IntLinear& linear, int max_code, const std::string& name) {
  int64_t largest = 0;
  for (Eigen::Index n = 0; n < linear.weight.rows(); ++n) {
    int64_t bound = std::abs(int64_t{linear.bias[static_cast<size_t>(n)]});
    for (Eigen::Index k = 0; k < linear.weight.cols(); ++k)
      bound += int64_t{max_code} * std::abs(int{linear.weight(n, k)});
    if (bound > std::numeric_limits<int32_t>::max())
      throw InputError(
          fmt::format("{}: the accumulator of output {} could reach {}, more than int32 holds",
                      name, n, bound));
    largest = std::max(largest, bound);
  }
  return static_cast<int>(std::bit_width(static_cast<uint64_t>(largest))) + 1;
}

MatrixI16 quantize_embeddings(const IntBert& model, const MatrixF& x) {
  MatrixI16 codes(x.rows(), x.cols());
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const double code = std::nearbyint(x.data()[i] / model.input_scale);
    if (std::isnan(code)) throw InputError("an embedding is not a number");
    codes.data()[i] = static_cast<int16_t>(std::clamp(code, -32768.0, 32767.0));
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

}  // namespace sb::golden
