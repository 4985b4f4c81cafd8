// SPDX-License-Identifier: Apache-2.0
#include "golden/io/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "golden/base/error.h"
#include "tests/golden/refusal.h"
#include "tests/golden/temp_folder.h"

namespace sb::golden {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string file_of(const std::string& header, const std::string& data) {
  const uint64_t size = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &size, 8);
  return bytes + header + data;
}

std::string file_refusal(const std::string& bytes) {
  return refusal([&] { Safetensors::parse(bytes, "x.safetensors"); });
}

TEST(Safetensors, GivesBackWhatWasWritten) {
  const TempFolder folder;
  SafetensorsWriter writer;
  const MatrixF f = MatrixF::Random(3, 4);
  const Vector<int8_t> i8 = (Vector<int8_t>(3) << -128, 0, 127).finished();
  writer.add("b.float", f);
  writer.add("a.int8", i8);
  writer.add<int64_t>("c.int64", std::vector<int64_t>{1, -5000000000}, {2, 1});
  writer.add<uint8_t>("d.uint8", std::vector<uint8_t>{255}, {});
  writer.add<uint32_t>("e.uint32", std::vector<uint32_t>{4000000000U}, {1});
  writer.add<int16_t>("f.int16", std::vector<int16_t>{}, {0});
  writer.add_metadata("note", "two \"words\"");
  writer.write(folder / "m.safetensors");
  const Safetensors file = Safetensors::load(folder / "m.safetensors");
  EXPECT_EQ(file.matrix<float>("b.float", 3, 4), f);
  EXPECT_EQ(file.vector<int8_t>("a.int8"), i8);
  EXPECT_THAT(file.values<int64_t>("c.int64"), ElementsAre(1, -5000000000));
  EXPECT_THAT(file.values<uint8_t>("d.uint8"), ElementsAre(255));
  EXPECT_THAT(file.values<uint32_t>("e.uint32"), ElementsAre(4000000000U));
  EXPECT_TRUE(file.values<int16_t>("f.int16").empty());
  EXPECT_EQ(file.metadata("note"), "two \"words\"");
  EXPECT_EQ(file.tensors().size(), 6U);
  EXPECT_THROW(file.metadata("other"), InputError);
  EXPECT_THROW(file.values<float>("other"), InputError);
  EXPECT_THROW(file.values<int16_t>("a.int8"), InputError);
  EXPECT_THROW(file.matrix<float>("b.float", 4, 3), InputError);
  EXPECT_THROW(file.matrix<int8_t>("a.int8"), InputError);
  EXPECT_THROW(file.vector<int8_t>("a.int8", 4), InputError);
}

TEST(Safetensors, WriterRefusesATakenNameAndAWrongShape) {
  SafetensorsWriter writer;
  writer.add<float>("t", std::vector<float>{1, 2}, {2});
  EXPECT_THROW(writer.add<float>("t", std::vector<float>{1, 2}, {2}), InputError);
  EXPECT_THROW(writer.add<float>("u", std::vector<float>{1, 2}, {3}), InputError);
  EXPECT_THROW(writer.add<float>("__metadata__", std::vector<float>{1}, {1}), InputError);
}

// Every half and bfloat16 pattern against the definition of the format.
TEST(Safetensors, ConvertsEveryHalfAndBfloat16) {
  for (const bool half : {true, false}) {
    const int mantissa_bits = half ? 10 : 7, bias = half ? 15 : 127, last = half ? 31 : 255;
    for (uint32_t bits = 0; bits < 65536; ++bits) {
      const int exponent = static_cast<int>(bits >> mantissa_bits) & last;
      const int mantissa = static_cast<int>(bits) & ((1 << mantissa_bits) - 1);
      const std::string data{static_cast<char>(bits & 255), static_cast<char>(bits >> 8)};
      const std::string dtype = half ? "F16" : "BF16";
      const Safetensors file = Safetensors::parse(
          file_of(R"({"t":{"dtype":")" + dtype + R"(","shape":[1],"data_offsets":[0,2]}})", data),
          "x");
      if (exponent == last) {
        EXPECT_THROW(file.values<float>("t"), InputError);
        continue;
      }
      const double fraction = std::ldexp(mantissa, -mantissa_bits);
      const double magnitude = exponent == 0 ? std::ldexp(fraction, 1 - bias)
                                             : std::ldexp(1 + fraction, exponent - bias);
      ASSERT_EQ(file.values<float>("t")[0],
                static_cast<float>((bits & 0x8000) != 0 ? -magnitude : magnitude))
          << bits;
    }
  }
}

