// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace sb::golden {

/// Parses JSON text. InputError, naming `name` and the byte where it went wrong, if it is not valid
/// JSON or an object holds one key twice.
nlohmann::json parse_json(std::string_view text, const std::string& name);

/// The same on a file.
nlohmann::json read_json(const std::filesystem::path& path);

/// Texts of a JSON file that holds an array of strings. InputError for anything else and for an
/// empty array. A text may be empty.
std::vector<std::string> read_json_texts(const std::filesystem::path& path);

}  // namespace sb::golden
