// SPDX-License-Identifier: Apache-2.0
// The comparison of matrices: silent on equal ones, and its text names what is wrong and where.
#include "tb/check/compare.h"

#include <gmock/gmock.h>

namespace sb {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Compare, EqualMatricesHaveNoMismatch) {
  const golden::MatrixI32 y = golden::MatrixI32::Constant(3, 5, -7);
  EXPECT_EQ(tb::count_mismatches(y, y), 0);
  EXPECT_EQ(tb::describe_mismatch(y, y), std::nullopt);
  const golden::MatrixI32 empty(0, 4);
  EXPECT_EQ(tb::describe_mismatch(empty, empty), std::nullopt);
}

TEST(Compare, NamesTheFirstWrongElementItsTileAndItsOperands) {
  const golden::MatrixI32 expected = golden::MatrixI32::Zero(20, 10);
  golden::MatrixI32 got = expected;
  got(17, 9) = -5;
  got(18, 0) = 1;
  got(19, 9) = INT32_MIN;
  golden::MatrixI16 a = golden::MatrixI16::Zero(20, 40);
  a(17, 0) = -256;
  golden::MatrixI8 w = golden::MatrixI8::Constant(10, 3, -128);
  EXPECT_EQ(tb::count_mismatches(expected, got), 3);
  const auto text = tb::describe_mismatch(
      expected, got, {.m = 4, .chunk_rows = 8, .a = &a, .w = &w, .rerun = [](uint64_t cycle) {
                        return fmt::format("again {}", cycle);
                      }});
  ASSERT_TRUE(text.has_value());
  EXPECT_THAT(*text, AllOf(HasSubstr("3 of 200 elements are wrong; first at row 17, column 9"),
                           HasSubstr("n-block 2, lane 1, job 2, row 1 in it"),
                           HasSubstr("expected 0, got -5"), HasSubstr("row 17 of a: -256 0 0"),
                           HasSubstr(" .. 0 0 0 0 (40 values)"),
                           HasSubstr("weights of output 9: -128 -128 -128 (3 values)"),
                           HasSubstr("rerun: again 0")));
}

TEST(Compare, EveryPlaceCounts) {
  const golden::MatrixI32 expected = golden::MatrixI32::Zero(3, 4);
  for (Eigen::Index i = 0; i < expected.size(); ++i) {
    golden::MatrixI32 got = expected;
    got.reshaped<Eigen::RowMajor>()(i) = 1 << 31;
    const auto text = tb::describe_mismatch(expected, got);
    ASSERT_TRUE(text.has_value()) << i;
    EXPECT_THAT(*text,
                HasSubstr("row " + std::to_string(i / 4) + ", column " + std::to_string(i % 4)));
  }
}

TEST(Compare, DifferentShapesAreAMismatch) {
  const golden::MatrixI32 expected = golden::MatrixI32::Zero(2, 3);
  const auto text = tb::describe_mismatch(expected, golden::MatrixI32::Zero(3, 2),
                                          {.rerun = [](uint64_t) { return std::string("again"); }});
  ASSERT_TRUE(text.has_value());
  EXPECT_THAT(*text, AllOf(HasSubstr("3 x 2, expected 2 x 3"), HasSubstr("rerun: again")));
  EXPECT_EQ(tb::count_mismatches(expected, golden::MatrixI32::Zero(3, 2)), 6);
  EXPECT_EQ(tb::count_mismatches(golden::MatrixI32(0, 3), golden::MatrixI32(0, 2)), 1);
}

}  // namespace
}  // namespace sb
