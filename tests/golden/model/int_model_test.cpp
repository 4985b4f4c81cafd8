// SPDX-License-Identifier: Apache-2.0
#include "golden/model/int_model.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "golden/base/error.h"
#include "golden/encoder/float_encoder.h"
#include "golden/encoder/int_encoder.h"
#include "golden/io/file.h"
#include "golden/model/random_bert.h"
#include "golden/ops/gemm.h"
#include "golden/quantize/accuracy.h"
#include "golden/quantize/quantize_model.h"
#include "golden/text/tokenizer.h"
#include "tests/golden/temp_folder.h"

namespace sb::golden {
namespace {

TokenLists random_texts(int count, int vocab, unsigned seed) {
  std::srand(seed);
  TokenLists texts;
  for (int i = 0; i < count; ++i) {
    std::vector<int32_t> ids(static_cast<size_t>(5 + std::rand() % 25));
    for (auto& id : ids) id = std::rand() % vocab;
    texts.push_back(std::move(ids));
  }
  return texts;
}

// A small random model and its default quantization, made once.
class IntModelTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    BertConfig config = built_in_config();
    config.vocab = static_cast<int>(built_in_vocabulary().size());
    model_ = random_bert(config, 7);
    texts_ = random_texts(16, config.vocab, 1);
  }
  static IntModel quantized(const QuantizeOptions& options) {
    IntModel result;
    result.encoder = quantize_model(model_, texts_, options);
    result.host = model_;
    result.host.layers.clear();
    for (const std::string& token : built_in_vocabulary()) result.vocabulary += token + "\n";
    return result;
  }
  static inline BertModel model_;
  static inline TokenLists texts_;
};

TEST_F(IntModelTest, StaysCloseToTheFloatModelAtBothWidths) {
  const TokenLists unseen = random_texts(30, model_.config.vocab, 2);
  const MatrixF reference = sentence_embeddings(model_, unseen);
  for (int bits : {8, 9}) {
    QuantizeOptions options;
    options.activation_bits = bits;
    const MatrixF y = int_sentence_embeddings(quantized(options), unseen);
    EXPECT_GT(compare_embeddings(reference, y).mean_cosine, 0.99) << bits;
  }
}

TEST_F(IntModelTest, ObserverSeesEveryProductSoThatItCanBeReplayed) {
  const IntModel model = quantized({});
  const MatrixI16 x = quantize_embeddings(model.encoder, embeddings(model.host, texts_[0]));
  int products = 0;
  IntObserver observer;
  observer.product = [&](const IntProduct& p) {
    ++products;
    EXPECT_EQ(gemm(p.a, p.w, p.bias), p.acc) << p.name;
  };
  const MatrixI16 watched = int_encode(model.encoder, x, {}, observer);
  EXPECT_EQ(products, model_.config.layers * (6 + 2 * model_.config.heads));
  EXPECT_EQ(watched, int_encode(model.encoder, x));
}

TEST_F(IntModelTest, PaddingUnderTheMaskChangesNothing) {
  const IntModel model = quantized({});
  const MatrixI16 x = quantize_embeddings(model.encoder, embeddings(model.host, texts_[0]));
  MatrixI16 padded = MatrixI16::Constant(x.rows() + 3, x.cols(), 77);
  padded.topRows(x.rows()) = x;
  std::vector<uint8_t> mask(static_cast<size_t>(padded.rows()), 1);
  std::fill(mask.end() - 3, mask.end(), uint8_t{0});
  EXPECT_EQ(int_encode(model.encoder, padded, mask).topRows(x.rows()),
            int_encode(model.encoder, x));
}

TEST_F(IntModelTest, OddTextsTakePartInTheRoundingOfWeights) {
  const TokenLists odd{{2, 9, 3}, std::vector<int32_t>(40, 11)};
  const IntBert usual = quantize_model(model_, texts_, {});
  const IntBert mixed = quantize_model(model_, texts_, {}, nullptr, {}, odd);
  for (size_t i = 0; i < usual.layers.size(); ++i) {
    const IntLayer &a = usual.layers[i], &b = mixed.layers[i];
    // Ranges of x, h and the GELU are the usual texts', so these differ by their moments alone.
    EXPECT_EQ(a.attention_norm.operand.k, b.attention_norm.operand.k);
    EXPECT_NE(a.query.weight, b.query.weight);
    EXPECT_NE(a.intermediate.weight, b.intermediate.weight);
    EXPECT_NE(a.output.weight, b.output.weight);
    EXPECT_NE(a.attention_output.weight, b.attention_output.weight);
  }
}

TEST_F(IntModelTest, FileKeepsEveryBit) {
  const TempFolder folder;
  QuantizeOptions options;
  options.activation_bits = 9;
  const IntModel model = quantized(options);
  save_int_model(model, folder / "a.safetensors");
  const IntModel again = load_int_model(folder / "a.safetensors");
  save_int_model(again, folder / "b.safetensors");
  EXPECT_EQ(read_file(folder / "a.safetensors"), read_file(folder / "b.safetensors"));
  EXPECT_EQ(int_sentence_embeddings(again, texts_), int_sentence_embeddings(model, texts_));
  EXPECT_EQ(Tokenizer::from_texts(again.vocabulary, again.tokenizer_config, again.host.config.vocab)
                .size(),
            model_.config.vocab);
}

