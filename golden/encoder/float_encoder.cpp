// SPDX-License-Identifier: Apache-2.0
#include "golden/encoder/float_encoder.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "golden/base/error.h"
#include "golden/base/ordered.h"
#include "golden/base/parallel.h"

namespace sb::golden {
namespace {

void check_mask(TokenMask mask, Eigen::Index tokens) {
  if (!mask.empty() && static_cast<Eigen::Index>(mask.size()) != tokens)
    throw InputError(fmt::format("the mask has {} values for {} tokens", mask.size(), tokens));
}

bool valid(TokenMask mask, Eigen::Index token) {
  return mask.empty() || mask[static_cast<size_t>(token)] != 0;
}

const BertLayerWeights& layer_of(const BertModel& model, int layer) {
  if (layer < 0 || layer >= model.config.layers)
    throw InputError(fmt::format("layer {} of a model of {} layers", layer, model.config.layers));
  return model.layers[static_cast<size_t>(layer)];
}

// Names are only put together when somebody looks.
class LayerObserver {
 public:
  LayerObserver(const Observer& observer, int layer) : observer_(observer), layer_(layer) {}
  void operator()(const char* name, MatrixF& value) const {
    if (observer_) observer_(fmt::format("layer.{}.{}", layer_, name), value);
  }

