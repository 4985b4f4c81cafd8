// SPDX-License-Identifier: Apache-2.0
#include "golden/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/io/json.h"
#include "golden/io/utf8.h"
#include "golden/text/unicode_tables.h"

namespace sb::golden {
namespace {

constexpr size_t kLongestWord = 100;  // characters

// Length that two texts keep when together they may have `limit` tokens: the longer one is cut
// first, and when both are cut the second keeps the odd token.
std::pair<size_t, size_t> truncated_lengths(size_t a, size_t b, size_t limit) {
  if (a + b <= limit) return {a, b};
  const bool swapped = a > b;
  size_t shorter = std::min(a, b);
  size_t longer = shorter > limit ? shorter : std::max(shorter, limit - shorter);
  if (shorter + longer > limit) {
    shorter = limit / 2;
    longer = shorter + limit % 2;
  }
  return swapped ? std::pair(longer, shorter) : std::pair(shorter, longer);
}

}  // namespace

std::u32string normalize_text(std::u32string_view text, const TokenizerOptions& options) {
  std::u32string clean;
  for (const char32_t c : text) {
    // Tab and the line ends are control characters that count as white space.
    const bool line_space = c == U'\t' || c == U'\n' || c == U'\r';
    const bool dropped = !line_space && (c == 0 || c == 0xFFFD || is_control_or_private(c));
    if (dropped) continue;
    if (is_white_space(c)) {
      clean += U' ';
    } else if (options.split_ideographs && is_cjk_ideograph(c)) {
      clean += {U' ', c, U' '};
    } else {
      clean += c;
    }
  }
  if (options.strip_accents.value_or(options.lower_case)) {
    clean = decompose(clean);
    std::erase_if(clean, is_nonspacing_mark);
  }
  if (!options.lower_case) return clean;
  std::u32string lower;
  for (const char32_t c : clean) append_lower(c, lower);
  return lower;
}

std::vector<std::u32string> split_words(std::u32string_view normalized) {
  std::vector<std::u32string> words;
  size_t start = 0;
  const auto cut = [&](size_t end) {
    if (end > start) words.emplace_back(normalized.substr(start, end - start));
    start = end;
  };
  for (size_t i = 0; i < normalized.size(); ++i) {
    if (is_white_space(normalized[i])) {
      cut(i);
      start = i + 1;
    } else if (is_punctuation(normalized[i])) {
      cut(i);
      cut(i + 1);
    }
  }
  cut(normalized.size());
  return words;
}

std::vector<std::string> parse_vocabulary(std::string_view text, const std::string& name) {
  std::vector<std::string> tokens;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t number = tokens.size() + 1;
    if (line.empty()) throw InputError(fmt::format("{}: line {} is empty", name, number));
    try {
      decode_utf8(line);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: line {}: {}", name, number, error.what()));
    }
    tokens.emplace_back(line);
  }
  if (tokens.empty()) throw InputError(fmt::format("{}: holds no token", name));
  return tokens;
}

TokenizerOptions parse_tokenizer_options(std::string_view text, const std::string& name) {
  const nlohmann::json values = parse_json(text, name);
  if (!values.is_object()) throw InputError(fmt::format("{}: not a JSON object", name));
  const auto flag = [&](const char* key) -> std::optional<bool> {
    if (!values.contains(key) || values[key].is_null()) return std::nullopt;
    if (!values[key].is_boolean())
      throw InputError(fmt::format("{}: {} is {}, true or false is needed", name, key,
                                   shown(values[key].dump(-1, ' ', true))));
    return values[key].get<bool>();
  };
  for (const auto& [key, token] : {std::pair{"unk_token", "[UNK]"},
                                   {"cls_token", "[CLS]"},
                                   {"sep_token", "[SEP]"},
                                   {"pad_token", "[PAD]"},
                                   {"mask_token", "[MASK]"}}) {
    if (!values.contains(key)) continue;
    const nlohmann::json& entry = values[key];
    const nlohmann::json& content =
        entry.is_object() && entry.contains("content") ? entry["content"] : entry;
    if (content != token)
      throw InputError(fmt::format("{}: {} {} is not supported, only {} is", name, key,
                                   shown(content.dump(-1, ' ', true)), token));
  }
  return {.lower_case = flag("do_lower_case").value_or(true),
          .strip_accents = flag("strip_accents"),
          .split_ideographs = flag("tokenize_chinese_chars").value_or(true)};
}

Tokenizer Tokenizer::load(const std::filesystem::path& folder) {
  const std::filesystem::path vocab = folder / "vocab.txt";
  const std::filesystem::path options = folder / "tokenizer_config.json";
  const std::filesystem::path config = folder / "config.json";
  const auto chosen = read_file_if_there(options);
  Tokenizer tokenizer(
      parse_vocabulary(read_file(vocab), vocab.string()),
      chosen ? parse_tokenizer_options(*chosen, options.string()) : TokenizerOptions{},
      vocab.string());
  if (const auto text = read_file_if_there(config)) {
    const nlohmann::json values = parse_json(*text, config.string());
    if (!values.is_object() || !values.contains("vocab_size"))
      throw InputError(fmt::format("{}: vocab_size is missing", config.string()));
    if (values["vocab_size"] != tokenizer.size())
      throw InputError(fmt::format("{}: {} tokens, but {} has a vocab_size of {}", vocab.string(),
                                   tokenizer.size(), config.string(),
                                   shown(values["vocab_size"].dump(-1, ' ', true))));
  }
  return tokenizer;
}

