// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/accuracy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

TEST(Accuracy, CosinesAreThoseOfTheRows) {
  MatrixF a(3, 2), b(3, 2);
  a << 1, 0, 0, 1, 1, 0;
  b << 1, 0, 0, 2, 0.6F, 0.8F;
  const Accuracy accuracy = compare_embeddings(a, b);
  EXPECT_NEAR(accuracy.mean_cosine, (1 + 1 + 0.6) / 3, 1e-7);
  EXPECT_NEAR(accuracy.min_cosine, 0.6, 1e-7);
  EXPECT_NEAR(accuracy.percentile_cosine, 0.6 + 0.02 * 0.4, 1e-7);
  EXPECT_THROW(compare_embeddings(a, b.topRows(2)), InputError);
}

TEST(Accuracy, OverlapCountsCommonNeighbours) {
  std::srand(1);
  const MatrixF a = MatrixF::Random(40, 8);
  EXPECT_EQ(compare_embeddings(a, a).top10_overlap, 1);
  EXPECT_LT(compare_embeddings(a, MatrixF::Random(40, 8)).top10_overlap, 0.6);
}

TEST(Accuracy, NearestNeighbourAndRanksOfSimilarities) {
  // Angles in degrees: pairs in the order of similarity are 10-30, 0-10, 0-30 and in the second
  // set 10-50, 0-10, 0-50, but in the third 0-10, 10-30, 0-30.
  const auto at = [](std::initializer_list<double> degrees) {
    MatrixF rows(static_cast<Eigen::Index>(degrees.size()), 2);
    Eigen::Index row = 0;
    for (double angle : degrees) {
      const double x = angle / 180 * 3.14159265358979;
      rows.row(row++) << static_cast<float>(std::cos(x)), static_cast<float>(std::sin(x));
    }
    return rows;
  };
  const MatrixF a = at({0, 30, 40});
  const Accuracy same = compare_embeddings(a, at({0, 50, 60}));
  EXPECT_EQ(same.same_nearest, 1);
  EXPECT_NEAR(same.spearman, 1, 1e-12);
  const Accuracy other =
      compare_embeddings(a, at({0, 10, 40}));  // two of three ranks change places
  EXPECT_NEAR(other.same_nearest, 2.0 / 3, 1e-12);
  EXPECT_NEAR(other.spearman, 0.5, 1e-12);
  // Equal cosines share a rank: (0, 1.5, 1.5) against (0, 2, 1) gives sqrt(3) / 2.
  const Accuracy tied = compare_embeddings(at({0, 90, 180}), at({0, 80, 180}));
  EXPECT_NEAR(tied.spearman, std::sqrt(3.0) / 2, 1e-12);
  EXPECT_EQ(compare_embeddings(a.topRows(1), a.topRows(1)).spearman, 1);
  EXPECT_EQ(compare_embeddings(a, a).cosines.size(), 3U);
}

TEST(Accuracy, NeighboursVoteAndTheNearestBreaksTies) {
  MatrixF e(4, 2);
  e << 1, 0, 1, 0.1F, 1, 0.3F, 0, 1;
  EXPECT_EQ(neighbour_accuracy(e, {"a", "a", "b", "b"}, 1), 0.75);  // row 2's nearest is row 1
  EXPECT_EQ(neighbour_accuracy(e, {"a", "a", "a", "b"}, 2), 0.75);
  EXPECT_THROW(neighbour_accuracy(e, {"a"}, 1), InputError);
}

}  // namespace
}  // namespace sb::golden
