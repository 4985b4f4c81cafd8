// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/layernorm.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

TEST(Rsqrt, EqualsLongDoubleAtBordersAndAtRandom) {
  const auto check = [](uint64_t w) {
    const Rsqrt root = rsqrt(w);
    const uint64_t normal = root.h >= 0 ? w >> (2 * root.h) : w << (-2 * root.h);
    ASSERT_GE(normal, uint64_t{1} << 30) << w;
    ASSERT_LT(normal, uint64_t{1} << 32) << w;
    // 2^33 / sqrt(normal) lies at least 2^-32 from an integer unless it is one, so 64 bits decide
    // the floor.
    const auto doubled =
        static_cast<uint64_t>(std::floor(0x1p33L / std::sqrt(static_cast<long double>(normal))));
    ASSERT_EQ(root.m, std::min<uint64_t>(131071, (doubled + 1) / 2)) << w;
    const long double exact = 1 / std::sqrt(static_cast<long double>(w));
    ASSERT_LT(std::abs(std::ldexp(static_cast<long double>(root.m), -32 - root.h) / exact - 1),
              0x1.1p-17L)
        << w;
  };
  for (int bit = 0; bit < 57; ++bit)
    for (int64_t offset = -3; offset <= 3; ++offset) {
      const int64_t w = (int64_t{1} << bit) + offset;
      if (w > 0) check(static_cast<uint64_t>(w));
    }
  std::mt19937_64 rng(11);
  for (int i = 0; i < 300000; ++i) check((rng() >> 7 >> (rng() % 57)) | 1);
  EXPECT_EQ(rsqrt(0).m, 0U);
  EXPECT_EQ(rsqrt(0).h, 0);
  EXPECT_THROW(rsqrt(uint64_t{1} << 57), InputError);
}

// Float64 LayerNorm of one row of codes, in output codes, not rounded.
std::vector<double> reference(std::span<const int16_t> row, std::span<const float> gamma,
                              std::span<const float> beta, double eps, double scale_s,
                              double scale_y) {
  const auto n = static_cast<double>(row.size());
  double mean = 0, variance = 0;
  for (double v : row) mean += v * scale_s / n;
  for (double v : row) variance += (v * scale_s - mean) * (v * scale_s - mean) / n;
  std::vector<double> y(row.size());
  for (size_t c = 0; c < row.size(); ++c)
    y[c] = ((row[c] * scale_s - mean) / std::sqrt(variance + eps) * double{gamma[c]} +
            double{beta[c]}) /
           scale_y;
  return y;
}

