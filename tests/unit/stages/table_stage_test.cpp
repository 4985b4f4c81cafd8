// SPDX-License-Identifier: Apache-2.0
// sb_table behind its stand-alone top.
#include "golden/ops/table.h"
#include "tb/devices/stage_ops.h"
#include "tb/sim/error.h"
#include "tests/unit/stages/stage_cases.h"

namespace sb {
namespace {

std::unique_ptr<tb::Stage> stage(uint64_t seed = 1) { return smallest_stage("table", seed); }

golden::Table gelu_table() {
  return golden::make_table(golden::gelu, {0.05, -40, 0.04, -100, golden::Clamp::S9});
}

TEST(TableStage, EveryEntryOfEveryActivationEqualsGolden) {
  // Each of the 256 codes in each lane, at most 8 of them.
  golden::MatrixI16 x(256, 8);
  for (int i = 0; i < 256; ++i)
    for (int c = 0; c < 8; ++c) x(i, c) = static_cast<int16_t>((i + 37 * c) % 256 - 128);
  const golden::TableFormat formats[] = {{0.05, -40, 0.04, -100, golden::Clamp::S8},
                                         {0.03, 0, 0.015, 0, golden::Clamp::U8},
                                         {0.05, 10, 0.01, 0, golden::Clamp::S9}};
  const std::function<double(double)> functions[] = {
      golden::gelu, golden::relu, golden::leaky_relu(0.1), [](double v) { return std::tanh(v); },
      golden::sigmoid};
  auto dut = stage();
  for (const auto& format : formats)
    for (const auto& f : functions) {
      const golden::Table table = golden::make_table(f, format);
      EXPECT_EQ(tb::table_op(*dut, x, table), golden::apply_table(x, table));
    }
}

TEST(TableStage, EveryWordArrivesUnderStalls) {
  const golden::Table table = gelu_table();
  auto dut = stage();
  for (const StallCase& stalls : stall_cases())
    for (int columns : {1, 2, 7, 8, 9, 64, 197}) {
      std::mt19937 rng(static_cast<unsigned>(columns));
      golden::MatrixI16 x(5, columns);
      for (auto& v : x.reshaped()) v = static_cast<int16_t>(static_cast<int>(rng() % 256) - 128);
      EXPECT_EQ(tb::table_op(*dut, x, table, {stalls.input, stalls.output, 3, {}}),
                golden::apply_table(x, table))
          << columns << " columns, " << stalls.input.name() << ", " << stalls.output.name();
    }
}

TEST(TableStage, TakesOneWordPerCycleWithTheStatedLatency) {
  auto dut = stage();
  tb::StageRun run;
  tb::table_op(*dut, golden::MatrixI16::Zero(64, 64), gelu_table(), {}, &run);
  expect_no_gap(run.taken, "in");
  expect_no_gap(run.arrived, "out");
  EXPECT_EQ(run.arrived[0] - run.taken[0], static_cast<uint64_t>(dut->latency));
}

TEST(TableStage, AChangedBitALostWordAndAnExtraWordAreNoticed) {
  const golden::Table table = gelu_table();
  const golden::MatrixI16 x = golden::MatrixI16::Constant(4, 8, 17);
  auto dut = stage();
  tb::StageOptions options;
  options.tamper = [](bool out, uint64_t index, std::span<uint32_t> word) {
    if (out && index == 2) word[0] ^= 2;
    return true;
  };
  EXPECT_NE(tb::table_op(*dut, x, table, options), golden::apply_table(x, table));
  options.tamper = [](bool out, uint64_t index, std::span<uint32_t>) { return out || index != 1; };
  EXPECT_THROW(tb::table_op(*stage(), x, table, options), tb::SimError);
  options.tamper = [](bool out, uint64_t index, std::span<uint32_t>) { return !out || index != 1; };
  EXPECT_THROW(tb::table_op(*stage(), x, table, options), tb::SimError);
  // One word sent more than results are expected.
  auto extra = stage();
  const std::vector<uint32_t> words(extra->in.data.words() * 3, 0);
  EXPECT_THROW(tb::run_stage(*extra, words, 2), tb::SimError);
}

}  // namespace
}  // namespace sb
