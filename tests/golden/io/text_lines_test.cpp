// SPDX-License-Identifier: Apache-2.0
#include "golden/io/text_lines.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "tests/golden/temp_folder.h"

namespace sb::golden {
namespace {

TEST(TextLines, ReadsLabelsAndRefusesEmptyAndMixedOnes) {
  const TempFolder folder;
  const auto path = folder / "t.txt";
  write_file(path, "x\tone text\r\ny\tanother\n");
  const auto lines = read_text_lines(path);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].label, "x");
  EXPECT_EQ(lines[0].text, "one text");
  for (const char* bad : {"", "x\ta\nb\n", "\ta\n", "x\ta\n\n", "\xff\ta\n"}) {
    write_file(path, bad);
    EXPECT_THROW(read_text_lines(path), InputError) << bad;
  }
}

TEST(TextLines, AnEmptyLineIsAnEmptyTextAndTheLastLineEndBeginsNone) {
  const TempFolder folder;
  const auto path = folder / "t.txt";
  const auto texts = [&](const char* content) {
    write_file(path, content);
    std::vector<std::string> result;
    for (const auto& line : read_text_lines(path)) result.push_back(line.text);
    return result;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts("\n"), Texts({""}));
  EXPECT_EQ(texts("a\n\n \r\n\r\nb"), Texts({"a", "", " ", "", "b"}));
  EXPECT_EQ(texts("a\nb\n"), Texts({"a", "b"}));
  EXPECT_EQ(texts("a\nb\n\n"), Texts({"a", "b", ""}));
  EXPECT_EQ(texts("x\t\nx\tb\n"), Texts({"", "b"}));
}

TEST(TextLines, JsonHoldsTextsWithAndWithoutLabels) {
  const TempFolder folder;
  const auto path = folder / "t.json";
  write_file(path, R"({"one": ["", "a\tb"], "two": ["c"]})");
  const auto lines = read_text_lines(path);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].label, "one");
  EXPECT_EQ(lines[1].text, "a\tb");
  EXPECT_EQ(lines[0].text, "");
  write_file(path, R"(["c", " "])");
  EXPECT_EQ(read_text_lines(path).at(1).label, "");
  for (const char* bad : {"[]", "{}", "3", R"({"a": "b"})", R"([1])", R"({"": ["a"]})"}) {
    write_file(path, bad);
    EXPECT_THROW(read_text_lines(path), InputError) << bad;
  }
}

}  // namespace
}  // namespace sb::golden
