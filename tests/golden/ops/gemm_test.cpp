// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/gemm.h"

#include <gtest/gtest.h>

#include <random>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

TEST(Gemm, EqualsWideIntegerLoop) {
  std::mt19937 rng(1);
  std::uniform_int_distribution<int> code(-256, 255), weight(-128, 127),
      bias_value(-1000000, 1000000);
  for (const auto& [rows, k, n] : {std::tuple{1, 1, 1}, {3, 5, 7}, {17, 33, 65}, {2, 3072, 4}}) {
    MatrixI16 a(rows, k);
    MatrixI8 w(n, k);
    std::vector<int32_t> bias(static_cast<size_t>(n));
    for (auto& v : a.reshaped()) v = static_cast<int16_t>(code(rng));
    for (auto& v : w.reshaped()) v = static_cast<int8_t>(weight(rng));
    for (auto& v : bias) v = bias_value(rng);
    const MatrixI32 acc = gemm(a, w, bias);
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < n; ++c) {
        __int128 sum = bias[static_cast<size_t>(c)];
        for (int i = 0; i < k; ++i) sum += __int128{a(r, i)} * w(c, i);
        ASSERT_TRUE(sum == acc(r, c)) << "row " << r << " column " << c;
      }
  }
}

TEST(Gemm, RefusesWhatCouldOverflow) {
  const MatrixI16 a = MatrixI16::Constant(1, 70000, -256);
  const MatrixI8 w = MatrixI8::Constant(1, 70000, -128);
  EXPECT_THROW(gemm(a, w), InputError);
}

TEST(Gemm, ReproducesTheSeedsProjections) {
  // Seed 000, In 24-29: genmat with mod 7 (hidden), 9 / 11 / 13 (weights, stored (in, out)), 63 /
  // 65 / 67 (biases).
  const MatrixI16 x = genmat(6, 8, 8, 7);
  const auto project = [&](int weight_mod, int bias_mod) {
    const MatrixI8 w = genmat(8, 8, 8, weight_mod).transpose().cast<int8_t>();
    const MatrixI32 bias = genmat(1, 8, 8, bias_mod).cast<int32_t>();
    return gemm(x, w, {bias.data(), 8});
  };
  const MatrixI32 query = project(9, 63);
  const double printed[6][8] = {{49.0, 55.5, 57.5, 55.0, 48.0, 36.5, 20.5, 31.5},
                                {56.0, 58.5, 56.5, 50.0, 39.0, 23.5, 35.0, 42.0},
                                {59.5, 58.0, 52.0, 41.5, 26.5, 38.5, 46.0, 49.0},
                                {59.5, 54.0, 44.0, 29.5, 42.0, 50.0, 53.5, 52.5},
                                {56.0, 46.5, 32.5, 45.5, 54.0, 58.0, 57.5, 52.5},
                                {49.0, 35.5, 49.0, 58.0, 62.5, 62.5, 58.0, 49.0}};
  for (int r = 0; r < 6; ++r)
    for (int c = 0; c < 8; ++c) EXPECT_EQ(query(r, c) * 0.5, printed[r][c]) << r << ", " << c;
  const int key[8] = {123, 101, 123, 134, 101, 123, 123, 79};
  const int value[8] = {130, 152, 135, 157, 101, 110, 132, 102};
  for (int c = 0; c < 8; ++c) {
    EXPECT_EQ(project(11, 65)(0, c), key[c]);
    EXPECT_EQ(project(13, 67)(0, c), value[c]);
  }
}

TEST(Gemm, FoldedZeroPointEqualsShiftedCodes) {
  const MatrixI16 x = genmat(5, 9, 9, 31);
  const MatrixI8 w = genmat(4, 9, 9, 17).cast<int8_t>();
  const std::vector<int32_t> bias{1, -2, 3, -4};
  const MatrixI16 shifted = x.array() - 7;
  EXPECT_EQ(gemm(x, w, fold_zero_point(bias, w, 7)), gemm(shifted, w, bias));
}

}  // namespace
}  // namespace sb::golden
