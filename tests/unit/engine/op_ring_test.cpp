// SPDX-License-Identifier: Apache-2.0
// sb_op_ring alone against a model of its header, cycle by cycle: which commands are under way, and
// that none leaves before its last word of any kind is written and every walker is past it.
#include "models/op_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <random>

#include "tb/sim/bench.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using P = models::op_ring;

constexpr uint32_t kSlots = 4, kWaiting = 4, kRanges = 7, kKinds = 7;
enum Range : uint8_t { Stats, Maxima, Norm0, Norm1, Back, Result0, Result1 };

struct Command {
  uint32_t index = 0;
  bool store = false;
  uint32_t rows = 1;
  uint32_t writes = 0;          ///< a bit for each range
  uint32_t results = 0;         ///< kind of move that writes them
  uint32_t left[kRanges] = {};  ///< words
  uint32_t slot = 0;
  bool written() const { return std::accumulate(left, left + kRanges, 0U) == 0; }
  uint32_t kind(uint32_t range) const {
    switch (range) {
      case Stats: return 6;
      case Maxima: return 5;
      case Norm0:
      case Norm1: return 4;
      case Back: return 3;
      default: return results;
    }
  }
};

TEST(OpRing, ACommandLeavesWhenItsLastWordOfEveryKindIsWrittenAndEveryWalkerIsPastIt) {
  for_each_seed(3, [](uint64_t seed) {
    tb::Bench<P::Model> bench(seed + 1, trace_options(seed));
    P::Model& d = *bench;
    std::mt19937 rng(static_cast<unsigned>(seed) + 1);
    const auto chance = [&](uint32_t percent) { return rng() % 100 < percent; };
    d.op_valid_i = d.move_i = d.store_done_i = 0;
    bench.reset();

    std::deque<Command> waiting, under_way;
    uint32_t made = 0, entered = 0, left = 0, dones = 0, next_index = 0;
    uint32_t most_waiting = 0, held[kRanges] = {}, held_by_walker = 0, held_by_store = 0;
    Command offered;
    bool offer = false;
    for (int cycle = 0; left < 3000; ++cycle) {
      ASSERT_LT(cycle, 200000);
      const bool eager = cycle / 500 % 2 == 0;  // in turn: the ring is full, commands are awaited
      if (!offer && chance(eager ? 90 : 10)) {
        offer = true;
        offered = {.index = 5 + 3 * made++,
                   .store = chance(20),
                   .rows = 1 + rng() % 4,
                   .writes = chance(60) ? 1U << rng() % kRanges : rng() % (1U << kRanges),
                   .results = rng() % 3};
        if (offered.store) offered.writes &= 1U << Norm0 | 1U << Norm1;  // which it reads
        for (uint32_t r = 0; r < kRanges; ++r)
          offered.left[r] = !offered.store && offered.writes >> r & 1 ? offered.rows : 0;
      }
      d.op_valid_i = offer;
      d.index_i = offered.index, d.store_i = offered.store;
      d.rows_i = static_cast<uint16_t>(offered.rows);
      d.writes_i = static_cast<uint8_t>(offered.writes);
      d.stream_free_i = chance(80);
      const uint32_t behind = chance(70) ? kKinds : rng() % kKinds;  // a walker that is not past
      d.passed_i = static_cast<uint8_t>(0x7F & ~(1U << behind));
      const auto stores = static_cast<uint32_t>(std::ranges::count_if(under_way, &Command::store));
      d.store_done_i = dones < stores && chance(20);

      // A move of each kind at most; within a range words are written in their order.
      uint32_t moves = 0, parts = 0, slots = 0, words = 0;
      std::vector<std::pair<Command*, uint32_t>> written;
      for (Command& c : under_way)
        for (uint32_t r = 0; r < kRanges; ++r) {
          const uint32_t k = c.kind(r);
          if (c.left[r] == 0 || moves >> k & 1 || !chance(40)) continue;
          moves |= 1U << k;
          parts |= static_cast<uint32_t>(r == Norm1 || r == Result1) << k;
          slots |= c.slot << 2 * k;
          words |= (c.rows - c.left[r]) << 2 * k;
          written.emplace_back(&c, r);
        }
      d.move_i = static_cast<uint8_t>(moves), d.part_i = static_cast<uint8_t>(parts);
      d.slot_i = static_cast<uint16_t>(slots), d.word_i = static_cast<uint16_t>(words);
      d.eval();

      ASSERT_EQ(d.under_way_o, under_way.size()) << cycle;
      ASSERT_EQ(d.oldest_o, under_way.empty() ? next_index : under_way.front().index) << cycle;
      ASSERT_EQ(d.op_ready_o, waiting.size() < kWaiting) << cycle;
      ASSERT_EQ(d.full_o, !waiting.empty() && under_way.size() == kSlots) << cycle;
      ASSERT_EQ(d.idle_o, waiting.empty() && under_way.empty()) << cycle;

      const bool enter = !waiting.empty() && under_way.size() < kSlots &&
                         (!waiting.front().store || d.stream_free_i);
      bool leave = false;
      if (!under_way.empty()) {
        const Command& oldest = under_way.front();
        leave = oldest.written() && behind == kKinds && (!oldest.store || dones > 0);
        for (uint32_t r = 0; r < kRanges; ++r)  // held by the words of this range alone
          held[r] += oldest.left[r] != 0 && oldest.writes == 1U << r && behind == kKinds;
        held_by_walker += oldest.written() && behind != kKinds;
        held_by_store += oldest.written() && oldest.store && dones == 0;
      }
      const bool take = offer && waiting.size() < kWaiting;
      bench.clock().tick();

      for (const auto& [c, r] : written) --c->left[r];
      dones += d.store_done_i;
      if (leave) {
        dones -= under_way.front().store;
        under_way.pop_front();
        ++left;
      }
      if (enter) {
        waiting.front().slot = entered++ % kSlots;
        next_index = waiting.front().index + 1;
        under_way.push_back(waiting.front());
        waiting.pop_front();
      }
      if (take) {
        waiting.push_back(offered);
        offer = false;
      }
      most_waiting = std::max(most_waiting, static_cast<uint32_t>(waiting.size()));
    }
    EXPECT_EQ(most_waiting, kWaiting);
    for (const uint32_t n : held) EXPECT_GT(n, 10U);
    EXPECT_GT(held_by_walker, 10U);
    EXPECT_GT(held_by_store, 10U);
  });
}

}  // namespace
}  // namespace sb::test
