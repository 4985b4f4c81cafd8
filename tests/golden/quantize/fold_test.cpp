// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/fold.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golden/ops/table.h"

namespace sb::golden {
namespace {

MatrixD random_matrix(int rows, int cols, unsigned seed) {
  std::srand(seed);
  return MatrixD::Random(rows, cols);
}

TEST(Fold, SmoothingKeepsTheProductAndEvensTheChannels) {
  const MatrixD spread = Eigen::VectorXd::LinSpaced(12, -3, 3).array().exp().matrix().asDiagonal();
  const MatrixD x = random_matrix(40, 12, 1) * spread;
  const FoldedLinear linear{random_matrix(7, 12, 2), Eigen::VectorXd::Random(7)};
  const Eigen::VectorXd x_max = x.cwiseAbs().colwise().maxCoeff();
  const Eigen::VectorXd factor = smoothing_factors(x_max, input_channel_max(linear.weight), 0.65);
  EXPECT_NEAR(factor.array().log().sum(), 0, 1e-9);
  FoldedLinear folded = linear;
  scale_inputs(folded, factor);
  const MatrixD smoothed = x * factor.cwiseInverse().asDiagonal();
  EXPECT_LT(
      (smoothed * folded.weight.transpose() - x * linear.weight.transpose()).cwiseAbs().maxCoeff(),
      1e-12);
  const Eigen::VectorXd after = smoothed.cwiseAbs().colwise().maxCoeff();
  EXPECT_LT(after.maxCoeff() / after.minCoeff(), 0.2 * x_max.maxCoeff() / x_max.minCoeff());
}

TEST(Fold, SmoothingLeavesChannelsWithoutValuesOrWeightsAlone) {
  Eigen::VectorXd x_max(3), w_max(3);
  x_max << 0, 4, 2;
  w_max << 1, 0, 1;
  const Eigen::VectorXd factor = smoothing_factors(x_max, w_max, 0.5);
  EXPECT_EQ(factor[0], factor[1]);
  EXPECT_TRUE(factor.allFinite());
}

TEST(Fold, DividedOutputsOfQueryAndKeyKeepTheScores) {
  FoldedLinear q{random_matrix(8, 8, 3), Eigen::VectorXd::Random(8)};
  FoldedLinear k{random_matrix(8, 8, 4), Eigen::VectorXd::Random(8)};
  const MatrixD x = random_matrix(5, 8, 5);
  const auto scores = [&] {
    const MatrixD queries = (x * q.weight.transpose()).rowwise() + q.bias.transpose();
    const MatrixD keys = (x * k.weight.transpose()).rowwise() + k.bias.transpose();
    return MatrixD(queries * keys.transpose());
  };
  const MatrixD before = scores();
  const Eigen::VectorXd ratio = Eigen::VectorXd::LinSpaced(8, 0.1, 9);
  divide_outputs(q, ratio);
  divide_outputs(k, ratio.cwiseInverse());
  EXPECT_LT((scores() - before).cwiseAbs().maxCoeff(), 1e-12);
}

TEST(Fold, SplitNeuronsWithSaturationStayCloseToGelu) {
  const double threshold = 5;
  FoldedLinear ffn1{MatrixD::Ones(3, 1), Eigen::VectorXd::Zero(3)};
  FoldedLinear ffn2{MatrixD::Identity(3, 3), Eigen::VectorXd::Zero(3)};
  Eigen::VectorXd z_max(3);
  z_max << 4.9, 12, 25;
  const auto copies = split_neurons(ffn1, ffn2, z_max, threshold);
  ASSERT_EQ(copies.size(), 1U + 3U + 5U);
  ASSERT_EQ(ffn1.weight.rows(), 9);
  ASSERT_EQ(ffn2.weight.cols(), 9);
  double worst = 0;
  for (double z = -8; z <= 25; z += 0.01) {
    Eigen::VectorXd activated(9);
    for (int i = 0; i < 9; ++i)
      activated[i] = gelu(std::min(ffn1.weight(i, 0) * z + ffn1.bias[i], threshold));
    const Eigen::VectorXd y = ffn2.weight * activated;
    for (int n = 0; n < 3; ++n)
      if (z <= z_max[n]) worst = std::max(worst, std::abs(y[n] - gelu(z)));
  }
  EXPECT_LT(worst, 0.171);
  EXPECT_GT(worst, 0.1);  // near multiples of the threshold it is not exact, and the text says so
}

}  // namespace
}  // namespace sb::golden
