// SPDX-License-Identifier: Apache-2.0
// sb_requant with the row factor, behind its stand-alone top.
#include "golden/ops/exp.h"
#include "golden/ops/requantize.h"
#include "tb/devices/stage_ops.h"
#include "tb/sim/error.h"
#include "tests/unit/stages/stage_cases.h"

namespace sb {
namespace {

struct Channels {
  std::vector<uint32_t> mult;
  std::vector<uint8_t> shift;
};

Channels random_channels(size_t n, std::mt19937& rng) {
  Channels c;
  for (size_t i = 0; i < n; ++i) {
    c.mult.push_back(rng() % 65536);
    c.shift.push_back(static_cast<uint8_t>(7 + rng() % 40));
  }
  return c;
}

// Accumulators that give results in and a little beyond the range of the clamp, ties among them.
golden::MatrixI32 accumulators(int rows, int columns, int bits, std::mt19937& rng) {
  golden::MatrixI32 acc(rows, columns);
  for (auto& v : acc.reshaped()) {
    const int width = 1 + static_cast<int>(rng() % static_cast<unsigned>(bits));
    v = static_cast<int32_t>(rng() << 1 >> (32 - width + 1)) * (rng() % 2 == 0 ? 1 : -1);
  }
  return acc;
}

TEST(RequantStage, EqualsGoldenForEveryClampShiftAndWidth) {
  auto dut = smallest_stage("requant");
  std::mt19937 rng(5);
  for (const auto& [clamp, name, low, high] : golden::kClamps)
    for (const int columns : {1, 7, 8, 9, 197, 1000})
      for (const int zero : {0, -128, 127, -32768}) {
        if (columns > dut->m * dut->max_words) continue;
        const Channels c = random_channels(static_cast<size_t>(columns), rng);
        const auto acc = accumulators(10, columns, 31, rng);
        ASSERT_EQ(tb::requantize_op(*dut, acc, c.mult, c.shift, zero, clamp),
                  golden::requantize(acc, c.mult, c.shift, zero, clamp))
            << columns << " columns, zero point " << zero;
      }
}

TEST(RequantStage, TiesRoundToEvenOnBothSidesOfZero) {
  auto dut = smallest_stage("requant");
  golden::MatrixI32 acc(41, 4);
  for (int r = 0; r < 41; ++r) acc.row(r).setConstant((r - 20) * 2 + 1);
  // Half a code per step: shifts that end in each of the four hardware shifts.
  const std::vector<uint32_t> mult{1U << 15, 1U << 15, 1U << 15, 1U << 15};
  const std::vector<uint8_t> shift{16, 16, 16, 16};
  const auto y = tb::requantize_op(*dut, acc, mult, shift, 0, golden::Clamp::S8);
  for (int r = 0; r < 41; ++r) EXPECT_EQ(y(r, 0), std::nearbyint((r - 20) + 0.5)) << r;
  for (const int s : {16, 26, 36, 46}) {
    const std::vector<uint8_t> shifts(4, static_cast<uint8_t>(s));
    golden::MatrixI32 scaled = acc;
    for (auto& v : scaled.reshaped()) v *= s == 16 ? 1 : 1 << std::min(20, s - 16);
    EXPECT_EQ(tb::requantize_op(*dut, scaled, mult, shifts, 0, golden::Clamp::S8),
              golden::requantize(scaled, mult, shifts, 0, golden::Clamp::S8));
  }
}

TEST(RequantStage, RowFactorEqualsGoldenUpToItsLimits) {
  auto dut = smallest_stage("requant");
  std::mt19937 rng(6);
  for (const StallCase& stalls : stall_cases()) {
    const int rows = 60, columns = 33;
    const Channels c = random_channels(columns, rng);
    std::vector<uint32_t> factor;
    golden::MatrixI32 acc(rows, columns);
    for (int r = 0; r < rows; ++r) {
      // Sums of 1 to 2048 keys; |acc| <= 128 * sum, extremes included.
      const auto sum = static_cast<uint32_t>(r == 0   ? 255
                                             : r == 1 ? 255 * 2048
                                                      : 255 + rng() % (255 * 2048 - 254));
      factor.push_back(r == 2 ? 0 : golden::reciprocal(sum));
      const int limit = static_cast<int>(128 * sum);
      for (int n = 0; n < columns; ++n)
        acc(r, n) = n == 0   ? -limit + (limit == 1 << 26)
                    : n == 1 ? limit - 1
                             : static_cast<int>(rng() % (2U * limit)) - limit;
    }
    acc = acc.cwiseMax(-((1 << 26) - 1)).cwiseMin((1 << 26) - 1);
    ASSERT_EQ(
        tb::requantize_op(*dut, acc, c.mult, c.shift, 3, golden::Clamp::S8, factor,
                          {stalls.input, stalls.output, 9, {}}),
        golden::requantize(golden::row_factor(acc, factor), c.mult, c.shift, 3, golden::Clamp::S8));
  }
}

TEST(RequantStage, TakesOneWordPerCycleWithTheStatedLatency) {
  auto dut = smallest_stage("requant");
  tb::StageRun run;
  const std::vector<uint32_t> mult(64, 40000);
  const std::vector<uint8_t> shift(64, 30);
  tb::requantize_op(*dut, golden::MatrixI32::Constant(64, 64, 12345), mult, shift, 0,
                    golden::Clamp::S8, {}, {}, &run);
  expect_no_gap(run.taken, "in");
  expect_no_gap(run.arrived, "out");
  EXPECT_EQ(run.arrived[0] - run.taken[0], static_cast<uint64_t>(dut->latency));
}

TEST(RequantStage, WhatDoesNotFitIsRefused) {
  auto dut = smallest_stage("requant");
  const golden::MatrixI32 acc = golden::MatrixI32::Constant(1, 1, 1);
  const std::vector<uint8_t> shift{7}, low{5};
  EXPECT_THROW(
      tb::requantize_op(*dut, acc, std::vector<uint32_t>{65535}, low, 0, golden::Clamp::S8),
      tb::InputError);
  EXPECT_THROW(tb::requantize_op(*dut, acc, std::vector<uint32_t>{1}, shift, 0, golden::Clamp::S8,
                                 std::vector<uint32_t>{1U << 17}),
               tb::InputError);
  const auto columns = static_cast<size_t>(dut->m * dut->max_words) + 1;
  EXPECT_THROW(
      tb::requantize_op(*dut, golden::MatrixI32::Zero(1, static_cast<Eigen::Index>(columns)),
                        std::vector<uint32_t>(columns, 1), std::vector<uint8_t>(columns, 7), 0,
                        golden::Clamp::S8),
      tb::InputError);
}

}  // namespace
}  // namespace sb