// A million rows: random widths, gains over two decades, biases, levels and kinds of distribution,
// outlier channels, and both widths of the output. The scales are those a calibration would set:
// the largest output near full scale.
TEST(LayerNorm, StaysWithinOneCodeOfFloat64OverAMillionRows) {
  std::mt19937 rng(2024);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(-1, 1);
  const int kRows = 1000000, kBlock = 2000;
  int64_t elements = 0, off16 = 0, off8 = 0;
  int worst16 = 0, worst8 = 0;
  double largest_error = 0;
  for (int done = 0; done < kRows; done += kBlock) {
    const int n = std::array{1, 2, 3, 5, 8, 13, 16, 24}[static_cast<size_t>(done / kBlock % 8)];
    const auto columns = static_cast<size_t>(n);
    std::vector<float> gamma(columns), beta(columns);
    double reach = 1e-3;
    for (size_t c = 0; c < columns; ++c) {
      gamma[c] = static_cast<float>(std::exp(2 * uniform(rng)) * (uniform(rng) < -0.9 ? -1 : 1));
      beta[c] = static_cast<float>(uniform(rng));
      reach = std::max(reach,
                       std::abs(gamma[c]) * std::min(8.0, std::sqrt(n - 1.0)) + std::abs(beta[c]));
    }
    const double scale_s = std::exp(3 * uniform(rng)) * 1e-3, scale_y = reach / 32767;
    const double eps = 1e-12;
    const LayerNormParams p = make_layernorm(gamma, beta, eps, scale_s, scale_y);
    const OperandParams narrow = make_operand(std::vector<double>(columns, 127.0 / 32767), 8);
    // Deviations of 1/8 to 1/100 of the int16 range, as the residual stream has them.
    const double level = 32767 / std::exp(std::uniform_real_distribution<double>(2.1, 4.6)(rng));
    const double offset = uniform(rng) * 8000;
    MatrixI16 s(kBlock, n);
    for (auto& v : s.reshaped()) {
      double x = normal(rng);
      if (rng() % 50 == 0) x *= 10;
      v = static_cast<int16_t>(std::clamp(x * level + offset, -32768.0, 32767.0));
    }
    const MatrixI16 y16 = layernorm(s, p), y8 = narrow_operand(y16, narrow);
    for (int r = 0; r < kBlock; ++r) {
      const auto exact = reference({s.row(r).data(), columns}, gamma, beta, eps, scale_s, scale_y);
      // A row of nearly equal values is about the mean's rounding (1/512 code), not about
      // LayerNorm.
      const RowStatistics statistics = row_statistics({s.row(r).data(), columns});
      if (n > 1 && static_cast<double>(row_w(p, statistics)) < 1e4 * n * n) continue;
      for (int c = 0; c < n; ++c) {
        const double value = exact[static_cast<size_t>(c)];
        const double value8 = value * 127 / 32767;
        const int error16 = std::abs(
            y16(r, c) - static_cast<int>(std::clamp(std::nearbyint(value), -32768.0, 32767.0)));
        const int error8 = std::abs(
            y8(r, c) - static_cast<int>(std::clamp(std::nearbyint(value8), -128.0, 127.0)));
        if (std::abs(value) < 32767)
          largest_error = std::max(largest_error, std::abs(y16(r, c) - value));
        worst16 = std::max(worst16, error16);
        worst8 = std::max(worst8, error8);
        off16 += error16 != 0;
        off8 += error8 != 0;
        ++elements;
      }
    }
  }
  fmt::print(
      "LayerNorm against float64, {} elements: 16 bit at most {} code off, {:.2f} % off by one, "
      "largest "
      "error "
      "{:.3f} code; 8 bit at most {} code off, {:.3f} % off by one\n",
      elements, worst16, 100.0 * static_cast<double>(off16) / static_cast<double>(elements),
      largest_error, worst8, 100.0 * static_cast<double>(off8) / static_cast<double>(elements));
  EXPECT_GT(elements, 5 * kRows);
  EXPECT_LE(worst16, 1);
  EXPECT_LE(worst8, 1);
}

TEST(LayerNorm, StaysWithinOneCodeOfFloat64OnWideRows) {
  std::mt19937 rng(7);
  std::normal_distribution<double> normal;
  for (int n : {384, 768, 1024, 4095, 4096}) {
    const auto columns = static_cast<size_t>(n);
    std::vector<float> gamma(columns), beta(columns);
    double reach = 0;
    for (size_t c = 0; c < columns; ++c) {
      gamma[c] = static_cast<float>(1 + 0.3 * normal(rng));
      beta[c] = static_cast<float>(0.2 * normal(rng));
      reach = std::max(reach, std::abs(gamma[c]) * 8.0 + std::abs(beta[c]));
    }
    const double scale_y = reach / 32767;
    const LayerNormParams p = make_layernorm(gamma, beta, 1e-12, 1e-3, scale_y);
    MatrixI16 s(400, n);
    for (auto& v : s.reshaped())
      v = static_cast<int16_t>(std::clamp(3000 * normal(rng) + 700, -32768.0, 32767.0));
    const MatrixI16 y = layernorm(s, p);
    for (int r = 0; r < 400; ++r) {
      const auto exact = reference({s.row(r).data(), columns}, gamma, beta, 1e-12, 1e-3, scale_y);
      for (int c = 0; c < n; ++c)
        ASSERT_LE(std::abs(y(r, c) - std::nearbyint(exact[static_cast<size_t>(c)])), 1)
            << n << ' ' << r << ' ' << c;
    }
  }
}

TEST(LayerNorm, ZeroVarianceRowComesOutAsItsBias) {
  const std::vector<float> gamma{1, 2, 3}, beta{0.5F, -0.25F, 0};
  const LayerNormParams p = make_layernorm(gamma, beta, 0, 1e-3, 1e-3);
  const MatrixI16 y = layernorm(MatrixI16::Constant(1, 3, 1234), p);
  EXPECT_EQ(y(0, 0), 500);
  EXPECT_EQ(y(0, 1), -250);
  EXPECT_EQ(y(0, 2), 0);
}

