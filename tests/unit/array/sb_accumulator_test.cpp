// SPDX-License-Identifier: Apache-2.0
// sb_accumulator: 4 lanes of 30-bit dot products, of which lanes 0 and 2 subtract, 5 rows.
#include <gmock/gmock.h>

#include <array>
#include <deque>
#include <optional>
#include <random>

#include "Vcompute_cells.h"
#include "tb/host/lanes.h"
#include "tb/sim/port.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

constexpr int kLanes = 4, kDotBits = 30;
constexpr int kDotMax = (1 << (kDotBits - 1)) - 1, kDotMin = -kDotMax - 1;
using Lanes = std::array<int32_t, kLanes>;
using Sums = std::array<int64_t, kLanes>;
using ComputeBench = test::IdleBench<Vcompute_cells>;

struct Step {
  bool valid = false, first = false, last = false;
  int row = 0;
  Lanes dot{};
  uint8_t tag = 0;
};

/// Drives the accumulator, the dot products two cycles after the rest of their word, and compares
/// what leaves, a cycle after those, in every cycle.
class AccumulatorBench {
 public:
  explicit AccumulatorBench(uint64_t seed = 1) : bench_(seed, test::trace_options(seed)) {
    bench_->acc_valid_i = 0;
    bench_.reset();
  }

  void step(const Step& s) {
    std::array<uint32_t, 4> word{};
    dots_.push_back(s.dot);
    for (int c = 0; c < kLanes; ++c)
      tb::put_lane(word, c, kDotBits,
                   static_cast<uint32_t>(dots_.front()[static_cast<std::size_t>(c)]));
    dots_.pop_front();
    bench_->acc_valid_i = s.valid;
    bench_->acc_first_i = s.first;
    bench_->acc_last_i = s.last;
    bench_->acc_row_i = static_cast<uint8_t>(s.row);
    bench_->acc_tag_i = s.tag;
    tb::Port(bench_->acc_dot_i).write(word);
    bench_->eval();  // assertions see wires as they stood before the edge: let them settle
    bench_.clock().tick();

    std::optional<Finished> finished;
    if (s.valid) {
      Sums& sum = sums_[static_cast<std::size_t>(s.row)];
      if (s.first) sum = {};
      for (std::size_t c = 0; c < kLanes; ++c) sum[c] += c % 2 ? s.dot[c] : -s.dot[c];
      if (s.last) finished = Finished{sum, s.tag};
    }
    expected_.push_back(finished);
    if (expected_.size() < 3) return;
    ASSERT_EQ(bench_->acc_valid_o, expected_.front().has_value());
    if (expected_.front()) {
      std::array<uint32_t, kLanes> got{};
      tb::Port(bench_->acc_sum_o).read(got);
      for (std::size_t c = 0; c < kLanes; ++c)
        ASSERT_EQ(static_cast<int32_t>(got[c]), expected_.front()->sum[c]) << "lane " << c;
      ASSERT_EQ(bench_->acc_tag_o, expected_.front()->tag);
      ++finished_;
    }
    expected_.pop_front();
  }
  int finished() const { return finished_; }

 private:
  struct Finished {
    Sums sum;
    uint8_t tag;
  };
  ComputeBench bench_;
  std::array<Sums, 5> sums_{};
  std::deque<Lanes> dots_ = std::deque<Lanes>(2);  // of the last two words
  std::deque<std::optional<Finished>> expected_;
  int finished_ = 0;
};

TEST(Accumulator, AddsEachRowOverItsBlocksInPlace) {
  test::for_each_seed(3, [](uint64_t seed) {
    AccumulatorBench bench(seed);
    test::Rng rng(static_cast<uint32_t>(seed));
    const auto small = [&rng] { return static_cast<int>(rng() % (1U << 27)) - (1 << 26); };
    int expected = 0;
    for (int job = 0; job < 200; ++job) {
      const int rows = 4 + static_cast<int>(rng() % 2),
                blocks = 1 + static_cast<int>(rng() % 6);  // 4: shortest
      const bool gaps = rng() % 2;
      for (int kb = 0; kb < blocks; ++kb)
        for (int row = 0; row < rows; ++row) {
          while (gaps && rng() % 3 == 0)  // noise while nothing is valid
            bench.step({.first = rng() % 2 == 0,
                        .last = rng() % 2 == 0,
                        .row = static_cast<int>(rng() % 5),
                        .dot = {small(), small(), small(), small()}});
          bench.step({.valid = true,
                      .first = kb == 0,
                      .last = kb == blocks - 1,
                      .row = row,
                      .dot = {small(), small(), small(), small()},
                      .tag = static_cast<uint8_t>(rng())});
          if (testing::Test::HasFatalFailure()) return;
        }
      expected += rows;
    }
    for (int i = 0; i < 4; ++i) bench.step({});
    EXPECT_EQ(bench.finished(), expected);
  });
}

/// Adds values to one lane of row 0, the others stay 0.
void accumulate(std::size_t lane, const std::vector<int>& values) {
  AccumulatorBench bench;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Step s{.valid = true, .first = i == 0, .last = i + 1 == values.size()};
    s.dot[lane] = lane % 2 ? values[i] : -values[i];
    bench.step(s);
    for (int gap = 0; gap < 3; ++gap) bench.step({});
  }
  EXPECT_EQ(bench.finished(), 1);
}

TEST(Accumulator, ReachesTheEndsOfInt32AndStopsTheSimulationBeyond) {
  // 4 * (2^29 - 1) + 3 = 2^31 - 1
  const std::vector<int> to_max{kDotMax, kDotMax, kDotMax, kDotMax, 3};
  const std::vector<int> to_min{-kDotMax, -kDotMax, -kDotMax, -kDotMax, -4};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    accumulate(lane, to_max);
    accumulate(lane, to_min);
    for (auto values : {to_max, to_min}) {
      values.push_back(values[0] > 0 ? 1 : -1);
      try {
        accumulate(lane, values);
        ADD_FAILURE() << "lane " << lane << " overflowed unseen";
      } catch (const tb::SimError& e) {
        EXPECT_THAT(e.what(), testing::HasSubstr("sb_accumulator.sv"));
      }
    }
  }
  accumulate(1, {kDotMin, kDotMin, kDotMin, kDotMin});
}

TEST(Accumulator, ARowThatComesAgainTooEarlyStopsTheSimulation) {
  for (const int gap : {0, 1, 2}) {
    AccumulatorBench bench;
    const auto too_early = [&] {
      bench.step({.valid = true, .first = true, .row = 2});
      for (int i = 0; i < gap; ++i) bench.step({});
      bench.step({.valid = true, .row = 2});
    };
    EXPECT_THROW(too_early(), tb::SimError) << gap;
  }
}

}  // namespace
}  // namespace sb
