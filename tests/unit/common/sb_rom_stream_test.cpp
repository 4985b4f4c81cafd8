// SPDX-License-Identifier: Apache-2.0
// sb_rom_stream, 5 words of 16 bits: one written, one from a file (rom.hex).
#include <random>

#include "Vcommon_cells.h"
#include "tb/bfm/stream.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"
#include "tests/support/stalls.h"

namespace sb {
namespace {

using CommonBench = test::IdleBench<Vcommon_cells>;

tb::StreamPins written(CommonBench& b) {
  return {"rom", &b->rom_valid_o, &b->rom_ready_i, tb::Port(b->rom_data_o)};
}
tb::StreamPins from_file(CommonBench& b) {
  return {"file", &b->file_valid_o, &b->file_ready_i, tb::Port(b->file_data_o)};
}

/// The next words of a stream, and the cycles that they took.
std::pair<std::vector<uint32_t>, uint64_t> take(CommonBench& bench, const tb::StreamPins& pins,
                                                uint64_t count, tb::StallPolicy stall,
                                                uint64_t seed) {
  std::vector<uint32_t> got;
  tb::StreamSink out(
      pins, count, [&](auto word, bool) { got.push_back(word[0]); }, stall, seed);
  tb::StreamMonitor monitor(pins);
  bench.clock().add(out);
  bench.clock().add(monitor);
  const uint64_t start = bench.clock().cycles();
  bench.clock().run(20 * count + 100);
  bench.clock().clear();
  return {got, bench.clock().cycles() - start};
}

std::vector<uint32_t> repeated(const std::vector<uint32_t>& words, std::size_t count) {
  std::vector<uint32_t> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(words[i % words.size()]);
  return all;
}

class RomStream : public testing::TestWithParam<tb::StallPolicy> {};

TEST_P(RomStream, RepeatsItsWordsAndStartsAgainAfterAStop) {
  test::for_each_seed(2, [](uint64_t seed) {
    CommonBench bench(seed, test::trace_options(seed));
    bench->rom_run_i = 0;
    bench.reset();
    test::Rng rng(static_cast<uint32_t>(seed));
    for (const std::size_t count : {23U, 5U, 1U, 12U}) {
      std::vector<uint32_t> words(5);
      for (std::size_t i = 0; i < words.size(); ++i) {
        words[i] = rng() & 0xffff;
        bench->rom_write_i = 1;
        bench->rom_write_addr_i = static_cast<uint8_t>(i);
        bench->rom_write_data_i = static_cast<uint16_t>(words[i]);
        bench.clock().tick();
        ASSERT_FALSE(bench->rom_valid_o);
      }
      bench->rom_write_i = 0;
      bench->rom_run_i = 1;
      EXPECT_EQ(take(bench, written(bench), count, GetParam(), seed + 1).first,
                repeated(words, count));
      bench->rom_run_i = 0;
      bench.clock().tick();
      ASSERT_FALSE(bench->rom_valid_o);
    }
  });
}
INSTANTIATE_TEST_SUITE_P(Stalls, RomStream,
                         testing::Values(tb::StallPolicy::never(), tb::StallPolicy::every(2),
                                         tb::StallPolicy::random(0.3),
                                         tb::StallPolicy::random(0.9)),
                         [](const auto& p) { return p.param.name(); });

TEST(RomStreamReset, OfOneCycleStartsAgainAtTheFirstWord) {
  CommonBench bench;
  test::Rng rng(1);
  bench->file_run_i = 1;
  for (int trial = 0; trial < 50; ++trial) {
    for (uint32_t i = rng() % 15; i > 0; --i) {
      bench->file_ready_i = rng() % 2;
      bench.clock().tick();
    }
    bench.reset(1);
    ASSERT_FALSE(bench->file_valid_o);
    ASSERT_EQ(take(bench, from_file(bench), 7, {}, 1).first,
              repeated({0xbeef, 0x0001, 0xffff, 0x8000, 0x1234}, 7));
  }
}

TEST(RomStreamTiming, OneWordPerCycleAfterTwoCyclesFromItsFile) {
  CommonBench bench;
  bench->file_run_i = 0;
  bench.reset();
  bench->file_run_i = 1;
  const auto [got, cycles] = take(bench, from_file(bench), 17, {}, 1);
  EXPECT_EQ(got, repeated({0xbeef, 0x0001, 0xffff, 0x8000, 0x1234}, 17));
  EXPECT_EQ(cycles, 17 + 2);
}

}  // namespace
}  // namespace sb
