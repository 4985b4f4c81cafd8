// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/softmax.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

// Float64 softmax of one row of codes, rounded to 8 bits.
std::vector<int> reference(const MatrixI16& scores, Eigen::Index row, double scale,
                           SoftmaxFormat format) {
  double sum = 0;
  const int max = scores.row(row).maxCoeff();
  std::vector<double> e;
  for (int s : scores.row(row)) e.push_back(std::exp((s - max) * scale));
  for (double v : e) sum += v;
  std::vector<int> y;
  for (double v : e)
    y.push_back(std::min(format == SoftmaxFormat::U8 ? 255 : 127,
                         static_cast<int>(std::nearbyint(v / sum * softmax_unit(format)))));
  return y;
}

TEST(Softmax, TableIsRoundedExpAndNeverIncreases) {
  for (double scale : {1e-9, 0.003, 0.05, 0.17, 1.0, 50.0}) {
    const SoftmaxTable table = make_softmax_table(scale);
    EXPECT_EQ(table[0], 262143U);
    for (size_t d = 0; d < 256; ++d) {
      EXPECT_LE(std::abs(table[d] - 262143 * std::exp(-scale * static_cast<double>(d))),
                0.5 + 1e-9);
      EXPECT_LE(table[d], table[d == 0 ? 0 : d - 1]);
    }
  }
  for (double scale : {0.0, -1.0, std::nan(""), HUGE_VAL})
    EXPECT_THROW(make_softmax_table(scale), InputError);
}

TEST(Softmax, StaysWithinOneCodeOfFloat64OnManyDistributions) {
  std::mt19937 rng(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (SoftmaxFormat format : {SoftmaxFormat::U8, SoftmaxFormat::S8}) {
    int64_t elements = 0, off = 0;
    int worst = 0;
    for (int keys : {1, 2, 3, 5, 7, 8, 9, 16, 17, 64, 128, 197, 512, 4096})
      for (int trial = 0; trial < 60; ++trial) {
        const double scale = std::exp(std::log(0.003) + uniform(rng) * std::log(0.3 / 0.003));
        const double deviation = 1 + 60 * uniform(rng);
        std::normal_distribution<double> normal(-60, deviation);
        MatrixI16 s(std::max(1, 2048 / keys), keys);
        for (auto& v : s.reshaped())
          v = static_cast<int16_t>(
              std::clamp(normal(rng) + (rng() % 40 == 0 ? 80 : 0), -128.0, 127.0));
        const MatrixI16 y = softmax_rows(s, {}, make_softmax_table(scale), format);
        for (Eigen::Index r = 0; r < s.rows(); ++r) {
          const std::vector<int> exact = reference(s, r, scale, format);
          for (Eigen::Index j = 0; j < keys; ++j) {
            const int error = std::abs(y(r, j) - exact[static_cast<size_t>(j)]);
            worst = std::max(worst, error);
            off += error != 0;
            ++elements;
          }
        }
      }
    const double share = 100.0 * static_cast<double>(off) / static_cast<double>(elements);
    fmt::print("softmax to {} against float64, {} elements: at most {} code off, {:.4f} % off\n",
               format == SoftmaxFormat::U8 ? "uint8" : "int8", elements, worst, share);
    EXPECT_LE(worst, 1);
    EXPECT_LE(share, 0.02);
  }
}

TEST(Softmax, ShareOfCodesOffStaysSmallInTheShortestRows) {
  // Two keys: the reciprocal and both table entries matter most.
  int64_t elements = 0, off = 0;
  for (int n = 0; n < 4000; ++n) {
    const double scale = 0.001 + 1e-4 * n;
    MatrixI16 s(256, 2);
    for (int d = 0; d < 256; ++d) s.row(d) << 127, static_cast<int16_t>(127 - d);
    const MatrixI16 y = softmax_rows(s, {}, make_softmax_table(scale), SoftmaxFormat::U8);
    for (int d = 0; d < 256; ++d) {
      const std::vector<int> exact = reference(s, d, scale, SoftmaxFormat::U8);
      for (int j = 0; j < 2; ++j) {
        ASSERT_LE(std::abs(y(d, j) - exact[static_cast<size_t>(j)]), 1);
        off += y(d, j) != exact[static_cast<size_t>(j)];
        ++elements;
      }
    }
  }
  const double share = 100.0 * static_cast<double>(off) / static_cast<double>(elements);
  fmt::print("softmax of two keys, {} elements: {:.4f} % off by one\n", elements, share);
  EXPECT_LE(share, 0.02);
}

TEST(Softmax, EqualScoresAreExactWithTiesToEven) {
  for (int keys = 1; keys <= 520; ++keys)
    for (SoftmaxFormat format : {SoftmaxFormat::U8, SoftmaxFormat::S8}) {
      const MatrixI16 s = MatrixI16::Constant(1, keys, 5);
      const MatrixI16 y = softmax_rows(s, {}, make_softmax_table(0.05), format);
      // unit / keys as a fraction: 512 / 2k or 255 / 2k, rounded half to even in integers.
      const int numerator = format == SoftmaxFormat::U8 ? 512 : 255, denominator = 2 * keys;
      int exact = numerator / denominator;
      const int rest = 2 * (numerator % denominator);
      if (rest > denominator || (rest == denominator && exact % 2 == 1)) ++exact;
      exact = std::min(exact, format == SoftmaxFormat::U8 ? 255 : 127);
      ASSERT_EQ(y(0, 0), exact) << keys;
      ASSERT_TRUE((y.array() == y(0, 0)).all());
    }
}

TEST(Softmax, OneHotSaturatesAndMaskedKeysAreZero) {
  const SoftmaxTable table = make_softmax_table(0.2);
  MatrixI16 s = MatrixI16::Constant(1, 4, -128);
  s(0, 2) = 127;
  MatrixI16 expected(1, 4);
  expected << 0, 0, 255, 0;
  EXPECT_EQ(softmax_rows(s, {}, table, SoftmaxFormat::U8), expected);
  expected(0, 2) = 127;
  EXPECT_EQ(softmax_rows(s, {}, table, SoftmaxFormat::S8), expected);
  // The masked maximum takes no part; two equal keys are left.
  expected << 128, 0, 0, 128;
  EXPECT_EQ(softmax_rows(s, std::vector<uint8_t>{1, 0, 0, 1}, table, SoftmaxFormat::U8), expected);
  EXPECT_TRUE(softmax_rows(s, std::vector<uint8_t>(4, 0), table, SoftmaxFormat::U8).isZero());
}

TEST(Softmax, RefusesWhatDoesNotFit) {
  SoftmaxTable table = make_softmax_table(0.2);
  MatrixI16 s = MatrixI16::Constant(1, 4, 128);
  EXPECT_THROW(softmax_rows(s, {}, table, SoftmaxFormat::U8), InputError);
  s.setZero();
  EXPECT_THROW(softmax_rows(s, std::vector<uint8_t>(3, 1), table, SoftmaxFormat::U8), InputError);
  EXPECT_THROW(softmax_rows(MatrixI16(1, 0), {}, table, SoftmaxFormat::U8), InputError);
  table[3] = 1 << 18;
  EXPECT_THROW(softmax_rows(s, {}, table, SoftmaxFormat::U8), InputError);
}

}  // namespace
}  // namespace sb::golden
