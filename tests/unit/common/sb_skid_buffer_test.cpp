// SPDX-License-Identifier: Apache-2.0
// sb_skid_buffer, words of 40 bits.
#include <random>

#include "Vskid_buffer.h"
#include "tb/bfm/stream.h"
#include "tests/support/seeds.h"
#include "tests/support/stalls.h"

namespace sb {
namespace {

using SkidBench = tb::Bench<Vskid_buffer>;

tb::StreamPins input(SkidBench& b) {
  return {"skid in", &b->valid_i, &b->ready_o, tb::Port(b->data_i)};
}
tb::StreamPins output(SkidBench& b) {
  return {"skid out", &b->valid_o, &b->ready_i, tb::Port(b->data_o)};
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

class SkidBuffer : public testing::TestWithParam<test::StallPair> {};

TEST_P(SkidBuffer, DeliversEveryWordOnceInOrder) {
  test::for_each_seed(2, [](uint64_t seed) {
    SkidBench bench(seed, test::trace_options(seed));
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
INSTANTIATE_TEST_SUITE_P(Stalls, SkidBuffer, testing::ValuesIn(test::stall_pairs()),
                         test::stall_pair_name);

TEST(SkidBufferTiming, OneWordPerCycleAfterOneCycle) {
  SkidBench bench;
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

TEST(SkidBufferTiming, TakesTwoWordsAndResetDropsThem) {
  SkidBench bench;
  bench.reset();
  tb::StreamDriver in(input(bench), tb::words_of(random_words(9, 1)));
  bench.clock().add(in);
  bench->ready_i = 0;
  for (int i = 0; i < 10; ++i) bench.clock().tick();
  EXPECT_EQ(in.sent(), 2);
  EXPECT_FALSE(bench->ready_o);
  EXPECT_TRUE(bench->valid_o);
  bench.clock().clear();
  bench->valid_i = 0;
  bench.reset();
  EXPECT_TRUE(bench->ready_o);
  EXPECT_FALSE(bench->valid_o);
}

TEST(SkidBufferTiming, NothingPassesFromOneHandshakeToTheOther) {
  // Ready at the output must not reach the input within a cycle, nor valid the other way.
  for (int words = 0; words <= 2; ++words) {
    SkidBench bench;
    bench.reset();
    bench->ready_i = 0;
    for (int i = 0; i < words; ++i) {
      bench->valid_i = 1;
      bench.clock().tick();
    }
    for (int v = 0; v < 4; ++v) {
      bench->valid_i = v % 2 != 0;
      bench->ready_i = v >= 2;
      bench->eval();
      EXPECT_EQ(bench->ready_o, words < 2) << words << " words";
      EXPECT_EQ(bench->valid_o, words > 0) << words << " words";
    }
  }
}

}  // namespace
}  // namespace sb
