// SPDX-License-Identifier: Apache-2.0
// sb_ram, inferred and of DP16KD, in every width of that cell: what was written comes at the stated
// latency and holds.
#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <cstddef>
#include <optional>
#include <random>
#include <vector>

#include "Vram_styles.h"

namespace {

// The sizes of ram_styles_top, in its order.
struct Size {
  uint32_t width, depth;
};
constexpr std::array<Size, 6> kSizes = {
    {{80, 40}, {20, 600}, {9, 2048}, {5, 3000}, {3, 8192}, {2, 16384}}};
constexpr std::size_t kWords = 3;  // of 32 bits, for the widest
using Word = std::array<uint32_t, kWords>;
struct Style {
  const char* name;
  std::size_t latency;
  bool old_word;  // what a read in the cycle of a write to the same word returns
};
constexpr std::array<Style, 3> kStyles = {
    {{"inferred", 1, true}, {"inferred with output register", 2, true}, {"DP16KD", 2, false}}};

Word cut(Word word, uint32_t width) {
  for (uint32_t b = width; b < kWords * 32; ++b) word[b / 32] &= ~(1U << b % 32);
  return word;
}

TEST(RamStyles, ReadWhatWasWrittenAtTheirLatencyAndHoldIt) {
  std::mt19937 random(1);
  VerilatedContext context;
  context.randReset(2);
  context.randSeed(1);
  Vram_styles top(&context);
  std::array<std::vector<std::optional<Word>>, kSizes.size()> memory;
  for (std::size_t i = 0; i < kSizes.size(); ++i) memory[i].resize(kSizes[i].depth);
  // What each style and size shows now, and what was read last.
  std::array<std::array<std::optional<Word>, kSizes.size()>, kStyles.size()> shown, next;
  bool waits = false;  // a word is read and not in the output register yet
  std::size_t checked = 0, met = 0;
  for (int cycle = 0; cycle < 60000; ++cycle) {
    const bool write = random() % 3 != 0, read = random() % 3 != 0, move = random() % 4 != 0;
    const uint32_t range = random() % 2 ? 64 : 16384;
    const uint32_t write_addr = static_cast<uint32_t>(random() % range);
    const bool same = random() % 8 == 0;
    const uint32_t read_addr = same ? write_addr : static_cast<uint32_t>(random() % range);
    const Word data{static_cast<uint32_t>(random()), static_cast<uint32_t>(random()),
                    static_cast<uint32_t>(random()) & 0xffff};
    top.write_i = write;
    top.write_addr_i = static_cast<uint16_t>(write_addr);
    for (std::size_t k = 0; k < kWords; ++k) top.write_data_i[k] = data[k];
    top.read_i = read;
    top.move_i = move;
    top.read_addr_i = static_cast<uint16_t>(read_addr);
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
    for (std::size_t i = 0; i < kSizes.size(); ++i) {
      const Size size = kSizes[i];
      const uint32_t from = read_addr % size.depth, to = write_addr % size.depth;
      for (std::size_t s = 0; s < kStyles.size(); ++s) {
        const bool meet = write && read && from == to;
        std::optional<Word> word = memory[i][from];
        if (meet && !kStyles[s].old_word) word.reset();
        met += meet;
        if (kStyles[s].latency == 2 && waits && move) shown[s][i] = next[s][i];
        if (read) (kStyles[s].latency == 1 ? shown : next)[s][i] = word;
        if (!shown[s][i]) continue;
        Word got{};
        const std::size_t low = (s * kSizes.size() + i) * 80;
        for (uint32_t b = 0; b < 80; ++b)
          got[b / 32] |= (top.read_data_o[(low + b) / 32] >> (low + b) % 32 & 1U) << b % 32;
        ASSERT_EQ(got, *shown[s][i]) << kStyles[s].name << ", size " << i << ", cycle " << cycle;
        ++checked;
      }
      if (write) memory[i][to] = cut(data, size.width);
    }
    waits = read || (waits && !move);
  }
  EXPECT_GT(checked, 300000U);
  EXPECT_GT(met, 1000U);
}

}  // namespace
