// SPDX-License-Identifier: Apache-2.0
#include "golden/io/utf8.h"

#include <fmt/format.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include <limits>

#include "golden/base/error.h"

namespace sb::golden {

static_assert(sizeof(UChar32) == sizeof(char32_t));

std::u32string decode_utf8(std::string_view text) {
  if (text.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
    throw InputError(fmt::format("a text of {} bytes is too long", text.size()));
  const auto size = static_cast<int32_t>(text.size());
  // No text has more UTF-16 or UTF-32 units than bytes.
  std::u16string utf16(text.size(), u'\0');
  std::u32string result(text.size(), U'\0');
  int32_t units = 0;
  int32_t points = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strFromUTF8(utf16.data(), size, &units, text.data(), size, &error);
  u_strToUTF32(reinterpret_cast<UChar32*>(result.data()), size, &points, utf16.data(), units,
               &error);
  if (U_FAILURE(error) != 0) throw InputError("the text is not valid UTF-8");
  result.resize(static_cast<size_t>(points));
  return result;
}

std::string encode_utf8(std::u32string_view text) {
  std::string result;
  for (const char32_t c : text) {
    char bytes[U8_MAX_LENGTH];
    size_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, static_cast<UChar32>(c));
    result.append(bytes, size);
  }
  return result;
}

}  // namespace sb::golden