TEST_F(IntModelTest, DamagedFilesAreRefusedAndNeverCrash) {
  const TempFolder folder;
  IntModel model = quantized({});
  const auto path = folder / "m.safetensors";
  const auto refused = [&](const IntModel& bad) {
    save_int_model(bad, path);
    EXPECT_THROW(load_int_model(path), InputError);
  };
  IntModel bad = model;
  bad.encoder.layers[0].attention_norm.norm.gain[3] = 1 << 18;
  refused(bad);
  bad = model;
  bad.encoder.layers[0].query.requant.shift[0] = 60;
  refused(bad);
  bad = model;
  bad.encoder.layers[1].gelu[5] = 300;
  refused(bad);
  bad = model;
  bad.encoder.layers[1].output.bias[0] = std::numeric_limits<int32_t>::max();
  refused(bad);
  bad = model;
  bad.encoder.layers[0].key.weight.conservativeResize(5, Eigen::NoChange);
  refused(bad);
  bad = model;
  bad.encoder.input_scale = -1;
  refused(bad);
  save_int_model(model, path);
  const std::string bytes = read_file(path);
  write_file(path, bytes.substr(0, bytes.size() / 2));
  EXPECT_THROW(load_int_model(path), InputError);
  EXPECT_THROW(load_int_model(folder / "missing"), InputError);
  // Single characters of the header changed: refused or still a model, never a crash.
  for (size_t i = 8; i < 4000; i += 13) {
    std::string mutant = bytes;
    mutant[i] = static_cast<char>(mutant[i] ^ 1);
    write_file(path, mutant);
    try {
      int_sentence_embeddings(load_int_model(path), {texts_[0]});
    } catch (const InputError&) {
    }
  }
}

TEST_F(IntModelTest, RefusesOptionsAndTextsThatCannotWork) {
  EXPECT_THROW(quantize_model(model_, {}, {}), InputError);
  EXPECT_THROW(quantize_model(model_, {{}}, {}), InputError);
  EXPECT_THROW(quantize_model(model_, {{1000000}}, {}), InputError);
  QuantizeOptions options;
  options.activation_bits = 10;
  EXPECT_THROW(quantize_model(model_, texts_, options), InputError);
  options = {};
  options.margin_operand = 0;
  EXPECT_THROW(quantize_model(model_, texts_, options), InputError);
  for (const double percentile : {50.0, 100.5, std::nan("")}) {
    options = {};
    options.range = {.method = CalibrationMethod::Percentile, .percentile = percentile};
    EXPECT_THROW(quantize_model(model_, texts_, options), InputError) << percentile;
  }
}

TEST_F(IntModelTest, EveryStepCanBeTakenOutAlone) {
  const TokenLists unseen = random_texts(10, model_.config.vocab, 3);
  const MatrixF reference = sentence_embeddings(model_, unseen);
  // Without clip_weights: rows of 48 weights are too short for clipping to pay
  // (int_linear_test covers it).
  const std::vector<bool QuantizeOptions::*> steps{
      &QuantizeOptions::split_outliers, &QuantizeOptions::smooth,
      &QuantizeOptions::equalize_heads, &QuantizeOptions::channel_ranges,
      &QuantizeOptions::per_channel,    &QuantizeOptions::gelu_zero_points};
  const MatrixF whole = int_sentence_embeddings(quantized({}), unseen);
  for (const auto& step : steps) {
    QuantizeOptions options;
    options.*step = false;
    const MatrixF y = int_sentence_embeddings(quantized(options), unseen);
    EXPECT_FALSE(y == whole) << "step " << &step - steps.data();
    EXPECT_GT(compare_embeddings(reference, y).mean_cosine, 0.9);
  }
}

TEST_F(IntModelTest, EveryCalibratorGivesAModelOfItsOwn) {
  const TokenLists unseen = random_texts(10, model_.config.vocab, 3);
  const MatrixF reference = sentence_embeddings(model_, unseen);
  std::vector<MatrixF> seen;
  for (const CalibrationMethod method : {CalibrationMethod::Max, CalibrationMethod::Percentile,
                                         CalibrationMethod::Mse, CalibrationMethod::Entropy}) {
    QuantizeOptions options;
    options.range = {.method = method, .percentile = 99.5};
    const MatrixF y = int_sentence_embeddings(quantized(options), unseen);
    EXPECT_GT(compare_embeddings(reference, y).mean_cosine, 0.9) << static_cast<int>(method);
    for (const MatrixF& other : seen) EXPECT_FALSE(y == other) << static_cast<int>(method);
    seen.push_back(y);
  }
  // All values of a text lie below the highest percentile, so it is the maximum.
  QuantizeOptions all;
  all.range = {.method = CalibrationMethod::Percentile, .percentile = 100};
  EXPECT_EQ(int_sentence_embeddings(quantized(all), unseen), seen[0]);
}

TEST_F(IntModelTest, CalibratorsSetTheScalesTheyShould) {
  const auto scales = [&](CalibrationMethod method, int bits) {
    QuantizeOptions options;
    options.activation_bits = bits;
    options.range = {.method = method, .percentile = 99};
    const IntLayer layer = quantized(options).encoder.layers[0];
    return std::array{layer.query.out_scale[0], layer.value.out_scale[0],
                      layer.heads[0].score_scale, layer.context_scale[0],
                      layer.output.out_scale[0]};
  };
  for (const int bits : {8, 9}) {
    const auto max = scales(CalibrationMethod::Max, bits);
    for (const CalibrationMethod method :
         {CalibrationMethod::Percentile, CalibrationMethod::Mse, CalibrationMethod::Entropy}) {
      const auto other = scales(method, bits);
      for (size_t i = 0; i < 4; ++i)
        EXPECT_LE(other[i], max[i]) << static_cast<int>(method) << " " << i;
      EXPECT_LT(other[0] + other[1] + other[2] + other[3], max[0] + max[1] + max[2] + max[3]);
      EXPECT_EQ(other[4], max[4]);  // the 16-bit residual keeps its maximum
    }
  }
}

}  // namespace
}  // namespace sb::golden
