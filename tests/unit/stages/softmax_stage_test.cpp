// SPDX-License-Identifier: Apache-2.0
// sb_softmax_top: row maximum, exp, sum, division and rounding together.
#include <fmt/format.h>

#include "golden/ops/softmax.h"
#include "tb/devices/stage_ops.h"
#include "tb/sim/error.h"
#include "tests/unit/stages/stage_cases.h"

namespace sb {
namespace {

std::vector<int16_t> golden_row(const tb::ScoreRow& row, const golden::SoftmaxTable& table,
                                golden::SoftmaxFormat format) {
  const golden::MatrixI16 s = Eigen::Map<const golden::MatrixI16>(
      row.scores.data(), 1, static_cast<Eigen::Index>(row.scores.size()));
  const golden::MatrixI16 y = golden::softmax_rows(s, row.keep, table, format);
  return {y.data(), y.data() + y.size()};
}

class SoftmaxStage : public testing::TestWithParam<int> {
 protected:
  void expect_golden(std::span<const tb::ScoreRow> rows, double scale, golden::SoftmaxFormat format,
                     const tb::StageOptions& options = {}) {
    const golden::SoftmaxTable table = golden::make_softmax_table(scale);
    const auto y =
        tb::softmax_op(*dut_, rows, table, format == golden::SoftmaxFormat::S8, options, &run_);
    for (size_t r = 0; r < rows.size(); ++r)
      ASSERT_EQ(y[r], golden_row(rows[r], table, format))
          << "row " << r << " of " << rows[r].scores.size();
  }

  const int m_ = GetParam();
  std::unique_ptr<tb::Stage> dut_ = tb::make_stage("softmax", m_);
  tb::StageRun run_;
};

TEST_P(SoftmaxStage, RowsOfEveryLengthAndKindEqualGoldenUnderStalls) {
  std::mt19937 rng(10);
  const auto m = static_cast<size_t>(m_);
  std::vector<tb::ScoreRow> rows;
  for (const std::string& kind : row_kinds())
    for (size_t n : {size_t{1}, size_t{2}, m - 1, m, m + 1, size_t{128}, size_t{197}, size_t{512}})
      rows.push_back({make_row(kind, n, -128, 127, rng), {}});
  std::shuffle(rows.begin(), rows.end(), rng);
  for (const auto format : {golden::SoftmaxFormat::U8, golden::SoftmaxFormat::S8})
    for (const StallCase& stalls : stall_cases())
      expect_golden(rows, format == golden::SoftmaxFormat::U8 ? 0.04 : 0.3, format,
                    {stalls.input, stalls.output, 5, {}});
}

TEST_P(SoftmaxStage, MaskedKeysGiveZeroAndAFullyMaskedRowZeros) {
  std::mt19937 rng(11);
  std::vector<tb::ScoreRow> rows;
  for (size_t n : {1, 5, 8, 16, 17, 100, 197})
    for (const size_t valid : {size_t{0}, size_t{1}, n / 2, n}) {
      tb::ScoreRow row{make_row("uniform", n, -128, 127, rng), std::vector<uint8_t>(n, 0)};
      std::fill_n(row.keep.begin(), valid, 1);
      rows.push_back(row);
      std::shuffle(row.keep.begin(), row.keep.end(), rng);  // any key may be masked
      rows.push_back(row);
    }
  for (const StallCase& stalls : stall_cases())
    expect_golden(rows, 0.02, golden::SoftmaxFormat::U8, {stalls.input, stalls.output, 6, {}});
}

TEST_P(SoftmaxStage, RowsFollowEachOtherWithoutABubble) {
  std::mt19937 rng(12);
  for (const size_t columns : {size_t{64}, static_cast<size_t>(m_), size_t{512}}) {
    std::vector<tb::ScoreRow> rows;
    for (int r = 0; r < 64; ++r) rows.push_back({make_row("normal", columns, -128, 127, rng), {}});
    expect_golden(rows, 0.05, golden::SoftmaxFormat::U8);
    expect_no_gap(run_.taken, "in");
    expect_no_gap(run_.arrived, "out");
    const auto words = (columns + static_cast<size_t>(m_) - 1) / static_cast<size_t>(m_);
    EXPECT_EQ(run_.arrived[0] - run_.taken[0], 2 * words + static_cast<size_t>(dut_->latency));
  }
}

TEST_P(SoftmaxStage, ALongerRowThanItHoldsIsRefused) {
  const auto columns = static_cast<size_t>(m_ * dut_->max_words);
  const tb::ScoreRow longest{std::vector<int16_t>(columns, 3), {}};
  const tb::ScoreRow longer{std::vector<int16_t>(columns + 1, 3), {}};
  expect_golden(std::vector{longest, longest}, 0.1, golden::SoftmaxFormat::U8);
  const golden::SoftmaxTable table = golden::make_softmax_table(0.1);
  EXPECT_THROW(tb::softmax_op(*dut_, std::vector{longer}, table, false), tb::InputError);
  // Sent all the same, the RTL objects instead of waiting for ever.
  const std::vector<uint32_t> words(
      dut_->in.data.words() * static_cast<size_t>(dut_->max_words + 1), 0);
  EXPECT_THROW(tb::run_stage(*dut_, words, 1), tb::SimError);
}

TEST_P(SoftmaxStage, AChangedScoreAndALostLastFlagAreNoticed) {
  std::mt19937 rng(13);
  const std::vector<tb::ScoreRow> rows(4, {make_row("normal", 40, -128, 127, rng), {}});
  const golden::SoftmaxTable table = golden::make_softmax_table(0.05);
  tb::StageOptions options;
  options.tamper = [](bool out, uint64_t index, std::span<uint32_t> word) {
    if (!out && index == 1) word[0] ^= 0x40;
    return true;
  };
  const auto y = tb::softmax_op(*dut_, rows, table, false, options);
  EXPECT_NE(y[0], golden_row(rows[0], table, golden::SoftmaxFormat::U8));
  EXPECT_EQ(y[2], golden_row(rows[2], table, golden::SoftmaxFormat::U8));
  const uint64_t words = (40 + static_cast<uint64_t>(m_) - 1) / static_cast<uint64_t>(m_);
  options.tamper = [&](bool out, uint64_t index, std::span<uint32_t> word) {
    if (!out && index == words - 1)
      word[static_cast<size_t>(m_ * 9) / 32] &= ~(1U << (m_ * 9 % 32));
    return true;
  };
  EXPECT_THROW(tb::softmax_op(*dut_, rows, table, false, options), tb::SimError);
}

INSTANTIATE_TEST_SUITE_P(Lanes, SoftmaxStage, testing::Values(8, 16),
                         [](const auto& lanes) { return fmt::format("M{}", lanes.param); });

}  // namespace
}  // namespace sb
