// Lanes of words and codes of multipliers, as the host writes them.
#include <gtest/gtest.h>

#include <random>

#include "golden/requantize.h"
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
      tb::put_lane(word, lane, bits, bits < 64 ? values.back() | ~uint64_t{0} << bits : values.back());
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

TEST(MultiplierCode, MeansTheSameMultiplierOrIsRefused) {
  int encoded = 0, refused = 0;
  for (int shift = 0; shift <= 46; ++shift)
    for (const uint32_t mult :
         {0U, 1U, 2U, 32767U, 32768U, 65535U, 1U << 16, (1U << 25) + 1, (1U << 26) - 1}) {
      const bool representable = (uint64_t{mult} << std::max(0, 16 - shift)) < (1U << 26);
      if (!representable) {
        EXPECT_THROW(tb::encode_multiplier(mult, shift), tb::InputError) << mult << " " << shift;
        ++refused;
        continue;
      }
      // A shift between two of the hardware's four needs a larger one and a multiplier with room.
      tb::MultiplierCode code;
      try {
        code = tb::encode_multiplier(mult, shift);
      } catch (const tb::InputError&) {
        const int next = 16 + (shift - 16 + 9) / 10 * 10;
        EXPECT_GE(uint64_t{mult} << (next - shift), uint64_t{1} << 26) << mult << " " << shift;
        ++refused;
        continue;
      }
      ASSERT_LT(code.mult, 1U << 26);
      ASSERT_LT(code.select, 4);
      for (const int acc : {1, -1, 12345, -54321, INT32_MAX, INT32_MIN})
        ASSERT_EQ(golden::requantize(acc, mult, shift, 3, golden::Clamp::S16),
                  golden::requantize(acc, code.mult, 16 + 10 * code.select, 3, golden::Clamp::S16))
            << mult << " " << shift;
      ++encoded;
    }
  EXPECT_GT(encoded, 200);
  EXPECT_GT(refused, 50);
  for (const int shift : {-1, 47}) EXPECT_THROW(tb::encode_multiplier(1, shift), tb::InputError);
  EXPECT_THROW(tb::encode_multiplier(1U << 26, 16), tb::InputError);
}

TEST(MultiplierCode, TheChannelWordHoldsBiasMultiplierAndSelect) {
  EXPECT_EQ(tb::channel_word(-1, {0, 0}), 0x00000000ffffffffU);
  EXPECT_EQ(tb::channel_word(0, {(1U << 26) - 1, 0}), 0x03ffffff00000000U);
  EXPECT_EQ(tb::channel_word(1, {1, 3}), 0x0c00000100000001U);
}

}  // namespace
}  // namespace sb
