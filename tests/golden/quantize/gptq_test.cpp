// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/gptq.h"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/base/error.h"
#include "golden/quantize/int_linear.h"

namespace sb::golden {
namespace {

// Inputs that depend on each other, with means far from zero, as hidden states are.
MatrixF correlated_inputs(int rows, int inputs) {
  std::srand(5);
  const MatrixF mix = MatrixF::Random(inputs / 4, inputs);
  MatrixF x = MatrixF::Random(rows, inputs / 4) * mix * 20 + MatrixF::Random(rows, inputs);
  x.col(1).array() += 40;
  return x;
}

MatrixD random_weights(int outputs, int inputs) {
  std::srand(6);
  return MatrixD::Random(outputs, inputs);
}

MatrixI8 plain_codes(const MatrixD& weight, double scale) {
  return weight
      .unaryExpr([&](double w) { return std::clamp(std::nearbyint(w / scale), -127.0, 127.0); })
      .cast<int8_t>();
}

double output_error(const MatrixD& weight, const MatrixI8& codes, double scale, const MatrixD& x) {
  return (x * (weight - codes.cast<double>() * scale).transpose()).squaredNorm();
}

TEST(Gptq, DiagonalMomentsGivePlainRounding) {
  const MatrixD weight = random_weights(9, 40) * 130;  // some beyond the codes
  const std::vector<double> scale(9, 1.0);
  EXPECT_EQ(gptq_round(weight, scale, MatrixD::Identity(40, 40)), plain_codes(weight, 1));
  EXPECT_EQ(gptq_round(weight, scale, MatrixD::Zero(40, 40)), plain_codes(weight, 1));
  const MatrixD diagonal = Eigen::VectorXd::LinSpaced(40, 1, 90).asDiagonal();
  EXPECT_EQ(gptq_round(weight, scale, diagonal), plain_codes(weight, 1));
}

TEST(Gptq, SecondWeightMakesTheFirstOnesErrorGood) {
  MatrixD weight(1, 2), moments(2, 2);
  weight << 0.4, 0.3;
  moments << 4, 1.8, 1.8, 1;  // the first is rounded first; 0.3 + 0.4 * 1.8 / 1.025 is just above 1
  MatrixI8 expected(1, 2);
  expected << 0, 1;
  EXPECT_EQ(gptq_round(weight, {1.0}, moments), expected);
}

TEST(Gptq, EqualsTheUpdateByInverseHessians) {
  const int inputs = 12;
  const MatrixD weight = random_weights(5, inputs) * 20;
  const MatrixD moments = input_moments(correlated_inputs(30, inputs));
  MatrixD h = moments;
  h.diagonal().array() += 0.01 * moments.trace() / inputs;
  MatrixI8 expected(5, inputs);
  for (int n = 0; n < 5; ++n) {
    Eigen::VectorXd w = weight.row(n).transpose();
    std::vector<int> left(inputs);
    for (int k = 0; k < inputs; ++k) left[static_cast<size_t>(k)] = k;
    std::stable_sort(left.begin(), left.end(),
                     [&](int a, int b) { return moments(a, a) > moments(b, b); });
    while (!left.empty()) {  // optimal brain surgeon: w -= error / (H^-1)_00 * (H^-1)_0 over what
                             // is left
      const MatrixD inverse = MatrixD(h(left, left)).inverse();
      const int k = left.front();
      const double code = std::clamp(std::nearbyint(w[k]), -127.0, 127.0);
      expected(n, k) = static_cast<int8_t>(code);
      const double error = (w[k] - code) / inverse(0, 0);
      for (size_t j = 0; j < left.size(); ++j)
        w[left[j]] -= error * inverse(0, static_cast<Eigen::Index>(j));
      left.erase(left.begin());
    }
  }
  EXPECT_EQ(gptq_round(weight, std::vector<double>(5, 1.0), moments), expected);
  EXPECT_NE(expected, plain_codes(weight, 1));
}

TEST(Gptq, OutputErrorOnTheCalibrationInputsIsBelowPlainRounding) {
  const MatrixF x = correlated_inputs(500, 80);
  const MatrixD weight = random_weights(50, 80), wide = x.cast<double>();
  const double scale = 1.0 / 60;
  const double plain = output_error(weight, plain_codes(weight, scale), scale, wide);
  const MatrixI8 codes = gptq_round(weight, std::vector<double>(50, scale), input_moments(x));
  EXPECT_LT(output_error(weight, codes, scale, wide), 0.5 * plain);
}

TEST(Gptq, MomentsAreMeansOfProducts) {
  const MatrixF x = correlated_inputs(20, 40);  // more than one slice
  const MatrixD wide = x.cast<double>();
  EXPECT_TRUE(input_moments(x).isApprox(wide.transpose() * wide / 20, 1e-5));
}

TEST(Gptq, OddTextsCountAQuarterWhateverTheirLengths) {
  const MatrixF x = correlated_inputs(20, 12), odd = 3 * correlated_inputs(7, 12);
  const auto moments = [](const MatrixF& rows) {
    const MatrixD wide = rows.cast<double>();
    return MatrixD(wide.transpose() * wide / static_cast<double>(rows.rows()));
  };
  const MatrixD expected =
      moments(x) + 0.25 * (moments(odd.topRows(1)) + moments(odd.bottomRows(6))) / 2;
  EXPECT_TRUE(mixed_moments(x, odd, {0, 1, 7}).isApprox(expected, 1e-5));
  EXPECT_EQ(mixed_moments(x, MatrixF(0, 12), {0}), input_moments(x));
}

TEST(Gptq, RefusesMomentsOfAnotherSizeOrNotFinite) {
  const MatrixD weight = random_weights(2, 3);
  EXPECT_THROW(gptq_round(weight, {1, 1}, MatrixD::Identity(4, 4)), InputError);
  MatrixD moments = MatrixD::Identity(3, 3);
  moments(1, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(gptq_round(weight, {1, 1}, moments), InputError);
}

TEST(Gptq, OptionsOfALinearLayerAreTakenOneByOne) {
  const FoldedLinear linear{random_weights(6, 80), Eigen::VectorXd::Zero(6)};
  const MatrixD moments = input_moments(correlated_inputs(500, 80));
  IntLinearOptions plan{.name = "test", .out_scale = Eigen::VectorXd::Constant(6, 0.5)};
  const IntLinear nearest = make_int_linear(linear, plan);
  plan.moments = &moments;
  EXPECT_EQ(make_int_linear(linear, plan).weight, nearest.weight);
  plan.gptq = true;
  const IntLinear rounded = make_int_linear(linear, plan);
  EXPECT_NE(rounded.weight, nearest.weight);
  EXPECT_EQ(rounded.acc_scale, nearest.acc_scale);
  EXPECT_EQ(rounded.weight, gptq_round(linear.weight, rounded.acc_scale, moments));
}

TEST(WeightScale, ImportanceMovesTheRangeToTheWeightsThatMatter) {
  const MatrixD weight = random_weights(1, 400);
  const auto scale = [&](const Eigen::VectorXd& importance) {
    return weight_scale(weight.data(), weight.size(), true, importance);
  };
  EXPECT_EQ(scale(Eigen::VectorXd::Constant(400, 7)), weight_scale(weight.data(), 400, true));
  // Only small weights count: the range goes down as far as it may. Only the largest counts: it
  // stays.
  const double max = weight.cwiseAbs().maxCoeff();
  const Eigen::VectorXd small =
      weight.row(0).unaryExpr([](double w) { return std::abs(w) < 0.4 ? 1.0 : 0.0; });
  const Eigen::VectorXd largest =
      weight.row(0).unaryExpr([&](double w) { return std::abs(w) == max ? 1.0 : 0.0; });
  EXPECT_LT(scale(small), 0.7 * max / 127);
  EXPECT_NEAR(scale(largest), max / 127, 1e-9);
}

}  // namespace
}  // namespace sb::golden
