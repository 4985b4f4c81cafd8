// SPDX-License-Identifier: Apache-2.0
// The stages on rows of the real model: scores, residual sums and FFN inputs of all-MiniLM-L6-v2,
// captured from the float model and quantized with the scales that a calibration on the same text
// would give.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "golden/encoder/float_encoder.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/softmax.h"
#include "golden/ops/table.h"
#include "golden/text/tokenizer.h"
#include "tb/devices/stage_ops.h"
#include "tests/golden/model_folder.h"

namespace sb {
namespace {

using golden::MatrixF;
using golden::MatrixI16;

MatrixI16 quantize(const MatrixF& x, double scale, int zero, int low, int high) {
  return x.unaryExpr([=](float v) {
    return static_cast<int16_t>(std::clamp<double>(std::nearbyint(v / scale) + zero, low, high));
  });
}

// How many codes differ from float64 rounded.
struct Errors {
  int64_t elements = 0, off = 0;
  int worst = 0;
  void add(int code, double exact, int low, int high) {
    const int error =
        std::abs(code - static_cast<int>(std::clamp<double>(std::nearbyint(exact), low, high)));
    worst = std::max(worst, error);
    off += error != 0;
    ++elements;
  }
  double share() const { return 100.0 * static_cast<double>(off) / static_cast<double>(elements); }
  void print(const char* what) const {
    fmt::print(
        "{} on MiniLM rows against float64, {} elements: at most {} code off, {:.4f} % off\n", what,
        elements, worst, share());
  }
};

class RealRows : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (golden::model_folder().empty()) return;
    model_ = golden::load_bert(golden::model_folder());
    const auto ids = golden::Tokenizer::load(golden::model_folder())
                         .encode(
                             "The systolic array multiplies int8 activations by int8 weights, one "
                             "word of every row in "
                             "each cycle, and everything else is a stage on the stream into it or "
                             "out of it. Softmax, "
                             "GELU and LayerNorm cost no pass over memory of their own; the "
                             "results must be right to "
                             "one code, whatever the length of the sentence and however large the "
                             "outliers are.");
    golden::encode(model_, ids, {}, {},
                   [](const std::string& name, MatrixF& value) { values_[name] = value; });
  }
  static void TearDownTestSuite() {
    values_.clear();
    model_ = {};
  }
  static std::string layer(int index, const char* name) {
    return fmt::format("layer.{}.{}", index, name);
  }

  static golden::BertModel model_;
  static std::map<std::string, MatrixF> values_;
};
golden::BertModel RealRows::model_;
std::map<std::string, MatrixF> RealRows::values_;

TEST_F(RealRows, SoftmaxOfEveryHeadEqualsGoldenAndFloat64ToOneCode) {
  SB_NEED_MODEL();
  auto dut = tb::make_stage("softmax", 16);
  Errors errors;
  for (int l = 0; l < 6; ++l) {
    const MatrixF& scores = values_.at(layer(l, "attention.scores"));
    const double scale = scores.cwiseAbs().maxCoeff() / 127.0;
    const MatrixI16 s = quantize(scores, scale, 0, -128, 127);
    const golden::SoftmaxTable table = golden::make_softmax_table(scale);
    std::vector<tb::ScoreRow> rows;
    for (Eigen::Index r = 0; r < s.rows(); ++r)
      rows.push_back({{s.row(r).data(), s.row(r).data() + s.cols()}, {}});
    const auto y = tb::softmax_op(*dut, rows, table, false);
    const MatrixI16 expected = golden::softmax_rows(s, {}, table, golden::SoftmaxFormat::U8);
    for (Eigen::Index r = 0; r < s.rows(); ++r) {
      const int max = s.row(r).maxCoeff();
      double sum = 0;
      for (int v : s.row(r)) sum += std::exp((v - max) * scale);
      for (Eigen::Index j = 0; j < s.cols(); ++j) {
        const int code = y[static_cast<size_t>(r)][static_cast<size_t>(j)];
        ASSERT_EQ(code, expected(r, j)) << "layer " << l << " row " << r;
        errors.add(code, 256 * std::exp((s(r, j) - max) * scale) / sum, 0, 255);
      }
    }
  }
  errors.print("softmax");
  EXPECT_LE(errors.worst, 1);
  EXPECT_LE(errors.share(), 0.02);
}

