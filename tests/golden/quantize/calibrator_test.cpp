// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/calibrator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "golden/base/error.h"
#include "golden/formats/int_format.h"

namespace sb::golden {
namespace {

MatrixF row(std::initializer_list<float> values) {
  MatrixF m(1, static_cast<Eigen::Index>(values.size()));
  std::copy(values.begin(), values.end(), m.data());
  return m;
}

std::vector<float> normal_magnitudes(size_t count, unsigned seed) {
  std::mt19937 rng(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& v : values) v = std::abs(normal(rng));
  return values;
}

TEST(Calibrator, MaximumOverBatchesPerTensorRowAndColumn) {
  const MatrixF first = (MatrixF(2, 3) << 1, -2, 3, -4, 0.5F, 0).finished();
  const MatrixF second = (MatrixF(2, 3) << -7, 1, 1, 1, 1, 1).finished();
  const auto amax = [&](Axis axis) {
    Calibrator calibrator(axis);
    calibrator.add(first);
    calibrator.add(second);
    EXPECT_EQ(calibrator.batches(), 2);
    return calibrator.amax({});
  };
  EXPECT_EQ(amax(Axis::Tensor), (std::vector<double>{7}));
  EXPECT_EQ(amax(Axis::Channel), (std::vector<double>{7, 4}));
  EXPECT_EQ(amax(Axis::Column), (std::vector<double>{7, 2, 3}));
  EXPECT_EQ(amax(Axis::ActivationChannel), amax(Axis::Column));
}

TEST(Calibrator, BatchesOfDifferentLengthCountTogether) {
  Calibrator one, many;
  MatrixF all(7, 2);
  all << 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14;
  one.add(all);
  many.add(all.topRows(3));
  many.add(all.middleRows(3, 1));
  many.add(all.bottomRows(3));
  for (const CalibrationMethod method : {CalibrationMethod::Max, CalibrationMethod::Percentile,
                                         CalibrationMethod::Mse, CalibrationMethod::Entropy})
    EXPECT_EQ(one.amax({.method = method, .percentile = 70}),
              many.amax({.method = method, .percentile = 70}));
}

TEST(Calibrator, PercentileFollowsTheRuleOfTheSeed) {
  const std::vector<float> eleven{10, 0, 1, 9, 2, 8,
                                  3,  7, 4, 6, 5};  // n - 1 = 10: k = 10 i is an integer index
  EXPECT_EQ(percentile_amax(eleven, 0), 0);
  EXPECT_EQ(percentile_amax(eleven, 50), 5);
  EXPECT_EQ(percentile_amax(eleven, 90), 9);
  EXPECT_EQ(percentile_amax(eleven, 100), 10);
  // Between two integers the mean of both, however near one of them the index lies.
  EXPECT_EQ(percentile_amax(eleven, 91), 9.5);
  EXPECT_EQ(percentile_amax(eleven, 99.99), 9.5);
  EXPECT_EQ(percentile_amax({3}, 12.5), 3);
  Calibrator calibrator;
  calibrator.add(row({-1, 2, -3}));
  EXPECT_EQ(calibrator.amax({.method = CalibrationMethod::Percentile, .percentile = 75}),
            (std::vector<double>{2.5}));
}

double squared_error(const std::vector<float>& values, double amax, int bits) {
  double error = 0;
  for (const float v : values) error += std::pow(v - quantize_value(v, amax, IntFormat{bits}), 2);
  return error;
}

TEST(Calibrator, MseComesWithinOnePercentOfAFineSearch) {
  const std::vector<float> values = normal_magnitudes(4000, 3);
  const double max = *std::max_element(values.begin(), values.end());
  for (const int bits : {3, 4, 6, 8}) {
    double best = HUGE_VAL;
    for (int i = 1; i <= 1000; ++i)
      best = std::min(best, squared_error(values, max * i / 1000, bits));
    const double amax = mse_amax(values, bits);
    EXPECT_LE(squared_error(values, amax, bits), 1.02 * best) << bits;
    EXPECT_LE(squared_error(values, amax, bits), squared_error(values, max, bits)) << bits;
    EXPECT_LT(amax, max) << bits;
  }
  EXPECT_LT(mse_amax(values, 3), mse_amax(values, 8));
}

/// The entropy method once more, the slow way, from its description in the header: whole
/// distributions are built.
double plain_entropy(const std::vector<float>& values, size_t levels, size_t bins) {
  const double max = *std::max_element(values.begin(), values.end());
  std::vector<double> histogram(bins);
  for (const float v : values) {
    size_t b = 0;
    while (b + 1 < bins && v >= max * static_cast<double>(b + 1) / static_cast<double>(bins)) ++b;
    histogram[b] += 1;
  }
  histogram[0] = histogram[1];
  double best = HUGE_VAL, chosen = 0;
  for (size_t i = levels; i <= bins; ++i) {
    std::vector<double> p(histogram.begin(), histogram.begin() + static_cast<std::ptrdiff_t>(i)),
        q(i, 0);
    for (size_t b = i; b < bins; ++b) p.back() += histogram[b];
    for (size_t g = 0; g < levels; ++g) {
      std::vector<size_t> filled;
      double sum = 0;
      for (size_t b = 0; b < i; ++b)
        if (b * levels >= g * i && b * levels < (g + 1) * i && histogram[b] > 0) {
          filled.push_back(b);
          sum += histogram[b];
        }
      for (const size_t b : filled) q[b] = sum / static_cast<double>(filled.size());
    }
    const double p_sum = std::accumulate(p.begin(), p.end(), 0.0),
                 q_sum = std::accumulate(q.begin(), q.end(), 0.0);
    double kl = 0;
    for (size_t b = 0; b < i; ++b)
      if (p[b] > 0)
        kl += q[b] > 0 ? p[b] / p_sum * std::log(p[b] / p_sum / (q[b] / q_sum)) : HUGE_VAL;
    if (kl <= best) {
      best = kl;
      chosen = max * static_cast<double>(i) / static_cast<double>(bins);
    }
  }
  return chosen;
}

TEST(Calibrator, EntropyEqualsASecondImplementation) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    std::vector<float> values = normal_magnitudes(3000, seed);
    if (seed % 3 == 1) values.push_back(15.3F);  // an outlier
    if (seed % 3 == 2)
      for (size_t i = 0; i < 1500; ++i) values[i] = 0;  // a pile of zeros
    for (const auto& [bits, bins] : {std::pair{3, 64}, {4, 100}, {5, 257}})
      EXPECT_NEAR(entropy_amax(values, bits, bins),
                  plain_entropy(values, size_t{1} << (bits - 1), static_cast<size_t>(bins)), 1e-9)
          << seed << ": " << bits << " bits, " << bins << " bins";
  }
}

