// SPDX-License-Identifier: Apache-2.0
// sb_mul, inferred and of the cells of both devices, gives the exact product of the definition at
// its latency, in every cycle with a word.
#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>

#include "Vmul_styles.h"

namespace {

constexpr std::size_t kLanes = 2;
constexpr std::size_t kMaxLatency = 11;  // of mul_styles_top
constexpr std::array<const char*, 3> kStyles = {"inferred", "DSP48E2", "MULT18X18D"};

// The sizes of mul_styles_top, in its order.
struct Size {
  unsigned x_bits;
  bool x_signed;
  unsigned y_bits;
  bool y_signed;
  bool x_sum;
  unsigned c_bits;
  unsigned p_bits;
};
constexpr std::array<Size, 13> kSizes = {{{18, true, 18, true, false, 0, 36},
                                          {32, true, 26, false, true, 47, 58},
                                          {32, true, 26, false, false, 0, 58},
                                          {26, true, 17, false, false, 0, 43},
                                          {27, true, 18, true, false, 40, 45},
                                          {16, true, 16, false, false, 0, 32},
                                          {28, true, 28, true, false, 0, 56},
                                          {13, false, 43, false, false, 0, 56},
                                          {28, true, 26, false, false, 0, 54},
                                          {17, false, 27, true, false, 36, 44},
                                          {16, true, 16, true, false, 8, 32},
                                          {44, true, 20, true, true, 50, 64},
                                          {30, true, 33, false, false, 60, 63}}};

// The lowest `bits` of a word as a number.
std::int64_t number(std::uint64_t word, unsigned bits, bool is_signed) {
  const std::uint64_t low = word << (64 - bits);
  return is_signed ? static_cast<std::int64_t>(low) >> (64 - bits)
                   : static_cast<std::int64_t>(low >> (64 - bits));
}

struct Operands {
  std::uint64_t x, x2, y, c;
};

// Of one size from the words that all sizes share; modulo 2^p_bits, as two's complement.
std::int64_t product(const Size& size, const Operands& word) {
  std::uint64_t x = static_cast<std::uint64_t>(number(word.x, size.x_bits, size.x_signed));
  if (size.x_sum) x += static_cast<std::uint64_t>(number(word.x2, size.x_bits, true));
  const auto y = static_cast<std::uint64_t>(number(word.y, size.y_bits, size.y_signed));
  std::uint64_t p = x * y;
  if (size.c_bits > 0) p += static_cast<std::uint64_t>(number(word.c, size.c_bits, true));
  return number(p, size.p_bits, true);
}

// The sum of both must stay inside every signed x that is a sum: 32 bits.
bool sum_fits(const Operands& word) {
  for (const Size& size : kSizes) {
    if (!size.x_sum) continue;
    const std::int64_t sum = number(word.x, size.x_bits, true) + number(word.x2, size.x_bits, true);
    if (number(static_cast<std::uint64_t>(sum), size.x_bits, true) != sum) return false;
  }
  return true;
}

// Random, often with all bits of some digits alike, where carries and signs go wrong first.
std::uint64_t draw(std::mt19937_64& random) {
  std::uint64_t word = random();
  for (const unsigned low : {0U, 15U, 16U, 17U, 18U, 25U, 26U, 31U, 34U}) {
    const unsigned kind = static_cast<unsigned>(random() % 6);
    if (kind > 1) continue;
    const std::uint64_t upwards = ~std::uint64_t{0} << low;
    word = kind == 0 ? word | upwards : word & ~upwards;
  }
  return random() % 4 == 0 ? ~word : word;
}

class MulStyles : public ::testing::TestWithParam<unsigned> {};

TEST_P(MulStyles, GiveTheExactProductAtTheirLatency) {
  std::mt19937_64 random(GetParam());
  VerilatedContext context;
  context.randReset(2);
  context.randSeed(static_cast<int>(GetParam()) + 1);
  Vmul_styles top(&context);
  const bool gaps = GetParam() % 2 == 1;

  struct Word {
    bool valid;
    std::array<Operands, kLanes> lanes;
  };
  std::deque<Word> words;  // the latest one first
  std::size_t checked = 0;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    Word word{!gaps || random() % 3 != 0, {}};
    for (std::size_t l = 0; l < kLanes; ++l) {
      Operands& o = word.lanes[l];
      do o = {draw(random), draw(random), draw(random), draw(random)};
      while (!sum_fits(o));
      const auto put = [l](auto& port, std::uint64_t value) {
        port[2 * l] = static_cast<std::uint32_t>(value);
        port[2 * l + 1] = static_cast<std::uint32_t>(value >> 32);
      };
      put(top.x_i, o.x);
      put(top.x2_i, o.x2);
      put(top.y_i, o.y);
      put(top.c_i, o.c);
    }
    words.push_front(word);
    if (words.size() > kMaxLatency) words.pop_back();
    unsigned valid = 0;
    for (std::size_t age = 0; age < words.size(); ++age)
      valid |= static_cast<unsigned>(words[age].valid) << age;
    top.stage_valid_i = static_cast<std::uint16_t>(valid);
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();

    for (std::size_t s = 0; s < kStyles.size(); ++s) {
      for (std::size_t i = 0; i < kSizes.size(); ++i) {
        const std::size_t at = s * kSizes.size() + i;
        const std::size_t latency = top.latency_o[at / 4] >> (at % 4 * 8) & 0xff;
        ASSERT_LE(latency, kMaxLatency);
        if (words.size() < latency || !words[latency - 1].valid) continue;
        for (std::size_t l = 0; l < kLanes; ++l) {
          const std::size_t place = 2 * (at * kLanes + l);
          const std::uint64_t p = top.p_o[place] | std::uint64_t{top.p_o[place + 1]} << 32;
          ASSERT_EQ(static_cast<std::int64_t>(p), product(kSizes[i], words[latency - 1].lanes[l]))
              << kStyles[s] << ", size " << i << ", lane " << l << ", cycle " << cycle << ", seed "
              << GetParam();
          ++checked;
        }
      }
    }
  }
  EXPECT_GT(checked, 900000U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MulStyles, ::testing::Range(0U, 4U));

}  // namespace
