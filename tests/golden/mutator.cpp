// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/mutator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

size_t from_environment(const char* name, size_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

// The first number at or after a place becomes something else.
void replace_number(std::string& bytes, size_t at, const std::string& word) {
  const size_t first = bytes.find_first_of("0123456789", at);
  if (first == std::string::npos) return;
  const size_t last = std::min(bytes.find_first_not_of("0123456789", first), bytes.size());
  bytes.replace(first, last - first, word);
}

}  // namespace

std::string Mutator::operator()(std::string bytes) {
  for (size_t n = below(3) == 0 ? 1 + below(4) : 1; n > 0; --n) mutate(bytes);
  return bytes;
}

void Mutator::mutate(std::string& bytes) {
  static const std::vector<std::string> kWords{"-1",
                                               "0",
                                               "1",
                                               "2",
                                               "3",
                                               "255",
                                               "4294967295",
                                               "4294967296",
                                               "9223372036854775807",
                                               "18446744073709551615",
                                               "18446744073709551616",
                                               "1e308",
                                               "1e999",
                                               "0.5",
                                               "null",
                                               "true",
                                               "\"\"",
                                               "[]",
                                               "{}",
                                               "[[[[",
                                               "{{",
                                               "\\u0000",
                                               "\\ud800",
                                               "F32",
                                               "I8",
                                               "BF16",
                                               "<f4",
                                               ">f4",
                                               "|i1",
                                               "(",
                                               ")",
                                               ",",
                                               ":",
                                               "True",
                                               "\n",
                                               "\r\n",
                                               "##",
                                               "[SEP]",
                                               "[UNK]",
                                               "\xff",
                                               "\xc3\xa9",
                                               "\xed\xa0\x80",
                                               "\xf4\x8f\xbf\xbf",
                                               "\xe2\x80\x8d",
                                               std::string(1, '\0'),
                                               std::string(120, 'a')};
  const size_t at = below(bytes.size() + 1);
  const size_t length = below(std::min<size_t>(bytes.size() - at, 16) + 1);
  switch (below(8)) {
    case 0:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
      break;
    case 1:
      if (at < bytes.size()) bytes[at] = static_cast<char>(below(256));
      break;
    case 2: bytes.resize(at); break;
    case 3: bytes.erase(at, length); break;
    case 4: bytes.insert(at, bytes.substr(below(bytes.size() + 1) / 2, length)); break;
    case 5: bytes.insert(at, one_of(kWords)); break;
    case 6: replace_number(bytes, at, one_of(kWords)); break;
    default: bytes.replace(at, length, one_of(kWords)); break;
  }
}

void fuzz_with(size_t count, const std::function<std::string(Mutator&, size_t)>& mutant,
               const std::function<void(const std::string&)>& load) {
  const uint64_t seed = from_environment("SB_FUZZ_SEED", 1);
  Mutator mutator(seed);
  size_t good = 0, refused = 0;
  count *= from_environment("SB_FUZZ_ROUNDS", 1);
  for (size_t i = 0; i < count; ++i) {
    const std::string bytes = mutant(mutator, i);
    try {
      load(bytes);
      ++good;
    } catch (const InputError& error) {
      ++refused;
      const std::string message = error.what();
      ASSERT_TRUE(!message.empty() && message.find('\n') == std::string::npos) << message;
    } catch (const std::exception& error) {
      FAIL() << "mutation " << i << " of SB_FUZZ_SEED=" << seed << ": " << error.what();
    }
  }
  EXPECT_GT(good, 0U);
  EXPECT_GT(refused, 0U);
  std::printf("%zu mutations: %zu accepted, %zu refused\n", count, good, refused);
}

void fuzz(size_t count, const std::vector<std::string>& inputs,
          const std::function<void(const std::string&)>& load) {
  fuzz_with(
      count, [&](Mutator& mutate, size_t i) { return mutate(inputs[i % inputs.size()]); }, load);
}

}  // namespace sb::golden
