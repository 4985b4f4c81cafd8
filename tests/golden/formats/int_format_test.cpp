// SPDX-License-Identifier: Apache-2.0
#include "golden/formats/int_format.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

TEST(IntFormat, EveryCodeOfEveryWidthMapsToItselfAndMidpointsTieToEven) {
  for (int bits = 2; bits <= 12; ++bits)
    for (const IntFormat format :
         {IntFormat{bits}, IntFormat{bits, true, false}, IntFormat{bits, false}}) {
      // A range of code_max makes one step 1, so that midpoints are exact.
      const auto amax = static_cast<double>(code_max(format));
      for (int64_t code = code_min(format); code <= code_max(format); ++code) {
        const auto x = static_cast<double>(code);
        ASSERT_EQ(quantize_code(x, amax, format), code);
        ASSERT_EQ(quantize_value(x, amax, format), x);
        if (code == code_max(format)) break;
        ASSERT_EQ(quantize_code(x + 0.5, amax, format), code % 2 == 0 ? code : code + 1);
      }
      EXPECT_EQ(quantize_code(1e30, amax, format), code_max(format));
      EXPECT_EQ(quantize_code(-1e30, amax, format), code_min(format));
    }
}

TEST(IntFormat, RangesOfTheFormats) {
  EXPECT_EQ(code_min({8}), -127);
  EXPECT_EQ(code_min({8, true, false}), -128);
  EXPECT_EQ(code_max({8}), 127);
  EXPECT_EQ(code_min({4, false}), 0);
  EXPECT_EQ(code_max({4, false}), 15);
  EXPECT_EQ(code_max({24}), (1 << 23) - 1);
  EXPECT_DOUBLE_EQ(quantize_value(0.5, 2.0, {8}), 32 * 2.0 / 127);  // 31.75 steps
}

TEST(IntFormat, RefusesBadInput) {
  EXPECT_THROW(code_max({0}), InputError);
  EXPECT_THROW(code_max({1}), InputError);
  EXPECT_THROW(code_min({25}), InputError);
  EXPECT_THROW(code_min({0, false}), InputError);
  EXPECT_THROW(quantize_code(1, 0, {8}), InputError);
  EXPECT_THROW(quantize_code(1, -1, {8}), InputError);
  EXPECT_THROW(quantize_code(1, NAN, {8}), InputError);
  EXPECT_THROW(quantize_code(1, INFINITY, {8}), InputError);
  EXPECT_THROW(quantize_code(NAN, 1, {8}), InputError);
}

}  // namespace
}  // namespace sb::golden
