// SPDX-License-Identifier: Apache-2.0
// Arrays with inferred multipliers, DSP48E2 cells, MULT18X18D cells and LUTs give the dot products
// of the definition, packed or not, all in the same cycle.
#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "Vmac_styles.h"

namespace {

constexpr int kM = 8;
constexpr int kChain = 4;
constexpr int kWeightBits = 8;
constexpr int kActBits = 9;
constexpr int kDotBits = MAC_STYLES_DOT_BITS;  // of the top

// The arrays of mac_styles_top, in its order.
struct Style {
  const char* name;
  bool packed;
  int lut_channels;
  int extra = 0;  // registers that its multipliers have more than others
};
// Cycles from the first element to the dot products: input register, multiplier, chain, tree,
// groups, output register.
constexpr int latency(const Style& style) {
  return 1 + (2 + kChain + 1) + ((style.packed ? kM / 2 : kM) - 1) + 1 + style.extra;
}
constexpr std::array<Style, 11> kStyles = {{{"packed, inferred", true, 0},
                                            {"packed, DSP48E2", true, 0},
                                            {"packed, DSP48E2 and LUTs", true, kM / 2},
                                            {"packed, inferred and LUTs", true, kM / 2},
                                            {"packed, LUTs", true, kM},
                                            {"single, inferred", false, 0},
                                            {"single, DSP48E2", false, 0},
                                            {"single, MULT18X18D", false, 0, 1},
                                            {"single, LUTs", false, kM},
                                            {"single, MULT18X18D and LUTs", false, kM / 2 - 1, 1},
                                            {"single, inferred and LUTs", false, kM / 2 - 1}}};

template <typename Wide>
void put(Wide& wide, int at, int bits, std::uint32_t value) {
  for (int b = 0; b < bits; ++b) {
    const std::uint32_t mask = 1U << ((at + b) % 32);
    auto& word = wide[static_cast<std::size_t>((at + b) / 32)];
    word = (value >> b & 1U) ? word | mask : word & ~mask;
  }
}

template <typename Wide>
int get(const Wide& wide, int at, int bits) {
  std::uint32_t value = 0;
  for (int b = 0; b < bits; ++b)
    value |= (wide[static_cast<std::size_t>((at + b) / 32)] >> ((at + b) % 32) & 1U) << b;
  return static_cast<std::int32_t>(value << (32 - bits)) >> (32 - bits);
}

using Word = std::array<int, kM>;
using Tile = std::array<Word, kM>;

// Random, but often at the corners, where a packed chain would overflow first.
int draw(std::mt19937& random, int low, int high) {
  switch (random() % 4) {
    case 0: return low;
    case 1: return high;
    default: return std::uniform_int_distribution<int>(low, high)(random);
  }
}

class MacStyles : public ::testing::TestWithParam<unsigned> {};

TEST_P(MacStyles, GiveTheSameDotProductsInEveryCycle) {
  std::mt19937 random(GetParam());
  VerilatedContext context;
  context.randReset(2);
  context.randSeed(static_cast<int>(GetParam()) + 1);
  Vmac_styles top(&context);
  const bool corners_only = GetParam() % 2 == 1;

  Tile shadow{}, active{};
  bool known = false;  // the multipliers hold weights of ours
  int channel = 0, wait = 0;
  bool full = false;
  std::deque<std::vector<int>>
      expected;  // per cycle: the dot products of the row of that cycle, empty if unknown
  for (int cycle = 0; cycle < 5000; ++cycle) {
    Word act{};
    for (int k = 0; k < kM; ++k) {
      act[k] = corners_only ? (random() % 8 != 0 ? -256 : 255) : draw(random, -256, 255);
      put(top.act_i, k * kActBits, kActBits, static_cast<std::uint32_t>(act[k]));
    }
    top.load_i = 0;
    top.swap_i = 0;
    if (full && wait == 0 && random() % 4 == 0) {
      top.swap_i = 1;
      active = shadow;
      known = true;
      full = false;
      wait = kChain;
    } else if (!full && wait == 0 && random() % 4 != 0) {
      std::uint64_t word = 0;
      for (int k = 0; k < kM; ++k) {
        shadow[channel][k] =
            corners_only ? (random() % 8 != 0 ? -128 : 127) : draw(random, -128, 127);
        word |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(shadow[channel][k]))
                << (k * kWeightBits);
      }
      top.load_i = 1;
      top.load_channel_i = static_cast<std::uint8_t>(channel);
      top.w_i = word;
      if (++channel == kM) {
        channel = 0;
        full = true;
        wait = 1;
      }
    }
    if (wait > 0) --wait;
    const auto tag = static_cast<std::uint16_t>(cycle);
    top.tag_i = tag;
    std::vector<int> dots;
    if (known) {
      for (const Word& weights : active) {
        int dot = 0;
        for (int k = 0; k < kM; ++k) dot += weights[k] * act[k];
        dots.push_back(dot);
      }
    }
    expected.push_back(dots);

    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();

    const auto dot = [&top](int style, int c) {
      return get(top.dot_o, (style * kM + c) * kDotBits, kDotBits);
    };
    const auto row = [&expected](int age) {
      const int index = static_cast<int>(expected.size()) - age;
      return index >= 0 ? expected[static_cast<std::size_t>(index)] : std::vector<int>();
    };
    for (std::size_t s = 0; s < kStyles.size(); ++s) {
      const Style& style = kStyles[s];
      const std::vector<int> dots_then = row(latency(style));
      for (int c = 0; c < kM && !dots_then.empty(); ++c) {
        const bool negated = style.packed && c % 2 == 0 && c >= style.lut_channels;
        const int exact = dots_then[static_cast<std::size_t>(c)];
        ASSERT_EQ(dot(static_cast<int>(s), c), negated ? -exact : exact)
            << style.name << ": seed " << GetParam() << ", cycle " << cycle << ", channel " << c;
      }
      if (cycle > 2 * latency(style)) {
        const auto want = static_cast<std::uint16_t>(cycle + 1 - latency(style));
        ASSERT_EQ(static_cast<std::uint16_t>(get(top.tag_o, static_cast<int>(s) * 16, 16)), want)
            << "tag of " << style.name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, MacStyles, ::testing::Range(0U, 4U));

}  // namespace
