// SPDX-License-Identifier: Apache-2.0
#include "golden/formats/affine_quantizer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <random>
#include <string>

#include "golden/base/error.h"
#include "tests/golden/seed/seed_004_data.h"

namespace sb::golden {
namespace {

namespace seed = seed_004;

MatrixF matrix(const std::vector<double>& values, Eigen::Index cols) {
  const MatrixD m = Eigen::Map<const MatrixD>(
      values.data(), static_cast<Eigen::Index>(values.size()) / cols, cols);
  return m.cast<float>();
}

struct Triple {
  const char* name;
  const std::vector<double>* input;
  const std::vector<double>* output;
  double l2;
  Eigen::Index cols;
  Axis axis;
  bool symmetric;
  int64_t code_min, code_max;  // of the compatibility mode
};

void PrintTo(const Triple& t, std::ostream* out) { *out << t.name; }

std::vector<Triple> triples() {
  using enum Axis;
  return {
      {"WeightTensorSymmetric", &seed::kUniformWeights, &seed::kUniformWeightSymmetric,
       seed::kUniformWeightSymmetricL2, 17, Tensor, true, 1, 127},
      {"WeightTensorAsymmetric", &seed::kUniformWeights, &seed::kUniformWeightAsymmetric,
       seed::kUniformWeightAsymmetricL2, 17, Tensor, false, 2, 255},
      {"WeightChannelSymmetric", &seed::kNormalWeights, &seed::kNormalWeightSymmetric,
       seed::kNormalWeightSymmetricL2, 17, Channel, true, -127, 127},
      {"WeightChannelAsymmetric", &seed::kNormalWeights, &seed::kNormalWeightAsymmetric,
       seed::kNormalWeightAsymmetricL2, 17, Channel, false, 0, 255},
      {"WeightColumnSymmetric", &seed::kColumnWeights, &seed::kColumnWeightSymmetric,
       seed::kColumnWeightSymmetricL2, 17, Column, true, -127, 127},
      {"WeightColumnAsymmetric", &seed::kColumnWeights, &seed::kColumnWeightAsymmetric,
       seed::kColumnWeightAsymmetricL2, 17, Column, false, -347, 255},
      {"ActivationTensorSymmetric", &seed::kNormalActivations, &seed::kNormalActivationSymmetric,
       seed::kNormalActivationSymmetricL2, 7, Tensor, true, -127, 91},
      {"ActivationTensorAsymmetric", &seed::kNormalActivations, &seed::kNormalActivationAsymmetric,
       seed::kNormalActivationAsymmetricL2, 7, Tensor, false, 0, 255},
      {"TokenSymmetric", &seed::kTokenActivations, &seed::kTokenActivationSymmetric,
       seed::kTokenActivationSymmetricL2, 7, Token, true, 5, 127},
      {"TokenAsymmetric", &seed::kTokenActivations, &seed::kTokenActivationAsymmetric,
       seed::kTokenActivationAsymmetricL2, 7, Token, false, 10, 481},
      {"ActivationChannelSymmetric", &seed::kChannelActivations, &seed::kChannelActivationSymmetric,
       seed::kChannelActivationSymmetricL2, 7, ActivationChannel, true, 5, 127},
      {"ActivationChannelAsymmetric", &seed::kChannelActivations,
       &seed::kChannelActivationAsymmetric, seed::kChannelActivationAsymmetricL2, 7,
       ActivationChannel, false, 11, 348},
  };
}

struct Agreement {
  int same = 0, tie_steps = 0, wrong = 0;
  double l2_error = 0;
};

// An element agrees within 2e-4, or differs by one step where x / s lies so near a tie that the
// four printed decimals of the input cannot tell the side.
Agreement compare(const Triple& t, const AffineQuantizer& spec) {
  const MatrixF x = matrix(*t.input, t.cols), printed = matrix(*t.output, t.cols);
  const Quantized y = quantize(x, spec);
  const bool by_row = t.axis == Axis::Channel || t.axis == Axis::Token;
  Agreement a;
  for (Eigen::Index r = 0; r < x.rows(); ++r)
    for (Eigen::Index c = 0; c < x.cols(); ++c) {
      const double s = y.scale[y.scale.size() == 1 ? 0 : static_cast<size_t>(by_row ? r : c)];
      const double error = std::abs(y.dequantized(r, c) - printed(r, c));
      const double steps = x(r, c) / s;
      const double to_tie = std::abs(steps - std::floor(steps) - 0.5);
      if (error <= 2e-4)
        ++a.same;
      else if (std::abs(error - s) <= 2e-4 && to_tie <= 5e-5 / s)
        ++a.tie_steps;
      else
        ++a.wrong;
    }
  a.l2_error = std::abs(y.l2 - t.l2);
  return a;
}

class Seed004 : public testing::TestWithParam<Triple> {};

TEST_P(Seed004, CompatibilityModeReproducesThePrintedTensorAndError) {
  const Triple& t = GetParam();
  const AffineQuantizer spec{
      .axis = t.axis, .symmetric = t.symmetric, .mode = AffineMode::SeedCompat};
  const Agreement a = compare(t, spec);
  EXPECT_EQ(a.wrong, 0);
  EXPECT_LE(a.tie_steps, 3);
  EXPECT_LE(a.l2_error, 1e-4);
  const Quantized y = quantize(matrix(*t.input, t.cols), spec);
  EXPECT_EQ(y.codes.minCoeff(), t.code_min);
  EXPECT_EQ(y.codes.maxCoeff(), t.code_max);
  fmt::print("{} elements, {} of them one step off at a tie, L2 off by {:.6f}\n",
             a.same + a.tie_steps, a.tie_steps, a.l2_error);
}

INSTANTIATE_TEST_SUITE_P(Printed, Seed004, testing::ValuesIn(triples()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Seed004, DefaultModeKeepsCodesInEightBitsWhereTheNotebookDoesNot) {
  std::vector<std::string> differ;
  for (const Triple& t : triples()) {
    const AffineQuantizer spec{.axis = t.axis, .symmetric = t.symmetric};
    const Quantized y = quantize(matrix(*t.input, t.cols), spec);
    EXPECT_GE(y.codes.minCoeff(), t.symmetric ? -127 : 0) << t.name;
    EXPECT_LE(y.codes.maxCoeff(), t.symmetric ? 127 : 255) << t.name;
    if (compare(t, spec).wrong > 0) differ.emplace_back(t.name);
  }
  EXPECT_EQ(differ, (std::vector<std::string>{"WeightTensorAsymmetric", "WeightColumnAsymmetric",
                                              "TokenAsymmetric", "ActivationChannelAsymmetric"}));
}

TEST(Seed004, ThePrintedScalesAndZeroPointsComeOut) {
  const Quantized w =
      quantize(matrix(seed::kNormalWeights, 17),
               {.axis = Axis::Channel, .symmetric = false, .mode = AffineMode::SeedCompat});
  EXPECT_EQ(w.zero_point, (std::vector<int64_t>{126, 118, 118, 157}));
  const double scales[] = {.0130, .0123, .0174, .0123};
  for (size_t g = 0; g < 4; ++g) EXPECT_NEAR(w.scale[g], scales[g], 5e-5);
  const Quantized a =
      quantize(matrix(seed::kNormalActivations, 7),
               {.axis = Axis::Tensor, .symmetric = false, .mode = AffineMode::SeedCompat});
  EXPECT_EQ(a.zero_point, (std::vector<int64_t>{149}));
  EXPECT_NEAR(a.scale[0], 0.022590549662709236, 1e-6);
}

TEST(Seed004, AWrongPrintedElementIsCaught) {
  Triple t = triples()[2];
  std::vector<double> spoiled = *t.output;
  spoiled[20] += 0.0131;  // one step, where the input is not near a tie
  t.output = &spoiled;
  EXPECT_EQ(compare(t, {.axis = t.axis, .symmetric = true, .mode = AffineMode::SeedCompat}).wrong,
            1);
}

TEST(Quantizer, ErrorStaysWithinHalfAStepAtEveryWidthAndAxis) {
  std::mt19937 rng(5);
  std::normal_distribution<float> normal(0.3F, 2.0F);
  MatrixF x(9, 13);
  for (auto& v : x.reshaped()) v = normal(rng);
  for (int bits = 2; bits <= 24; ++bits)
    for (const Axis axis :
         {Axis::Tensor, Axis::Channel, Axis::Column, Axis::Token, Axis::ActivationChannel})
      for (const bool symmetric : {true, false}) {
        const Quantized y = quantize(x, {.axis = axis, .symmetric = symmetric, .bits = bits});
        const bool by_row = axis == Axis::Channel || axis == Axis::Token;
        ASSERT_EQ(y.scale.size(), axis == Axis::Tensor ? 1U : by_row ? 9U : 13U);
        for (Eigen::Index r = 0; r < 9; ++r)
          for (Eigen::Index c = 0; c < 13; ++c) {
            const double s =
                y.scale[axis == Axis::Tensor ? 0 : static_cast<size_t>(by_row ? r : c)];
            // The asymmetric zero point is rounded too, so the far end of the range may lose one
            // more half step.
            ASSERT_LE(std::abs(x(r, c) - y.dequantized(r, c)), s * (symmetric ? 0.5 : 1.0) + 1e-12)
                << bits << " bits, axis " << static_cast<int>(axis);
          }
      }
}

TEST(Quantizer, DefaultModeRepresentsZeroExactly) {
  const MatrixF x = matrix({3.0, 4.0, 5.0, 9.0}, 4);
  const Quantized y = quantize(x, {.symmetric = false});
  EXPECT_EQ(y.zero_point[0], 0);
  EXPECT_DOUBLE_EQ(y.scale[0], 9.0 / 255);
  const Quantized negative = quantize(-x, {.symmetric = false});
  EXPECT_EQ(negative.zero_point[0], 255);
  EXPECT_EQ(negative.codes.minCoeff(), 0);
}

TEST(Quantizer, TiesGoToEven) {
  const MatrixF x = matrix({127, 0.5, 1.5, 2.5, -0.5, -1.5}, 6);  // s = 1
  const Quantized y = quantize(x, AffineQuantizer{});
  EXPECT_EQ(y.codes, (Matrix<int64_t>(1, 6) << 127, 0, 2, 2, 0, -2).finished());
}

TEST(Quantizer, TheFloorWipesOutTinyTensors) {
  const MatrixF tiny = matrix({1e-8, -2e-8, 3e-8}, 3);
  EXPECT_EQ(quantize(tiny, AffineQuantizer{}).dequantized.cwiseAbs().maxCoeff(), 0);
  EXPECT_GT(quantize(tiny, AffineQuantizer{.range_floor = 1e-30}).dequantized.maxCoeff(), 2.9e-8);
}

TEST(Quantizer, RefusesBadInput) {
  const MatrixF good = matrix({1, 2}, 2);
  MatrixF bad = good;
  EXPECT_THROW(quantize(MatrixF(0, 3), AffineQuantizer{}), InputError);
  EXPECT_THROW(quantize(good, {.bits = 1}), InputError);
  EXPECT_THROW(quantize(good, {.symmetric = false, .bits = 0}), InputError);
  EXPECT_THROW(quantize(good, {.bits = 25}), InputError);
  EXPECT_THROW(quantize(good, {.range_floor = 0}), InputError);
  // A range of 0 far from 0, unclamped: more steps than a code can count.
  EXPECT_THROW(
      quantize(MatrixF::Constant(1, 2, 1e30F),
               {.axis = Axis::Channel, .symmetric = false, .mode = AffineMode::SeedCompat}),
      InputError);
  bad(0, 1) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(quantize(bad, AffineQuantizer{}), InputError);
  bad(0, 1) = std::numeric_limits<float>::infinity();
  EXPECT_THROW(quantize(bad, AffineQuantizer{}), InputError);
}

}  // namespace
}  // namespace sb::golden
