// SPDX-License-Identifier: Apache-2.0
// sb_ram, 5 words of 70 bits.
#include <array>
#include <random>

#include "Vcommon_cells.h"
#include "tb/sim/port.h"
#include "tests/support/idle_bench.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

TEST(Ram, ReadsWhatWasWrittenHoldsItAndReturnsTheOldWordInTheCycleOfAWrite) {
  test::for_each_seed(2, [](uint64_t seed) {
    test::IdleBench<Vcommon_cells> bench(seed, test::trace_options(seed));
    using Word = std::array<uint32_t, 3>;
    std::array<Word, 5> memory{};
    Word expected{};
    bool known = false;
    int same_place = 0;
    test::Rng rng(static_cast<uint32_t>(seed));
    for (uint32_t cycle = 0; cycle < 2000; ++cycle) {
      const bool fill = cycle < 5;  // first every word is written
      const uint32_t write_addr = fill ? cycle : rng() % 5, read_addr = rng() % 5;
      const bool write = fill || rng() % 2, read = !fill && rng() % 2;
      const Word word{rng(), rng(), rng() % 64};
      bench->ram_write_i = write;
      bench->ram_write_addr_i = static_cast<uint8_t>(write_addr);
      tb::Port(bench->ram_write_data_i).write(word);
      bench->ram_read_i = read;
      bench->ram_read_addr_i = static_cast<uint8_t>(read_addr);
      bench.clock().tick();
      if (read) expected = memory[read_addr], known = true;
      if (write) memory[write_addr] = word;
      same_place += read && write && read_addr == write_addr;
      Word got{};
      tb::Port(bench->ram_read_data_o).read(got);
      if (known) {
        ASSERT_EQ(got, expected) << "cycle " << cycle;
      }
    }
    EXPECT_GT(same_place, 50);
  });
}

}  // namespace
}  // namespace sb
