// SPDX-License-Identifier: Apache-2.0
// sb_word_walker with 8-bit sizes whose rows wait for their release, against three nested loops.
#include <random>
#include <vector>

#include "Vword_walker.h"
#include "tb/sim/bench.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

struct Word {
  int row, block, address;
  bool first, last, pass_first, pass_last;
};

std::vector<Word> walk(int rows, int blocks, int passes) {
  std::vector<Word> words;
  for (int pass = 0; pass < passes; ++pass)
    for (int block = 0; block < blocks; ++block)
      for (int row = 0; row < rows; ++row)
        words.push_back({row, block, block * rows + row, block == 0, block + 1 == blocks, pass == 0,
                         pass + 1 == passes});
  return words;
}

TEST(WordWalker, WalksEveryPassInBlockRowOrderBehindTheReleasedRows) {
  test::for_each_seed(2, [](uint64_t seed) {
    tb::Bench<Vword_walker> bench(seed, test::trace_options(seed));
    bench->start_i = bench->next_i = bench->release_i = 0;
    bench.reset();
    std::mt19937_64 rng(seed);
    const auto up_to = [&rng](int most) {
      return static_cast<int>(1 + rng() % static_cast<unsigned>(most));
    };
    for (int job = 0; job < 200; ++job) {
      const int rows = up_to(6), blocks = up_to(5), passes = up_to(3);
      const std::vector<Word> words = walk(rows, blocks, passes);
      bench->start_i = 1;
      bench->rows_i = static_cast<uint8_t>(rows);
      bench->blocks_i = static_cast<uint8_t>(blocks);
      bench->passes_i = static_cast<uint8_t>(passes);
      bench->next_i = bench->release_i = 0;
      bench->eval();
      bench.clock().tick();
      bench->start_i = 0;
      bench->rows_i = bench->blocks_i = bench->passes_i = static_cast<uint8_t>(rng());
      // One in eight is started again before its end.
      const std::size_t stop = rng() % 8 == 0 ? rng() % words.size() : words.size();
      const unsigned pause = 1 + rng() % 4;
      std::size_t at = 0;
      int released = 0;
      for (int cycle = 0; at < stop || (stop == words.size() && cycle < 3); ++cycle) {
        SCOPED_TRACE(testing::Message() << "job " << job << ", word " << at);
        ASSERT_LT(cycle, 10000);
        const bool waits = at < words.size() && words[at].pass_first && words[at].first &&
                           words[at].row >= released;
        const bool valid = at < words.size() && !waits;
        ASSERT_EQ(bench->valid_o, valid);
        if (valid) {
          const Word& w = words[at];
          ASSERT_EQ(bench->row_o, w.row);
          ASSERT_EQ(bench->block_o, w.block);
          ASSERT_EQ(bench->address_o, w.address);
          ASSERT_EQ(bench->first_o, w.first);
          ASSERT_EQ(bench->last_o, w.last);
          ASSERT_EQ(bench->pass_first_o, w.pass_first);
          ASSERT_EQ(bench->pass_last_o, w.pass_last);
        }
        const bool next = valid && rng() % pause == 0;
        const bool release = released < rows && rng() % 3 == 0;
        bench->next_i = next;
        bench->release_i = release;
        bench->eval();
        bench.clock().tick();
        at += next ? 1 : 0;
        released += release ? 1 : 0;
      }
      if (rng() % 8 == 0) {  // a reset ends the walk
        bench.reset(1);
        for (int cycle = 0; cycle < 5; ++cycle) {
          ASSERT_FALSE(bench->valid_o) << "job " << job;
          bench->next_i = 0;
          bench->release_i = rng() % 2;
          bench.clock().tick();
        }
      }
    }
  });
}

}  // namespace
}  // namespace sb
