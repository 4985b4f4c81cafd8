// SPDX-License-Identifier: Apache-2.0
// Mutation tests of everything that reads a user's bytes, built with the address and
// undefined-behaviour sanitizers: valid inputs are damaged at random (mutator.h).
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "golden/encoder/float_encoder.h"
#include "golden/io/file.h"
#include "golden/io/json.h"
#include "golden/io/npy.h"
#include "golden/io/safetensors.h"
#include "golden/model/random_bert.h"
#include "golden/text/tokenizer.h"
#include "tests/golden/mutator.h"
#include "tests/golden/temp_folder.h"

namespace sb::golden {
namespace {

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
  const std::string half =
      std::string{static_cast<char>(f16.size()), 0, 0, 0, 0, 0, 0, 0} + f16 + "1234";
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
        load_bert(tiny_config(), Safetensors::parse(whole + bytes + data, "model.safetensors")),
        ids);
  });
  fuzz(1500, {weights}, [&](const std::string& bytes) {
    sentence_embedding(load_bert(tiny_config(), Safetensors::parse(bytes, "model.safetensors")),
                       ids);
  });
}

TEST(LoaderFuzz, VocabularyAndOptions) {
  std::vector<std::string> few = built_in_vocabulary();
  few.resize(30);
  fuzz(5000, lines_of(few), [](const std::string& bytes) {
    Tokenizer(parse_vocabulary(bytes, "vocab.txt")).encode("the happy dog, abc");
  });
  fuzz(10000,
       {R"({"do_lower_case": true, "strip_accents": null, "unk_token": "[UNK]", )"
        R"("sep_token": {"content": "[SEP]"}})"},
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
