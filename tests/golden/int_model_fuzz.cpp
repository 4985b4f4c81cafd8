// SPDX-License-Identifier: Apache-2.0
// Mutation tests of the integer model's file, with sanitizers: what the loader accepts must also
// run.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "golden/base/error.h"
#include "golden/encoder/int_encoder.h"
#include "golden/io/file.h"
#include "golden/io/safetensors.h"
#include "golden/model/int_model.h"
#include "golden/model/random_bert.h"
#include "golden/ops/exp.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/text/tokenizer.h"
#include "tests/golden/mutator.h"
#include "tests/golden/temp_folder.h"

namespace sb::golden {
namespace {

using nlohmann::json;

constexpr int kHidden = 4, kFfn = 3;

// Random but valid parameters; what they compute does not matter here.
IntModel tiny_int_model() {
  std::mt19937 random(5);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const std::vector<float> ones(kHidden, 1), zeros(kHidden, 0);
  const auto requant = [&](int outputs) {
    Requant result;
    for (int n = 0; n < outputs; ++n) append_requant(result, 0.001 * (1 + below(9)), "tiny");
    return result;
  };
  const auto linear = [&](int outputs, int inputs, Clamp clamp) {
    IntLinear result{.weight = MatrixI8(outputs, inputs),
                     .bias = {},
                     .requant = requant(outputs),
                     .clamp = clamp,
                     .acc_scale = std::vector<double>(static_cast<size_t>(outputs), 0.01),
                     .out_scale = std::vector<double>(static_cast<size_t>(outputs), 0.1)};
    for (Eigen::Index i = 0; i < result.weight.size(); ++i)
      result.weight.data()[i] = static_cast<int8_t>(below(255) - 127);
    for (int n = 0; n < outputs; ++n) result.bias.push_back(below(2001) - 1000);
    return result;
  };
  const auto operand = [] { return make_operand(std::vector<double>(kHidden, 0.01), 8); };
  const auto norm = [&] {
    return IntNorm{make_layernorm(ones, zeros, 1e-12, 0.001, 0.001), operand(), 0.001};
  };

  IntModel model;
  BertConfig& config = model.host.config;
  config = built_in_config();
  config.hidden = kHidden;
  config.heads = 2;
  config.layers = 2;
  config.ffn = kFfn;
  config.positions = 8;
  std::vector<std::string> vocabulary = built_in_vocabulary();
  vocabulary.resize(30);
  for (const std::string& token : vocabulary) model.vocabulary += token + "\n";
  config.vocab = static_cast<int>(vocabulary.size());
  model.host.word_embeddings = MatrixF::Constant(config.vocab, kHidden, 0.5F);
  for (Eigen::Index i = 0; i < model.host.word_embeddings.size(); ++i)
    model.host.word_embeddings.data()[i] = static_cast<float>(below(1000)) / 1000;
  model.host.position_embeddings = MatrixF::Constant(config.positions, kHidden, 0.1F);
  model.host.type_embeddings = MatrixF::Constant(config.types, kHidden, 0.1F);
  model.host.embedding_norm = {VectorF::Constant(kHidden, 1), VectorF::Constant(kHidden, 0)};
  model.encoder.config = config;
  model.encoder.input_scale = 0.001;
  model.encoder.input_operand = operand();
  for (int i = 0; i < config.layers; ++i) {
    IntLayer layer{.query = linear(kHidden, kHidden, Clamp::S8),
                   .key = linear(kHidden, kHidden, Clamp::S8),
                   .value = linear(kHidden, kHidden, Clamp::S8),
                   .heads = {},
                   .context = requant(kHidden),
                   .context_scale = std::vector<double>(kHidden, 0.1),
                   .attention_output = linear(kHidden, kHidden, Clamp::S16),
                   .attention_norm = norm(),
                   .intermediate = linear(kFfn, kHidden, Clamp::S8),
                   .output = linear(kHidden, kFfn, Clamp::S16),
                   .output_norm = norm()};
    for (int h = 0; h < config.heads; ++h)
      layer.heads.push_back(
          {.mult = 40000, .shift = 30, .table = make_exp_table(0.05), .score_scale = 0.05});
    for (size_t code = 0; code < layer.gelu.size(); ++code)
      layer.gelu[code] = static_cast<int16_t>(code);
    model.encoder.layers.push_back(std::move(layer));
  }
  model.encoder.layers.back().output_norm.operand = {};
  return model;
}

std::string tiny_bytes() {
  const TempFolder folder;
  save_int_model(tiny_int_model(), folder / "m.safetensors");
  return read_file(folder / "m.safetensors");
}

// A safetensors file in pieces that can be damaged one by one; bytes() puts them together with
// offsets that fit, so that the damage gets past the container's own checks.
class Pieces {
 public:
  explicit Pieces(const std::string& bytes) {
    uint64_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    const json header = json::parse(bytes.substr(8, size));
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        texts_ = entry.get<std::map<std::string, std::string>>();
        continue;
      }
      const size_t begin = entry["data_offsets"][0], end = entry["data_offsets"][1];
      tensors_[name] = {entry["dtype"], entry["shape"],
                        bytes.substr(8 + size + begin, end - begin)};
    }
  }

