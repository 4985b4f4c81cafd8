// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace sb::golden {

/// A mistake in what the user gave us (file, tensor, shape, value). The message is one line that
/// names the file, tensor, shape and the value that is wrong; the command line prints it and exits
/// with status 2.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::string message) : std::runtime_error(one_line(std::move(message))) {}

 private:
  // Names in a message may come from a file that holds anything.
  static std::string one_line(std::string message) {
    for (char& c : message)
      if ((c >= 0 && c < ' ') || c == 0x7F) c = '?';
    return message;
  }
};

/// Text from a file as a message shows it: cut to 80 bytes, not within a character of UTF-8.
inline std::string shown(std::string_view text) {
  constexpr size_t kMost = 80;
  if (text.size() <= kMost) return std::string(text);
  size_t end = kMost - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace sb::golden