TEST(Calibrator, EntropyKeepsAUniformRangeAndCutsAnOutlier) {
  std::vector<float> uniform;
  for (int i = 0; i < 100000; ++i) uniform.push_back(static_cast<float>(i) / 100000);
  EXPECT_NEAR(entropy_amax(uniform, 8, 2048), 1, 1e-3);
  std::vector<float> values = normal_magnitudes(100000, 9);
  values.push_back(40);
  const double amax = entropy_amax(values, 8, 2048);
  EXPECT_LT(amax, 10);
  EXPECT_GT(amax, 2.3);
}

TEST(Calibrator, ZerosGiveZero) {
  Calibrator calibrator(Axis::Column);
  calibrator.add(MatrixF::Zero(4, 2));
  for (const CalibrationMethod method : {CalibrationMethod::Max, CalibrationMethod::Percentile,
                                         CalibrationMethod::Mse, CalibrationMethod::Entropy})
    EXPECT_EQ(calibrator.amax({.method = method}), (std::vector<double>{0, 0}));
}

TEST(Calibrator, RefusesBadInput) {
  EXPECT_THROW(Calibrator(Axis::Token), InputError);
  EXPECT_THROW(Calibrator().amax({}), InputError);
  Calibrator calibrator(Axis::Column);
  EXPECT_THROW(calibrator.add(MatrixF(0, 3)), InputError);
  EXPECT_THROW(calibrator.add(row({1, NAN})), InputError);
  EXPECT_THROW(calibrator.add(row({1, -INFINITY})), InputError);
  EXPECT_EQ(calibrator.batches(), 0);
  calibrator.add(row({1, 2}));
  EXPECT_THROW(calibrator.add(row({1, 2, 3})), InputError);
  EXPECT_THROW(calibrator.amax({.method = CalibrationMethod::Percentile, .percentile = 100.5}),
               InputError);
  EXPECT_THROW(calibrator.amax({.method = CalibrationMethod::Percentile, .percentile = NAN}),
               InputError);
  EXPECT_THROW(calibrator.amax({.method = CalibrationMethod::Mse, .bits = 0}), InputError);
  EXPECT_THROW(calibrator.amax({.method = CalibrationMethod::Entropy, .bits = 11}), InputError);
  EXPECT_THROW(calibrator.amax({.method = CalibrationMethod::Entropy, .bins = 128}), InputError);
  EXPECT_THROW(calibrator.amax({.method = CalibrationMethod::Entropy, .bins = -5}), InputError);
  EXPECT_THROW(percentile_amax({}, 50), InputError);
}

}  // namespace
}  // namespace sb::golden
