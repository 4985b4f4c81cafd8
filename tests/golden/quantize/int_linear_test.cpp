// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/int_linear.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golden/base/error.h"
#include "golden/ops/gemm.h"
#include "golden/ops/requantize.h"

namespace sb::golden {
namespace {

FoldedLinear random_linear(int outputs, int inputs, unsigned seed) {
  std::srand(seed);
  FoldedLinear linear{MatrixD::Random(outputs, inputs), Eigen::VectorXd::Random(outputs)};
  linear.weight(0, 0) = 3;  // an outlier that least squares clips
  return linear;
}

IntLinearOptions plan(int outputs) {
  return {.name = "test", .out_scale = Eigen::VectorXd::Constant(outputs, 0.5)};
}

TEST(QuantizeLinear, IntegerSideEqualsFloatSideWithinHalfAStep) {
  const FoldedLinear linear = random_linear(9, 33, 1);
  IntLinearOptions p = plan(9);
  p.clip = false;
  const IntLinear q = make_int_linear(linear, p);
  for (int n = 0; n < 9; ++n) {
    const double scale = q.acc_scale[static_cast<size_t>(n)];
    for (int k = 0; k < 33; ++k)
      EXPECT_LE(std::abs(q.weight(n, k) * scale - linear.weight(n, k)), scale * 0.5001);
    EXPECT_LE(std::abs(q.bias[static_cast<size_t>(n)] * scale - linear.bias[n]), scale * 0.5001);
    const double requant = std::ldexp(q.requant.mult[static_cast<size_t>(n)],
                                      -q.requant.shift[static_cast<size_t>(n)]);
    EXPECT_NEAR(requant * 0.5 / scale, 1, 0x1p-16);
  }
}

TEST(QuantizeLinear, FoldedZeroPointEqualsTakingItOffTheCodes) {
  const FoldedLinear linear = random_linear(6, 20, 2);
  IntLinearOptions p = plan(6);
  const IntLinear without = make_int_linear(linear, p);
  p.in_zero = 9;
  const IntLinear with = make_int_linear(linear, p);
  const MatrixI16 codes = genmat(4, 20, 7, 256);
  const MatrixI16 shifted = codes.array() - 9;
  EXPECT_EQ(gemm(codes, with.weight, with.bias), gemm(shifted, without.weight, without.bias));
}

TEST(QuantizeLinear, ClippingNeverRaisesTheSquaredError) {
  const FoldedLinear linear = random_linear(5, 8000, 3);
  for (int n = 0; n < 5; ++n) {
    const auto error = [&](double scale) {
      double sum = 0;
      for (int k = 0; k < 8000; ++k) {
        const double code = std::clamp(std::nearbyint(linear.weight(n, k) / scale), -127.0, 127.0);
        sum += std::pow(linear.weight(n, k) - code * scale, 2);
      }
      return sum;
    };
    const double* row = linear.weight.row(n).data();
    EXPECT_LE(error(weight_scale(row, 8000, true)), error(weight_scale(row, 8000, false)));
  }
  EXPECT_LT(weight_scale(linear.weight.row(0).data(), 8000, true),
            2.99 / 127);  // the outlier is clipped
}

TEST(QuantizeLinear, ChannelWithoutWeightsKeepsItsBias) {
  FoldedLinear linear{MatrixD::Zero(2, 4), Eigen::VectorXd(2)};
  linear.bias << 10, 0;
  const IntLinear q = make_int_linear(linear, plan(2));
  const MatrixI16 y = requantize(gemm(MatrixI16::Ones(1, 4), q.weight, q.bias), q.requant.mult,
                                 q.requant.shift, q.zero, q.clamp);
  EXPECT_EQ(y(0, 0), 20);
  EXPECT_EQ(y(0, 1), 0);
}

TEST(QuantizeLinear, AccumulatorBoundIsProvedAndRefused) {
  IntLinear linear;
  linear.weight = MatrixI8::Constant(1, 1000, -127);
  linear.bias = {100};
  EXPECT_EQ(check_accumulator(linear, 128, "x"), 25);  // 16,256,100 needs 24 bits and a sign
  linear.weight = MatrixI8::Constant(1, 70000, -127);
  EXPECT_THROW(check_accumulator(linear, 256, "x"), InputError);
}

TEST(Requant, HoldsSixteenBitsOrSaysThatItCannot) {
  for (double scale : {1023.98, 100.0, 1.0, 0.99999999, 0.3, 1e-3, 7e-6, 1e-9}) {
    Requant r;
    append_requant(r, scale, "x");
    EXPECT_NEAR(std::ldexp(r.mult[0], -r.shift[0]) / scale, 1, 0x1p-16) << scale;
    EXPECT_LT(r.mult[0], 65536U);
  }
  Requant r;
  EXPECT_THROW(append_requant(r, 1024, "x"), InputError);
  EXPECT_THROW(append_requant(r, 0, "x"), InputError);
  EXPECT_THROW(append_requant(r, std::nan(""), "x"), InputError);
}

}  // namespace
}  // namespace sb::golden
