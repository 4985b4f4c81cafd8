// SPDX-License-Identifier: Apache-2.0
// sb_valid_delay of 0 and 4 cycles, against a list of the past.
#include <deque>
#include <random>

#include "Vcommon_cells.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

TEST(ValidDelay, CarriesValidAndTagAndForgetsBothInReset) {
  test::for_each_seed(2, [](uint64_t seed) {
    constexpr std::size_t depth = 4;
    test::IdleBench<Vcommon_cells> bench(seed, test::trace_options(seed));
    bench.reset();
    std::mt19937_64 rng(seed);
    struct Word {
      bool valid = false;
      uint16_t tag = 0;
    };
    std::deque<Word> past(depth + 1);  // front: the newest; after the reset nothing is valid
    for (int cycle = 0; cycle < 2000; ++cycle) {
      SCOPED_TRACE(cycle);
      const bool reset = rng() % 16 == 0;
      const Word word{rng() % 2 != 0, static_cast<uint16_t>(rng() % 2048)};
      bench->rst_ni = !reset;
      bench->valid_valid_i = word.valid;
      bench->valid_tag_i = word.tag;
      past.push_front(word);
      past.pop_back();
      bench->eval();
      ASSERT_EQ(bench->valid0_valid_o, word.valid);
      ASSERT_EQ(bench->valid0_stage_o, word.valid);
      ASSERT_EQ(bench->valid0_tag_o, word.tag);
      for (std::size_t s = 0; s <= depth; ++s)
        ASSERT_EQ(bench->valid4_stage_o >> s & 1, past[s].valid) << "stage " << s;
      ASSERT_EQ(bench->valid4_valid_o, past[depth].valid);
      if (past[depth].valid) {
        ASSERT_EQ(bench->valid4_tag_o, past[depth].tag);
      }
      bench.clock().tick();
      if (reset)
        for (Word& w : past) w.valid = false;
    }
  });
}

}  // namespace
}  // namespace sb