  std::string bytes() const {
    json header{{"__metadata__", texts_}};
    std::string data;
    for (const auto& [name, tensor] : tensors_) {
      header[name] = {{"dtype", tensor.dtype},
                      {"shape", tensor.shape},
                      {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
      data += tensor.bytes;
    }
    const std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
    const uint64_t size = text.size();
    std::string result(sizeof size, '\0');
    std::memcpy(result.data(), &size, sizeof size);
    return result + text + data;
  }

  void damage(Mutator& random) {
    switch (random.below(8)) {
      case 0: tensors_.erase(any(random)); break;
      case 1: tensors_[any(random)].retype(random); break;
      case 2: tensors_[any(random)].reshape(random); break;
      case 3:
      case 4: tensors_[any(random)].overwrite(random); break;
      case 5: damage_json("config", random); break;
      case 6: damage_json("numbers", random); break;
      default: damage_text(random); break;
    }
  }

 private:
  struct Tensor {
    std::string dtype;
    std::vector<int64_t> shape;
    std::string bytes;

    size_t width() const {
      static const std::map<std::string, size_t> kWidths{
          {"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"I32", 4},
          {"I16", 2}, {"I8", 1},  {"U64", 8}, {"U32", 4},  {"U16", 2}, {"U8", 1}};
      return kWidths.at(dtype);
    }
    // Bytes follow the shape; new ones repeat the old.
    void fit() {
      size_t size = width();
      for (const int64_t extent : shape) size *= static_cast<size_t>(extent);
      const std::string old = bytes.empty() ? std::string(1, '\1') : bytes;
      bytes.resize(size);
      for (size_t i = 0; i < size; ++i) bytes[i] = old[i % old.size()];
    }
    void retype(Mutator& random) {
      static const std::vector<std::string> kTypes{"F64", "F32", "F16", "BF16", "I64", "I32",
                                                   "I16", "I8",  "U64", "U32",  "U16", "U8"};
      dtype = random.one_of(kTypes);
      fit();
    }
    void reshape(Mutator& random) {
      if (random.below(4) == 0) shape.push_back(static_cast<int64_t>(random.below(3)));
      if (!shape.empty()) shape[random.below(shape.size())] = static_cast<int64_t>(random.below(9));
      if (!shape.empty() && random.below(6) == 0) shape.pop_back();
      fit();
    }
    // One element, or all, with a value at an end of its type, NaN and infinities among them, or
    // any.
    void overwrite(Mutator& random) {
      static const std::vector<uint64_t> kPatterns{0,
                                                   1,
                                                   7,
                                                   46,
                                                   47,
                                                   0x8000,
                                                   0xffff,
                                                   0x10000,
                                                   0x1ffff,
                                                   0x20000,
                                                   0x7f7f7f7f7f7f7f7f,
                                                   0x8000000080000000,
                                                   0x7fffffff7fffffff,
                                                   0xffffffffffffffff,
                                                   0x7ff000007f800000,
                                                   0x7ff8000000000000,
                                                   0xfff0000000000000,
                                                   0x7fefffffffffffff,
                                                   0x7f7fffff7f7fffff,
                                                   0x8080808080808080};
      if (bytes.empty()) return;
      const size_t element = random.below(bytes.size() / width());
      const bool all = random.below(4) == 0, anything = random.below(4) == 0;
      uint64_t pattern = random.one_of(kPatterns);
      if (anything) pattern = random.below(SIZE_MAX);
      for (size_t i = 0; i < bytes.size() / width(); ++i)
        if (all || i == element) std::memcpy(bytes.data() + i * width(), &pattern, width());
    }
  };

  const std::string& any(Mutator& random) const {
    return std::next(tensors_.begin(), static_cast<std::ptrdiff_t>(random.below(tensors_.size())))
        ->first;
  }

  // An entry of a JSON object goes or becomes something else.
  void damage_json(const std::string& key, Mutator& random) {
    static const std::vector<json> kValues{-1,
                                           0,
                                           1,
                                           2,
                                           7,
                                           9,
                                           16,
                                           20,
                                           28,
                                           33,
                                           46,
                                           255,
                                           65536,
                                           1 << 26,
                                           -32769,
                                           4294967296,
                                           1ULL << 56,
                                           (1ULL << 56) - 1,
                                           UINT64_MAX,
                                           INT64_MIN,
                                           1e-300,
                                           1e30,
                                           1e308,
                                           0.5,
                                           "s16",
                                           "u8",
                                           nullptr,
                                           true,
                                           json::array()};
    const auto found = texts_.find(key);
    if (found == texts_.end()) return;
    json values = json::parse(found->second, nullptr, false);
    if (!values.is_object() || values.empty()) return;  // damaged before
    const auto entry =
        std::next(values.begin(), static_cast<std::ptrdiff_t>(random.below(values.size())));
    if (random.below(8) == 0)
      values.erase(entry);
    else
      entry.value() = random.one_of(kValues);
    found->second = values.dump(-1, ' ', false, json::error_handler_t::replace);
  }

  void damage_text(Mutator& random) {
    if (texts_.empty()) return;
    const auto entry =
        std::next(texts_.begin(), static_cast<std::ptrdiff_t>(random.below(texts_.size())));
    if (random.below(2) == 0)
      texts_.erase(entry);
    else
      entry->second = random(entry->second);
  }

  std::map<std::string, Tensor> tensors_;
  std::map<std::string, std::string> texts_;
};

// Loads, then encodes. The encoder must take whatever the loader lets pass; only embeddings, which
// are float, may still turn out not to be numbers.
void load_and_run(const std::string& bytes) {
  const IntModel model = parse_int_model(bytes, "m.safetensors");
  MatrixI16 x(3, kHidden);
  x << 1000, -2000, 30, 4, 32767, -32768, 32767, -32768, 0, 0, 0, 0;
  try {
    int_encode(model.encoder, x);
  } catch (const InputError& error) {
    throw std::logic_error(std::string("accepted by the loader, refused by the encoder: ") +
                           error.what());
  }
  int_sentence_embeddings(model, {{2, 9, 17, 3}});
  Tokenizer::from_texts(model.vocabulary, model.tokenizer_config, model.host.config.vocab)
      .encode("the happy dog");
}

TEST(IntModelFuzz, TheUndamagedFileRuns) {
  const std::string bytes = tiny_bytes();
  load_and_run(bytes);
  load_and_run(Pieces(bytes).bytes());
}

TEST(IntModelFuzz, DamagedBytes) { fuzz(1500, {tiny_bytes()}, load_and_run); }

TEST(IntModelFuzz, DamagedTensorsNumbersAndTexts) {
  const Pieces good(tiny_bytes());
  const auto mutant = [&](Mutator& random, size_t) {
    Pieces pieces = good;
    for (size_t n = random.below(4) == 0 ? 2 : 1; n > 0; --n) pieces.damage(random);
    return pieces.bytes();
  };
  fuzz_with(2500, mutant, load_and_run);
}

}  // namespace
}  // namespace sb::golden
