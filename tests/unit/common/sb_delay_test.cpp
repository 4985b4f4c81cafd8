// SPDX-License-Identifier: Apache-2.0
// sb_delay of 0, 1 and 5 cycles.
#include <deque>
#include <random>

#include "Vcommon_cells.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

TEST(Delay, EachDepthDelaysByItsCycles) {
  test::for_each_seed(2, [](uint64_t seed) {
    test::IdleBench<Vcommon_cells> bench(seed, test::trace_options(seed));
    std::mt19937_64 rng(seed);
    std::deque<uint16_t> past;  // front: the newest
    for (int cycle = 0; cycle < 500; ++cycle) {
      past.push_front(static_cast<uint16_t>(rng() % 2048));
      bench->delay_data_i = past.front();
      bench->eval();
      ASSERT_EQ(bench->delay0_data_o, past[0]) << "cycle " << cycle;
      bench.clock().tick();
      ASSERT_EQ(bench->delay1_data_o, past[0]) << "cycle " << cycle;
      if (past.size() < 5) continue;
      ASSERT_EQ(bench->delay5_data_o, past[4]) << "cycle " << cycle;
      past.resize(5);
    }
  });
}

}  // namespace
}  // namespace sb