Tokenizer Tokenizer::from_texts(std::string_view vocabulary, std::string_view config, int size) {
  const TokenizerOptions options = config.empty()
                                       ? TokenizerOptions{}
                                       : parse_tokenizer_options(config, "tokenizer_config.json");
  std::vector<std::string> tokens = parse_vocabulary(vocabulary, "vocab.txt");
  if (tokens.size() != static_cast<size_t>(size))
    throw InputError(
        fmt::format("vocab.txt: {} tokens for a model with {} embeddings", tokens.size(), size));
  return Tokenizer(std::move(tokens), options);
}

Tokenizer::Tokenizer(std::vector<std::string> vocabulary, const TokenizerOptions& options,
                     const std::string& name)
    : vocabulary_(std::move(vocabulary)), options_(options) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < vocabulary_.size(); ++i) {
    const std::string& token = vocabulary_[i];
    const auto id = static_cast<int32_t>(i);
    if (!seen.insert(token).second)
      throw InputError(
          fmt::format("{}: the token of id {} ('{}') appears twice", name, id, shown(token)));
    longest_ = std::max(longest_, token.size());
    if (token.starts_with("##")) {
      continuations_.emplace(token.substr(2), id);
    } else {
      words_.emplace(token, id);
    }
  }
  const auto special = [&](const char* token) {
    const auto found = words_.find(token);
    if (found == words_.end())
      throw InputError(fmt::format("{}: the token {} is missing", name, token));
    return found->second;
  };
  unknown_ = special("[UNK]");
  start_ = special("[CLS]");
  separator_ = special("[SEP]");
  for (const char* token : {"[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"})
    if (const auto found = words_.find(token); found != words_.end())
      specials_.emplace_back(*found);
}

std::vector<int32_t> Tokenizer::tokenize(std::string_view text) const {
  std::vector<int32_t> ids;
  size_t segment = 0;  // start of the text since the last special token
  for (size_t i = text.find('['); i != std::string_view::npos; i = text.find('[', i)) {
    const auto special = std::find_if(specials_.begin(), specials_.end(), [&](const auto& entry) {
      return text.substr(i).starts_with(entry.first);
    });
    if (special == specials_.end()) {
      ++i;
      continue;
    }
    tokenize_segment(text.substr(segment, i - segment), ids);
    ids.push_back(special->second);
    i += special->first.size();
    segment = i;
  }
  tokenize_segment(text.substr(segment), ids);
  return ids;
}

void Tokenizer::tokenize_segment(std::string_view text, std::vector<int32_t>& ids) const {
  for (const std::u32string& word : split_words(normalize_text(decode_utf8(text), options_)))
    append_word(word, ids);
}

void Tokenizer::append_word(std::u32string_view word, std::vector<int32_t>& ids) const {
  if (word.size() > kLongestWord) {
    ids.push_back(unknown_);
    return;
  }
  const std::string text = encode_utf8(word);
  const size_t first = ids.size();
  for (size_t start = 0; start < text.size();) {
    const Ids& pieces = start == 0 ? words_ : continuations_;
    size_t size = std::min(text.size() - start, longest_);
    auto found = pieces.end();
    for (; size > 0; --size) {
      found = pieces.find(std::string_view(text).substr(start, size));
      if (found != pieces.end()) break;
    }
    if (size == 0) {
      ids.resize(first);
      ids.push_back(unknown_);
      return;
    }
    ids.push_back(found->second);
    start += size;
  }
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, size_t max_length) const {
  if (max_length < 2)
    throw InputError(fmt::format("a length limit of {}: [CLS] and [SEP] need 2", max_length));
  std::vector<int32_t> ids = tokenize(text);
  ids.resize(std::min(ids.size(), max_length - 2));
  ids.insert(ids.begin(), start_);
  ids.push_back(separator_);
  return ids;
}

TokenPair Tokenizer::encode_pair(std::string_view a, std::string_view b, size_t max_length) const {
  if (max_length < 3)
    throw InputError(fmt::format("a length limit of {}: [CLS] and two [SEP] need 3", max_length));
  std::vector<int32_t> ids_a = tokenize(a), ids_b = tokenize(b);
  const auto [size_a, size_b] = truncated_lengths(ids_a.size(), ids_b.size(), max_length - 3);
  ids_a.resize(size_a);
  ids_b.resize(size_b);
  TokenPair pair;
  pair.ids.push_back(start_);
  pair.ids.insert(pair.ids.end(), ids_a.begin(), ids_a.end());
  pair.ids.push_back(separator_);
  pair.types.assign(pair.ids.size(), 0);
  pair.ids.insert(pair.ids.end(), ids_b.begin(), ids_b.end());
  pair.ids.push_back(separator_);
  pair.types.resize(pair.ids.size(), 1);
  return pair;
}

const std::string& Tokenizer::token(int32_t id) const {
  if (id < 0 || id >= size())
    throw InputError(fmt::format("token id {} is not in a vocabulary of {}", id, size()));
  return vocabulary_[static_cast<size_t>(id)];
}

}  // namespace sb::golden