TEST_F(RealRows, LayerNormOfEveryLayerEqualsGoldenAndFloat64ToOneCode) {
  SB_NEED_MODEL();
  auto dut = tb::make_stage("layernorm", 16);
  Errors errors16, errors8;
  for (int l = 0; l < 6; ++l)
    for (const bool attention : {true, false}) {
      const MatrixF& sum = values_.at(layer(l, attention ? "attention.sum" : "sum"));
      const MatrixF& result = values_.at(layer(l, attention ? "h" : "x"));
      const auto& layer_weights = model_.layers[static_cast<size_t>(l)];
      const golden::NormWeights& weights =
          attention ? layer_weights.attention_norm : layer_weights.output_norm;
      const double scale_s = 1.5 * sum.cwiseAbs().maxCoeff() / 32767;
      const double scale_y = 1.5 * result.cwiseAbs().maxCoeff() / 32767;
      const double ratio = scale_y / (1.03 * result.cwiseAbs().maxCoeff() / 127);
      const double eps = model_.config.eps;
      const auto columns = static_cast<size_t>(sum.cols());
      const golden::LayerNormParams p = golden::make_layernorm(
          {weights.gamma.data(), columns}, {weights.beta.data(), columns}, eps, scale_s, scale_y);
      const golden::OperandParams operand =
          golden::make_operand(std::vector<double>(columns, ratio), 8);
      const MatrixI16 s = quantize(sum, scale_s, 0, -32768, 32767);
      const auto y = tb::layernorm_op(*dut, s, p, operand);
      const MatrixI16 y16 = golden::layernorm(s, p);
      ASSERT_EQ(y.y16, y16) << "layer " << l;
      ASSERT_EQ(y.y8, golden::narrow_operand(y16, operand)) << "layer " << l;
      for (Eigen::Index r = 0; r < s.rows(); ++r) {
        const Eigen::RowVectorXd x = s.row(r).cast<double>() * scale_s;
        const Eigen::RowVectorXd centred = x.array() - x.mean();
        const double deviation =
            std::sqrt(centred.squaredNorm() / static_cast<double>(s.cols()) + eps);
        for (Eigen::Index c = 0; c < s.cols(); ++c) {
          const double exact =
              (centred(c) / deviation * double{weights.gamma(c)} + double{weights.beta(c)}) /
              scale_y;
          errors16.add(y.y16(r, c), exact, -32768, 32767);
          errors8.add(y.y8(r, c), exact * golden::operand_ratio(operand, static_cast<size_t>(c)),
                      -128, 127);
        }
      }
    }
  errors16.print("LayerNorm to 16 bits");
  errors8.print("LayerNorm to 8 bits");
  EXPECT_LE(errors16.worst, 1);
  EXPECT_LE(errors8.worst, 1);
  // The operand is made from the rounded 16-bit code: a quarter of a code of rounding on average,
  // times the ratio of the scales (here .0055, headroom included), is the share that must be off.
  EXPECT_LE(errors8.share(), 0.2);
}

TEST_F(RealRows, GeluOfEveryLayerIsTheRoundedFloat64Value) {
  SB_NEED_MODEL();
  auto dut = tb::make_stage("table", 8);
  Errors errors;
  for (int l = 0; l < 6; ++l) {
    const MatrixF& ffn1 = values_.at(layer(l, "ffn1"));
    const double high = std::max(1.0F, ffn1.maxCoeff());
    const double in_scale = (high + 4) / 255, out_scale = (high + 0.17) / 255;
    const int in_zero = static_cast<int>(std::nearbyint(-128 + 4 / in_scale));
    const int out_zero = static_cast<int>(std::nearbyint(0.17 / out_scale));
    const golden::Table table = golden::make_table(
        golden::gelu, {in_scale, in_zero, out_scale, out_zero, golden::Clamp::U8});
    const MatrixI16 x = quantize(ffn1, in_scale, in_zero, -128, 127);
    const MatrixI16 y = tb::table_op(*dut, x, table);
    ASSERT_EQ(y, golden::apply_table(x, table)) << "layer " << l;
    for (Eigen::Index i = 0; i < x.size(); ++i)
      errors.add(y.data()[i],
                 golden::gelu((x.data()[i] - in_zero) * in_scale) / out_scale + out_zero, 0, 255);
  }
  errors.print("GELU");
  EXPECT_EQ(errors.off, 0);
}

}  // namespace
}  // namespace sb
