// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sb::golden {

/// What a tokenizer_config.json chooses.
struct TokenizerOptions {
  bool lower_case = true;             ///< do_lower_case
  std::optional<bool> strip_accents;  ///< strip_accents; if not set, as lower_case
  bool split_ideographs = true;       ///< tokenize_chinese_chars
};

/// A text after BERT's clean-up (control characters, white space, ideographs, accents, case), not
/// yet cut.
std::u32string normalize_text(std::u32string_view text, const TokenizerOptions& options);

/// Words and single punctuation characters of a normalized text.
std::vector<std::u32string> split_words(std::u32string_view normalized);

/// Two texts as one sequence: [CLS] a [SEP] b [SEP], type 0 up to the first [SEP], 1 after it.
struct TokenPair {
  std::vector<int32_t> ids;
  std::vector<int32_t> types;
};

/// BERT's WordPiece tokenizer, equal to the `tokenizers` package (BertNormalizer, BertPreTokenizer,
/// WordPiece; Wu et al. 2016 for the algorithm): special tokens in the text are taken as such;
/// control characters go, white space becomes a space, ideographs stand alone, accents are stripped
/// and letters lowered as the options say; words are cut at white space and punctuation and matched
/// greedily, longest piece first; a word of more than 100 characters or with a part that is not in
/// the vocabulary is [UNK].
class Tokenizer {
 public:
  static constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

  /// Reads vocab.txt and, if it is there, tokenizer_config.json of a folder. InputError for either
  /// being malformed, and when config.json is there and its vocab_size is another.
  static Tokenizer load(const std::filesystem::path& folder);

  /// From the texts of vocab.txt and tokenizer_config.json (empty: the defaults), as the file of an
  /// integer model holds them. InputError if the vocabulary does not have `size` tokens.
  static Tokenizer from_texts(std::string_view vocabulary, std::string_view config, int size);

  /// `vocabulary`: tokens in the order of their ids; must hold [UNK], [CLS] and [SEP], and no token
  /// twice.
  explicit Tokenizer(std::vector<std::string> vocabulary, const TokenizerOptions& options = {},
                     const std::string& name = "vocabulary");

  /// Ids of a text, without [CLS] and [SEP]. InputError if it is not valid UTF-8.
  std::vector<int32_t> tokenize(std::string_view text) const;

  /// [CLS] text [SEP], the text cut so that at most max_length ids remain (2 or more).
  std::vector<int32_t> encode(std::string_view text, size_t max_length = kNoLimit) const;

  /// [CLS] a [SEP] b [SEP], the longer text cut first so that at most max_length ids remain (3 or
  /// more).
  TokenPair encode_pair(std::string_view a, std::string_view b, size_t max_length = kNoLimit) const;

  int32_t size() const { return static_cast<int32_t>(vocabulary_.size()); }
  /// InputError outside 0 .. size() - 1.
  const std::string& token(int32_t id) const;

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Ids = std::unordered_map<std::string, int32_t, Hash, std::equal_to<>>;

  void tokenize_segment(std::string_view text, std::vector<int32_t>& ids) const;
  void append_word(std::u32string_view word, std::vector<int32_t>& ids) const;

  std::vector<std::string> vocabulary_;
  TokenizerOptions options_;
  Ids words_;           // tokens that start a word
  Ids continuations_;   // tokens that go on, without their ##
  size_t longest_ = 0;  // bytes of the longest token
  std::vector<std::pair<std::string, int32_t>> specials_;
  int32_t unknown_ = 0, start_ = 0, separator_ = 0;
};

/// Splits a vocab.txt into tokens, one per line. InputError for an empty file, an empty or repeated
/// line, or bytes that are not UTF-8.
std::vector<std::string> parse_vocabulary(std::string_view text, const std::string& name);

/// Parses a tokenizer_config.json; by name refuses special tokens other than BERT's.
TokenizerOptions parse_tokenizer_options(std::string_view text, const std::string& name);

}  // namespace sb::golden
