// SPDX-License-Identifier: Apache-2.0
#include "golden/text/unicode_tables.h"

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>

#include <algorithm>
#include <array>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

// General category in Unicode 8.0. What was assigned later is unassigned there; five characters
// changed since.
int8_t category(char32_t c) {
  switch (c) {
    case 0x166D:                               // now a symbol
    case 0x111C9: return U_OTHER_PUNCTUATION;  // now a nonspacing mark
    case 0x1734: return U_NON_SPACING_MARK;    // now a spacing mark
    case 0x1885:                               // now nonspacing marks, as is the next
    case 0x1886: return U_OTHER_LETTER;
    case 0xA9BD: return U_COMBINING_SPACING_MARK;  // now a nonspacing mark
    default: break;
  }
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] > 8 ? static_cast<int8_t>(U_UNASSIGNED) : u_charType(static_cast<UChar32>(c));
}

struct LowerRange {
  char32_t first, last;
  char32_t lower;  // of the first; the range maps in order
};
// Upper-case letters of Unicode 16.0 and 17.0, which ICU 72 does not know.
constexpr std::array kNewLetters{
    LowerRange{0x1C89, 0x1C89, 0x1C8A},    LowerRange{0xA7CB, 0xA7CB, 0x0264},
    LowerRange{0xA7CC, 0xA7CC, 0xA7CD},    LowerRange{0xA7CE, 0xA7CE, 0xA7CF},
    LowerRange{0xA7D2, 0xA7D2, 0xA7D3},    LowerRange{0xA7D4, 0xA7D4, 0xA7D5},
    LowerRange{0xA7DA, 0xA7DA, 0xA7DB},    LowerRange{0xA7DC, 0xA7DC, 0x019B},
    LowerRange{0x10D50, 0x10D65, 0x10D70}, LowerRange{0x16EA0, 0x16EB8, 0x16EBB}};

// NFD of Unicode 9.0: characters assigned later neither decompose nor move.
const icu::Normalizer2& normalizer() {
  static const icu::FilteredNormalizer2 instance = [] {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(error);
    static icu::UnicodeSet known(UNICODE_STRING_SIMPLE("[:Age=9.0:]"), error);
    known.freeze();
    if (U_FAILURE(error) != 0)
      throw InputError(fmt::format("ICU has no normalization data: {}", u_errorName(error)));
    return icu::FilteredNormalizer2(*nfd, known);
  }();
  return instance;
}

}  // namespace

bool is_control_or_private(char32_t c) {
  const int8_t kind = category(c);
  return kind == U_CONTROL_CHAR || kind == U_FORMAT_CHAR || kind == U_PRIVATE_USE_CHAR;
}

bool is_nonspacing_mark(char32_t c) { return category(c) == U_NON_SPACING_MARK; }

bool is_punctuation(char32_t c) {
  if (c < 0x80) return c > ' ' && c < 0x7F && u_isalnum(static_cast<UChar32>(c)) == 0;
  return (U_MASK(category(c)) & U_GC_P_MASK) != 0;
}

bool is_white_space(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; }

bool is_cjk_ideograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

void append_lower(char32_t c, std::u32string& out) {
  if (c == 0x130) {  // the only letter whose lower case is two characters: i and a dot above
    out += {U'i', 0x307};
    return;
  }
  const auto* const range =
      std::find_if(kNewLetters.begin(), kNewLetters.end(),
                   [&](const LowerRange& entry) { return c >= entry.first && c <= entry.last; });
  out += range != kNewLetters.end() ? range->lower + (c - range->first)
                                    : static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
}

std::u32string decompose(std::u32string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0xC0; }))
    return std::u32string(text);
  static_assert(sizeof(UChar32) == sizeof(char32_t));
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString decomposed = normalizer().normalize(
      icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text.data()),
                                    static_cast<int32_t>(text.size())),
      error);
  std::u32string result(static_cast<size_t>(decomposed.countChar32()), U'\0');
  if (!result.empty())
    decomposed.toUTF32(reinterpret_cast<UChar32*>(result.data()),
                       static_cast<int32_t>(result.size()), error);
  if (U_FAILURE(error) != 0)
    throw InputError(fmt::format("ICU cannot normalize a text: {}", u_errorName(error)));
  return result;
}

}  // namespace sb::golden
