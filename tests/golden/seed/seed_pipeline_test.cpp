// SPDX-License-Identifier: Apache-2.0
#include "golden/seed/seed_pipeline.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "golden/base/error.h"
#include "golden/ops/gemm.h"
#include "golden/ops/requantize.h"

namespace sb::golden {
namespace {

MatrixF normal(std::mt19937& rng, Eigen::Index rows, Eigen::Index cols, float deviation) {
  std::normal_distribution<float> distribution(0, deviation);
  MatrixF m(rows, cols);
  for (auto& v : m.reshaped()) v = distribution(rng);
  return m;
}

SeedLayerWeights random_layer(std::mt19937& rng, int width, int ffn, int heads) {
  const auto linear = [&](int out, int in) {
    return SeedLinearWeights{normal(rng, out, in, 0.8F / std::sqrt(static_cast<float>(in))),
                             normal(rng, out, 1, 0.1F).col(0)};
  };
  const auto norm = [&] {
    return SeedNormWeights{VectorF((normal(rng, width, 1, 0.1F).array() + 1).matrix().col(0)),
                           normal(rng, width, 1, 0.1F).col(0)};
  };
  SeedLayerWeights w;
  w.heads = heads;
  w.eps = 1e-12;
  w.query = linear(width, width);
  w.key = linear(width, width);
  w.value = linear(width, width);
  w.attention_output = linear(width, width);
  w.attention_norm = norm();
  w.intermediate = linear(ffn, width);
  w.output = linear(width, ffn);
  w.output_norm = norm();
  return w;
}

MatrixD linear(const MatrixD& x, const SeedLinearWeights& w) {
  return (x * w.weight.cast<double>().transpose()).rowwise() + w.bias.cast<double>().transpose();
}

MatrixD layer_norm(const MatrixD& x, const SeedNormWeights& w, double eps) {
  MatrixD y = x;
  for (Eigen::Index r = 0; r < x.rows(); ++r) {
    const Eigen::ArrayXd centred = x.row(r).array() - x.row(r).mean();
    y.row(r) = centred / std::sqrt(centred.square().mean() + eps) * w.gain.cast<double>().array() +
               w.bias.cast<double>().array();
  }
  return y;
}

/// The layer in float64; `skips` times the residual at the attention output (1 is right).
MatrixD float_layer(const MatrixD& x, const SeedLayerWeights& w, double skips = 1) {
  const MatrixD q = linear(x, w.query), k = linear(x, w.key), v = linear(x, w.value);
  const Eigen::Index size = x.cols() / w.heads;
  MatrixD context(x.rows(), x.cols());
  for (Eigen::Index h = 0; h < w.heads; ++h) {
    MatrixD s = q.middleCols(h * size, size) * k.middleCols(h * size, size).transpose();
    s = (s / std::sqrt(static_cast<double>(size))).array().exp();
    s.array().colwise() /= s.rowwise().sum().array().eval();
    context.middleCols(h * size, size) = s * v.middleCols(h * size, size);
  }
  const MatrixD a =
      layer_norm(linear(context, w.attention_output) + skips * x, w.attention_norm, w.eps);
  const MatrixD f = linear(a, w.intermediate).unaryExpr([](double z) {
    return z / 2 * (1 + std::erf(z / std::sqrt(2.0)));
  });
  return layer_norm(linear(f, w.output) + a, w.output_norm, w.eps);
}

double cosine(const MatrixD& a, const MatrixD& b) {
  return a.cwiseProduct(b).sum() / (a.norm() * b.norm());
}

struct Network {
  std::vector<SeedLayerWeights> weights;
  std::vector<MatrixF> inputs;
};

Network network(int layers, int sequences) {
  std::mt19937 rng(21);
  Network n;
  for (int i = 0; i < layers; ++i) n.weights.push_back(random_layer(rng, 48, 96, 4));
  for (int i = 0; i < sequences; ++i) n.inputs.push_back(normal(rng, 10 + i, 48, 1));
  return n;
}

TEST(SeedPipeline, AttentionProductsOfTheSourcesBehindTheSeed) {
  // q = k = 0, 1, .. 23 as 2 tokens of 3 heads of 4; probabilities 0 .. 17 for 2 heads of 3 tokens,
  // values 0
  // .. 23.
  const MatrixI8 x = genmat(2, 12, 12, 25).cast<int8_t>();
  const MatrixI32 scores = attention_scores(x, x, 3, golden_engine());
  EXPECT_EQ(
      scores,
      (MatrixI32(6, 2) << 14, 86, 86, 734, 126, 390, 390, 1230, 366, 822, 822, 1854).finished());
  const MatrixI8 probs = genmat(6, 3, 3, 19).cast<int8_t>(),
                 values = genmat(3, 8, 8, 25).cast<int8_t>();
  EXPECT_EQ(attention_values(probs, values, 2, golden_engine()),
            (MatrixI32(3, 8) << 40, 43, 46, 49, 376, 406, 436, 466, 112, 124, 136, 148, 484, 523,
             562, 601, 184, 205, 226, 247, 592, 640, 688, 736)
                .finished());
}

TEST(SeedPipeline, StageOneGivesTheRoundedQueryOfTheNotebook) {
  SeedLayer layer;
  layer.heads = 1;
  const auto linear = [](int weight_mod, int bias_mod) {
    SeedLinear l{genmat(8, 8, 8, weight_mod).transpose().cast<int8_t>(), {}, 1};
    const MatrixI16 bias = genmat(1, 8, 8, bias_mod);
    l.bias.assign(bias.data(), bias.data() + 8);
    return l;
  };
  layer.query = linear(9, 63);
  layer.key = linear(11, 65);
  layer.value = linear(13, 67);
  layer.m_query = 0.5;
  layer.m_key = 0.4;
  layer.m_value = 0.3;
  const SeedQkv y = seed_stage1(layer, genmat(6, 8, 8, 7).cast<int8_t>(), golden_engine());
  const double printed[6][8] = {{49.0, 55.5, 57.5, 55.0, 48.0, 36.5, 20.5, 31.5},
                                {56.0, 58.5, 56.5, 50.0, 39.0, 23.5, 35.0, 42.0},
                                {59.5, 58.0, 52.0, 41.5, 26.5, 38.5, 46.0, 49.0},
                                {59.5, 54.0, 44.0, 29.5, 42.0, 50.0, 53.5, 52.5},
                                {56.0, 46.5, 32.5, 45.5, 54.0, 58.0, 57.5, 52.5},
                                {49.0, 35.5, 49.0, 58.0, 62.5, 62.5, 58.0, 49.0}};
  for (int r = 0; r < 6; ++r)
    for (int c = 0; c < 8; ++c)
      EXPECT_EQ(y.query(r, c), std::nearbyint(printed[r][c])) << r << ", " << c;
  EXPECT_EQ(y.key(0, 3), 54);    // 134 * 0.4 = 53.6
  EXPECT_EQ(y.value(0, 4), 30);  // 101 * 0.3 = 30.3
}

TEST(SeedPipeline, OneLayerStaysNearFloat64AndAddsTheSkipOnce) {
  const Network n = network(1, 4);
  for (const SeedMode mode : {SeedMode::Corrected, SeedMode::Compat}) {
    const std::vector<SeedLayer> layers =
        calibrate_seed_pipeline(n.weights, n.inputs, mode, golden_engine());
    double worst = 1, twice = 0;
    for (const MatrixF& x : n.inputs) {
      const SeedData y = seed_layer(layers[0], seed_input(layers[0], x), golden_engine());
      worst = std::min(worst, cosine(y.real(), float_layer(x.cast<double>(), n.weights[0])));
      twice = std::max(twice, cosine(y.real(), float_layer(x.cast<double>(), n.weights[0], 2)));
    }
    fmt::print("one layer, {}: least cosine with float64 {:.6f}\n",
               mode == SeedMode::Compat ? "compat" : "corrected", worst);
    EXPECT_GT(worst, 0.9995);
    EXPECT_LT(twice, 0.9985);  // the notebook's double skip would be seen
  }
}

TEST(SeedPipeline, TwelveLayersReturnInt8DataAndItsScale) {
  const Network n = network(12, 3);
  const std::vector<SeedLayer> layers =
      calibrate_seed_pipeline(n.weights, n.inputs, SeedMode::Corrected, golden_engine());
  ASSERT_EQ(layers.size(), 12U);
  const SeedData in = seed_input(layers[0], n.inputs[0]);
  const SeedData out = seed_pipeline(layers, in, golden_engine());
  EXPECT_EQ(out.scale, layers.back().output_scale);
  SeedData step = in;
  MatrixD exact = n.inputs[0].cast<double>();
  for (size_t i = 0; i < layers.size(); ++i) {
    step = seed_layer(layers[i], step, golden_engine());
    exact = float_layer(exact, n.weights[i]);
  }
  EXPECT_EQ(step.data, out.data);
  const double similarity = cosine(out.real(), exact);
  fmt::print("12 layers: cosine with float64 {:.6f}\n", similarity);
  EXPECT_GT(similarity, 0.99);
  EXPECT_GT(out.data.cast<int>().cwiseAbs().maxCoeff(), 90);  // the codes use their range
}

TEST(SeedPipeline, EveryProductPassesThroughTheEngine) {
  const Network n = network(1, 1);
  const std::vector<SeedLayer> layers =
      calibrate_seed_pipeline(n.weights, n.inputs, SeedMode::Corrected, golden_engine());
  int64_t products = 0, calls = 0;
  const LinearEngine counting = [&](const MatrixI16& a, const MatrixI8& w,
                                    std::span<const int32_t> bias) {
    ++calls;
    products += a.rows() * w.rows() * w.cols();
    return gemm(a, w, bias);
  };
  const SeedData in = seed_input(layers[0], n.inputs[0]);
  const SeedData good = seed_layer(layers[0], in, counting);
  EXPECT_EQ(calls, 6 + 2 * 4);
  EXPECT_EQ(products, 10 * (4 * 48 * 48 + 2 * 48 * 96) + 2 * 10 * 10 * 48);
  // A fault in any one product shows in the result.
  for (int faulty = 0; faulty < calls; ++faulty) {
    int call = 0;
    const LinearEngine broken = [&](const MatrixI16& a, const MatrixI8& w,
                                    std::span<const int32_t> bias) {
      MatrixI32 acc = gemm(a, w, bias);
      if (call++ == faulty) acc.array() = acc.array() / 2 + 4000;
      return acc;
    };
    EXPECT_NE(seed_layer(layers[0], in, broken).data, good.data) << "product " << faulty;
  }
}

TEST(SeedPipeline, CorrectedMultipliersAreWhatTheIntegerRequantizerTakes) {
  const Network n = network(2, 2);
  const std::vector<SeedLayer> layers =
      calibrate_seed_pipeline(n.weights, n.inputs, SeedMode::Corrected, golden_engine());
  for (const SeedLayer& layer : layers)
    for (const double m : {layer.m_query, layer.m_key, layer.m_value, layer.m_context})
      EXPECT_EQ(fixed_multiplier(m).value(), m);
  const MatrixI8 x = seed_input(layers[0], n.inputs[0]).data;
  const MatrixI32 acc = gemm(x.cast<int16_t>(), layers[0].query.weight, layers[0].query.bias);
  const FixedMultiplier m = fixed_multiplier(layers[0].m_query);
  const MatrixI8 q = seed_stage1(layers[0], x, golden_engine()).query;
  for (Eigen::Index i = 0; i < acc.size(); ++i)
    ASSERT_EQ(q.data()[i], requantize(acc.data()[i], m.mult, m.shift, 0, Clamp::S8));
}

TEST(SeedPipeline, CompatWrapsAnAccumulatorPastTheEndWhereCorrectedSaturates) {
  SeedLayer layer;
  layer.heads = 1;
  const SeedLinear one{MatrixI8::Constant(1, 1, 1), {0}, 1};
  layer.query = layer.key = layer.value = one;
  layer.m_query = layer.m_key = layer.m_value = 1.00391;  // -128 becomes -128.50048
  const MatrixI8 x = MatrixI8::Constant(1, 1, -128);
  EXPECT_EQ(seed_stage1(layer, x, golden_engine()).query(0, 0), -128);
  layer.mode = SeedMode::Compat;
  EXPECT_EQ(seed_stage1(layer, x, golden_engine()).query(0, 0), 127);
}

TEST(SeedPipeline, RefusesBadInput) {
  const LinearEngine engine = golden_engine();
  const Network good = network(1, 1);
  const auto calibrate = [&](const Network& n) {
    return calibrate_seed_pipeline(n.weights, n.inputs, SeedMode::Corrected, engine);
  };
  EXPECT_THROW(calibrate({{}, good.inputs}), InputError);
  EXPECT_THROW(calibrate({good.weights, {}}), InputError);
  EXPECT_THROW(calibrate({good.weights, {MatrixF(0, 48)}}), InputError);
  EXPECT_THROW(calibrate({good.weights, {MatrixF::Ones(3, 47)}}), InputError);
  EXPECT_THROW(calibrate({good.weights, {MatrixF::Constant(3, 48, NAN)}}), InputError);
  Network bad = good;
  bad.weights[0].value.weight(3, 4) = INFINITY;
  EXPECT_THROW(calibrate(bad), InputError);
  bad = good;
  bad.weights[0].heads = 5;
  EXPECT_THROW(calibrate(bad), InputError);
  bad = good;
  bad.weights[0].output.bias.resize(7);
  EXPECT_THROW(calibrate(bad), InputError);
  bad = good;
  bad.weights[0].output_norm.gain.resize(7);
  EXPECT_THROW(calibrate(bad), InputError);
  bad = good;
  bad.weights[0].eps = NAN;
  EXPECT_THROW(calibrate(bad), InputError);
  const std::vector<SeedLayer> layers = calibrate(good);
  SeedData x = seed_input(layers[0], good.inputs[0]);
  EXPECT_THROW(seed_pipeline({}, x, engine), InputError);
  x.scale *= 2;
  EXPECT_THROW(seed_pipeline(layers, x, engine), InputError);
}

}  // namespace
}  // namespace sb::golden
