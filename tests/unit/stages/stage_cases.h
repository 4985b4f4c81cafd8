// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tb/devices/stage.h"

namespace sb {

/// How both ends of a stage pause.
struct StallCase {
  tb::StallPolicy input, output;
};

inline std::vector<StallCase> stall_cases() {
  using tb::StallPolicy;
  return {{StallPolicy::never(), StallPolicy::never()},
          {StallPolicy::random(0.4), StallPolicy::never()},
          {StallPolicy::never(), StallPolicy::random(0.4)},
          {StallPolicy::random(0.5), StallPolicy::random(0.5)},
          {StallPolicy::every(3), StallPolicy::every(2)}};
}

/// The stage with the fewest lanes in this program.
inline std::unique_ptr<tb::Stage> smallest_stage(const std::string& name, uint64_t seed = 1) {
  return tb::make_stage(name, tb::stage_sizes(name).front(), seed);
}

/// Kinds of rows: what the numbers of a row look like.
inline const std::vector<std::string>& row_kinds() {
  static const std::vector<std::string> kKinds{"uniform",    "normal",  "all equal", "one-hot",
                                               "two maxima", "outlier", "extremes"};
  return kKinds;
}

/// A row of `n` codes in low .. high of the given kind.
inline std::vector<int16_t> make_row(const std::string& kind, size_t n, int low, int high,
                                     std::mt19937& rng) {
  std::uniform_int_distribution<int> uniform(low, high);
  const double middle = (low + high) / 2.0, width = high - low;
  const auto gauss = [&](double center, double deviation) {
    const double v = std::normal_distribution<double>(center, deviation)(rng);
    return static_cast<int16_t>(std::clamp<double>(std::nearbyint(v), low, high));
  };
  std::vector<int16_t> row(n);
  const auto equal = static_cast<int16_t>(uniform(rng));
  for (int16_t& v : row) {
    if (kind == "uniform")
      v = static_cast<int16_t>(uniform(rng));
    else if (kind == "extremes")
      v = static_cast<int16_t>(rng() % 2 == 0 ? low : high);
    else if (kind == "all equal")
      v = equal;
    else if (kind == "one-hot")
      v = static_cast<int16_t>(low);
    else
      v = gauss(middle - width / 8, width / 16);
  }
  if (kind == "one-hot") row[rng() % n] = static_cast<int16_t>(high);
  if (kind == "two maxima") row[rng() % n] = row[rng() % n] = static_cast<int16_t>(high);
  if (kind == "outlier") row[rng() % n] = static_cast<int16_t>(rng() % 2 == 0 ? low : high);
  return row;
}

/// Every word arrived in the cycle after the one before: no bubble.
inline void expect_no_gap(const std::vector<uint64_t>& cycles, const char* what) {
  ASSERT_GT(cycles.size(), 1U);
  for (size_t i = 1; i < cycles.size(); ++i)
    ASSERT_EQ(cycles[i], cycles[i - 1] + 1) << what << ": a gap before word " << i;
}

}  // namespace sb
