// SPDX-License-Identifier: Apache-2.0
#include "golden/formats/float_format.h"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <bit>
#include <cmath>
#include <random>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

/// Nearest value by a search over the sorted grid; a tie takes the value at the even index, whose
/// mantissa is even.
double nearest_on_grid(double magnitude, const std::vector<double>& grid) {
  const auto above = std::lower_bound(grid.begin(), grid.end(), magnitude);
  if (above == grid.end()) return grid.back();
  if (*above == magnitude || above == grid.begin()) return *above;
  const double up = *above - magnitude, down = magnitude - *(above - 1);
  if (up != down) return up < down ? *above : *(above - 1);
  return (above - grid.begin()) % 2 == 0 ? *above : *(above - 1);
}

class NamedFormat : public testing::TestWithParam<const char*> {};

TEST_P(NamedFormat, WholeGridMapsToItselfAndMidpointsTieToEven) {
  const FloatFormat format = named_float_format(GetParam());
  const std::vector<double> grid = representable_values(format);
  ASSERT_TRUE(std::is_sorted(grid.begin(), grid.end()));
  ASSERT_EQ(grid.back(), format.max);
  for (size_t i = 0; i < grid.size(); ++i) {
    ASSERT_EQ(quantize_value(grid[i], format), grid[i]) << i;
    ASSERT_EQ(quantize_value(-grid[i], format), -grid[i]) << i;
    if (i + 1 == grid.size()) break;
    const double middle = (grid[i] + grid[i + 1]) / 2;
    const double even = i % 2 == 0 ? grid[i] : grid[i + 1];
    ASSERT_EQ(quantize_value(middle, format), even) << i;
    ASSERT_EQ(quantize_value(-middle, format), -even) << i;
    ASSERT_EQ(quantize_value(std::nextafter(middle, 0.0), format), grid[i]) << i;
    ASSERT_EQ(quantize_value(std::nextafter(middle, HUGE_VAL), format), grid[i + 1]) << i;
  }
  EXPECT_EQ(quantize_value(format.max * 3, format), format.max);
  EXPECT_EQ(quantize_value(-format.max * 3, format), -format.max);
}

