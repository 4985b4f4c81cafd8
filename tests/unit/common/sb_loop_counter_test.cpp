// SPDX-License-Identifier: Apache-2.0
// sb_loop_counter of 4 bits, against a counter that is compared with the total.
#include <random>

#include "Vloop_counter.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

TEST(LoopCounter, SaysFirstAndLastOfEveryTotal) {
  test::for_each_seed(2, [](uint64_t seed) {
    VerilatedContext context;
    context.randReset(2);
    context.randSeed(static_cast<int>(seed % 0x7fffffff) + 1);
    Vloop_counter bench(&context);
    std::mt19937_64 rng(seed);
    unsigned total = 0, step = 0;  // total 0: nothing loaded yet
    for (int cycle = 0; cycle < 5000; ++cycle) {
      SCOPED_TRACE(cycle);
      const bool load = total == 0 || rng() % 32 == 0;
      const bool move = rng() % 4 != 0;
      const auto next = static_cast<unsigned>(1 + rng() % 15);
      bench.load_i = load;
      bench.total_i = static_cast<uint8_t>(next);
      bench.step_i = move;
      bench.clk_i = 0;
      bench.eval();
      bench.clk_i = 1;
      bench.eval();
      if (load) {
        total = next;
        step = 0;
      } else if (move) {
        step = (step + 1) % total;
      }
      ASSERT_EQ(bench.first_o, step == 0) << "step " << step << " of " << total;
      ASSERT_EQ(bench.last_o, step + 1 == total) << "step " << step << " of " << total;
    }
  });
}

}  // namespace
}  // namespace sb
