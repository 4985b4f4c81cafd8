// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/text/text_generator.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <array>
#include <utility>

#include "golden/io/utf8.h"

namespace sb::golden {
namespace {

constexpr std::array<std::pair<char32_t, char32_t>, 60> kRanges{{
    {'a', 'z'},         {'A', 'Z'},         {' ', '~'},         {0x00, 0x1F},
    {0x7F, 0xA0},       {0xA1, 0xFF},       {0x100, 0x24F},     {0x250, 0x2FF},
    {0x300, 0x36F},     {0x370, 0x3FF},     {0x400, 0x52F},     {0x530, 0x58F},
    {0x591, 0x5F4},     {0x600, 0x6FF},     {0x700, 0x85F},     {0x860, 0x8FF},
    {0x900, 0x97F},     {0x980, 0xAFF},     {0xB00, 0xDFF},     {0xE00, 0xEFF},
    {0xF00, 0xFFF},     {0x1000, 0x10FF},   {0x1100, 0x11FF},   {0x1200, 0x139F},
    {0x13A0, 0x13FF},   {0x1400, 0x167F},   {0x1680, 0x17FF},   {0x1800, 0x18AF},
    {0x1900, 0x1AFF},   {0x1B00, 0x1C8F},   {0x1C90, 0x1DFF},   {0x1E00, 0x1EFF},
    {0x1F00, 0x1FFF},   {0x2000, 0x206F},   {0x2070, 0x218F},   {0x2190, 0x27BF},
    {0x27C0, 0x2BFF},   {0x2C00, 0x2E7F},   {0x2E80, 0x303F},   {0x3040, 0x31FF},
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA7FF},   {0xA800, 0xABFF},
    {0xAC00, 0xD7FF},   {0xE000, 0xF8FF},   {0xF900, 0xFAFF},   {0xFB00, 0xFDFF},
    {0xFE00, 0xFE6F},   {0xFE70, 0xFFFF},   {0x10000, 0x10FFF}, {0x11000, 0x12FFF},
    {0x13000, 0x16FFF}, {0x17000, 0x1D0FF}, {0x1D100, 0x1EFFF}, {0x1F000, 0x1FAFF},
    {0x20000, 0x2EBEF}, {0x2F800, 0x2FA1F}, {0xE0000, 0xE01EF}, {0x0, 0x10FFFF},
}};

constexpr std::array<char32_t, 12> kJoiners{0x200D, 0x200C, 0xFE0F, 0xAD,  0x2060, 0xFEFF,
                                            0x301,  0x323,  0x5BF,  0x94D, 0x20,   0x3000};

constexpr std::array<std::u32string_view, 12> kSpecials{
    U"[CLS]",    U"[SEP]",   U"[UNK]", U"[PAD]", U"[MASK]",    U"[sep]",
    U"[ MASK ]", U"[[SEP]]", U"[SE",   U"##ing", U"[unused1]", U"[CLS"};

}  // namespace

TextGenerator::TextGenerator(uint64_t seed, std::vector<std::string> vocabulary)
    : random_(seed), vocabulary_(std::move(vocabulary)) {}

char32_t TextGenerator::character() {
  for (;;) {
    const char32_t c = first_ + static_cast<char32_t>(below(static_cast<int>(last_ - first_) + 1));
    if (c < 0xD800 || c > 0xDFFF) return c;  // surrogates are not characters
  }
}

void TextGenerator::append_vocabulary_word(std::u32string& text) {
  const std::string& token =
      vocabulary_[static_cast<size_t>(below(static_cast<int>(vocabulary_.size())))];
  const std::u32string letters = decode_utf8(token.starts_with("##") ? token.substr(2) : token);
  const int style = below(4);
  for (const char32_t c : letters) {
    const bool letter = c >= 'a' && c <= 'z';
    text += letter && (style == 1 || (style == 2 && below(2) == 0)) ? c - 32 : c;
    if (letter && style == 3 && below(4) == 0) text += static_cast<char32_t>(0x300 + below(0x70));
  }
}

void TextGenerator::append_language_name(std::u32string& text) {
  static const auto locales = [] {
    int32_t count = 0;
    const icu::Locale* all = icu::Locale::getAvailableLocales(count);
    return std::vector<icu::Locale>(all, all + count);
  }();
  const auto any = [&] {
    return locales[static_cast<size_t>(below(static_cast<int>(locales.size())))];
  };
  icu::UnicodeString name;
  any().getDisplayName(any(), name);
  for (int32_t i = 0; i < name.length(); i = name.moveIndex32(i, 1))
    text += static_cast<char32_t>(name.char32At(i));
}

void TextGenerator::append_part(std::u32string& text) {
  std::tie(first_, last_) = kRanges[static_cast<size_t>(below(static_cast<int>(kRanges.size())))];
  switch (below(8)) {
    case 0:  // a word
      for (int n = 1 + below(10); n > 0; --n) text += character();
      break;
    case 1:  // letters with joiners and marks in between
      for (int n = 1 + below(6); n > 0; --n) {
        text += character();
        for (int marks = below(4); marks > 0; --marks)
          text += kJoiners[static_cast<size_t>(below(kJoiners.size()))];
      }
      break;
    case 2:  // stacked combining marks of any script, which normalization may reorder
      text += character();
      for (int n = 1 + below(5); n > 0; --n) text += static_cast<char32_t>(0x300 + below(0x70));
      break;
    case 3: append_language_name(text); break;
    case 4: text += kSpecials[static_cast<size_t>(below(kSpecials.size()))]; break;
    case 5:  // around the limit of 100 characters, and far beyond
      if (below(4) == 0) {
        const int length = below(2) == 0 ? 97 + below(8) : 90 + below(210);
        for (int n = 0; n < length; ++n)
          text += below(3) == 0 ? character() : U'a' + static_cast<char32_t>(below(26));
      }
      break;
    default:
      for (int n = 1 + below(3); n > 0; --n) append_vocabulary_word(text);
      break;
  }
}

std::string TextGenerator::next() {
  std::u32string text;
  const int parts = 1 + below(12);
  while (text.empty())
    for (int n = 0; n < parts; ++n) {
      append_part(text);
      if (below(3) != 0) text += U' ';
    }
  return encode_utf8(text);
}

}  // namespace sb::golden
