// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace sb::golden {

/// Seeded texts to try a tokenizer with: letters of some forty scripts, emoji with joiners, stacked
/// and misplaced combining marks, control, private-use and unassigned characters, punctuation,
/// words of 90 to 300 characters, pieces of a vocabulary in any case and with added accents,
/// special tokens, names of languages in their own and other languages (as ICU has them: real words
/// of several hundred languages), and mixtures.
class TextGenerator {
 public:
  TextGenerator(uint64_t seed, std::vector<std::string> vocabulary);

  /// The next text: valid UTF-8, not empty.
  std::string next();

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  char32_t character();
  void append_part(std::u32string& text);
  void append_vocabulary_word(std::u32string& text);
  void append_language_name(std::u32string& text);

  std::mt19937_64 random_;
  std::vector<std::string> vocabulary_;
  char32_t first_ = 'a', last_ = 'z';  // the script of the present part
};

}  // namespace sb::golden
