// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/table.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golden/base/error.h"
#include "golden/ops/residual.h"

namespace sb::golden {
namespace {

TEST(Table, EveryEntryIsTheCorrectlyRoundedFunction) {
  struct Case {
    std::function<double(double)> f;
    std::function<long double(long double)> exact;
    TableFormat format;
  };
  const Case cases[] = {
      {gelu,
       [](long double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0L))); },
       {9.0 / 255, -15, 5.2 / 255, 9, Clamp::U8}},
      {gelu,
       [](long double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0L))); },
       {9.0 / 255, -15, 5.2 / 511, -240, Clamp::S9}},
      {relu, [](long double x) { return x > 0 ? x : 0; }, {0.04, 3, 0.05, -128, Clamp::S8}},
      {leaky_relu(0.01),
       [](long double x) { return x > 0 ? x : x * 0.01L; },
       {0.04, 0, 0.02, 0, Clamp::S8}},
      {[](double x) { return std::tanh(x); },
       [](long double x) { return std::tanh(x); },
       {0.03, 0, 1.0 / 127, 0, Clamp::S8}},
      {sigmoid,
       [](long double x) { return 1 / (1 + std::exp(-x)); },
       {0.05, 0, 1.0 / 256, 0, Clamp::U8}}};
  for (const Case& c : cases) {
    const Table table = make_table(c.f, c.format);
    for (int x = -128; x <= 127; ++x) {
      const long double value =
          static_cast<long double>(c.format.in_scale) * (x - c.format.in_zero);
      const long double code =
          std::nearbyint(c.exact(value) / static_cast<long double>(c.format.out_scale)) +
          c.format.out_zero;
      const auto expected =
          std::clamp<long double>(code, clamp_min(c.format.clamp), clamp_max(c.format.clamp));
      const MatrixI16 y = apply_table(MatrixI16::Constant(1, 1, static_cast<int16_t>(x)), table);
      EXPECT_EQ(y(0, 0), static_cast<int>(expected)) << x;
    }
  }
}

TEST(Table, RefusesBadFormatsAndCodes) {
  EXPECT_THROW(make_table(gelu, {0, 0, 1, 0, Clamp::S8}), InputError);
  EXPECT_THROW(make_table(gelu, {1, 0, 1, 0, Clamp::S16}), InputError);
  EXPECT_THROW(make_table([](double x) { return std::log(x); }, {1, 0, 1, 0, Clamp::S8}),
               InputError);
  const Table table = make_table(relu, {1, 0, 1, 0, Clamp::S8});
  EXPECT_THROW(apply_table(MatrixI16::Constant(1, 1, 128), table), InputError);
  EXPECT_THROW(apply_table(MatrixI16::Constant(1, 1, -129), table), InputError);
}

TEST(Residual, SaturatesOnBothSides) {
  MatrixI16 h(1, 5), d(1, 5), s(1, 5);
  h << 32767, -32768, 100, 32000, -32000;
  d << 1, -1, -300, 767, -768;
  s << 32767, -32768, -200, 32767, -32768;
  EXPECT_EQ(residual_add(h, d), s);
  EXPECT_THROW(residual_add(h, d.leftCols(4)), InputError);
}

}  // namespace
}  // namespace sb::golden
