// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/accuracy.h"

#include <gtest/gtest.h>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/io/text_lines.h"
#include "tests/golden/temp_folder.h"

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

TEST(Accuracy, NeighboursVoteAndTheNearestBreaksTies) {
  MatrixF e(4, 2);
  e << 1, 0, 1, 0.1F, 1, 0.3F, 0, 1;
  EXPECT_EQ(neighbour_accuracy(e, {"a", "a", "b", "b"}, 1), 0.75);  // row 2's nearest is row 1
  EXPECT_EQ(neighbour_accuracy(e, {"a", "a", "a", "b"}, 2), 0.75);
  EXPECT_THROW(neighbour_accuracy(e, {"a"}, 1), InputError);
}

TEST(TextLines, ReadsLabelsAndRefusesWhatIsEmptyOrMixed) {
  const TempFolder folder;
  const auto path = folder / "t.txt";
  write_file(path, "x\tone text\r\ny\tanother\n");
  const auto lines = read_text_lines(path);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].label, "x");
  EXPECT_EQ(lines[0].text, "one text");
  for (const char* bad : {"", "\n", "a\n \nb\n", "x\ta\nb\n", "\ta\n", "x\t\n"}) {
    write_file(path, bad);
    EXPECT_THROW(read_text_lines(path), InputError) << bad;
  }
}

}  // namespace
}  // namespace sb::golden
