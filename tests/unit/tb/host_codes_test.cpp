// SPDX-License-Identifier: Apache-2.0
// Lanes of words and codes of multipliers, as the host writes them.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "golden/ops/requantize.h"
#include "tb/host/lanes.h"
#include "tb/host/requant_code.h"
#include "tb/sim/error.h"

namespace sb {
namespace {

TEST(Lanes, EveryWidthKeepsItsBitsAndItsNeighbours) {
  std::mt19937_64 rng(1);
  for (int bits = 1; bits <= 64; ++bits) {
    constexpr int lanes = 7;
    std::vector<uint32_t> word(tb::lane_words(lanes, bits));
    std::vector<bool> image(word.size() * 32);
    std::vector<uint64_t> values;
    for (int lane = 0; lane < lanes; ++lane) {
      values.push_back(rng() >> (64 - bits));
      // Bits above the lane are not written.
      tb::put_lane(word, lane, bits,
                   bits < 64 ? values.back() | ~uint64_t{0} << bits : values.back());
      for (int b = 0; b < bits; ++b)
        image[static_cast<std::size_t>(lane * bits + b)] = values.back() >> b & 1;
    }
    for (std::size_t b = 0; b < image.size(); ++b)
      ASSERT_EQ(word[b / 32] >> (b % 32) & 1, image[b]) << bits << " bits, bit " << b;
    for (int lane = 0; lane < lanes; ++lane) {
      const uint64_t value = values[static_cast<std::size_t>(lane)];
      ASSERT_EQ(tb::get_lane(word, lane, bits), value);
      const bool negative = value >> (bits - 1) & 1;
      ASSERT_EQ(tb::get_signed_lane(word, lane, bits),
                static_cast<int64_t>(negative && bits < 64 ? value | ~uint64_t{0} << bits : value));
    }
  }
}

// Whether some code below 2^26 at shift 16, 26, 36 or 46 is exactly mult * 2^-shift.
bool has_code(uint32_t mult, int shift) {
  for (const int code_shift : {16, 26, 36, 46}) {
    const auto scaled = static_cast<__int128>(mult) << code_shift;
    const __int128 unit = __int128{1} << shift;
    if (scaled % unit == 0 && scaled / unit < 1 << 26) return true;
  }
  return false;
}

TEST(MultiplierCode, MeansTheSameMultiplierAndIsRefusedOnlyIfThereIsNone) {
  std::vector<uint32_t> mults{
      0, 3, 12345 << 8, 32767, 65535, (1U << 25) + 1, (1U << 26) - 1, (1U << 26) - 4};
  for (int bit = 0; bit < 26; ++bit) mults.push_back(1U << bit);
  int encoded = 0, refused = 0;
  for (int shift = 0; shift <= 46; ++shift)
    for (const uint32_t mult : mults) {
      if (!has_code(mult, shift)) {
        EXPECT_THROW(tb::encode_multiplier(mult, shift), tb::InputError) << mult << " " << shift;
        ++refused;
        continue;
      }
      const tb::MultiplierCode code = tb::encode_multiplier(mult, shift);
      ASSERT_LT(code.mult, 1U << 26);
      ASSERT_LT(code.select, 4);
      for (const int acc : {1, -1, 12345, -54321, INT32_MAX, INT32_MIN})
        ASSERT_EQ(golden::requantize(acc, mult, shift, 3, golden::Clamp::S16),
                  golden::requantize(acc, code.mult, 16 + 10 * code.select, 3, golden::Clamp::S16))
            << mult << " " << shift;
      ++encoded;
    }
  EXPECT_GT(encoded, 1000);
  EXPECT_GT(refused, 100);
  for (const int shift : {-1, 47}) EXPECT_THROW(tb::encode_multiplier(1, shift), tb::InputError);
  EXPECT_THROW(tb::encode_multiplier(1U << 26, 16), tb::InputError);
}

TEST(MultiplierCode, TrailingZerosMakeRoomAndLargeMultipliersDoNotVanish) {
  EXPECT_EQ(tb::encode_multiplier(1U << 25, 20).mult, 1U << 21);  // 2^5: no code at shift 26
  EXPECT_THROW(tb::encode_multiplier(1U << 20, 0), tb::InputError);
}

TEST(MultiplierCode, TheChannelWordHoldsBiasMultiplierAndSelect) {
  const auto word = [](int32_t bias, tb::MultiplierCode code) {
    return tb::get_lane(tb::channel_code(bias, code).pack(), 0, 64);
  };
  EXPECT_EQ(word(-1, {0, 0}), 0x00000000ffffffffU);
  EXPECT_EQ(word(0, {(1U << 26) - 1, 0}), 0x03ffffff00000000U);
  EXPECT_EQ(word(1, {1, 3}), 0x0c00000100000001U);
}

}  // namespace
}  // namespace sb
