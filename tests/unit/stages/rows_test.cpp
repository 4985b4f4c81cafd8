// SPDX-License-Identifier: Apache-2.0
// Units that work once per row: reduction of interleaved rows, reciprocal, reciprocal square root
// (sb_rows_top).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "Vrows.h"
#include "golden/ops/exp.h"
#include "golden/ops/layernorm.h"
#include "tb/sim/bench.h"

namespace sb {
namespace {

class Rows : public testing::Test {
 protected:
  Rows() {
    bench_->value_valid_i = bench_->recip_valid_i = bench_->rsqrt_valid_i = 0;
    bench_.reset();
  }
  tb::Bench<Vrows> bench_{1};
};

TEST_F(Rows, ReciprocalOfEverySumEqualsGoldenOnePerCycle) {
  uint32_t next = 0;
  for (uint64_t cycle = 0; next < 1U << 20; ++cycle) {
    bench_->recip_valid_i = cycle < (1U << 20);
    bench_->recip_sum_i = static_cast<uint32_t>(cycle) & 0xfffff;
    bench_.clock().tick();
    ASSERT_EQ(bench_->recip_valid_o, cycle + 1 >= bench_->recip_latency_o) << cycle;
    if (!bench_->recip_valid_o) continue;
    ASSERT_EQ(bench_->recip_tag_o, next);
    ASSERT_EQ(bench_->recip_o, golden::reciprocal(next)) << next;
    ++next;
  }
  EXPECT_EQ(next, 1U << 20);
}

TEST_F(Rows, ReciprocalSquareRootIsExactAtEveryBorderOfTheMantissa) {
  // The largest w whose root is m, and the one after it, for every m; every power of two and its
  // neighbours; random W.
  std::vector<uint64_t> inputs{0};
  for (uint64_t m = 65537; m <= 131072; ++m) {
    const auto odd = static_cast<unsigned __int128>(2 * m - 1);
    const auto w = static_cast<uint64_t>((static_cast<unsigned __int128>(1) << 66) / (odd * odd));
    if (w >= uint64_t{1} << 30 && w < uint64_t{1} << 32) inputs.push_back(w);
    if (w + 1 >= uint64_t{1} << 30 && w + 1 < uint64_t{1} << 32) inputs.push_back(w + 1);
  }
  EXPECT_GT(inputs.size(), 131000U);
  for (int bit = 0; bit < 57; ++bit)
    for (int64_t offset = -3; offset <= 3; ++offset) {
      const int64_t w = (int64_t{1} << bit) + offset;
      if (w > 0) inputs.push_back(static_cast<uint64_t>(w));
    }
  inputs.push_back((uint64_t{1} << 57) - 1);
  std::mt19937_64 rng(3);
  for (int i = 0; i < 50000; ++i) inputs.push_back(rng() >> 7 >> rng() % 57);
  size_t next = 0;
  for (size_t cycle = 0; next < inputs.size(); ++cycle) {
    bench_->rsqrt_valid_i = cycle < inputs.size();
    bench_->rsqrt_w_i = cycle < inputs.size() ? inputs[cycle] : 0;
    bench_.clock().tick();
    ASSERT_EQ(bench_->rsqrt_valid_o, cycle + 1 >= bench_->rsqrt_latency_o) << cycle;
    if (!bench_->rsqrt_valid_o) continue;
    const golden::Rsqrt root = golden::rsqrt(inputs[next]);
    ASSERT_EQ(bench_->rsqrt_tag_o, inputs[next]);
    ASSERT_EQ(bench_->rsqrt_m_o, root.m) << inputs[next];
    ASSERT_EQ(static_cast<int8_t>(bench_->rsqrt_h_o << 3) >> 3, root.h) << inputs[next];
    ++next;
  }
}

// Random interleaving of four rows with pauses: rows in blocks, words of one row in successive
// cycles, everything between.
TEST_F(Rows, InterleavedRowsReduceToTheirSumAndMaximum) {
  std::mt19937 rng(9);
  struct Open {
    int sum = 0, max = 0, left = 0;
  };
  Open open[4];
  std::vector<std::array<int, 3>> expected;  // row, sum, max in order of the last words
  size_t next = 0;
  int sticky = 0;
  for (int cycle = 0; cycle < 200000; ++cycle) {
    // Phases: one row for a while, strict rotation, random.
    const int phase = cycle / 500 % 3;
    if (phase == 0 && rng() % 7 == 0) sticky = static_cast<int>(rng() % 4);
    const int row = phase == 0 ? sticky : phase == 1 ? cycle % 4 : static_cast<int>(rng() % 4);
    const bool valid = rng() % 5 != 0;
    Open& o = open[row];
    const bool first = o.left == 0;
    const int value = static_cast<int>(rng() % 4001) - 2000;
    bench_->value_valid_i = valid;
    bench_->value_row_i = static_cast<uint8_t>(row);
    bench_->value_i = static_cast<uint16_t>(value);
    bench_->value_first_i = first;
    if (valid) {
      if (first) o = {0, -32768, 1 + static_cast<int>(rng() % 9)};
      o.sum += value;
      o.max = std::max(o.max, value);
      bench_->value_last_i = --o.left == 0;
      if (o.left == 0) expected.push_back({row, o.sum, o.max});
    }
    bench_.clock().tick();
    ASSERT_EQ(bench_->sum_valid_o, bench_->max_valid_o);
    if (!bench_->sum_valid_o) continue;
    ASSERT_LT(next, expected.size());
    ASSERT_EQ(bench_->sum_row_o, expected[next][0]);
    ASSERT_EQ(static_cast<int16_t>(bench_->sum_o), expected[next][1]) << "result " << next;
    ASSERT_EQ(static_cast<int16_t>(bench_->max_o), expected[next][2]) << "result " << next;
    ++next;
  }
  EXPECT_GT(next, 20000U);
  EXPECT_GE(next + 4, expected.size());
}

TEST_F(Rows, ASumThatLeavesItsWidthIsRefused) {
  bench_->value_valid_i = 1;
  bench_->value_row_i = 0;
  bench_->value_last_i = 0;
  bench_->value_i = 32767;
  bench_->value_first_i = 1;
  bench_.clock().tick();
  bench_->value_first_i = 0;
  EXPECT_THROW(
      {
        for (int i = 0; i < 4; ++i) bench_.clock().tick();
      },
      tb::SimError);
}

}  // namespace
}  // namespace sb
