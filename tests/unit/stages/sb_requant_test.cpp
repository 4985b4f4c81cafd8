// SPDX-License-Identifier: Apache-2.0
// sb_requant, 8 lanes of 32 bits, without and with the row factor and with every kind of
// multiplier, against golden::requantize. Each word carries 8 cases.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <limits>
#include <optional>
#include <random>

#include "Vcompute_cells.h"
#include "golden/ops/exp.h"
#include "golden/ops/requantize.h"
#include "tb/host/requant_code.h"
#include "tb/sim/port.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"
#include "tests/support/ties.h"

namespace sb {
namespace {

constexpr std::size_t kRequantLanes = 8;
// Those of sb_compute_cells: the second half has the row factor.
constexpr std::array<const char*, 6> kForms = {"inferred",        "DSP48E2",
                                               "MULT18X18D",      "factor, inferred",
                                               "factor, DSP48E2", "factor, MULT18X18D"};
constexpr int kMin = std::numeric_limits<int>::min(), kMax = std::numeric_limits<int>::max();
constexpr uint32_t kMultMax = (1U << 26) - 1;

struct Case {
  int acc = 0;
  uint32_t mult = 0;
  int select = 0;
  int bias = 0;
};
struct Option {
  std::optional<golden::Clamp> clamp;  ///< none: raw
  int zero_point = 0;
  std::optional<uint32_t> factor;  ///< of the forms that have it
};

constexpr int kZeroPoints[] = {0, 1, -1, 128, -128, 32767, -32768};

int shift_of(const Case& c) { return 16 + 10 * c.select; }

int expected_of(const Case& c, const Option& option, bool factor = false) {
  const int acc = factor && option.factor ? golden::row_factor(c.acc, *option.factor) : c.acc;
  if (!option.clamp) return acc + c.bias;
  return golden::requantize(acc + c.bias, c.mult, shift_of(c), option.zero_point, *option.clamp);
}

/// Collects cases into words, sends them and compares every word that leaves, in every cycle.
class RequantBench {
 public:
  explicit RequantBench(uint64_t seed = 1, double gap = 0)
      : bench_(seed, test::trace_options(seed)), rng_(static_cast<uint32_t>(seed)), gap_(gap) {
    bench_->requant_valid_i = 0;
    bench_.reset();
  }

  void add(const Case& c, const Option& option) {
    if (!cases_.empty() &&
        (option.clamp != option_.clamp || option.zero_point != option_.zero_point ||
         option.factor != option_.factor || cases_.size() == kRequantLanes))
      send();
    option_ = option;
    cases_.push_back(c);
  }
  /// Sends what is left and waits for the pipeline to run dry.
  void finish() {
    if (!cases_.empty()) send();
    for (std::size_t i = 0; i < kMaxLatency + 2; ++i) cycle(std::nullopt);
  }
  /// Cases that came out of every form.
  uint64_t checked() const { return *std::min_element(checked_.begin(), checked_.end()); }

 private:
  static constexpr std::size_t kMaxLatency = 40;
  struct Word {
    std::vector<Case> cases;
    Option option;
    uint8_t tag;
  };

  void send() {
    while (std::uniform_real_distribution<double>(0, 1)(rng_) < gap_) cycle(std::nullopt);
    cycle(Word{cases_, option_, static_cast<uint8_t>(rng_())});
    cases_.clear();
  }

