// SPDX-License-Identifier: Apache-2.0
#include "golden/formats/fake_quantized_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "golden/base/error.h"
#include "golden/formats/affine_quantizer.h"
#include "golden/model/random_bert.h"

namespace sb::golden {
namespace {

const BertModel& model() {
  static const BertModel instance = random_bert(built_in_config(), 5);
  return instance;
}

std::vector<std::vector<int32_t>> texts(size_t count, unsigned seed) {
  std::mt19937 rng(seed);
  std::vector<std::vector<int32_t>> ids(count);
  for (auto& text : ids) {
    text.resize(8 + rng() % 12);
    for (int32_t& id : text)
      id = static_cast<int32_t>(rng() % static_cast<unsigned>(model().config.vocab));
  }
  return ids;
}

ModelFormats formats(const char* input, const char* weight, const char* output) {
  ModelFormats f;
  f.input = parse_number_format(input);
  f.weight = parse_number_format(weight);
  f.output = parse_number_format(output);
  return f;
}

/// Least cosine with the float embedding over unseen texts.
double least_cosine(const ModelFormats& f) {
  static const ActivationRanges ranges(model(), texts(6, 1));
  const FakeQuantizedModel replaced = fake_quantize_layers(model(), ranges.quantizers(f));
  double least = 1;
  for (const auto& ids : texts(6, 2))
    least = std::min(
        least, double{replaced.sentence_embedding(ids).dot(sentence_embedding(model(), ids))});
  return least;
}

TEST(NumberFormat, NamesOfFormats) {
  EXPECT_EQ(parse_number_format("FP32"), NumberFormat(Unquantized{}));
  EXPECT_EQ(parse_number_format("INT8"), NumberFormat(IntFormat{8, true}));
  EXPECT_EQ(parse_number_format("UINT4"), NumberFormat(IntFormat{4, false}));
  EXPECT_EQ(parse_number_format("E4M3"), NumberFormat(named_float_format("E4M3")));
  for (const char* name : {"", "INT", "INT0", "INT1", "UINT0", "INT8x", "INT99", "int8", "INT-8"})
    EXPECT_THROW(parse_number_format(name), InputError) << name;
}

TEST(FakeQuantize, IntegersEqualTheSymmetricQuantizerOfSeed004) {
  std::mt19937 rng(8);
  std::normal_distribution<float> normal;
  MatrixF x(5, 7);
  for (auto& v : x.reshaped()) v = normal(rng);
  for (const Axis axis :
       {Axis::Tensor, Axis::Channel, Axis::Column, Axis::Token, Axis::ActivationChannel})
    EXPECT_TRUE(fake_quantize(x, {IntFormat{8}, axis, false, {}})
                    .isApprox(quantize(x, {.axis = axis}).dequantized.cast<float>(), 1e-6F));
}

TEST(FakeQuantize, StaticRangesClipAndScaledFloatsReachTheirMaximum) {
  const MatrixF x = (MatrixF(2, 2) << 1, 8, -3, 0.5F).finished();
  EXPECT_EQ(fake_quantize(x, {IntFormat{8}, Axis::Tensor, false, {2.0}})(0, 1), 2);
  EXPECT_EQ(fake_quantize(x, {IntFormat{8}, Axis::Column, false, {3.0, 4.0}})(0, 1), 4);
  const NumberFormat e4m3 = parse_number_format("E4M3");
  EXPECT_EQ(fake_quantize(x, {e4m3, Axis::Tensor, false, {5.0}})(0, 1), 5);
  EXPECT_EQ(fake_quantize(1000 * x, {e4m3, Axis::Tensor, true, {}})(0, 1),
            448);  // the grid as it is
  EXPECT_EQ(fake_quantize(x, {parse_number_format("FP16"), Axis::Tensor, false, {}}), x);
  EXPECT_EQ(fake_quantize(MatrixF::Zero(2, 2), {e4m3, Axis::Token, false, {}}),
            MatrixF::Zero(2, 2));
}

TEST(LinearQuantizers, OneLayerIsOutputOfInputTimesWeight) {
  const LinearWeights layer{(MatrixF(1, 2) << 0.5F, 1.0F).finished(), VectorF::Constant(1, 0.25F)};
  const MatrixF x = (MatrixF(1, 2) << 1.0F, 0.3F).finished();
  // INT2 narrow keeps -1, 0, 1 times the range: input {1, 0}, weight {0 (a tie goes to even), 1}.
  const TensorQuantizer two{IntFormat{2}, Axis::Tensor, false, {}};
  const TensorQuantizer none{Unquantized{}, Axis::Tensor, false, {}};
  EXPECT_FLOAT_EQ(linear(x, layer, {two, none, none})(0, 0), 0.75F);
  EXPECT_FLOAT_EQ(linear(x, layer, {none, two, none})(0, 0), 0.55F);
  EXPECT_FLOAT_EQ(linear(x, layer, {two, two, none})(0, 0), 0.25F);
  EXPECT_FLOAT_EQ(linear(x, layer, {none, none, {IntFormat{2}, Axis::Tensor, false, {1.0}}})(0, 0),
                  1.0F);
}

TEST(LayerReplacement, Fp32ChangesNothing) {
  const ActivationRanges ranges(model(), texts(2, 1));
  const FakeQuantizedModel replaced =
      fake_quantize_layers(model(), ranges.quantizers(formats("FP32", "FP32", "FP32")));
  const auto ids = texts(1, 3).front();
  EXPECT_EQ(replaced.sentence_embedding(ids), sentence_embedding(model(), ids));
}

TEST(LayerReplacement, EveryLinearLayerIsReplacedAsTheSingleLayerSays) {
  const ActivationRanges ranges(model(), texts(4, 1));
  const auto quantizers = ranges.quantizers(formats("INT8", "INT6", "INT8"));
  ASSERT_EQ(quantizers.size(), 6U * static_cast<size_t>(model().config.layers));
  const FakeQuantizedModel replaced = fake_quantize_layers(model(), quantizers);
  // The value each layer multiplies, before its quantizer, and the value it hands on.
  std::map<std::string, MatrixF> before, after;
  const Observer quantize_values = replaced.observer();
  encode(replaced.model, texts(1, 4).front(), {}, {}, [&](const std::string& name, MatrixF& value) {
    before[name] = value;
    quantize_values(name, value);
    after[name] = value;
  });
  const BertLayerWeights& weights = model().layers[1];
  const std::pair<const char*, const LinearWeights*> layers[] = {
      {"layer.1.attention.q", &weights.query},
      {"layer.1.attention.k", &weights.key},
      {"layer.1.attention.v", &weights.value},
      {"layer.1.attention.dense", &weights.attention_output},
      {"layer.1.ffn1", &weights.intermediate},
      {"layer.1.ffn2", &weights.output}};
  for (const auto& [name, weight] : layers) {
    const MatrixF& x = before.at(linear_input_name(name));
    EXPECT_TRUE(after.at(name).isApprox(linear(x, *weight, quantizers.at(name)), 1e-5F)) << name;
    EXPECT_FALSE(after.at(name).isApprox(linear(x, *weight), 1e-4F)) << name;
  }
}

TEST(LayerReplacement, WiderFormatsComeCloserToFloat) {
  const double int4 = least_cosine(formats("INT8", "INT4", "FP16"));
  const double int8 = least_cosine(formats("INT8", "INT8", "FP16"));
  const double int12 = least_cosine(formats("INT12", "INT12", "FP16"));
  const double fp16 = least_cosine(formats("FP16", "FP16", "FP16"));
  const double bf16 = least_cosine(formats("BF16", "BF16", "BF16"));
  const double e4m3 = least_cosine(formats("E4M3", "E4M3", "FP16"));
  fmt::print("least cosine: INT8 INT4 FP16 {:.5f}, INT8 INT8 FP16 {:.5f}, E4M3 E4M3 FP16 {:.5f}\n",
             int4, int8, e4m3);
  EXPECT_LT(int4, int8);
  EXPECT_LT(int8, int12);
  EXPECT_LT(e4m3, bf16);
  EXPECT_LT(bf16, fp16);
  EXPECT_GT(int4, 0.9);
  EXPECT_GT(int8, 0.99);
  EXPECT_GT(e4m3, 0.99);
  EXPECT_GT(fp16, 0.99999);
}

TEST(LayerReplacement, EveryCalibratorGivesAUsableModel) {
  for (const CalibrationMethod method : {CalibrationMethod::Max, CalibrationMethod::Percentile,
                                         CalibrationMethod::Mse, CalibrationMethod::Entropy}) {
    ModelFormats f = formats("INT8", "INT8", "FP16");
    f.calibration = {.method = method, .percentile = 99.99, .bins = 512};
    EXPECT_GT(least_cosine(f), 0.9) << static_cast<int>(method);
  }
  ModelFormats f = formats("INT8", "INT8", "INT8");
  f.dynamic = true;
  EXPECT_GT(least_cosine(f), 0.99);
  f = formats("E4M3", "E4M3", "E4M3");
  f.fixed_grid = true;
  f.weight_per_channel = false;
  EXPECT_GT(least_cosine(f), 0.9);
}

TEST(LayerReplacement, RefusesBadInput) {
  EXPECT_THROW(ActivationRanges(model(), {}), InputError);
  EXPECT_THROW(linear_input_name("layer.0.x"), InputError);
  const ActivationRanges ranges(model(), texts(1, 1));
  auto quantizers = ranges.quantizers(formats("INT8", "INT8", "INT8"));
  auto other = quantizers;
  other["layer.0.attention.k"].input.amax = {1.0};
  EXPECT_THROW(fake_quantize_layers(model(), other), InputError);
  other = quantizers;
  other.erase("layer.0.attention.v");
  EXPECT_THROW(fake_quantize_layers(model(), other), InputError);
  other = quantizers;
  other["layer.7.ffn1"] = quantizers["layer.0.ffn1"];
  EXPECT_THROW(fake_quantize_layers(model(), other), InputError);
  other = quantizers;
  other["layer.0.ffn2"].input.amax = {1.0, 2.0};
  EXPECT_THROW(fake_quantize_layers(model(), other).sentence_embedding(texts(1, 1).front()),
               InputError);
  EXPECT_THROW(fake_quantize(MatrixF(0, 1), {IntFormat{8}, Axis::Tensor, false, {}}), InputError);
  EXPECT_THROW(fake_quantize(MatrixF::Ones(1, 1), {IntFormat{8}, Axis::Tensor, false, {-1.0}}),
               InputError);
  EXPECT_THROW(fake_quantize(MatrixF::Constant(1, 1, NAN), {IntFormat{8}, Axis::Tensor, false, {}}),
               InputError);
}

}  // namespace
}  // namespace sb::golden
