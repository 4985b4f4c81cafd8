// SPDX-License-Identifier: Apache-2.0
// sb_fifo and sb_ram_fifo, 4 words of 40 bits.
#include <fmt/format.h>

#include <random>

#include "Vcommon_cells.h"
#include "tb/bfm/stream.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"
#include "tests/support/stalls.h"

namespace sb {
namespace {

using CommonBench = test::IdleBench<Vcommon_cells>;

/// A FIFO of sb_common_cells.
struct Kind {
  std::string name;
  tb::StreamPins in, out;
  uint64_t latency;  ///< cycles from a word in to the word out
  uint64_t holds;    ///< words, when none leaves
};
std::vector<Kind> kinds(CommonBench& b) {
  b->eval();
  return {{"sb_fifo",
           {"fifo in", &b->fifo_valid_i, &b->fifo_ready_o, tb::Port(b->fifo_data_i)},
           {"fifo out", &b->fifo_valid_o, &b->fifo_ready_i, tb::Port(b->fifo_data_o)},
           1,
           4},
          {"sb_ram_fifo",
           {"ram in", &b->ram_fifo_valid_i, &b->ram_fifo_ready_o, tb::Port(b->ram_fifo_data_i)},
           {"ram out", &b->ram_fifo_valid_o, &b->ram_fifo_ready_i, tb::Port(b->ram_fifo_data_o)},
           b->ram_fifo_latency_o,
           6}};  // two behind the memory
}

std::vector<uint32_t> random_words(int count, uint64_t seed) {
  test::Rng rng(static_cast<uint32_t>(seed));
  std::vector<uint32_t> words;
  for (int i = 0; i < count; ++i) {
    words.push_back(rng());
    words.push_back(rng() % 256);
  }
  return words;
}

class Fifo : public testing::TestWithParam<test::StallPair> {};

/// Sends words through it, which must come out as they are and nothing behind them.
void expect_words(CommonBench& bench, const Kind& kind, int count, const test::StallPair& stalls,
                  uint64_t seed) {
  const auto words = random_words(count, seed);
  std::vector<uint32_t> got;
  tb::StreamDriver in(kind.in, tb::words_of(words), stalls.in, seed + 1);
  tb::StreamSink out(
      kind.out, static_cast<uint64_t>(count),
      [&](auto word, bool) { got.insert(got.end(), word.begin(), word.end()); }, stalls.out,
      seed + 2);
  tb::StreamMonitor in_monitor(kind.in), out_monitor(kind.out);
  for (tb::Component* c :
       std::initializer_list<tb::Component*>{&in, &out, &in_monitor, &out_monitor})
    bench.clock().add(*c);
  bench.clock().run(static_cast<uint64_t>(20 * count + 100));
  EXPECT_EQ(got, words);
  EXPECT_EQ(in_monitor.transfers(), static_cast<uint64_t>(count));
  for (int i = 0; i < 20; ++i) bench.clock().tick();
  EXPECT_EQ(out_monitor.transfers(), static_cast<uint64_t>(count));
  bench.clock().clear();
}

TEST_P(Fifo, DeliversEveryWordOnceInOrder) {
  test::for_each_seed(2, [](uint64_t seed) {
    CommonBench bench(seed, test::trace_options(seed));
    for (const Kind& kind : kinds(bench)) {
      SCOPED_TRACE(kind.name);
      expect_words(bench, kind, 300, GetParam(), seed);
    }
  });
}
INSTANTIATE_TEST_SUITE_P(Stalls, Fifo, testing::ValuesIn(test::stall_pairs()),
                         test::stall_pair_name);

TEST(FifoTiming, OneWordPerCycleAfterItsLatency) {
  CommonBench bench;
  for (const Kind& kind : kinds(bench)) {
    tb::StreamDriver in(kind.in, tb::words_of(random_words(100, 1)));
    tb::StreamSink out(kind.out, 100, [](auto, bool) {});
    bench.clock().add(in);
    bench.clock().add(out);
    const uint64_t start = bench.clock().cycles();
    bench->eval();
    bench.clock().run(1000);
    EXPECT_EQ(bench.clock().cycles() - start, 100 + kind.latency) << kind.name;
    bench.clock().clear();
  }
}

TEST(FifoTiming, TakesAsManyWordsAsItHolds) {
  CommonBench bench;
  for (const Kind& kind : kinds(bench)) {
    SCOPED_TRACE(kind.name);
    tb::StreamDriver in(kind.in, tb::words_of(random_words(9, 1)));
    bench.clock().add(in);
    *kind.out.ready = 0;
    for (int i = 0; i < 20; ++i) bench.clock().tick();
    EXPECT_EQ(in.sent(), kind.holds);
    EXPECT_FALSE(*kind.in.ready);
    *kind.out.ready = 1;  // that a word leaves makes room in a later cycle, not in this one
    bench->eval();
    EXPECT_FALSE(*kind.in.ready);
    *kind.out.ready = 0;
    EXPECT_TRUE(*kind.out.valid);
    bench.clock().clear();
    *kind.in.valid = 0;
  }
}

TEST(FifoReset, OfOneCycleDropsAllWordsInAnyState) {
  test::for_each_seed(2, [](uint64_t seed) {
    CommonBench bench(seed, test::trace_options(seed));
    test::Rng rng(static_cast<uint32_t>(seed) + 3);
    for (const Kind& kind : kinds(bench))
      for (int trial = 0; trial < 60; ++trial) {
        SCOPED_TRACE(fmt::format("{}, trial {}", kind.name, trial));
        const uint32_t sent = rng() % 100, taken = rng() % 100;
        for (uint32_t i = rng() % 30; i > 0; --i) {
          *kind.in.valid = rng() % 100 < sent;
          kind.in.data.write(random_words(1, rng()));
          *kind.out.ready = rng() % 100 < taken;
          bench.clock().tick();
        }
        *kind.in.valid = rng() % 2;
        bench.reset(1);
        *kind.in.valid = *kind.out.ready = 0;
        bench->eval();
        EXPECT_TRUE(*kind.in.ready);
        for (int i = 0; i < 5; ++i) {
          ASSERT_FALSE(*kind.out.valid);
          bench.clock().tick();
        }
        expect_words(bench, kind, 12, {}, seed);
        if (testing::Test::HasFatalFailure()) return;
      }
  });
}

}  // namespace
}  // namespace sb
