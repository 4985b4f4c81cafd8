// SPDX-License-Identifier: Apache-2.0
// sb_adder_tree over 1, 2 and 8 leaves of 10 bits.
#include <deque>
#include <random>

#include "Vcompute_cells.h"
#include "tb/host/lanes.h"
#include "tb/sim/port.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

int sign_extend(uint32_t value, int bits) {
  return static_cast<int>(tb::get_signed_lane(std::span(&value, 1), 0, bits));
}

TEST(AdderTree, SumsEveryCycleAtItsLatency) {
  test::for_each_seed(2, [](uint64_t seed) {
    test::IdleBench<Vcompute_cells> bench(seed, test::trace_options(seed));
    bench.reset();
    test::Rng rng(static_cast<uint32_t>(seed));
    const auto draw = [&rng](int kind) {
      switch (kind) {
        case 0: return -512;
        case 1: return 511;
        case 2: return rng() % 2 ? -512 : 511;
        default: return static_cast<int>(rng() % 1024) - 512;
      }
    };
    std::deque<std::array<int, 8>> past;  // front: the newest
    for (int cycle = 0; cycle < 2000; ++cycle) {
      past.emplace_front();
      std::vector<uint32_t> word(tb::lane_words(8, 10));
      const int kind = static_cast<int>(rng() % 8);
      for (int i = 0; i < 8; ++i) {
        past[0][static_cast<std::size_t>(i)] = draw(kind);
        tb::put_lane(word, i, 10, static_cast<uint32_t>(past[0][static_cast<std::size_t>(i)]));
      }
      tb::Port(bench->leaf_i).write(word);
      bench->eval();
      ASSERT_EQ(sign_extend(bench->sum1_o, 10), past[0][0]) << "cycle " << cycle;
      bench.clock().tick();
      ASSERT_EQ(sign_extend(bench->sum2_o, 11), past[0][0] + past[0][1]) << "cycle " << cycle;
      if (past.size() < 3) continue;
      int sum = 0;
      for (const int leaf : past[2]) sum += leaf;
      ASSERT_EQ(sign_extend(bench->sum8_o, 13), sum) << "cycle " << cycle;
      past.resize(3);
    }
  });
}

}  // namespace
}  // namespace sb
