// SPDX-License-Identifier: Apache-2.0
// sb_block_words, 5 words of 16 bits.
#include <array>
#include <random>

#include "Vcommon_cells.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

TEST(BlockWords, ComeInTheOrderOfTheBlocksStartAnewAfterTheLastAndHoldBetweenReads) {
  test::for_each_seed(2, [](uint64_t seed) {
    test::IdleBench<Vcommon_cells> bench(seed, test::trace_options(seed));
    test::Rng rng(static_cast<uint32_t>(seed));
    std::array<uint16_t, 5> words{};
    for (size_t block = 0; block < words.size(); ++block) {
      words[block] = static_cast<uint16_t>(rng());
      bench->words_load_i = 1;
      bench->words_load_addr_i = static_cast<uint8_t>(block);
      bench->words_load_data_i = words[block];
      bench.clock().tick();
    }
    bench->words_load_i = 0;
    size_t block = 0, expected = 0;
    int full_rows = 0;
    for (int cycle = 0; cycle < 2000; ++cycle) {
      if (cycle % 50 == 49) {  // within a row
        bench->words_next_i = 0;
        bench.reset(1);
        block = 0;
      }
      const bool next = cycle == 0 || rng() % 3 != 0, last = block == 4 || rng() % 4 == 0;
      bench->words_next_i = next;
      bench->words_last_i = last;  // without next it means nothing
      bench.clock().tick();
      const size_t late = expected;  // the memory has an output register
      if (next) {
        expected = block;
        full_rows += block == 4;
        block = last ? 0 : block + 1;
      }
      if (cycle == 0) continue;
      ASSERT_EQ(bench->words_data_o, words[late]) << "cycle " << cycle << ", block " << late;
    }
    EXPECT_GT(full_rows, 20);
  });
}

}  // namespace
}  // namespace sb
