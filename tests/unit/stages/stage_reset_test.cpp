// SPDX-License-Identifier: Apache-2.0
// Every stand-alone stage reset for one cycle with words anywhere in it: nothing of them comes out,
// and the next rows are right.
#include <fmt/format.h>

#include <functional>

#include "golden/ops/exp.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/residual.h"
#include "golden/ops/softmax.h"
#include "golden/ops/table.h"
#include "tb/devices/stage_ops.h"
#include "tests/support/seeds.h"
#include "tests/support/word_feed.h"
#include "tests/unit/stages/stage_cases.h"

namespace sb {
namespace {

golden::MatrixI16 codes(int rows, int columns, int low, int high, std::mt19937& rng) {
  golden::MatrixI16 x(rows, columns);
  for (auto& v : x.reshaped())
    v = static_cast<int16_t>(low + static_cast<int>(rng() % static_cast<unsigned>(high - low + 1)));
  return x;
}

/// Random rows through the stage, which must be golden's.
using Operation = std::function<void(tb::Stage&, const tb::StageOptions&, std::mt19937&)>;

void run_table(tb::Stage& stage, const tb::StageOptions& options, std::mt19937& rng) {
  const golden::Table table = golden::make_table(golden::gelu, {0.05, -40, 0.04, -100});
  const auto x = codes(7, 3 * stage.m, -128, 127, rng);
  ASSERT_EQ(tb::table_op(stage, x, table, options), golden::apply_table(x, table));
}

void run_requant(tb::Stage& stage, const tb::StageOptions& options, std::mt19937& rng) {
  const int rows = 6, columns = 3 * stage.m - 1;
  golden::MatrixI32 acc(rows, columns);
  for (auto& v : acc.reshaped()) v = static_cast<int32_t>(rng()) >> 8;
  std::vector<uint32_t> mult, factor;
  std::vector<uint8_t> shift;
  for (int c = 0; c < columns; ++c) {
    mult.push_back(rng() % 65536);
    shift.push_back(static_cast<uint8_t>(16 + rng() % 20));
  }
  for (int r = 0; r < rows; ++r)
    factor.push_back(golden::reciprocal(255 + static_cast<uint32_t>(rng() % 100000)));
  ASSERT_EQ(
      tb::requantize_op(stage, acc, mult, shift, 3, golden::Clamp::S16, factor, options),
      golden::requantize(golden::row_factor(acc, factor), mult, shift, 3, golden::Clamp::S16));
}

void run_residual(tb::Stage& stage, const tb::StageOptions& options, std::mt19937& rng) {
  const auto h = codes(6, 3 * stage.m + 1, -32768, 32767, rng);
  const auto d = codes(6, 3 * stage.m + 1, -32768, 32767, rng);
  const auto y = tb::residual_op(stage, h, d, options);
  const golden::MatrixI16 s = golden::residual_add(h, d);
  ASSERT_EQ(y.s, s);
  for (Eigen::Index r = 0; r < s.rows(); ++r) {
    const auto statistics =
        golden::row_statistics({s.row(r).data(), static_cast<size_t>(s.cols())});
    ASSERT_EQ(y.sum[static_cast<size_t>(r)], statistics.sum);
    ASSERT_EQ(y.sumsq[static_cast<size_t>(r)], statistics.sumsq);
  }
}

void run_softmax(tb::Stage& stage, const tb::StageOptions& options, std::mt19937& rng) {
  const golden::SoftmaxTable table = golden::make_softmax_table(0.05);
  std::vector<tb::ScoreRow> rows;
  for (int r = 0; r < 6; ++r)
    rows.push_back(
        {make_row("uniform", 1 + rng() % static_cast<size_t>(4 * stage.m), -128, 127, rng), {}});
  const auto y = tb::softmax_op(stage, rows, table, false, options);
  for (size_t r = 0; r < rows.size(); ++r) {
    const golden::MatrixI16 s = Eigen::Map<const golden::MatrixI16>(
        rows[r].scores.data(), 1, static_cast<Eigen::Index>(rows[r].scores.size()));
    const golden::MatrixI16 want = golden::softmax_rows(s, {}, table, golden::SoftmaxFormat::U8);
    ASSERT_EQ(y[r], std::vector<int16_t>(want.data(), want.data() + want.size()));
  }
}

void run_layernorm(tb::Stage& stage, const tb::StageOptions& options, std::mt19937& rng) {
  const int columns = 3 * stage.m - 2;
  const std::vector<float> ones(static_cast<size_t>(columns), 1.0F);
  const auto norm = golden::make_layernorm(ones, ones, 1e-12, 2e-4, 20.0 / 32767);
  const auto operand =
      golden::make_operand(std::vector<double>(static_cast<size_t>(columns), 0.004), 8);
  const auto s = codes(6, columns, -3000, 5000, rng);
  const auto y = tb::layernorm_op(stage, s, norm, operand, options);
  const auto y16 = golden::layernorm(s, norm);
  ASSERT_EQ(y.y16, y16);
  ASSERT_EQ(y.y8, golden::narrow_operand(y16, operand));
}

struct StageKind {
  std::string name;
  Operation run;
};
void PrintTo(const StageKind& kind, std::ostream* os) { *os << kind.name; }

class StageReset : public testing::TestWithParam<StageKind> {};

INSTANTIATE_TEST_SUITE_P(Stage, StageReset,
                         testing::Values(StageKind{"table", run_table},
                                         StageKind{"requant", run_requant},
                                         StageKind{"residual", run_residual},
                                         StageKind{"softmax", run_softmax},
                                         StageKind{"layernorm", run_layernorm}),
                         [](const auto& p) { return p.param.name; });

TEST_P(StageReset, OfOneCycleInAnyStateLeavesNothingOfTheOldRows) {
  std::mt19937 rng(static_cast<unsigned>(GTEST_FLAG_GET(random_seed)) + 5);
  for (const int m : tb::stage_sizes(GetParam().name)) {
    auto stage = tb::make_stage(GetParam().name, m);
    // The words of a whole run, to be cut short below.
    std::vector<uint32_t> words;
    tb::StageOptions record;
    record.tamper = [&](bool out, uint64_t, std::span<uint32_t> word) {
      if (!out) words.insert(words.end(), word.begin(), word.end());
      return true;
    };
    GetParam().run(*stage, record, rng);
    for (int trial = 0; trial < 60; ++trial) {
      {
        test::WordFeed in(stage->in, words,
                          trial % 3 == 0 ? tb::StallPolicy::random(0.4) : tb::StallPolicy::never(),
                          rng());
        test::WordGate out(
            stage->out, [](auto, bool) {}, 0,
            trial % 3 == 1 ? tb::StallPolicy::random(0.6) : tb::StallPolicy::never(), rng());
        stage->clock().clear();
        stage->clock().add(in);
        stage->clock().add(out);
        if (trial % 5 == 4) out.limit(0);
        const auto cycles = static_cast<int>(rng() % (2 * in.size() + 60));
        for (int i = 0; i < cycles; ++i) stage->clock().tick();
        stage->clock().clear();
      }
      stage->reset(1);
      if (trial % 2 == 0)  // what would still be on its way
        for (int i = 0; i < 120; ++i) {
          ASSERT_FALSE(*stage->out.valid) << "trial " << trial;
          ASSERT_TRUE(stage->statistics.valid == nullptr || !*stage->statistics.valid);
          stage->clock().tick();
        }
      ASSERT_NO_THROW(GetParam().run(*stage, {}, rng)) << "trial " << trial;
      if (HasFailure()) FAIL() << "trial " << trial << "; " << test::rerun_line();
    }
  }
}

// error_o rises behind the word that cannot be the last but is not marked so, and stays until
// reset.
TEST(StageErrors, ARowOfMoreWordsThanFitIsToldUntilAReset) {
  for (const char* name : {"softmax", "layernorm"}) {
    SCOPED_TRACE(name);
    const auto stage = smallest_stage(name);
    std::vector<uint32_t> word(stage->in.data.words(), 0);
    const int last_bit = stage->m * (std::string(name) == "softmax" ? 9 : 16);
    uint32_t& top = word[static_cast<std::size_t>(last_bit / 32)];
    const auto send = [&](int words, bool last, int error) {
      for (int taken = 0, n = 0; taken < words; ++n) {
        ASSERT_LT(n, 20 * stage->max_words);
        *stage->in.valid = 1;
        *stage->out.ready = 1;
        top = last && taken == words - 1 ? 1U << last_bit % 32 : 0;
        stage->in.data.write(word);
        taken += *stage->in.ready;
        stage->clock().tick();
        EXPECT_EQ(*stage->error, error) << taken;
      }
    };
    for (int trial = 0; trial < 2; ++trial) {
      send(stage->max_words, true, 0);
      send(1, true, 0);
      send(stage->max_words, true, 0);
      send(stage->max_words - 1, false, 0);
      send(1, false, 1);
      send(1, true, 1);
      send(2, true, 1);
      stage->reset(1);
      EXPECT_EQ(*stage->error, 0);
    }
  }
}

}  // namespace
}  // namespace sb
