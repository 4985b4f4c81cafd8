// SPDX-License-Identifier: Apache-2.0
#include "golden/io/text_lines.h"

#include <fmt/format.h>

#include <sstream>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/io/json.h"
#include "golden/io/utf8.h"

namespace sb::golden {
namespace {

std::vector<LabelledText> read_json_lines(const std::filesystem::path& path) {
  const nlohmann::json file = read_json(path);
  std::vector<LabelledText> texts;
  const auto add = [&](const std::string& label, const nlohmann::json& array) {
    const auto fail = [&] {
      throw InputError(
          fmt::format("{}: an array of texts, or labels with an array of texts each, is needed",
                      path.string()));
    };
    if (!array.is_array()) fail();
    for (const nlohmann::json& text : array) {
      if (!text.is_string()) fail();
      texts.push_back({label, text.get<std::string>()});
    }
  };
  if (file.is_object()) {
    for (const auto& [label, array] : file.items()) {
      if (label.empty()) throw InputError(fmt::format("{}: a label is empty", path.string()));
      add(label, array);
    }
  } else {
    add("", file);
  }
  if (texts.empty()) throw InputError(fmt::format("{}: no texts", path.string()));
  return texts;
}

}  // namespace

std::vector<LabelledText> read_text_lines(const std::filesystem::path& path) {
  if (path.extension() == ".json") return read_json_lines(path);
  std::vector<LabelledText> texts;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const size_t tab = line.find('\t');
    LabelledText entry;
    if (tab != std::string::npos) entry.label = line.substr(0, tab);
    entry.text = tab == std::string::npos ? line : line.substr(tab + 1);
    const auto fail = [&](const char* what) {
      throw InputError(fmt::format("{}, line {}: {}", path.string(), texts.size() + 1, what));
    };
    if (tab == 0) fail("the label is empty");
    try {
      decode_utf8(entry.label);
    } catch (const InputError&) {
      fail("the label is not valid UTF-8");
    }
    if (!texts.empty() && texts.front().label.empty() != entry.label.empty())
      fail("either every line has a label and a tab before the text, or none");
    texts.push_back(std::move(entry));
  }
  if (texts.empty()) throw InputError(fmt::format("{}: no texts", path.string()));
  return texts;
}

}  // namespace sb::golden
