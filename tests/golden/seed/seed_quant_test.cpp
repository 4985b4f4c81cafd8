// SPDX-License-Identifier: Apache-2.0
#include "golden/seed/seed_quant.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "golden/base/error.h"
#include "golden/ops/gemm.h"
#include "golden/ops/requantize.h"

namespace sb::golden {
namespace {

MatrixD row(std::initializer_list<double> values) {
  MatrixD m(1, static_cast<Eigen::Index>(values.size()));
  std::copy(values.begin(), values.end(), m.data());
  return m;
}

MatrixI32 seed_accumulators(int weight_mod, int bias_mod) {
  const MatrixI8 w = genmat(8, 8, 8, weight_mod).transpose().cast<int8_t>();
  const MatrixI32 bias = genmat(1, 8, 8, bias_mod).cast<int32_t>();
  return gemm(genmat(6, 8, 8, 7), w, {bias.data(), 8});
}

TEST(SeedQuant, PrintedQueryTellsHalfEvenFromTruncationAndFromHalfUp) {
  // Seed 000, In 28 and 29: 24 of the 48 printed elements are ties.
  const MatrixI32 acc = seed_accumulators(9, 63);
  const MatrixI8 y = requantize_real(acc, 0.5, SeedMode::Corrected);
  EXPECT_EQ(y, requantize_real(acc, 0.5, SeedMode::Compat));
  int ties = 0, from_truncation = 0, from_half_up = 0;
  for (Eigen::Index i = 0; i < acc.size(); ++i) {
    const double exact = acc.data()[i] * 0.5;
    ties += exact != std::floor(exact);
    from_truncation += y.data()[i] != std::trunc(exact);
    from_half_up += y.data()[i] != std::floor(exact + 0.5);
    EXPECT_EQ(y.data()[i], requantize(acc.data()[i], 1, 1, 0, Clamp::S8));
  }
  EXPECT_EQ(ties, 24);
  EXPECT_EQ(from_truncation, 12);
  EXPECT_EQ(from_half_up, 12);
}

TEST(SeedQuant, KeyAndValueRequantizeWithTheirMultipliers) {
  // M_k = 0.4 and M_v = 0.3 on the rows 123 101 ... and 130 152 ...: products rounded half to even.
  const int key[8] = {49, 40, 49, 54, 40, 49, 49, 32}, value[8] = {39, 46, 40, 47, 30, 33, 40, 31};
  const MatrixI8 k = requantize_real(seed_accumulators(11, 65), 0.4, SeedMode::Corrected);
  const MatrixI8 v = requantize_real(seed_accumulators(13, 67), 0.3, SeedMode::Corrected);
  for (int c = 0; c < 8; ++c) {
    EXPECT_EQ(k(0, c), key[c]);
    EXPECT_EQ(v(0, c), value[c]);
  }
}

TEST(SeedQuant, ExtremeAccumulatorsReachFullScale) {
  // Seed 000, In 16: 127.5 / M_query, 127.5 / M_key and 128.5 / M_value are nearly whole
  // accumulators.
  const double m_query = 0.0070562844355619315, m_key = 0.008036052309477855,
               m_value = 0.003417007858954613;
  EXPECT_NEAR(127.5 / m_query, 18068.9995, 5e-5);
  EXPECT_NEAR(127.5 / m_key, 15865.9993, 5e-5);
  EXPECT_NEAR(128.5 / m_value, 37606.0007, 5e-5);
  for (const SeedMode mode : {SeedMode::Corrected, SeedMode::Compat}) {
    EXPECT_EQ(requantize_real(MatrixI32(MatrixI32::Constant(1, 1, 18069)), m_query, mode)(0, 0),
              127);
    EXPECT_EQ(requantize_real(MatrixI32(MatrixI32::Constant(1, 1, 15866)), m_key, mode)(0, 0), 127);
    EXPECT_EQ(requantize_real(MatrixI32(MatrixI32::Constant(1, 1, -37606)), m_value, mode)(0, 0),
              -128);
  }
}

TEST(SeedQuant, ScalesOfTheNotebook) {
  EXPECT_DOUBLE_EQ(seed_scale(0, 249.0 / 256, 8, SeedMode::Compat), 0.007628676470588235);  // In 4
  EXPECT_DOUBLE_EQ(seed_scale(0, 1, 8, SeedMode::Compat), 0.00784313725490196);             // In 14
  EXPECT_DOUBLE_EQ(seed_scale(-257, 127.5, 8, SeedMode::Compat), 2.0);
  EXPECT_DOUBLE_EQ(seed_scale(-257, 127.5, 8, SeedMode::Corrected), 257.0 / 127);
  EXPECT_DOUBLE_EQ(seed_scale(-1, 1, 16, SeedMode::Compat), 1 / 32767.5);
}

// The probability codes that In 4 (scale of the tensor) and In 12 (scale 1 / 127.5) both print,
// element by element.
struct CodePair {
  int dynamic, fixed;
};
const CodePair kPrintedProbabilities[96] = {
    {1, 1}, {2, 1}, {1, 0},   {2, 1}, {2, 1},   {3, 2},   {4, 3}, {1, 0}, {2, 1},   {1, 0},
    {0, 0}, {1, 0}, {2, 1},   {1, 0}, {1, 0},   {0, 0},   {0, 0}, {1, 0}, {1, 1},   {1, 0},
    {1, 0}, {2, 2}, {1, 1},   {2, 2}, {1, 0},   {1, 0},   {1, 0}, {2, 1}, {2, 2},   {2, 1},
    {1, 1}, {1, 1}, {1, 0},   {1, 1}, {2, 1},   {2, 2},   {7, 6}, {0, 0}, {0, 0},   {3, 3},
    {0, 0}, {0, 0}, {0, 0},   {0, 0}, {2, 2},   {0, 0},   {0, 0}, {0, 0}, {0, 0},   {0, 0},
    {0, 0}, {0, 0}, {0, 0},   {1, 0}, {0, 0},   {0, 0},   {2, 1}, {1, 0}, {3, 2},   {0, 0},
    {0, 0}, {1, 0}, {1, 0},   {3, 2}, {3, 3},   {0, 0},   {0, 0}, {1, 0}, {0, 0},   {12, 12},
    {4, 4}, {0, 0}, {48, 47}, {2, 1}, {1, 0},   {1, 0},   {1, 0}, {2, 1}, {70, 68}, {12, 11},
    {1, 1}, {0, 0}, {1, 0},   {1, 1}, {13, 13}, {65, 63}, {4, 3}, {1, 1}, {0, 0},   {1, 1},
    {4, 4}, {0, 0}, {0, 0},   {1, 0}, {2, 2},   {6, 5}};

bool one_probability_gives(CodePair pair) {
  for (int k = 0; k <= 255; ++k) {
    const MatrixD p = row({k / 256.0});
    if (tensor_quant_scale(p, 8, SeedMode::Compat, 0.007628676470588235).codes(0, 0) ==
            pair.dynamic &&
        requantize_real(p, 127.5, SeedMode::Compat)(0, 0) == pair.fixed)
      return true;
  }
  return false;
}

TEST(SeedQuant, EveryPrintedPairOfProbabilityCodesComesFromOneProbability) {
  int explained = 0;
  for (const CodePair& pair : kPrintedProbabilities) explained += one_probability_gives(pair);
  EXPECT_EQ(explained, 96);
  EXPECT_FALSE(one_probability_gives({1, 2}));
  EXPECT_FALSE(one_probability_gives({70, 70}));
}

TEST(SeedQuant, OnlyCompatWrapsPastTheNegativeEnd) {
  const MatrixD x = row({-128.50001, -128.49999, -500, 127.4, 500});
  EXPECT_EQ(requantize_real(x, 1, SeedMode::Compat),
            (MatrixI8(1, 5) << 127, -128, 127, 127, 127).finished());
  EXPECT_EQ(requantize_real(x, 1, SeedMode::Corrected),
            (MatrixI8(1, 5) << -128, -128, -128, 127, 127).finished());
  EXPECT_EQ(tensor_quant_scale(x, 8, SeedMode::Compat, 1.0).codes(0, 2), -129);
}

TEST(SeedQuant, RequantizeEqualsQuantizeOfDequantize) {
  // Seed 000, In 10, with scales that are powers of two, so that both sides are exact: every
  // accumulator agrees.
  for (const SeedMode mode : {SeedMode::Corrected, SeedMode::Compat}) {
    MatrixI32 acc(1, 100001);
    for (Eigen::Index i = 0; i < acc.cols(); ++i) acc(0, i) = static_cast<int32_t>(i - 50000);
    const double s_acc = 0x1p-14, s_out = 0x1p-6;
    const MatrixD dequantized = acc.cast<double>() * s_acc;
    EXPECT_EQ(requantize_real(acc, s_acc / s_out, mode),
              to_int8(tensor_quant_scale(dequantized, 8, mode, s_out).codes, mode));
  }
}

TEST(SeedQuant, RequantizeEqualsQuantizeOfDequantizeForAnyScalesAwayFromTies) {
  std::mt19937_64 rng(11);
  std::uniform_real_distribution<double> scale(1e-4, 1e-2);
  std::uniform_int_distribution<int32_t> value(-40000, 40000);
  int compared = 0;
  for (int trial = 0; trial < 200; ++trial) {
    const double s_acc = scale(rng), s_out = scale(rng) * 100;
    MatrixI32 acc(1, 500);
    for (auto& v : acc.reshaped()) v = value(rng);
    const MatrixI8 direct = requantize_real(acc, s_acc / s_out, SeedMode::Corrected);
    const MatrixD two_steps =
        tensor_quant_scale(acc.cast<double>() * s_acc, 8, SeedMode::Corrected, s_out).codes;
    for (Eigen::Index i = 0; i < acc.cols(); ++i) {
      const double steps = acc(0, i) * s_acc / s_out;
      if (std::abs(steps - std::floor(steps) - 0.5) < 1e-9) continue;
      ASSERT_EQ(direct(0, i), two_steps(0, i)) << acc(0, i) << " * " << s_acc << " / " << s_out;
      ++compared;
    }
  }
  EXPECT_GT(compared, 99900);
}

TEST(SeedQuant, AFixedMultiplierEqualsTheIntegerRequantizer) {
  std::mt19937_64 rng(12);
  for (int trial = 0; trial < 2000; ++trial) {
    const double real = std::exp2(-static_cast<double>(rng() % 30000) / 1000);
    const FixedMultiplier m = fixed_multiplier(real);
    ASSERT_NEAR(m.value() / real, 1, 0x1p-16);
    ASSERT_LE(m.shift, 46);
    MatrixI32 acc(1, 50);
    for (auto& v : acc.reshaped()) v = static_cast<int32_t>(rng()) >> (rng() % 24);
    const MatrixI8 y = requantize_real(acc, m.value(), SeedMode::Corrected);
    for (Eigen::Index i = 0; i < acc.cols(); ++i)
      ASSERT_EQ(y(0, i), requantize(acc(0, i), m.mult, m.shift, 0, Clamp::S8))
          << acc(0, i) << ' ' << real;
  }
}

TEST(SeedQuant, RefusesBadInput) {
  const MatrixD good = row({1, 2});
  EXPECT_THROW(tensor_quant_scale(MatrixD(0, 0)), InputError);
  EXPECT_THROW(tensor_quant_scale(row({1, NAN})), InputError);
  EXPECT_THROW(tensor_quant_scale(row({INFINITY})), InputError);
  EXPECT_THROW(tensor_quant_scale(good, 1), InputError);
  EXPECT_THROW(tensor_quant_scale(good, 33), InputError);
  EXPECT_THROW(tensor_quant_scale(good, 8, SeedMode::Corrected, 0.0), InputError);
  EXPECT_THROW(requantize_real(good, 0, SeedMode::Corrected), InputError);
  EXPECT_THROW(requantize_real(good, NAN, SeedMode::Corrected), InputError);
  EXPECT_THROW(fixed_multiplier(1e-12), InputError);
  EXPECT_THROW(fixed_multiplier(1e6), InputError);
  EXPECT_EQ(tensor_quant_scale(MatrixD::Zero(2, 2)).codes, MatrixD::Zero(2, 2));
}

}  // namespace
}  // namespace sb::golden