TEST(Safetensors, NamesWhatItRefuses) {
  const auto entry = [](const std::string& dtype, const std::string& shape,
                        const std::string& offsets) {
    return "{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
  };
  const std::string good = "{\"t\":" + entry("I8", "[4]", "[0,4]") + "}";
  EXPECT_EQ(file_refusal(file_of(good, "1234")), "accepted");
  EXPECT_EQ(file_refusal(file_of("{}  ", "")), "accepted");
  EXPECT_THAT(file_refusal(""), HasSubstr("empty"));
  EXPECT_THAT(file_refusal("1234"), HasSubstr("too few"));
  EXPECT_THAT(file_refusal("PK\3\4, surely another format"), HasSubstr("not a safetensors file"));
  EXPECT_THAT(file_refusal(file_of("[]", "")), HasSubstr("not a safetensors file"));
  EXPECT_THAT(file_refusal(file_of("{", "")), HasSubstr("not valid JSON"));
  EXPECT_THAT(file_refusal(file_of(good, "").substr(0, 30)), HasSubstr("cut short"));
  EXPECT_THAT(file_refusal(file_of(good, "123")),
              HasSubstr("'t': ends at byte 4 of 3: the file is cut short"));
  EXPECT_THAT(file_refusal(file_of(good, "12345")), HasSubstr("1 bytes after the last tensor"));
  const auto one = [&](const std::string& dtype, const std::string& shape,
                       const std::string& offsets) {
    return file_refusal(file_of("{\"t\":" + entry(dtype, shape, offsets) + "}", "1234"));
  };
  EXPECT_THAT(one("F8_E4M3", "[4]", "[0,4]"), HasSubstr("dtype \"F8_E4M3\" is not supported"));
  EXPECT_THAT(one("I8", "[3]", "[0,4]"),
              HasSubstr("shape [3] of I8 needs 3 bytes, its offsets hold 4"));
  EXPECT_THAT(one("I8", "[-4]", "[0,4]"), HasSubstr("non-negative"));
  EXPECT_THAT(one("I8", "4", "[0,4]"), HasSubstr("shape is not an array"));
  EXPECT_THAT(one("I8", "[4294967296,4294967296]", "[0,4]"), HasSubstr("too large"));
  EXPECT_THAT(one("I8", "[1099511627776,1099511627776]", "[0,4]"), HasSubstr("too large"));
  EXPECT_THAT(one("I8", "[4]", "[4,0]"), HasSubstr("reversed"));
  EXPECT_THAT(one("I8", "[4]", "[0]"), HasSubstr("data_offsets"));
  EXPECT_THAT(one("I8", "[2]", "[2,4]"), HasSubstr("hole of 2 bytes"));
  EXPECT_THAT(file_refusal(file_of("{\"t\":[1,2,3]}", "")), HasSubstr("must hold exactly"));
  const auto two = [&](const std::string& name, const std::string& second) {
    return file_refusal(file_of(
        "{\"t\":" + entry("I8", "[2]", "[0,2]") + ",\"" + name + "\":" + second + "}", "1234"));
  };
  EXPECT_EQ(two("u", entry("I16", "[1]", "[2,4]")), "accepted");
  EXPECT_THAT(two("u", entry("I8", "[3]", "[1,4]")), HasSubstr("'u': overlaps another at byte 1"));
  EXPECT_THAT(two("t", entry("I8", "[2]", "[2,4]")), HasSubstr("'t' appears twice"));
  EXPECT_THAT(two("__metadata__", "{\"a\":1}"), HasSubstr("__metadata__ 'a' is not a string"));
  EXPECT_THAT(two("__metadata__", "[]"), HasSubstr("__metadata__ is not an object"));
}

}  // namespace
}  // namespace sb::golden