 private:
  const Observer& observer_;
  int layer_;
};

}  // namespace

MatrixF linear(const MatrixF& x, const LinearWeights& weights) {
  MatrixF y = ordered_product<float>(x, weights.weight.transpose());
  y.rowwise() += weights.bias.transpose();
  return y;
}

MatrixF layer_norm(const MatrixF& x, const NormWeights& weights, double eps) {
  MatrixF y(x.rows(), x.cols());
  for (Eigen::Index r = 0; r < x.rows(); ++r) {
    const Eigen::ArrayXd row = x.row(r).cast<double>().transpose();
    const auto mean = [](const Eigen::ArrayXd& values) {
      double sum = 0;  // from the first to the last
      for (const double value : values) sum += value;
      return sum / static_cast<double>(values.size());
    };
    const Eigen::ArrayXd centred = row - mean(row);
    const double rstd = 1 / std::sqrt(mean(centred.square()) + eps);
    y.row(r) = (centred * rstd * weights.gamma.cast<double>().array() +
                weights.beta.cast<double>().array())
                   .cast<float>()
                   .transpose();
  }
  return y;
}

MatrixF apply_gelu(const MatrixF& x) {
  return x.unaryExpr(
      [](float v) { return 0.5F * v * (1 + std::erf(v * (std::numbers::sqrt2_v<float> / 2))); });
}

MatrixF softmax(const MatrixF& x, TokenMask mask) {
  check_mask(mask, x.cols());
  MatrixF y = MatrixF::Zero(x.rows(), x.cols());
  for (Eigen::Index r = 0; r < x.rows(); ++r) {
    float max = -INFINITY;
    for (Eigen::Index c = 0; c < x.cols(); ++c)
      if (valid(mask, c)) max = std::max(max, x(r, c));
    float sum = 0;
    for (Eigen::Index c = 0; c < x.cols(); ++c)
      // In double, whose last bit depends on the C library's variant for the processor.
      if (valid(mask, c)) sum += y(r, c) = static_cast<float>(std::exp(double{x(r, c) - max}));
    if (sum > 0) y.row(r) /= sum;
  }
  return y;
}

MatrixF embeddings(const BertModel& model, std::span<const int32_t> ids,
                   std::span<const int32_t> types, const Observer& observer) {
  const BertConfig& config = model.config;
  if (ids.empty()) throw InputError("a sequence without tokens cannot be encoded");
  if (ids.size() > static_cast<size_t>(config.positions))
    throw InputError(fmt::format("a sequence of {} tokens: the model takes up to {}", ids.size(),
                                 config.positions));
  if (!types.empty() && types.size() != ids.size())
    throw InputError(fmt::format("{} token types for {} tokens", types.size(), ids.size()));
  MatrixF sum(static_cast<Eigen::Index>(ids.size()), config.hidden);
  for (size_t i = 0; i < ids.size(); ++i) {
    const int32_t type = types.empty() ? 0 : types[i];
    if (ids[i] < 0 || ids[i] >= config.vocab)
      throw InputError(fmt::format("token {} has id {}: the vocabulary has {} entries", i, ids[i],
                                   config.vocab));
    if (type < 0 || type >= config.types)
      throw InputError(
          fmt::format("token {} has type {}: the model has {} types", i, type, config.types));
    const auto row = static_cast<Eigen::Index>(i);
    sum.row(row) = model.word_embeddings.row(ids[i]) + model.type_embeddings.row(type) +
                   model.position_embeddings.row(row);
  }
  if (observer) observer("embeddings.sum", sum);
  MatrixF x = layer_norm(sum, model.embedding_norm, config.eps);
  if (observer) observer("embeddings", x);
  return x;
}

MatrixF attention(const BertModel& model, int layer, const MatrixF& x, TokenMask mask,
                  const Observer& observer) {
  const BertLayerWeights& weights = layer_of(model, layer);
  const LayerObserver observe(observer, layer);
  const Eigen::Index tokens = x.rows(), heads = model.config.heads,
                     width = model.config.head_width();
  check_mask(mask, tokens);

  MatrixF input = x;
  observe("attention.input", input);
  MatrixF q = linear(input, weights.query);
  observe("attention.q", q);
  MatrixF k = linear(input, weights.key);
  observe("attention.k", k);
  MatrixF v = linear(input, weights.value);
  observe("attention.v", v);

  MatrixF scores(heads * tokens, tokens);
  const float scale = 1 / std::sqrt(static_cast<float>(width));
  for (Eigen::Index h = 0; h < heads; ++h)
    scores.middleRows(h * tokens, tokens) = ordered_product<float>(
        scale * q.middleCols(h * width, width), k.middleCols(h * width, width).transpose());
  observe("attention.scores", scores);
  MatrixF probs = softmax(scores, mask);
  observe("attention.probs", probs);

  MatrixF context(tokens, heads * width);
  for (Eigen::Index h = 0; h < heads; ++h)
    context.middleCols(h * width, width) = ordered_product<float>(
        probs.middleRows(h * tokens, tokens), v.middleCols(h * width, width));
  observe("attention.context", context);
  MatrixF dense = linear(context, weights.attention_output);
  observe("attention.dense", dense);
  MatrixF sum = dense + x;
  observe("attention.sum", sum);
  MatrixF h = layer_norm(sum, weights.attention_norm, model.config.eps);
  observe("h", h);
  return h;
}

MatrixF intermediate(const BertModel& model, int layer, const MatrixF& h,
                     const Observer& observer) {
  const LayerObserver observe(observer, layer);
  MatrixF input = h;
  observe("ffn1.input", input);
  MatrixF before = linear(input, layer_of(model, layer).intermediate);
  observe("ffn1", before);
  MatrixF activated = apply_gelu(before);
  observe("gelu", activated);
  return activated;
}

MatrixF layer_output(const BertModel& model, int layer, const MatrixF& activated, const MatrixF& h,
                     const Observer& observer) {
  const BertLayerWeights& weights = layer_of(model, layer);
  const LayerObserver observe(observer, layer);
  MatrixF dense = linear(activated, weights.output);
  observe("ffn2", dense);
  MatrixF sum = dense + h;
  observe("sum", sum);
  MatrixF x = layer_norm(sum, weights.output_norm, model.config.eps);
  observe("x", x);
  return x;
}

MatrixF encoder_layer(const BertModel& model, int layer, const MatrixF& x, TokenMask mask,
                      const Observer& observer) {
  const MatrixF h = attention(model, layer, x, mask, observer);
  return layer_output(model, layer, intermediate(model, layer, h, observer), h, observer);
}

MatrixF encode(const BertModel& model, std::span<const int32_t> ids, std::span<const int32_t> types,
               TokenMask mask, const Observer& observer) {
  MatrixF x = embeddings(model, ids, types, observer);
  for (int layer = 0; layer < model.config.layers; ++layer)
    x = encoder_layer(model, layer, x, mask, observer);
  return x;
}

VectorF mean_pool(const MatrixF& x, TokenMask mask) {
  check_mask(mask, x.rows());
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(x.cols());
  int rows = 0;
  for (Eigen::Index r = 0; r < x.rows(); ++r) {
    if (!valid(mask, r)) continue;
    sum += x.row(r).cast<double>().transpose();
    ++rows;
  }
  if (rows == 0) throw InputError("pooling over a sequence without valid tokens");
  return (sum / rows).cast<float>();
}

VectorF cls_pool(const MatrixF& x) { return x.row(0).transpose(); }

VectorF pooler_output(const BertModel& model, const MatrixF& x) {
  if (!model.pooler) throw InputError("the model has no pooler (pooler.dense.weight)");
  return linear(x.topRows(1), *model.pooler).array().tanh().matrix().transpose();
}

VectorF l2_normalize(const VectorF& v) {
  const double norm = v.cast<double>().norm();
  return norm == 0 ? v : VectorF((v.cast<double>() / norm).cast<float>());
}

VectorF sentence_embedding(const BertModel& model, std::span<const int32_t> ids) {
  return l2_normalize(mean_pool(encode(model, ids)));
}

MatrixF sentence_embeddings(const BertModel& model,
                            const std::vector<std::vector<int32_t>>& texts) {
  MatrixF result(static_cast<Eigen::Index>(texts.size()), model.config.hidden);
  parallel_for(texts.size(), [&](size_t i) {
    result.row(static_cast<Eigen::Index>(i)) = sentence_embedding(model, texts[i]).transpose();
  });
  return result;
}

}  // namespace sb::golden
