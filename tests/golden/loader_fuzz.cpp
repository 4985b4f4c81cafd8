// Mutation tests of everything that reads a user's bytes, built with the address and undefined-behaviour
// sanitizers. Valid inputs are damaged at random (seeded); whatever comes out, a loader must succeed or throw
// InputError with a message of one line. SB_FUZZ_ROUNDS multiplies the number of mutations, SB_FUZZ_SEED
// chooses others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "golden/bert.h"
#include "golden/error.h"
#include "golden/file.h"
#include "golden/json.h"
#include "golden/npy.h"
#include "golden/random_bert.h"
#include "golden/safetensors.h"
#include "golden/tokenizer.h"
#include "tests/golden/temp_folder.h"

namespace sb::golden {
namespace {

size_t from_environment(const char* name, size_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string operator()(std::string bytes) {
    for (int n = below(3) == 0 ? 1 + below(4) : 1; n > 0; --n) mutate(bytes);
    return bytes;
  }

 private:
  int below(size_t n) { return static_cast<int>(random_() % n); }
  size_t place(const std::string& bytes) { return random_() % (bytes.size() + 1); }

  void mutate(std::string& bytes) {
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
    const size_t at = place(bytes);
    const size_t length = random_() % (std::min<size_t>(bytes.size() - at, 16) + 1);
    switch (below(8)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1:
        if (at < bytes.size()) bytes[at] = static_cast<char>(random_());
        break;
      case 2: bytes.resize(at); break;
      case 3: bytes.erase(at, length); break;
      case 4: bytes.insert(at, bytes.substr(place(bytes) / 2, length)); break;
      case 5: bytes.insert(at, kWords[random_() % kWords.size()]); break;
      case 6: replace_number(bytes, at, kWords[random_() % kWords.size()]); break;
      default: bytes.replace(at, length, kWords[random_() % kWords.size()]); break;
    }
  }

  // The first number at or after a place becomes something else.
  static void replace_number(std::string& bytes, size_t at, const std::string& word) {
    const size_t first = bytes.find_first_of("0123456789", at);
    if (first == std::string::npos) return;
    const size_t last = std::min(bytes.find_first_not_of("0123456789", first), bytes.size());
    bytes.replace(first, last - first, word);
  }

  std::mt19937_64 random_;
};

// Damages the inputs and hands each to `load`. Both outcomes must occur, or the mutations are too weak or too
// strong.
void fuzz(size_t count, const std::vector<std::string>& inputs,
          const std::function<void(const std::string&)>& load) {
  const uint64_t seed = from_environment("SB_FUZZ_SEED", 1);
  Mutator mutate(seed);
  size_t good = 0, refused = 0;
  count *= from_environment("SB_FUZZ_ROUNDS", 1);
  for (size_t i = 0; i < count; ++i) {
    const std::string bytes = mutate(inputs[i % inputs.size()]);
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

BertConfig tiny_config() {
  BertConfig config = built_in_config();
  config.hidden = 4;
  config.heads = 2;
  config.layers = 1;
  config.ffn = 3;
  config.positions = 8;
  return config;
}

std::vector<std::string> lines_of(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token + "\n";
  return {text};
}

TEST(LoaderFuzz, SanitizersAreOn) {
  EXPECT_DEATH(
      {
        const std::vector<char> bytes(8);
        volatile size_t index = 8;
        volatile char sink = bytes.data()[index];
        static_cast<void>(sink);
      },
      "heap-buffer-overflow");
  EXPECT_DEATH(
      {
        volatile int large = 2147483647;
        volatile int sum = large + 1;
        static_cast<void>(sum);
      },
      "signed integer overflow");
}

TEST(LoaderFuzz, Npy) {
  const TempFolder folder;
  write_npy<int8_t>(folder / "a", MatrixI8::Constant(2, 3, 5));
  write_npy<float>(folder / "b", MatrixF::Constant(1, 4, 0.5F), 1);
  write_npy<int64_t>(folder / "c", Matrix<int64_t>::Constant(2, 2, 1LL << 40));
  fuzz(30000, {read_file(folder / "a"), read_file(folder / "b"), read_file(folder / "c")},
       [](const std::string& bytes) {
         const NpyArray array = parse_npy(bytes, "x.npy");
         if (array.type == NpyType::F32)
           array.matrix<float>();
         else
           array.integers();
       });
}

TEST(LoaderFuzz, Safetensors) {
  SafetensorsWriter writer;
  writer.add("a", MatrixF(MatrixF::Constant(2, 3, 1.5F)));
  writer.add<int8_t>("b", std::vector<int8_t>{1, 2, 3}, {3});
  writer.add<int64_t>("c", std::vector<int64_t>{7}, {1, 1});
  writer.add_metadata("kind", "test");
  const std::string f16 = R"({"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})";
  const std::string half = std::string{static_cast<char>(f16.size()), 0, 0, 0, 0, 0, 0, 0} + f16 + "1234";
  fuzz(30000, {writer.bytes(), half}, [](const std::string& bytes) {
    const Safetensors file = Safetensors::parse(bytes, "x.safetensors");
    for (const auto& [name, info] : file.tensors()) {
      if (info.dtype == Dtype::I8)
        file.vector<int8_t>(name);
      else if (info.dtype == Dtype::I64)
        file.matrix<int64_t>(name);
      else
        file.values<float>(name);
    }
  });
}

TEST(LoaderFuzz, BertConfigAndWeights) {
  const TempFolder folder;
  write_random_bert(tiny_config(), 1, folder.path());
  const std::string config = read_file(folder / "config.json");
  const std::string weights = read_file(folder / "model.safetensors");
  const Safetensors good = Safetensors::parse(weights, "model.safetensors");
  const std::vector<int32_t> ids{2, 9, 17, 3};
  fuzz(10000, {config}, [&](const std::string& bytes) {
    sentence_embedding(load_bert(parse_bert_config(bytes, "config.json"), good), ids);
  });
  // Damage in the header of the weights, then anywhere.
  uint64_t header_size = 0;
  std::memcpy(&header_size, weights.data(), sizeof header_size);
  const std::string header = weights.substr(8, header_size), data = weights.substr(8 + header_size);
  fuzz(1500, {header}, [&](const std::string& bytes) {
    std::string whole(8, '\0');
    const uint64_t size = bytes.size();
    std::memcpy(whole.data(), &size, sizeof size);
    sentence_embedding(
        load_bert(tiny_config(), Safetensors::parse(whole + bytes + data, "model.safetensors")), ids);
  });
  fuzz(1500, {weights}, [&](const std::string& bytes) {
    sentence_embedding(load_bert(tiny_config(), Safetensors::parse(bytes, "model.safetensors")), ids);
  });
}

TEST(LoaderFuzz, VocabularyAndOptions) {
  std::vector<std::string> few = built_in_vocabulary();
  few.resize(30);
  fuzz(5000, lines_of(few), [](const std::string& bytes) {
    Tokenizer(parse_vocabulary(bytes, "vocab.txt")).encode("the happy dog, abc");
  });
  fuzz(
      10000,
      {R"({"do_lower_case": true, "strip_accents": null, "unk_token": "[UNK]", "sep_token": {"content": "[SEP]"}})"},
      [](const std::string& bytes) { parse_tokenizer_options(bytes, "tokenizer_config.json"); });
}

TEST(LoaderFuzz, TextsAndJson) {
  const Tokenizer tokenizer(built_in_vocabulary());
  fuzz(20000,
       {"The happy dog [SEP] is r\xc3\xa9sum\xc3\xa9 \xe6\x9d\xb1\xe4\xba\xac, 42!",
        "e\xcc\x81\xcc\xa3 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"},
       [&](const std::string& bytes) {
         const std::vector<int32_t> ids = tokenizer.encode(bytes, 20);
         if (ids.size() < 2 || ids.size() > 20) throw std::logic_error("wrong length");
         tokenizer.encode_pair(bytes, "dog", 9);
       });
  const TempFolder folder;
  fuzz(3000, {R"(["one", "two \u00e9", "three"])"}, [&](const std::string& bytes) {
    write_file(folder / "texts.json", bytes);
    for (const std::string& text : read_json_texts(folder / "texts.json")) tokenizer.encode(text);
  });
}

}  // namespace
}  // namespace sb::golden
