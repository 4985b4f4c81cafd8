// SPDX-License-Identifier: Apache-2.0
#include "golden/io/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "tests/golden/refusal.h"
#include "tests/golden/temp_folder.h"

namespace sb::golden {
namespace {

using testing::HasSubstr;

std::string npy(const std::string& dictionary, const std::string& elements, char major = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += {major, 0, static_cast<char>(dictionary.size()), 0};
  if (major > 1) bytes += {0, 0};
  return bytes + dictionary + elements;
}

std::string npy_refusal(const std::string& bytes) {
  return refusal([&] { parse_npy(bytes, "x.npy"); });
}

template <typename T>
class NpyRoundTrip : public testing::Test {};
using Types = testing::Types<int8_t, uint8_t, int16_t, int32_t, int64_t, float, double>;
TYPED_TEST_SUITE(NpyRoundTrip, Types);

TYPED_TEST(NpyRoundTrip, GivesBackWhatWasWritten) {
  const TempFolder folder;
  Matrix<TypeParam> values(3, 5);
  for (Eigen::Index i = 0; i < values.size(); ++i)
    values.data()[i] = static_cast<TypeParam>(i * 17 - 3);
  write_npy(folder / "a.npy", values);
  EXPECT_EQ(read_npy_as<TypeParam>(folder / "a.npy"), values);
  const Matrix<TypeParam> row = values.row(1);
  write_npy(folder / "a.npy", row, 1);
  EXPECT_EQ(read_npy(folder / "a.npy").dimensions, 1);
  EXPECT_EQ(read_npy_as<TypeParam>(folder / "a.npy"), row);
}

TEST(Npy, ReadsEveryVersionAndKeyOrder) {
  for (const char major : {'\1', '\2', '\3'}) {
    const NpyArray array =
        parse_npy(npy("{\"shape\": (2,1), 'fortran_order': False, 'descr': '<i2'}\n",
                      std::string("\1\0\2\0", 4), major),
                  "x.npy");
    EXPECT_EQ(array.matrix<int16_t>(), (MatrixI16(2, 1) << 1, 2).finished());
  }
}

TEST(Npy, NamesWhatItRefuses) {
  const auto header = [](const std::string& descr, const std::string& order,
                         const std::string& shape) {
    return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  };
  EXPECT_THAT(npy_refusal(""), HasSubstr("empty"));
  EXPECT_THAT(npy_refusal("PK\3\4 something"), HasSubstr("not a .npy file"));
  EXPECT_THAT(npy_refusal(npy("", "", 9)), HasSubstr("version 9.0"));
  EXPECT_THAT(npy_refusal(npy(header(">i2", "False", "(1,)"), "\0\0")), HasSubstr("big-endian"));
  EXPECT_THAT(npy_refusal(npy(header("<c8", "False", "(1,)"), "12345678")),
              HasSubstr("'<c8' is not supported"));
  EXPECT_THAT(npy_refusal(npy(header("|i1", "False", "()"), "1")), HasSubstr("0 dimensions"));
  EXPECT_THAT(npy_refusal(npy(header("|i1", "False", "(1, 1, 1)"), "1")),
              HasSubstr("3 dimensions"));
  EXPECT_THAT(npy_refusal(npy(header("|i1", "False", "(3, 0)"), "")),
              HasSubstr("holds no element"));
  EXPECT_THAT(npy_refusal(npy(header("|i1", "False", "(3,)"), "12")),
              HasSubstr("needs 3 bytes, the file holds 2"));
  EXPECT_THAT(npy_refusal(npy(header("|i1", "False", "(3,)"), "1234")),
              HasSubstr("needs 3 bytes, the file holds 4"));
  EXPECT_THAT(npy_refusal(npy(header("|i1", "False", "(4294967296, 4294967296)"), "")),
              HasSubstr("too large"));
  EXPECT_THAT(npy_refusal(npy(header("|i1", "False", "(-1,)"), "")),
              HasSubstr("shape is not a tuple"));
  EXPECT_THAT(npy_refusal(npy("{'descr': '|i1', 'shape': (1,)}", "1")), HasSubstr("not all there"));
  EXPECT_THAT(npy_refusal(npy(header("|i1", "False", "(1,)") + "x", "1")),
              HasSubstr("after the dictionary"));
  EXPECT_THAT(npy_refusal(npy(header("|i1", "False", "(1,)"), "1").substr(0, 40)),
              HasSubstr("cut short"));
}

TEST(Npy, ReadsAnArrayStoredColumnByColumn) {
  const auto read = [](const std::string& order, const std::string& shape) {
    return parse_npy(npy("{'descr': '<i2', 'fortran_order': " + order + ", 'shape': " + shape + "}",
                         std::string("\1\0\2\0\3\0\4\0\5\0\6\0", 12)),
                     "x.npy")
        .integers();
  };
  EXPECT_EQ(read("True", "(2, 3)"), (MatrixI32(2, 3) << 1, 3, 5, 2, 4, 6).finished());
  EXPECT_EQ(read("False", "(2, 3)"), (MatrixI32(2, 3) << 1, 2, 3, 4, 5, 6).finished());
  EXPECT_EQ(read("True", "(6,)"), read("False", "(6,)"));
}

TEST(Npy, RefusesAnotherTypeAndValuesOutOfRange) {
  const NpyArray array = parse_npy(
      npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", std::string("\1\0\0\1", 4)),
      "x.npy");
  EXPECT_THROW(array.matrix<int8_t>(), InputError);
  EXPECT_EQ(array.integers(), (MatrixI32(1, 2) << 1, 256).finished());
  EXPECT_THROW(array.integers(-256, 255), InputError);
}

TEST(File, IsReplacedAsAWholeOrNotAtAll) {
  const TempFolder folder;
  EXPECT_THROW(write_file(folder / "missing/file", "text"), InputError);
  EXPECT_THROW(write_file(folder.path(), "text"), InputError);
  std::filesystem::create_directory(folder / "taken");
  EXPECT_THROW(write_file(folder / "taken", "text"), InputError);
  write_file(folder / "file", "old");
  write_file(folder / "file", "new");
  EXPECT_EQ(read_file(folder / "file"), "new");
  size_t left = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
    ++left;
  EXPECT_EQ(left, 2U);  // the file and the folder, no temporary file
}

TEST(File, ThatCannotBeReadIsRefused) {
  const TempFolder folder;
  EXPECT_THROW(read_file(folder / "missing"), InputError);
  EXPECT_THROW(read_file(folder.path()), InputError);
  write_file(folder / "long", "12345");
  EXPECT_THROW(read_file(folder / "long", 4), InputError);
  EXPECT_THROW(read_file("/dev/zero", 1000), InputError);
}

}  // namespace
}  // namespace sb::golden
