// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/requantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

TEST(Requantize, TiesGoToEvenOnBothSides) {
  // multiplier 1, shift 1: acc / 2
  const int expected[][2] = {{1, 0}, {3, 2}, {5, 2}, {7, 4}, {-1, 0}, {-3, -2}, {-5, -2}, {-7, -4}};
  for (const auto& [acc, y] : expected) EXPECT_EQ(requantize(acc, 1, 1, 0, Clamp::S8), y) << acc;
}

TEST(Requantize, SaturatesAtEveryClamp) {
  const int32_t low = std::numeric_limits<int32_t>::min(),
                high = std::numeric_limits<int32_t>::max();
  for (const auto& [clamp, min, max] : {std::tuple{Clamp::S8, -128, 127},
                                        {Clamp::U8, 0, 255},
                                        {Clamp::S9, -256, 255},
                                        {Clamp::S16, -32768, 32767}}) {
    EXPECT_EQ(requantize(low, 65535, 0, 0, clamp), min);
    EXPECT_EQ(requantize(high, 65535, 0, 0, clamp), max);
  }
}

TEST(Requantize, EqualsLongDoubleRounding) {
  std::mt19937_64 rng(3);
  for (int i = 0; i < 200000; ++i) {
    const auto acc = static_cast<int32_t>(rng());
    const auto mult = static_cast<uint32_t>(rng() % 65536);
    const int shift = static_cast<int>(rng() % 47);
    const int zp = static_cast<int>(rng() % 65536) - 32768;
    // 48 significant bits fit a long double exactly; nearbyint ties to even.
    const long double exact =
        std::nearbyint(std::ldexp(static_cast<long double>(acc) * mult, -shift)) + zp;
    const auto y = static_cast<int>(std::clamp(exact, -128.0L, 127.0L));
    ASSERT_EQ(requantize(acc, mult, shift, zp, Clamp::S8), y)
        << acc << ' ' << mult << ' ' << shift << ' ' << zp;
  }
}

TEST(Requantize, SeedExtremesReachFullScale) {
  // Seed 000, In 16: M_query, M_key, M_value and the extreme accumulators.
  const auto y = [](int32_t acc, double scale) {
    return requantize(acc, static_cast<uint32_t>(std::lround(std::ldexp(scale, 22))), 22, 0,
                      Clamp::S8);
  };
  EXPECT_EQ(y(18069, 0.0070562844355619315), 127);
  EXPECT_EQ(y(15866, 0.008036052309477855), 127);
  EXPECT_EQ(y(-37606, 0.003417007858954613), -128);
}

TEST(Requantize, TakesEveryFactorThatTheHardwareHolds) {
  Requant r;
  for (const double factor : {1e-14, 511.0, 512.0, 700.5, 1023.98}) append_requant(r, factor, "f");
  EXPECT_EQ(r.shift, (std::vector<uint8_t>{46, 7, 6, 6, 6}));
  EXPECT_EQ(requantize(10, r.mult[3], r.shift[3], 0, Clamp::S16), 7005);
  for (const double factor : {0.0, -1.0, 1023.999, 1024.0, 1e9})
    EXPECT_THROW(append_requant(r, factor, "f"), InputError) << factor;
}

TEST(Requantize, RefusesWhatTheHardwareCannotHold) {
  EXPECT_THROW(requantize(1, 1U << 26, 20, 0, Clamp::S8), InputError);
  EXPECT_THROW(requantize(1, 1, 47, 0, Clamp::S8), InputError);
  EXPECT_THROW(requantize(1, 1, 4, 40000, Clamp::S8), InputError);
}

}  // namespace
}  // namespace sb::golden
