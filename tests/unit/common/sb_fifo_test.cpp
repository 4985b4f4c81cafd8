// SPDX-License-Identifier: Apache-2.0
// sb_fifo, 4 words of 40 bits.
#include <random>

#include "Vcommon_cells.h"
#include "tb/bfm/stream.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"
#include "tests/support/stalls.h"

namespace sb {
namespace {

using CommonBench = test::IdleBench<Vcommon_cells>;

tb::StreamPins input(CommonBench& b) {
  return {"fifo in", &b->fifo_valid_i, &b->fifo_ready_o, tb::Port(b->fifo_data_i)};
}
tb::StreamPins output(CommonBench& b) {
  return {"fifo out", &b->fifo_valid_o, &b->fifo_ready_i, tb::Port(b->fifo_data_o)};
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

TEST_P(Fifo, DeliversEveryWordOnceInOrder) {
  test::for_each_seed(2, [](uint64_t seed) {
    CommonBench bench(seed, test::trace_options(seed));
    bench.reset();
    constexpr int count = 300;
    const auto words = random_words(count, seed);
    std::vector<uint32_t> got;
    tb::StreamDriver in(input(bench), tb::words_of(words), GetParam().in, seed + 1);
    tb::StreamSink out(
        output(bench), count,
        [&](auto word, bool) { got.insert(got.end(), word.begin(), word.end()); }, GetParam().out,
        seed + 2);
    tb::StreamMonitor in_monitor(input(bench)), out_monitor(output(bench));
    for (tb::Component* c :
         std::initializer_list<tb::Component*>{&in, &out, &in_monitor, &out_monitor})
      bench.clock().add(*c);
    bench.clock().run(20 * count);
    EXPECT_EQ(got, words);
    EXPECT_EQ(in_monitor.transfers(), count);
    for (int i = 0; i < 20; ++i) bench.clock().tick();  // nothing comes after the last word
    EXPECT_EQ(out_monitor.transfers(), count);
  });
}
INSTANTIATE_TEST_SUITE_P(Stalls, Fifo, testing::ValuesIn(test::stall_pairs()),
                         test::stall_pair_name);

TEST(FifoTiming, OneWordPerCycleAfterOneCycle) {
  CommonBench bench;
  bench.reset();
  tb::StreamDriver in(input(bench), tb::words_of(random_words(100, 1)));
  tb::StreamSink out(output(bench), 100, [](auto, bool) {});
  bench.clock().add(in);
  bench.clock().add(out);
  const uint64_t start = bench.clock().cycles();
  bench->eval();
  bench.clock().run(1000);
  EXPECT_EQ(bench.clock().cycles() - start, 100 + 1);
}

TEST(FifoTiming, TakesAsManyWordsAsItIsDeepAndResetDropsThem) {
  CommonBench bench;
  bench.reset();
  tb::StreamDriver in(input(bench), tb::words_of(random_words(9, 1)));
  bench.clock().add(in);
  bench->fifo_ready_i = 0;
  for (int i = 0; i < 10; ++i) bench.clock().tick();
  EXPECT_EQ(in.sent(), 4);
  EXPECT_FALSE(bench->fifo_ready_o);
  bench->fifo_ready_i = 1;  // that a word leaves makes room in the next cycle, not in this one
  bench->eval();
  EXPECT_FALSE(bench->fifo_ready_o);
  bench->fifo_ready_i = 0;
  EXPECT_TRUE(bench->fifo_valid_o);
  bench.clock().clear();
  bench->fifo_valid_i = 0;
  bench.reset();
  EXPECT_TRUE(bench->fifo_ready_o);
  EXPECT_FALSE(bench->fifo_valid_o);
}

}  // namespace
}  // namespace sb
