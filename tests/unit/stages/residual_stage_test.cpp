// SPDX-License-Identifier: Apache-2.0
// sb_residual and its row statistics behind the stand-alone top.
#include "golden/ops/layernorm.h"
#include "golden/ops/residual.h"
#include "tb/devices/stage_ops.h"
#include "tb/sim/error.h"
#include "tests/unit/stages/stage_cases.h"

namespace sb {
namespace {

golden::MatrixI16 random_rows(int rows, int columns, std::mt19937& rng) {
  golden::MatrixI16 x(rows, columns);
  for (int r = 0; r < rows; ++r) {
    const auto row = make_row(row_kinds()[rng() % row_kinds().size()], static_cast<size_t>(columns),
                              -32768, 32767, rng);
    for (int c = 0; c < columns; ++c) x(r, c) = row[static_cast<size_t>(c)];
  }
  return x;
}

void expect_golden(const tb::ResidualResult& result, const golden::MatrixI16& h,
                   const golden::MatrixI16& d) {
  const golden::MatrixI16 s = golden::residual_add(h, d);
  ASSERT_EQ(result.s, s);
  for (Eigen::Index r = 0; r < s.rows(); ++r) {
    const auto statistics =
        golden::row_statistics({s.row(r).data(), static_cast<size_t>(s.cols())});
    ASSERT_EQ(result.sum[static_cast<size_t>(r)], statistics.sum) << r;
    ASSERT_EQ(result.sumsq[static_cast<size_t>(r)], statistics.sumsq) << r;
  }
}

TEST(ResidualStage, SumsAndStatisticsEqualGoldenUnderStalls) {
  auto dut = smallest_stage("residual");
  std::mt19937 rng(4);
  for (const StallCase& stalls : stall_cases())
    for (int columns : {1, 2, 7, 8, 9, 384, 769, 1000}) {
      const auto h = random_rows(9, columns, rng), d = random_rows(9, columns, rng);
      expect_golden(tb::residual_op(*dut, h, d, {stalls.input, stalls.output, 2, {}}), h, d);
    }
}

TEST(ResidualStage, SaturatesAtBothEndsAndHoldsTheLargestStatistics) {
  auto dut = smallest_stage("residual");
  for (const int value : {-32768, 32767}) {
    const golden::MatrixI16 h = golden::MatrixI16::Constant(2, 4096, static_cast<int16_t>(value));
    expect_golden(tb::residual_op(*dut, h, h), h, h);
  }
  golden::MatrixI16 h(1, 4), d(1, 4);
  h << 32767, -32768, 32000, -32000;
  d << 1, -1, 767, -768;
  golden::MatrixI16 expected(1, 4);
  expected << 32767, -32768, 32767, -32768;
  EXPECT_EQ(tb::residual_op(*dut, h, d).s, expected);
}

TEST(ResidualStage, TakesOneWordPerCycleWithTheStatedLatency) {
  auto dut = smallest_stage("residual");
  std::mt19937 rng(8);
  tb::StageRun run;
  // Rows of 8 words, then rows of one word: the statistics are forwarded from cycle to cycle.
  for (const int columns : {64, 8}) {
    const auto h = random_rows(64, columns, rng), d = random_rows(64, columns, rng);
    expect_golden(tb::residual_op(*dut, h, d, {}, &run), h, d);
    expect_no_gap(run.taken, "in");
    expect_no_gap(run.arrived, "out");
    EXPECT_EQ(run.arrived[0] - run.taken[0], static_cast<uint64_t>(dut->latency));
  }
}

TEST(ResidualStage, AChangedInputBitShowsInTheStatisticsToo) {
  auto dut = smallest_stage("residual");
  const golden::MatrixI16 h = golden::MatrixI16::Constant(2, 16, 100),
                          d = golden::MatrixI16::Constant(2, 16, -3);
  tb::StageOptions options;
  const auto last_word = static_cast<uint64_t>(2 * 16 / dut->m - 1);
  options.tamper = [last_word](bool out, uint64_t index, std::span<uint32_t> word) {
    if (!out && index == last_word) word[0] ^= 1;
    return true;
  };
  const auto result = tb::residual_op(*dut, h, d, options);
  EXPECT_NE(result.s, golden::residual_add(h, d));
  EXPECT_EQ(result.sum[0], 16 * 97);
  EXPECT_EQ(result.sum[1], 16 * 97 + 1);
}

}  // namespace
}  // namespace sb
