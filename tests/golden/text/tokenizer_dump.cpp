// SPDX-License-Identifier: Apache-2.0
// Tokenizes seeded texts and writes what scripts/check_tokenizer.sh compares with the reference
// package, one JSON array per line:
//   every code point c:  [c, normalized c, words of "a" c "b"] (mode "points") every text: [text,
//   normalized, words, ids, limit, ids with the limit, second text, pair ids, pair types]
// usage: tokenizer_dump points|texts MODEL_FOLDER uncased|cased COUNT SEED OUT [fault]
// In mode texts, lines of standard input come first. "fault" changes one id in the middle, to prove
// the comparison.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/io/utf8.h"
#include "golden/text/tokenizer.h"
#include "tests/golden/text/text_generator.h"

namespace sb::golden {
namespace {

using nlohmann::json;

json words_of(std::u32string_view normalized) {
  json words = json::array();
  for (const std::u32string& word : split_words(normalized)) words.push_back(encode_utf8(word));
  return words;
}

std::string dump_points(const TokenizerOptions& options) {
  constexpr char32_t kBlock = 512;
  std::string out;
  for (char32_t first = 0; first <= 0x10FFFF; first += kBlock) {
    std::u32string text;
    for (char32_t c = first; c < first + kBlock; ++c)
      if (c != 0 && (c < 0xD800 || c > 0xDFFF)) text += {U'a', c, U'b', U' '};
    if (!text.empty())
      out += json{encode_utf8(text), encode_utf8(normalize_text(text, options)), words_of(text)}
                 .dump() +
             "\n";
  }
  return out;
}

std::string dump_texts(const Tokenizer& tokenizer, const TokenizerOptions& options,
                       std::vector<std::string> texts, bool fault) {
  std::string out;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string& text = texts[i];
    const std::string& second = texts[(i * 7 + 1) % texts.size()];
    const size_t limit = 3 + i % 30;
    const std::u32string normalized = normalize_text(decode_utf8(text), options);
    std::vector<int32_t> ids = tokenizer.encode(text);
    if (fault && i == texts.size() / 2) ids.back() += 1;
    const TokenPair pair = tokenizer.encode_pair(text, second, limit);
    out += json{text,
                encode_utf8(normalized),
                words_of(normalized),
                ids,
                limit,
                tokenizer.encode(text, limit),
                second,
                pair.ids,
                pair.types}
               .dump() +
           "\n";
  }
  return out;
}

int run(const std::vector<std::string>& arguments) {
  const std::filesystem::path folder = arguments.at(1);
  const TokenizerOptions options{
      .lower_case = arguments.at(2) == "uncased", .strip_accents = {}, .split_ideographs = true};
  if (arguments.at(0) == "points") {
    write_file(arguments.at(5), dump_points(options));
    return 0;
  }
  const std::vector<std::string> vocabulary =
      parse_vocabulary(read_file(folder / "vocab.txt"), "vocab.txt");
  TextGenerator generator(std::stoull(arguments.at(4)), vocabulary);
  std::vector<std::string> texts;
  for (std::string line; std::getline(std::cin, line);)
    if (!line.empty()) texts.push_back(line);
  for (size_t n = std::stoull(arguments.at(3)); n > 0; --n) texts.push_back(generator.next());
  write_file(arguments.at(5),
             dump_texts(Tokenizer(vocabulary, options), options, texts, arguments.size() > 6));
  return 0;
}

}  // namespace
}  // namespace sb::golden

int main(int argc, char** argv) {
  try {
    return sb::golden::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "tokenizer_dump: {}\n", error.what());
    return 2;
  }
}
