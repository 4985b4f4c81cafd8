// SPDX-License-Identifier: Apache-2.0
#include "golden/seed/ibert.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

MatrixD normal(Eigen::Index rows, Eigen::Index cols, double deviation, unsigned seed) {
  std::mt19937 rng(seed);
  std::normal_distribution<double> distribution(0, deviation);
  MatrixD m(rows, cols);
  for (auto& v : m.reshaped()) v = distribution(rng);
  return m;
}

TEST(IBertSoftmax, StaysWithinOneStepOfFloat64) {
  double worst = 0;
  for (const double deviation : {0.1, 1.0, 3.0, 10.0})
    for (const SeedMode mode : {SeedMode::Corrected, SeedMode::Compat}) {
      const MatrixD x = normal(200, 40, deviation, 1);
      const MatrixD y = ibert_softmax(x, mode);
      for (Eigen::Index r = 0; r < x.rows(); ++r) {
        const Eigen::ArrayXd e = (x.row(r).array() - x.row(r).maxCoeff()).exp();
        for (Eigen::Index c = 0; c < x.cols(); ++c) {
          worst = std::max(worst, std::abs(y(r, c) - e(c) / e.sum()));
          ASSERT_EQ(y(r, c) * 256, std::floor(y(r, c) * 256));
        }
        ASSERT_LE(y.row(r).sum(), 1);
      }
    }
  fmt::print("softmax: largest error {:.3f} steps of 1/256\n", worst * 256);
  // The floor costs up to one step of 1/256, the polynomial a little more.
  EXPECT_LT(worst * 256, 1.5);
  EXPECT_GT(worst * 256, 0.9);
}

TEST(IBertSoftmax, OneHotRowGives255InIntegersAnd256InFloat32) {
  MatrixD x = MatrixD::Constant(1, 8, -100);
  x(0, 3) = 0;
  const MatrixD y = ibert_softmax(x);
  EXPECT_EQ(y(0, 3), 255.0 / 256);
  EXPECT_EQ(y.sum(), 255.0 / 256);
  // The seed's float32 product 32767 * floor(2^32 / 32767) rounds up to 2^32.
  EXPECT_EQ(std::floor(32767.0F * std::floor(0x1p32F / 32767.0F) / 0x1p24F), 256.0F);
}

TEST(IBertSoftmax, EqualScoresGiveEqualProbabilitiesOneStepLow) {  // both divisions round down
  EXPECT_EQ(ibert_softmax(MatrixD::Zero(2, 4)), MatrixD::Constant(2, 4, 63.0 / 256));
  EXPECT_EQ(ibert_softmax(MatrixD::Constant(1, 2, 7.5)), MatrixD::Constant(1, 2, 127.0 / 256));
}

TEST(IBertGelu, StaysNearFloat64) {
  MatrixD x(1, 16001);
  for (Eigen::Index i = 0; i < x.cols(); ++i) x(0, i) = -8 + 0.001 * static_cast<double>(i);
  for (const SeedMode mode : {SeedMode::Corrected, SeedMode::Compat}) {
    const MatrixD y = ibert_gelu(x, mode);
    double worst = 0;
    for (Eigen::Index i = 0; i < x.cols(); ++i) {
      const double exact = x(0, i) / 2 * (1 + std::erf(x(0, i) / std::sqrt(2.0)));
      worst = std::max(worst, std::abs(y(0, i) - exact));
    }
    fmt::print("GELU over -8..8, {}: largest error {:.5f}\n",
               mode == SeedMode::Compat ? "compat" : "corrected", worst);
    EXPECT_LT(worst, 0.019);  // the second-order polynomial, not the integers, sets this
    EXPECT_GT(worst, 0.017);
  }
}

TEST(IBertGelu, ZeroStaysZero) { EXPECT_EQ(ibert_gelu(MatrixD::Zero(2, 3)), MatrixD::Zero(2, 3)); }

double layernorm_error(const MatrixD& x, const Vector<double>& gain, const Vector<double>& bias,
                       double eps, SeedMode mode) {
  const MatrixD y = ibert_layernorm(x, gain, bias, eps, mode);
  double worst = 0;
  for (Eigen::Index r = 0; r < x.rows(); ++r) {
    const Eigen::ArrayXd centred = x.row(r).array() - x.row(r).mean();
    const Eigen::ArrayXd exact =
        centred / std::sqrt(centred.square().mean() + eps) * gain.array() + bias.array();
    worst = std::max(worst, (y.row(r).transpose().array() - exact).abs().maxCoeff());
  }
  return worst;
}

TEST(IBertLayerNorm, StaysNearFloat64WhenRowsAreAlike) {
  const MatrixD x = normal(64, 96, 1.5, 3);
  const Vector<double> gain = normal(96, 1, 0.5, 4).array() + 1, bias = normal(96, 1, 0.3, 5);
  for (const SeedMode mode : {SeedMode::Corrected, SeedMode::Compat}) {
    const double worst = layernorm_error(x, gain, bias, 1e-12, mode);
    fmt::print("LayerNorm, {}: largest error {:.6f}\n",
               mode == SeedMode::Compat ? "compat" : "corrected", worst);
    EXPECT_LT(worst, 1.5e-3);
  }
}

TEST(IBertLayerNorm, CompatClipsGainsAndMiscountsEpsWhereCorrectedDoesNot) {
  // Inputs below 0.6 cannot hold a gain of 2 in their own scale; eps = 1e-2 is divided by s instead
  // of s^2.
  const MatrixD x = normal(16, 64, 0.1, 6).cwiseMax(-0.5).cwiseMin(0.5);
  const Vector<double> gain = Vector<double>::Constant(64, 2), bias = Vector<double>::Zero(64);
  EXPECT_LT(layernorm_error(x, gain, bias, 1e-2, SeedMode::Corrected), 2e-3);
  EXPECT_GT(layernorm_error(x, gain, bias, 1e-2, SeedMode::Compat), 0.5);
}

TEST(IBertLayerNorm, RowWithoutVarianceGivesItsBias) {
  const Vector<double> gain = Vector<double>::Ones(5), bias = Vector<double>::Constant(5, 0.25);
  EXPECT_TRUE(ibert_layernorm(MatrixD::Constant(1, 5, 3), gain, bias, 0).isApproxToConstant(0.25));
}

TEST(IBert, RefusesBadInput) {
  const MatrixD nan = MatrixD::Constant(1, 2, NAN);
  const Vector<double> two = Vector<double>::Ones(2);
  EXPECT_THROW(ibert_softmax(nan), InputError);
  EXPECT_THROW(ibert_gelu(nan), InputError);
  EXPECT_THROW(ibert_layernorm(nan, two, two, 0), InputError);
  EXPECT_THROW(ibert_softmax(MatrixD(0, 2)), InputError);
  EXPECT_THROW(ibert_layernorm(MatrixD::Ones(1, 3), two, two, 0), InputError);
}

}  // namespace
}  // namespace sb::golden
