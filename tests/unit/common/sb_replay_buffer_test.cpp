// SPDX-License-Identifier: Apache-2.0
// sb_replay_buffer, 6 words of 16 bits.
#include <gmock/gmock.h>

#include <random>

#include "Vcommon_cells.h"
#include "tb/bfm/stream.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"
#include "tests/support/stalls.h"

namespace sb {
namespace {

using CommonBench = test::IdleBench<Vcommon_cells>;

struct Frames {
  std::vector<uint32_t> frames, words, expected;
};

void add_frame(Frames& f, uint32_t words, uint32_t passes, test::Rng& rng) {
  f.frames.push_back(words << 16 | passes);
  std::vector<uint32_t> frame(words);
  for (auto& word : frame) word = rng() & 0xffff;
  f.words.insert(f.words.end(), frame.begin(), frame.end());
  for (uint32_t pass = 0; pass < passes; ++pass)
    f.expected.insert(f.expected.end(), frame.begin(), frame.end());
}

/// Runs the frames through the buffer; returns the cycles to the last word.
uint64_t run(CommonBench& bench, const Frames& f, const test::StallPair& stall, uint64_t seed) {
  const tb::StreamPins frame_pins{"frames", &bench->replay_frame_valid_i,
                                  &bench->replay_frame_ready_o, tb::Port(bench->replay_frame_i)};
  const tb::StreamPins in_pins{"replay in", &bench->replay_valid_i, &bench->replay_ready_o,
                               tb::Port(bench->replay_data_i)};
  const tb::StreamPins out_pins{"replay out", &bench->replay_valid_o, &bench->replay_ready_i,
                                tb::Port(bench->replay_data_o)};
  std::vector<uint32_t> got;
  tb::StreamDriver frames(frame_pins, tb::words_of(f.frames), stall.in, seed + 1);
  tb::StreamDriver in(in_pins, tb::words_of(f.words), stall.in, seed + 2);
  tb::StreamSink out(
      out_pins, f.expected.size(), [&](auto word, bool) { got.push_back(word[0]); }, stall.out,
      seed + 3);
  tb::StreamMonitor monitor(out_pins);
  for (tb::Component* c : std::initializer_list<tb::Component*>{&frames, &in, &out, &monitor})
    bench.clock().add(*c);
  bench->eval();
  const uint64_t start = bench.clock().cycles();
  bench.clock().run(20 * f.expected.size() + 100);
  const uint64_t cycles = bench.clock().cycles() - start;
  EXPECT_EQ(got, f.expected);
  for (int i = 0; i < 20; ++i) bench.clock().tick();  // nothing comes after the last word
  EXPECT_EQ(monitor.transfers(), f.expected.size());
  bench.clock().clear();
  return cycles;
}

class ReplayBuffer : public testing::TestWithParam<test::StallPair> {};

TEST_P(ReplayBuffer, SendsEachFrameItsTimesInOrder) {
  test::for_each_seed(2, [](uint64_t seed) {
    CommonBench bench(seed, test::trace_options(seed));
    bench.reset();
    test::Rng rng(static_cast<uint32_t>(seed));
    Frames f;
    for (uint32_t words = 1; words <= 6; ++words)
      for (uint32_t passes = 1; passes <= 3; ++passes) add_frame(f, words, passes, rng);
    for (int i = 0; i < 60; ++i) add_frame(f, 1 + rng() % 6, 1 + rng() % 4, rng);
    run(bench, f, GetParam(), seed);
  });
}
INSTANTIATE_TEST_SUITE_P(Stalls, ReplayBuffer, testing::ValuesIn(test::stall_pairs()),
                         test::stall_pair_name);

// Frames, words and passes under way in any state of either side.
TEST(ReplayBufferReset, OfOneCycleDropsAllFramesAndWords) {
  test::for_each_seed(2, [](uint64_t seed) {
    CommonBench bench(seed, test::trace_options(seed));
    bench.reset();
    test::Rng rng(static_cast<uint32_t>(seed) + 3);
    for (int trial = 0; trial < 150; ++trial) {
      SCOPED_TRACE(trial);
      const uint32_t framed = rng() % 100, sent = rng() % 100, taken = rng() % 100;
      for (uint32_t i = rng() % 60; i > 0; --i) {
        bench->replay_frame_valid_i = rng() % 100 < framed;
        bench->replay_frame_i = (1 + rng() % 6) << 16 | (1 + rng() % 3);
        bench->replay_valid_i = rng() % 100 < sent;
        bench->replay_data_i = static_cast<uint16_t>(rng());
        bench->replay_ready_i = rng() % 100 < taken;
        bench.clock().tick();
      }
      bench.reset(1);
      bench->replay_frame_valid_i = bench->replay_valid_i = bench->replay_ready_i = 0;
      bench->eval();
      EXPECT_TRUE(bench->replay_frame_ready_o && bench->replay_ready_o);
      if (trial % 2 == 0)
        for (int i = 0; i < 8; ++i) {
          ASSERT_FALSE(bench->replay_valid_o);
          bench.clock().tick();
        }
      Frames f;
      for (int i = 0; i < 6; ++i) add_frame(f, 1 + rng() % 6, 1 + rng() % 3, rng);
      run(bench, f, {}, seed);
      if (testing::Test::HasFailure()) return;
    }
  });
}

// Cycles from a frame to its first word.
constexpr uint64_t kFrameLatency = 6;

TEST(ReplayBufferTiming, FramesFollowEachOtherWithoutAGap) {
  CommonBench bench;
  bench.reset();
  test::Rng rng(1);
  Frames f;
  for (int i = 0; i < 20; ++i) add_frame(f, i % 2 ? 6 : 3, 2, rng);
  EXPECT_EQ(run(bench, f, {}, 1), f.expected.size() + kFrameLatency);
}

TEST(ReplayBufferTiming, OnePassIsAFifo) {
  CommonBench bench;
  bench.reset();
  test::Rng rng(1);
  Frames f;
  for (int i = 0; i < 20; ++i) add_frame(f, 2 + static_cast<uint32_t>(i) % 5, 1, rng);
  EXPECT_EQ(run(bench, f, {}, 1), f.expected.size() + kFrameLatency);
}

TEST(ReplayBufferTiming, AFrameOfASingleWordSentOnceTakesTwoCycles) {
  CommonBench bench;
  bench.reset();
  test::Rng rng(1);
  Frames f;
  for (int i = 0; i < 20; ++i) add_frame(f, 1, 1, rng);
  EXPECT_EQ(run(bench, f, {}, 1), 2 * f.expected.size() - 1 + kFrameLatency);
}

TEST(ReplayBufferAssertions, AFrameThatDoesNotFitStopsTheSimulation) {
  for (const uint32_t frame :
       {0x00001U, 0x70001U, 0x10000U}) {  // no words, one word too many, no passes
    CommonBench bench;
    bench.reset();
    bench->replay_frame_valid_i = 1;
    bench->replay_frame_i = frame;
    try {
      for (int i = 0; i < 5; ++i) bench.clock().tick();
      FAIL() << "frame " << frame << " was taken";
    } catch (const tb::SimError& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr("sb_replay_buffer.sv")) << frame;
    }
  }
}

}  // namespace
}  // namespace sb
