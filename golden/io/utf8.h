// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace sb::golden {

/// Code points of a text. InputError if it is not valid UTF-8.
std::u32string decode_utf8(std::string_view text);

/// The text of code points, none of which may be a surrogate.
std::string encode_utf8(std::u32string_view text);

}  // namespace sb::golden
