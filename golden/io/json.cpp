// SPDX-License-Identifier: Apache-2.0
#include "golden/io/json.h"

#include <fmt/format.h>

#include <set>

#include "golden/base/error.h"
#include "golden/io/file.h"

namespace sb::golden {

using nlohmann::json;

json parse_json(std::string_view text, const std::string& name) {
  // The library keeps the last of two equal keys; in a header of tensors that would hide a mistake.
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == json::parse_event_t::key) {
      const auto& key = value.get_ref<const std::string&>();
      if (!keys.back().insert(key).second)
        throw InputError(fmt::format("{}: the key '{}' appears twice", name, shown(key)));
    }
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), watch);
  } catch (const json::parse_error& error) {
    throw InputError(fmt::format("{}: not valid JSON (at byte {})", name, error.byte));
  } catch (const json::exception&) {
    throw InputError(fmt::format("{}: not valid JSON (a number is out of range)", name));
  }
}

json read_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

std::vector<std::string> read_json_texts(const std::filesystem::path& path) {
  const json array = read_json(path);
  if (!array.is_array() || array.empty())
    throw InputError(
        fmt::format("{}: an array of strings with at least one text is needed", path.string()));
  std::vector<std::string> texts;
  texts.reserve(array.size());
  for (size_t i = 0; i < array.size(); ++i) {
    if (!array[i].is_string())
      throw InputError(fmt::format("{}: element {} is not a string", path.string(), i));
    texts.push_back(array[i].get<std::string>());
  }
  return texts;
}

}  // namespace sb::golden