TEST_P(NamedFormat, RandomValuesGoToTheNearestOfTheGrid) {
  const FloatFormat format = named_float_format(GetParam());
  const std::vector<double> grid = representable_values(format);
  std::mt19937_64 rng(31);
  std::uniform_real_distribution<double> exponent(std::log2(grid[1]) - 3,
                                                  std::log2(format.max) + 1);
  for (int i = 0; i < 20000; ++i) {
    const double x = std::exp2(exponent(rng));
    ASSERT_EQ(quantize_value(x, format), nearest_on_grid(x, grid)) << x;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, NamedFormat,
                         testing::Values("E4M3", "E5M2", "E3M4", "FP16", "BF16", "E2M1", "E1M2",
                                         "E2M3", "E6M9"));

TEST(FloatFormat, SizesOfTheNamedFormats) {
  const auto size = [](const char* name) {
    return representable_values(named_float_format(name)).size();
  };
  EXPECT_EQ(size("E4M3"), 127U);  // 128 codes without the NaN
  EXPECT_EQ(size("E5M2"), 124U);  // 31 exponents of 4
  EXPECT_EQ(size("E3M4"), 128U);  // every code finite
  EXPECT_EQ(size("FP16"), 31U * 1024);
  EXPECT_EQ(size("BF16"), 255U * 128);
  EXPECT_EQ(named_float_format("E5M2").max, 57344);
  EXPECT_EQ(named_float_format("E3M4").max, 31);
  EXPECT_EQ(named_float_format("FP16").max, 65504);
}

TEST(FloatFormat, SeedFormulaGivesTheBiasOfAMaximum) {
  EXPECT_DOUBLE_EQ(float_format(4, 3, 480).bias, 7);
  EXPECT_DOUBLE_EQ(float_format(3, 4, 31).bias, 3);
  EXPECT_DOUBLE_EQ(float_format(5, 2, 114688).bias, 15);
  EXPECT_DOUBLE_EQ(float_format(2, 1, 6).bias, 1);
}

TEST(FloatFormat, GridsOfAnyMaximumMapToThemselves) {
  std::mt19937_64 rng(32);
  std::uniform_real_distribution<double> exponent(-20, 20);
  for (int trial = 0; trial < 300; ++trial) {
    const FloatFormat format = float_format(
        1 + static_cast<int>(rng() % 5), 1 + static_cast<int>(rng() % 5), std::exp2(exponent(rng)));
    const std::vector<double> grid = representable_values(format);
    ASSERT_EQ(grid.size(), size_t{1} << (format.exponent_bits + format.mantissa_bits));
    for (size_t i = 0; i < grid.size(); ++i) {
      ASSERT_NEAR(quantize_value(grid[i], format), grid[i], 1e-12 * format.max);
      if (i + 1 < grid.size()) {
        const double gap = grid[i + 1] - grid[i];
        ASSERT_NEAR(quantize_value(grid[i] + 0.49 * gap, format), grid[i], 1e-9 * gap);
        ASSERT_NEAR(quantize_value(grid[i] + 0.51 * gap, format), grid[i + 1], 1e-9 * gap);
      }
    }
  }
}

TEST(FloatFormat, Fp16EqualsTheProcessorsOwnConversion) {
  const FloatFormat fp16 = named_float_format("FP16");
  for (uint32_t code = 0; code < 0x7c00; ++code) {
    const auto value = static_cast<float>(
        Eigen::half(Eigen::half_impl::raw_uint16_to_half(static_cast<uint16_t>(code))));
    ASSERT_EQ(quantize_value(value, fp16), value) << code;
  }
  std::mt19937 rng(33);
  int compared = 0;
  while (compared < 300000) {
    const auto x = std::bit_cast<float>(static_cast<uint32_t>(rng()));
    if (!(std::abs(x) < 65520.0F) || std::abs(x) < 1e-12F)
      continue;  // 65520 and above is Inf in IEEE, 65504 here
    ASSERT_EQ(static_cast<float>(quantize_value(x, fp16)), static_cast<float>(Eigen::half(x))) << x;
    ++compared;
  }
  EXPECT_EQ(quantize_value(65520, fp16), 65504);
}

TEST(FloatFormat, Bf16EqualsRoundingOfTheFloatsBits) {
  const FloatFormat bf16 = named_float_format("BF16");
  std::mt19937 rng(34);
  int compared = 0;
  while (compared < 300000) {
    const auto bits = static_cast<uint32_t>(rng());
    const auto x = std::bit_cast<float>(bits);
    const uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) & 0xffff0000U;
    if (!std::isfinite(x) || !std::isfinite(std::bit_cast<float>(rounded))) continue;
    ASSERT_EQ(static_cast<float>(quantize_value(x, bf16)), std::bit_cast<float>(rounded)) << x;
    ++compared;
  }
}

TEST(FloatFormat, MatricesQuantizeElementwise) {
  const MatrixF x = (MatrixF(1, 4) << 0.3F, -0.3F, 500.0F, 0.0F).finished();
  EXPECT_EQ(quantize(x, named_float_format("E4M3")),
            (MatrixF(1, 4) << 0.3125F, -0.3125F, 448.0F, 0.0F).finished());
}

TEST(FloatFormat, RefusesBadInput) {
  EXPECT_THROW(float_format(0, 3, 1), InputError);
  EXPECT_THROW(float_format(9, 3, 1), InputError);
  EXPECT_THROW(float_format(4, 0, 1), InputError);
  EXPECT_THROW(float_format(4, 24, 1), InputError);
  EXPECT_THROW(float_format(4, 3, 0), InputError);
  EXPECT_THROW(float_format(4, 3, -1), InputError);
  EXPECT_THROW(float_format(4, 3, NAN), InputError);
  EXPECT_THROW(float_format(4, 3, INFINITY), InputError);
  EXPECT_THROW(ieee_format(1, 2), InputError);
  for (const char* name : {"", "FP8", "E4", "E4M", "M3E4", "E4M3x", "E0M3", "E-4M3", "E9M1"})
    EXPECT_THROW(named_float_format(name), InputError) << name;
  EXPECT_THROW(quantize(MatrixF(0, 0), ieee_format(5, 10)), InputError);
  EXPECT_THROW(quantize(MatrixF::Constant(1, 1, NAN), ieee_format(5, 10)), InputError);
  EXPECT_THROW(representable_values(float_format(8, 20, 1)), InputError);
}

}  // namespace
}  // namespace sb::golden
