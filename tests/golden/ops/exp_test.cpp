// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/exp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

TEST(IntExp, SumsOfNeighbouringEntriesAreThoseOfTheExactOnes) {
  for (double scale : {1e-9, 0.003, 0.05, 0.17, 1.0, 50.0}) {
    const ExpTable table = make_exp_table(scale);
    EXPECT_EQ(table[0], 255);
    for (size_t first = 0; first < 256; ++first) {
      double error = 0;
      for (size_t d = first; d < 256; ++d) {
        error += table[d] - 255 * std::exp(-scale * static_cast<double>(d));
        EXPECT_LE(std::abs(error), 1 + 1e-9) << scale << ": " << first << " to " << d;
      }
    }
  }
  for (double scale : {0.0, -1.0, std::nan(""), HUGE_VAL})
    EXPECT_THROW(make_exp_table(scale), InputError);
}

TEST(IntExp, RowsUseTheMaximumOfTheValidKeysOnly) {
  const ExpTable table = make_exp_table(0.05);
  MatrixI16 s(2, 4);
  s << 10, 127, -128, 7, -5, 0, 3, -128;
  const std::vector<uint8_t> valid{1, 0, 1, 1};
  const ExpRows rows = exp_rows(s, valid, table);
  MatrixI16 expected(2, 4);
  expected << 255, 0, table[138], table[3], table[8], 0, 255, table[131];
  EXPECT_EQ(rows.u, expected);
  EXPECT_EQ(rows.sum[0], 255U + table[138] + table[3]);
  EXPECT_EQ(rows.sum[1], 255U + table[8] + table[131]);
}

TEST(IntExp, FullyMaskedRowGivesZeros) {
  const MatrixI16 s = MatrixI16::Constant(3, 5, 100);
  const ExpRows rows = exp_rows(s, std::vector<uint8_t>(5, 0), make_exp_table(0.1));
  EXPECT_TRUE(rows.u.isZero());
  EXPECT_EQ(reciprocal(rows.sum[1]), 0U);
}

TEST(IntExp, ExtremesOfTheScoresReachTheEndsOfTheTable) {
  MatrixI16 s(1, 2);
  s << 127, -128;
  const ExpTable table = make_exp_table(0.01);
  EXPECT_EQ(exp_rows(s, {}, table).u(0, 1), table[255]);
  s << 128, 0;
  EXPECT_THROW(exp_rows(s, {}, table), InputError);
  EXPECT_THROW(exp_rows(MatrixI16::Zero(1, 4097), {}, table), InputError);
}

TEST(Reciprocal, EqualsExactDivisionForEverySum) {
  EXPECT_EQ(reciprocal(0), 0U);
  for (uint32_t sum = 1; sum < (1U << 20); ++sum) {
    // r is right when 2 r - 1 <= 2 * 2^24 / sum < 2 r + 1, the tie going up; else it is the limit.
    const __int128 r = reciprocal(sum), two = __int128{1} << 25;
    if (r == 131071)
      ASSERT_TRUE((2 * r - 1) * sum <= two) << sum;
    else
      ASSERT_TRUE((2 * r - 1) * sum <= two && two < (2 * r + 1) * sum) << sum;
  }
  EXPECT_THROW(reciprocal(1U << 20), InputError);
}

TEST(RowFactor, EqualsFlooredProductAtCornersAndAtRandom) {
  std::mt19937 rng(5);
  for (int i = 0; i < 100000; ++i) {
    const uint32_t sum = 255 + static_cast<uint32_t>(rng() % 500000);
    const int32_t limit = static_cast<int32_t>(std::min(67108863U, sum * 128));
    const auto acc =
        static_cast<int32_t>(static_cast<int64_t>(rng()) % (2 * int64_t{limit} + 1) - limit);
    const uint32_t r = reciprocal(sum);
    const long double exact = std::floor(static_cast<long double>(acc) * r / 256);
    ASSERT_EQ(row_factor(acc, r), static_cast<int32_t>(exact));
    ASSERT_LT(std::abs(exact), 0x1p24L);
  }
  EXPECT_EQ(row_factor(-1, 1), -1);
  EXPECT_EQ(row_factor(1, 255), 0);
  EXPECT_THROW(row_factor(1 << 26, 1), InputError);
  EXPECT_THROW(row_factor(1, 1U << 17), InputError);
  EXPECT_THROW(row_factor((1 << 26) - 1, 131071), InputError);
}

}  // namespace
}  // namespace sb::golden
