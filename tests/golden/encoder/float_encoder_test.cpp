// SPDX-License-Identifier: Apache-2.0
#include "golden/encoder/float_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/model/random_bert.h"
#include "golden/text/tokenizer.h"
#include "tests/golden/model_folder.h"
#include "tests/golden/refusal.h"
#include "tests/golden/temp_folder.h"

namespace sb::golden {
namespace {

using testing::HasSubstr;

const std::vector<int32_t> kIds{2, 20, 31, 7, 90, 44, 101, 3};

const BertModel& model() {
  static const BertModel instance = random_bert(built_in_config(), 1);
  return instance;
}

// ---- an independent forward pass: double precision, element loops, nothing shared with
// float_encoder.cpp

using Rows = std::vector<std::vector<double>>;

Rows plain_linear(const Rows& x, const LinearWeights& weights) {
  Rows y(x.size());
  for (size_t r = 0; r < x.size(); ++r)
    for (Eigen::Index n = 0; n < weights.weight.rows(); ++n) {
      double sum = weights.bias(n);
      for (size_t k = 0; k < x[r].size(); ++k)
        sum += x[r][k] * weights.weight(n, static_cast<Eigen::Index>(k));
      y[r].push_back(sum);
    }
  return y;
}

Rows plain_add_norm(const Rows& a, const Rows& b, const NormWeights& weights, double eps) {
  Rows y(a.size());
  for (size_t r = 0; r < a.size(); ++r) {
    const size_t n = a[r].size();
    double mean = 0, square = 0;
    for (size_t c = 0; c < n; ++c) mean += (a[r][c] + b[r][c]) / static_cast<double>(n);
    for (size_t c = 0; c < n; ++c)
      square += std::pow(a[r][c] + b[r][c] - mean, 2) / static_cast<double>(n);
    for (size_t c = 0; c < n; ++c) {
      const auto i = static_cast<Eigen::Index>(c);
      y[r].push_back((a[r][c] + b[r][c] - mean) / std::sqrt(square + eps) * weights.gamma(i) +
                     weights.beta(i));
    }
  }
  return y;
}

Rows plain_forward(const BertModel& m, const std::vector<int32_t>& ids,
                   const std::vector<int32_t>& types) {
  const auto hidden = static_cast<size_t>(m.config.hidden);
  const auto heads = static_cast<size_t>(m.config.heads);
  const size_t width = hidden / heads;
  Rows words(ids.size()), others(ids.size());
  for (size_t r = 0; r < ids.size(); ++r)
    for (Eigen::Index c = 0; c < m.config.hidden; ++c) {
      words[r].push_back(m.word_embeddings(ids[r], c));
      others[r].push_back(double{m.position_embeddings(static_cast<Eigen::Index>(r), c)} +
                          m.type_embeddings(types[r], c));
    }
  Rows x = plain_add_norm(words, others, m.embedding_norm, m.config.eps);
  for (const BertLayerWeights& layer : m.layers) {
    const Rows q = plain_linear(x, layer.query), k = plain_linear(x, layer.key),
               v = plain_linear(x, layer.value);
    Rows context(x.size(), std::vector<double>(hidden, 0.0));
    for (size_t head = 0; head < heads; ++head)
      for (size_t i = 0; i < x.size(); ++i) {
        std::vector<double> p(x.size());
        double sum = 0;
        for (size_t j = 0; j < x.size(); ++j) {
          double score = 0;
          for (size_t c = head * width; c < (head + 1) * width; ++c) score += q[i][c] * k[j][c];
          sum += p[j] = std::exp(score / std::sqrt(static_cast<double>(width)));
        }
        for (size_t j = 0; j < x.size(); ++j)
          for (size_t c = head * width; c < (head + 1) * width; ++c)
            context[i][c] += p[j] / sum * v[j][c];
      }
    const Rows h = plain_add_norm(plain_linear(context, layer.attention_output), x,
                                  layer.attention_norm, m.config.eps);
    Rows activated = plain_linear(h, layer.intermediate);
    for (auto& row : activated)
      for (double& z : row) z = z / 2 * (1 + std::erf(z / std::sqrt(2.0)));
    x = plain_add_norm(plain_linear(activated, layer.output), h, layer.output_norm, m.config.eps);
  }
  return x;
}

TEST(Bert, EqualsPlainDoubleLoops) {
  const std::vector<int32_t> types{0, 0, 0, 0, 1, 1, 1, 1};
  const BertConfig odd{
      .hidden = 21, .heads = 3, .layers = 3, .ffn = 37, .vocab = 200, .positions = 9, .types = 3};
  for (const BertModel& m : {model(), random_bert(odd, 5)}) {
    const MatrixF x = encode(m, kIds, types);
    const Rows expected = plain_forward(m, kIds, types);
    for (size_t r = 0; r < kIds.size(); ++r)
      for (Eigen::Index c = 0; c < x.cols(); ++c)
        ASSERT_NEAR(x(static_cast<Eigen::Index>(r), c), expected[r][static_cast<size_t>(c)], 1e-5)
            << "row " << r << " channel " << c << " hidden " << m.config.hidden;
  }
}

// Seed 001: the model taken apart computes what the whole model does.
TEST(Bert, IsItsEmbeddingsThenItsLayersOneByOne) {
  MatrixF x = embeddings(model(), kIds);
  for (int layer = 0; layer < model().config.layers; ++layer) x = encoder_layer(model(), layer, x);
  EXPECT_EQ(x, encode(model(), kIds));
}

TEST(Bert, LayerIsAttentionThenIntermediateThenOutput) {
  const MatrixF x = embeddings(model(), kIds);
  for (int layer = 0; layer < model().config.layers; ++layer) {
    const MatrixF h = attention(model(), layer, x);
    EXPECT_EQ(layer_output(model(), layer, intermediate(model(), layer, h), h),
              encoder_layer(model(), layer, x));
  }
}

TEST(Bert, PaddingDoesNotChangeValidTokens) {
  std::vector<int32_t> padded = kIds;
  padded.insert(padded.end(), 5, 0);
  std::vector<uint8_t> mask(padded.size(), 0);
  std::fill_n(mask.begin(), kIds.size(), uint8_t{1});
  const MatrixF x = encode(model(), kIds);
  const MatrixF y = encode(model(), padded, {}, mask);
  EXPECT_LT((y.topRows(x.rows()) - x).cwiseAbs().maxCoeff(), 1e-5F);
  EXPECT_LT((mean_pool(y, mask) - mean_pool(x)).cwiseAbs().maxCoeff(), 1e-5F);
  EXPECT_GT((encode(model(), padded).topRows(x.rows()) - x).cwiseAbs().maxCoeff(), 1e-3F)
      << "the mask matters";
}

TEST(Bert, ObserverSeesEveryNameWithItsShape) {
  const BertConfig& c = model().config;
  const Eigen::Index s = static_cast<Eigen::Index>(kIds.size());
  std::map<std::string, std::pair<Eigen::Index, Eigen::Index>> seen;
  encode(model(), kIds, {}, {}, [&](const std::string& name, MatrixF& value) {
    EXPECT_TRUE(seen.try_emplace(name, value.rows(), value.cols()).second) << name << " twice";
  });
  std::map<std::string, std::pair<Eigen::Index, Eigen::Index>> expected{
      {"embeddings.sum", {s, c.hidden}}, {"embeddings", {s, c.hidden}}};
  for (int layer = 0; layer < c.layers; ++layer) {
    const std::string prefix = "layer." + std::to_string(layer) + ".";
    for (const char* name :
         {"attention.input", "attention.q", "attention.k", "attention.v", "attention.context",
          "attention.dense", "attention.sum", "h", "ffn1.input", "ffn2", "sum", "x"})
      expected[prefix + name] = {s, c.hidden};
    for (const char* name : {"attention.scores", "attention.probs"})
      expected[prefix + name] = {c.heads * s, s};
    for (const char* name : {"ffn1", "gelu"}) expected[prefix + name] = {s, c.ffn};
  }
  EXPECT_EQ(seen, expected);
}

TEST(Bert, ComputesOnWhatTheObserverLeaves) {
  // Values that are replaced by the ones of a second run give that run's result.
  const std::vector<int32_t> other{2, 21, 30, 8, 91, 45, 100, 3};
  for (const std::string name : {"embeddings.sum", "layer.0.attention.sum", "layer.1.x"}) {
    MatrixF saved;
    const MatrixF expected =
        encode(model(), other, {}, {}, [&](const std::string& at, MatrixF& value) {
          if (at == name) saved = value;
        });
    const MatrixF x = encode(model(), kIds, {}, {}, [&](const std::string& at, MatrixF& value) {
      if (at == name) value = saved;
    });
    EXPECT_EQ(x, expected) << name;
  }
  // The operand of ffn1 is a copy: the residual keeps h.
  const MatrixF h = attention(model(), 0, embeddings(model(), kIds));
  MatrixF sum;
  const MatrixF ffn2 = [&] {
    MatrixF dense;
    encoder_layer(model(), 0, embeddings(model(), kIds), {},
                  [&](const std::string& at, MatrixF& value) {
                    if (at == "layer.0.ffn1.input") value.setZero();
                    if (at == "layer.0.ffn2") dense = value;
                    if (at == "layer.0.sum") sum = value;
                  });
    return dense;
  }();
  EXPECT_EQ(sum, MatrixF(ffn2 + h));
}

TEST(Bert, PoolsAndNormalizes) {
  const MatrixF x = (MatrixF(3, 2) << 3, 0, 1, 4, 100, 100).finished();
  EXPECT_EQ(mean_pool(x, std::vector<uint8_t>{1, 1, 0}), VectorF(Eigen::Vector2f(2, 2)));
  EXPECT_EQ(cls_pool(x), VectorF(Eigen::Vector2f(3, 0)));
  EXPECT_EQ(l2_normalize(Eigen::Vector2f(3, 4)), VectorF(Eigen::Vector2f(0.6F, 0.8F)));
  EXPECT_EQ(l2_normalize(VectorF::Zero(4)), VectorF(VectorF::Zero(4)));
  EXPECT_THROW(mean_pool(x, std::vector<uint8_t>{0, 0, 0}), InputError);
  EXPECT_THROW(mean_pool(x, std::vector<uint8_t>{1}), InputError);
  BertModel with_pooler = model();
  const int hidden = model().config.hidden;
  with_pooler.pooler = LinearWeights{MatrixF::Identity(hidden, hidden), VectorF::Zero(hidden)};
  const MatrixF y = encode(model(), kIds);
  EXPECT_EQ(pooler_output(with_pooler, y), VectorF(y.row(0).transpose().array().tanh()));
  EXPECT_THROW(pooler_output(model(), y), InputError);
}

TEST(Bert, SoftmaxOfAFullyMaskedRowIsZero) {
  const MatrixF x = MatrixF::Constant(2, 3, 7);
  EXPECT_EQ(softmax(x, std::vector<uint8_t>{0, 0, 0}), MatrixF(MatrixF::Zero(2, 3)));
  EXPECT_EQ(softmax(x, std::vector<uint8_t>{1, 0, 1}),
            (MatrixF(2, 3) << .5, 0, .5, .5, 0, .5).finished());
}

TEST(Bert, ManyTextsAtOnceEqualOneByOne) {
  const std::vector<std::vector<int32_t>> texts{kIds, {2, 5, 3}, {2, 9, 9, 9, 3}, {2, 3}};
  const MatrixF all = sentence_embeddings(model(), texts);
  for (size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(all.row(static_cast<Eigen::Index>(i)).transpose(),
              sentence_embedding(model(), texts[i]));
}

TEST(Bert, RefusesSequencesItCannotEncode) {
  const std::vector<int32_t> too_long(static_cast<size_t>(model().config.positions) + 1, 1);
  EXPECT_THAT(refusal([&] { encode(model(), {}); }), HasSubstr("without tokens"));
  EXPECT_THAT(refusal([&] { encode(model(), too_long); }),
              HasSubstr("65 tokens: the model takes up to 64"));
  EXPECT_THAT(refusal([&] {
                encode(model(), std::vector<int32_t>{1, -1});
              }),
              HasSubstr("token 1 has id -1"));
  EXPECT_THAT(refusal([&] { encode(model(), std::vector<int32_t>{9999}); }), HasSubstr("id 9999"));
  EXPECT_THAT(refusal([&] { encode(model(), kIds, std::vector<int32_t>{0}); }),
              HasSubstr("1 token types for 8"));
  EXPECT_THAT(refusal([&] {
                encode(model(), {kIds.data(), 1}, std::vector<int32_t>{2});
              }),
              HasSubstr("type 2"));
  EXPECT_THAT(refusal([&] { encode(model(), kIds, {}, std::vector<uint8_t>{1}); }),
              HasSubstr("mask has 1 values"));
  EXPECT_THAT(refusal([&] { encoder_layer(model(), 2, embeddings(model(), kIds)); }),
              HasSubstr("layer 2"));
}

// ---- files

// The model's file with every tensor renamed or changed by `change`; an empty name drops it.
using Change = std::function<std::string(const std::string& name, MatrixF& value)>;
Safetensors changed_file(const Change& change) {
  const TempFolder folder;
  save_bert(model(), folder.path());
  const Safetensors saved = Safetensors::load(folder / "model.safetensors");
  SafetensorsWriter writer;
  for (const auto& [name, info] : saved.tensors()) {
    const std::vector<float> values = saved.values<float>(name);
    MatrixF value =
        Eigen::Map<const MatrixF>(values.data(), info.shape[0], info.elements() / info.shape[0]);
    const std::string new_name = change(name, value);
    if (new_name.empty()) continue;
    if (info.shape.size() == 1)
      writer.add(new_name, VectorF(value.reshaped()));
    else
      writer.add(new_name, value);
  }
  return Safetensors::parse(writer.bytes(), "changed.safetensors");
}

std::string load_refusal(const Change& change) {
  return refusal([&] { load_bert(model().config, changed_file(change)); });
}

TEST(BertFile, LoadsWithAndWithoutPrefixAndWithOldNames) {
  const MatrixF expected = encode(model(), kIds);
  const TempFolder folder;
  save_bert(model(), folder.path());
  EXPECT_EQ(encode(load_bert(folder.path()), kIds), expected);
  const Safetensors prefixed =
      changed_file([](const std::string& name, MatrixF&) { return "bert." + name; });
  EXPECT_EQ(encode(load_bert(model().config, prefixed), kIds), expected);
  const Safetensors old_names = changed_file([](std::string name, MatrixF&) {
    const size_t at = name.find("LayerNorm.");
    if (at == std::string::npos) return name;
    return name.substr(0, at + 10) + (name.ends_with("weight") ? "gamma" : "beta");
  });
  EXPECT_EQ(encode(load_bert(model().config, old_names), kIds), expected);
}

TEST(BertFile, NamesTheTensorThatIsWrong) {
  const std::string name = "encoder.layer.1.output.dense.weight";
  const auto at = [&](const std::function<void(MatrixF&)>& action) {
    return load_refusal([&](const std::string& tensor, MatrixF& value) {
      if (tensor == name) action(value);
      return tensor;
    });
  };
  EXPECT_THAT(at([](MatrixF& v) { v(3, 5) = NAN; }),
              HasSubstr("'" + name + "': element 485 is nan"));
  EXPECT_THAT(at([](MatrixF& v) { v(0, 0) = -INFINITY; }), HasSubstr("element 0 is -inf"));
  EXPECT_THAT(at([](MatrixF& v) { v.conservativeResize(48, 159); }),
              HasSubstr("[48, 159] is not [48, 160]"));
  EXPECT_THAT(load_refusal([&](const std::string& t, MatrixF&) { return t == name ? "" : t; }),
              HasSubstr("'" + name + "': missing"));
  EXPECT_THAT(load_refusal([](const std::string& t, MatrixF& v) {
                if (t == "embeddings.word_embeddings.weight")
                  v.conservativeResize(v.rows() - 1, v.cols());
                return t;
              }),
              HasSubstr("embeddings.word_embeddings.weight"));
  BertConfig fewer = model().config;
  fewer.layers = 1;
  EXPECT_THAT(refusal([&] {
                load_bert(fewer, changed_file([](const std::string& t, MatrixF&) { return t; }));
              }),
              HasSubstr("more encoder layers than the 1"));
}

TEST(BertConfig, RoundTripsAndNamesWhatIsWrong) {
  const std::string good = bert_config_text(built_in_config());
  EXPECT_EQ(parse_bert_config(good, "config.json"), built_in_config());
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return refusal([&] { parse_bert_config(text, "config.json"); });
  };
  EXPECT_THAT(refused("\"gelu\"", "\"gelu_new\""),
              HasSubstr("hidden_act \"gelu_new\" is not supported"));
  EXPECT_THAT(refused("\"absolute\"", "\"relative_key\""), HasSubstr("position_embedding_type"));
  EXPECT_THAT(refused("\"bert\"", "\"gpt2\""), HasSubstr("model_type \"gpt2\""));
  EXPECT_THAT(refused("\"num_attention_heads\": 4", "\"num_attention_heads\": 5"),
              HasSubstr("not a multiple"));
  EXPECT_THAT(refused("\"num_attention_heads\": 4", "\"num_attention_heads\": 0"),
              HasSubstr("is 0, an integer"));
  EXPECT_THAT(refused("\"hidden_size\": 48", "\"hidden_size\": 4e9"),
              HasSubstr("hidden_size is 4000000000.0"));
  EXPECT_THAT(refused("\"hidden_size\": 48", "\"hidden\": 48"),
              HasSubstr("hidden_size is missing"));
  EXPECT_THAT(refused("\"hidden_size\": 48", "\"hidden_size\": -48"),
              HasSubstr("hidden_size is -48"));
  EXPECT_THAT(refused("1e-12", "\"small\""), HasSubstr("layer_norm_eps is \"small\""));
  EXPECT_THAT(refused("\"hidden_size\": 48", "\"ffn\": 1, \"ffn\": 2"),
              HasSubstr("'ffn' appears twice"));
  EXPECT_THAT(refused("{", "["), HasSubstr("not valid JSON"));
}

// ---- the real model

// Cosines that several documents publish for all-MiniLM-L6-v2 (the sentence-similarity task of a
// model-hosting service's inference API). The second and third were published by two runtimes,
// which differ by up to 6e-8.
TEST(RealModel, ReproducesThePublishedSimilarities) {
  SB_NEED_MODEL();
  const BertModel real = load_bert(model_folder());
  const Tokenizer tokenizer = Tokenizer::load(model_folder());
  std::vector<std::vector<int32_t>> ids;
  for (const char* text : {"That is a happy person", "That is a happy dog",
                           "That is a very happy person", "Today is a sunny day"})
    ids.push_back(tokenizer.encode(text));
  const MatrixF e = sentence_embeddings(real, ids);
  const double published[] = {0.6945773363113403, 0.9429150819778442, 0.2568760812282562};
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(e.row(0).dot(e.row(i + 1)), published[i], 1e-5) << i;
}

}  // namespace
}  // namespace sb::golden