  void cycle(const std::optional<Word>& word) {
    std::array<uint32_t, kRequantLanes> acc{};
    std::array<uint32_t, 2 * kRequantLanes> chan{};
    for (auto& w : acc) w = rng_();
    for (auto& w : chan) w = rng_();
    for (std::size_t c = 0; c < kRequantLanes && word; ++c) {
      const Case lane = c < word->cases.size() ? word->cases[c] : Case{};
      acc[c] = static_cast<uint32_t>(lane.acc);
      const auto channel =
          sb_pkg::chan_t{.shift_sel = lane.select, .mult = lane.mult, .bias = lane.bias}.pack();
      std::copy(channel.begin(), channel.end(), chan.begin() + static_cast<std::ptrdiff_t>(2 * c));
    }
    bench_->requant_valid_i = word.has_value();
    tb::Port(bench_->requant_acc_i).write(acc);
    tb::Port(bench_->requant_chan_i).write(chan);
    bench_->requant_tag_i = word ? word->tag : static_cast<uint8_t>(rng_());
    bench_->requant_clamp_i = static_cast<uint8_t>(
        !word                ? rng_() % 5
        : word->option.clamp ? static_cast<uint32_t>(tb::clamp_code(*word->option.clamp))
                             : static_cast<uint32_t>(sb_pkg::ClampRaw));
    bench_->requant_zero_point_i =
        static_cast<uint16_t>(word ? word->option.zero_point : static_cast<int>(rng_()));
    const std::optional<uint32_t> factor = word ? word->option.factor : rng_();
    bench_->requant_factor_on_i = factor.has_value();
    bench_->requant_factor_i = factor.value_or(rng_()) % (1U << 17);
    bench_.clock().tick();
    words_.push_front(word);
    if (words_.size() > kMaxLatency) words_.pop_back();
    for (std::size_t form = 0; form < kForms.size(); ++form) {
      const std::size_t latency = bench_->requant_latency_o >> 8 * form & 0xff;
      ASSERT_LE(latency, kMaxLatency);
      if (words_.size() >= latency) check(form, words_[latency - 1]);
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  void check(std::size_t form, const std::optional<Word>& word) {
    ASSERT_EQ(bench_->requant_valid_o >> form & 1, word.has_value()) << kForms[form];
    if (!word) return;
    std::array<uint32_t, kForms.size() * kRequantLanes> data{};
    tb::Port(bench_->requant_data_o).read(data);
    const uint32_t* const got = data.data() + form * kRequantLanes;
    ASSERT_EQ(bench_->requant_tag_o >> 8 * form & 0xff, word->tag);
    for (std::size_t c = 0; c < word->cases.size(); ++c) {
      const Case& lane = word->cases[c];
      ASSERT_EQ(static_cast<int>(got[c]), expected_of(lane, word->option, form >= 3))
          << kForms[form] << ": factor " << word->option.factor.value_or(0) << " acc " << lane.acc
          << " bias " << lane.bias << " mult " << lane.mult << " shift " << shift_of(lane)
          << " zero point " << word->option.zero_point << " clamp "
          << (word->option.clamp ? static_cast<int>(*word->option.clamp) : -1) << " lane " << c;
      ++checked_[form];
    }
  }

  test::IdleBench<Vcompute_cells> bench_;
  test::Rng rng_;
  double gap_;
  std::vector<Case> cases_;
  Option option_;
  std::deque<std::optional<Word>> words_;  // the latest one first
  std::array<uint64_t, kForms.size()> checked_{};
};

/// Round half up, the mistake that ties must tell apart.
int half_up(const Case& c) {
  const __int128 product = __int128{c.acc} * c.mult;
  return static_cast<int>((product + (__int128{1} << (shift_of(c) - 1))) >> shift_of(c));
}

TEST(Requant, TiesGoToEvenAtEveryShiftOnBothSides) {
  RequantBench bench;
  uint64_t added = 0;
  for (int select = 0; select < 4; ++select) {
    // acc * mult = (2 q + 1) * 2^(shift - 1), the tie between q and q + 1, and its neighbours
    const uint32_t mult = select == 0 ? 1U << 15 : 1U << 25;
    const int unit = select < 2 ? 1 : 1 << (10 * (select - 1));
    int ties_that_differ = 0;
    for (const auto& [clamp, name, low, high] : golden::kClamps)
      for (const int zero_point : kZeroPoints)
        for (int q = -400; q <= 400; ++q)
          for (const int near : {-1, 0, 1}) {
            const Case c{.acc = (2 * q + 1) * unit + (unit > 1 ? near : 0),
                         .mult = unit > 1 ? mult : mult + static_cast<uint32_t>(near),
                         .select = select};
            ties_that_differ += zero_point == 0 && clamp == golden::Clamp::S16 &&
                                half_up(c) != expected_of(c, {golden::Clamp::S16, 0});
            bench.add(c, {clamp, zero_point});
            ++added;
          }
    EXPECT_EQ(ties_that_differ, 401) << "select " << select;  // q even: half up would go to q + 1
  }
  bench.finish();
  EXPECT_EQ(bench.checked(), added);
}

TEST(Requant, EachBitBelowAHalfAloneRoundsUp) {
  RequantBench bench;
  uint64_t added = 0;
  for (int select = 0; select < 4; ++select) {
    const int shift = shift_of({.select = select});
    for (int bit = 0; bit <= shift - 2; ++bit)
      for (const bool negative : {false, true}) {
        const auto near = test::near_tie(shift, bit, kMax, kMultMax, 32766, negative);
        ASSERT_TRUE(near) << "shift " << shift << " bit " << bit;
        const Case c{.acc = static_cast<int>(near->factor),
                     .mult = static_cast<uint32_t>(near->mult),
                     .select = select};
        ASSERT_EQ(expected_of(c, {golden::Clamp::S16, 0}), near->quotient + 1);
        bench.add(c, {golden::Clamp::S16, 0});
        ++added;
      }
  }
  bench.finish();
  EXPECT_EQ(bench.checked(), added);
}

TEST(Requant, EveryClampSaturatesOnBothSides) {
  RequantBench bench;
  uint64_t added = 0;
  for (const auto& [clamp, name, low, high] : golden::kClamps)
    for (const int zero_point : kZeroPoints)
      for (const int edge : {low, high})
        for (int near = -300; near <= 300; ++near) {
          // A multiplier of one: around both ends of the clamp, -128 and -129 included.
          bench.add({.acc = edge - zero_point + near, .mult = 1U << 16, .select = 0},
                    {clamp, zero_point});
          // The same at half steps.
          bench.add({.acc = 2 * (edge - zero_point) + near, .mult = 1U << 15, .select = 0},
                    {clamp, zero_point});
          added += 2;
        }
  bench.finish();
  EXPECT_EQ(bench.checked(), added);
}

TEST(Requant, ExtremesOfEveryOperandMeet) {
  RequantBench bench;
  uint64_t added = 0;
  std::vector<int> accs{0, 1, -1, kMin, kMin + 1, kMax, kMax - 1};
  for (int bit = 1; bit < 31; ++bit)
    for (const int near : {-1, 0, 1}) {
      accs.push_back((1 << bit) + near);
      accs.push_back(-(1 << bit) + near);
    }
  std::vector<uint32_t> mults{
      0, 1, 2, 3, kMultMax, kMultMax - 1, 1U << 25, (1U << 25) - 1, (1U << 25) + 1, 1U << 16};
  for (const auto& [clamp, name, low, high] : golden::kClamps)
    for (const int zero_point : kZeroPoints)
      for (int select = 0; select < 4; ++select)
        for (const uint32_t mult : mults)
          for (const int acc : accs) {
            bench.add({.acc = acc, .mult = mult, .select = select}, {clamp, zero_point});
            ++added;
          }
  bench.finish();
  EXPECT_EQ(bench.checked(), added);
}

/// Operands whose magnitudes, not only values, are spread evenly; most results fall inside the
/// clamp.
Case random_case(test::Rng& rng) {
  const auto bits = [&rng](int most) {
    return static_cast<int>(rng() % static_cast<unsigned>(most + 1));
  };
  Case c;
  const int sum = static_cast<int>(rng()) >> bits(31);
  // Split into accumulator and bias so that neither overflows.
  c.bias = static_cast<int>(rng()) >> (1 + bits(30));
  if (int64_t{sum} - c.bias < kMin || int64_t{sum} - c.bias > kMax) c.bias = 0;
  c.acc = sum - c.bias;
  c.mult = static_cast<uint32_t>(rng() >> (6 + bits(26) % 26));
  c.select = static_cast<int>(rng() % 4);
  return c;
}

class RequantGaps : public testing::TestWithParam<int> {};

TEST_P(RequantGaps, RandomOperandsEqualTheGoldenModel) {
  test::for_each_seed(1, [](uint64_t seed) {
    RequantBench bench(seed, GetParam() / 100.0);
    test::Rng rng(static_cast<uint32_t>(seed) + 7);
    constexpr int words = 20000;
    for (int word = 0; word < words; ++word) {
      Option option;
      if (rng() % 8) option.clamp = golden::kClamps[rng() % golden::kClamps.size()].clamp;
      option.zero_point = static_cast<int16_t>(rng()) >> (rng() % 16);
      for (std::size_t lane = 0; lane < kRequantLanes; ++lane) bench.add(random_case(rng), option);
      if (testing::Test::HasFatalFailure()) return;
    }
    bench.finish();
    EXPECT_EQ(bench.checked(), words * kRequantLanes);
  });
}
INSTANTIATE_TEST_SUITE_P(Percent, RequantGaps, testing::Values(0, 30, 80),
                         [](const auto& p) { return std::to_string(p.param); });

TEST(Requant, RowFactorsFloorTheProduct) {
  RequantBench bench;
  test::Rng rng(11);
  uint64_t added = 0;
  for (int word = 0; word < 20000; ++word) {
    Option option;
    if (rng() % 8) option.clamp = golden::kClamps[rng() % golden::kClamps.size()].clamp;
    option.factor = rng() >> (15 + rng() % 16);
    for (std::size_t lane = 0; lane < kRequantLanes; ++lane) {
      Case c = random_case(rng);
      // 27 bits, and a product within 32 beside which the bias has room.
      c.acc = std::max(static_cast<int>(rng()) >> (5 + rng() % 27), 1 - (1 << 26));
      while (std::abs(int64_t{c.acc} * *option.factor >> 8) >= 1 << 30) c.acc /= 2;
      c.bias = static_cast<int>(rng()) >> (2 + rng() % 30);
      bench.add(c, option);
      ++added;
    }
    if (testing::Test::HasFatalFailure()) return;
  }
  bench.finish();
  EXPECT_EQ(bench.checked(), added);
}

TEST(Requant, RawModeGivesTheBiasedAccumulator) {
  RequantBench bench;
  uint64_t added = 0;
  const int values[] = {0,    1,    -1,       127,      -128,    32768,
                        kMin, kMax, kMin + 1, kMax - 1, 1 << 30, -(1 << 30)};
  for (const int acc : values)
    for (const int bias : values) {
      if (int64_t{acc} + bias < kMin || int64_t{acc} + bias > kMax) continue;
      bench.add({.acc = acc, .mult = kMultMax, .select = 3, .bias = bias}, {std::nullopt, 1234});
      ++added;
    }
  bench.finish();
  EXPECT_EQ(bench.checked(), added);
}

TEST(Requant, ABiasThatOverflowsStopsTheSimulation) {
  for (const auto& [acc, bias] : {std::pair{kMax, 1}, {1, kMax}, {kMin, -1}, {-1, kMin}}) {
    RequantBench bench;
    bench.add({.acc = 0, .mult = 1}, {std::nullopt, 0});
    // The sum of the golden side is not asked for: the simulation stops before the result leaves.
    bench.add({.acc = acc, .mult = 1, .bias = bias}, {std::nullopt, 0});
    try {
      bench.finish();
      ADD_FAILURE() << acc << " + " << bias << " overflowed unseen";
    } catch (const tb::SimError& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr("sb_requant.sv"));
    }
  }
}

}  // namespace
}  // namespace sb