TEST(LayerNorm, ExtremeRowsKeepEveryWidth) {
  // The largest variance there is, at the widest row: W close to 2^54.
  const std::vector<float> gamma(4096, 1), beta(4096, 0);
  const LayerNormParams p = make_layernorm(gamma, beta, 0, 1, 1.0 / 4096);
  MatrixI16 s(2, 4096);
  for (int c = 0; c < 4096; ++c) s(0, c) = c % 2 == 0 ? 32767 : -32768;
  s.row(1).setConstant(-32768);
  s(1, 4095) = 32767;  // 64 deviations: saturates
  const MatrixI16 y = layernorm(s, p);
  EXPECT_NEAR(y(0, 0), 4096, 1);
  EXPECT_NEAR(y(0, 1), -4096, 1);
  EXPECT_EQ(y(1, 4095), 32767);
  EXPECT_NEAR(y(1, 0), -64, 1);
}

TEST(LayerNorm, MeanMultiplierIsNearestForEveryWidth) {
  for (size_t n = 1; n <= 4096; ++n) {
    const std::vector<float> ones(n, 1), zeros(n, 0);
    const LayerNormParams p = make_layernorm(ones, zeros, 1e-12, 1e-3, 1e-3);
    ASSERT_LT(p.mean_mult, 1U << 26);
    ASSERT_GE(p.mean_mult, 1U << 25) << n;
    ASSERT_NEAR(std::ldexp(p.mean_mult, -p.mean_shift) * static_cast<double>(n), 256.0,
                256 * 0x1p-26);
  }
}

TEST(LayerNorm, RefusesWhatDoesNotFit) {
  const std::vector<float> one{1, 1}, zero{0, 0}, huge{1e9F, 0}, none, nan{NAN, 0};
  EXPECT_THROW(make_layernorm(none, none, 0, 1, 1), InputError);
  EXPECT_THROW(make_layernorm(one, none, 0, 1, 1), InputError);
  EXPECT_THROW(make_layernorm(huge, zero, 0, 1, 1e-3), InputError);
  EXPECT_THROW(make_layernorm(one, huge, 0, 1, 1e-3), InputError);
  EXPECT_THROW(make_layernorm(nan, zero, 0, 1, 1e-3), InputError);
  EXPECT_THROW(make_layernorm(one, nan, 0, 1, 1e-3), InputError);
  EXPECT_THROW(make_layernorm(one, zero, -1, 1, 1e-3), InputError);
  EXPECT_THROW(make_layernorm(one, zero, 1, 1e-12, 1e-3), InputError);
  EXPECT_THROW(make_layernorm(one, zero, 0, 0, 1e-3), InputError);
  const LayerNormParams p = make_layernorm(one, zero, 0, 1, 1e-3);
  EXPECT_THROW(layernorm(MatrixI16::Zero(1, 3), p), InputError);
}

TEST(NarrowOperand, EqualsLongDoubleRoundingAndKeepsTheRatio) {
  const std::vector<double> ratio{0.0021, 0.004, 0.0077, 0.03};
  for (int bits : {8, 9}) {
    const OperandParams p = make_operand(ratio, bits);
    for (size_t c = 0; c < 4; ++c) EXPECT_NEAR(operand_ratio(p, c) / ratio[c], 1, 1e-3);
    const int limit = 1 << (bits - 1);
    for (int v = -32768; v <= 32767; ++v) {
      const MatrixI16 y = narrow_operand(MatrixI16::Constant(1, 4, static_cast<int16_t>(v)), p);
      for (int c = 0; c < 4; ++c) {
        const double exact = std::nearbyint(v * operand_ratio(p, static_cast<size_t>(c)));
        ASSERT_EQ(y(0, c), std::clamp<double>(exact, -limit, limit - 1)) << v;
      }
    }
  }
  EXPECT_THROW(make_operand(std::vector<double>{1.5}, 8), InputError);
  EXPECT_THROW(make_operand(std::vector<double>{0.0}, 8), InputError);
  EXPECT_THROW(make_operand(ratio, 7), InputError);
}

}  // namespace
}  // namespace sb::golden
