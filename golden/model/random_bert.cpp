// SPDX-License-Identifier: Apache-2.0
#include "golden/model/random_bert.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

#include "golden/base/error.h"
#include "golden/io/file.h"

namespace sb::golden {
namespace {

class Generator {
 public:
  explicit Generator(uint64_t seed) : engine_(seed) {}

  float normal(double mean, double deviation) {
    return static_cast<float>(std::normal_distribution<double>(mean, deviation)(engine_));
  }

  VectorF vector(int size, double mean, double deviation) {
    VectorF v(size);
    for (float& value : v) value = normal(mean, deviation);
    return v;
  }

  MatrixF matrix(int rows, int cols, double deviation) {
    MatrixF m(rows, cols);
    for (Eigen::Index r = 0; r < rows; ++r) {
      const double row_deviation = deviation * std::exp(normal(0, 0.2));
      for (Eigen::Index c = 0; c < cols; ++c) m(r, c) = normal(0, row_deviation);
    }
    return m;
  }

  // Outputs of deviation `gain` for inputs of deviation 1.
  LinearWeights linear(int out, int in, double gain, double bias_mean, double bias_deviation) {
    MatrixF weight = matrix(out, in, gain / std::sqrt(in));
    return {std::move(weight), vector(out, bias_mean, bias_deviation)};
  }

  NormWeights norm(int hidden) {
    NormWeights weights{vector(hidden, 0.62, 0.06), vector(hidden, 0, 0.1)};
    for (int i = 0; i < std::max(1, hidden / 200); ++i) {  // outlier channels
      const int channel = index(hidden);
      weights.gamma(channel) *= 2;
      weights.beta(channel) = normal(-1.3, 0.2);
    }
    return weights;
  }

  int index(int size) { return std::uniform_int_distribution<int>(0, size - 1)(engine_); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace

BertModel random_bert(const BertConfig& config, uint64_t seed) {
  parse_bert_config(bert_config_text(config), "random model");  // refuses an impossible shape
  Generator random(seed);
  const int hidden = config.hidden;
  BertModel model;
  model.config = config;
  model.word_embeddings = random.matrix(config.vocab, hidden, 0.056);
  model.position_embeddings = random.matrix(config.positions, hidden, 0.025);
  model.type_embeddings = random.matrix(config.types, hidden, 0.024);
  model.embedding_norm = random.norm(hidden);
  for (int i = 0; i < config.layers; ++i) {
    BertLayerWeights layer{.query = random.linear(hidden, hidden, 1.6, 0, 0.26),
                           .key = random.linear(hidden, hidden, 1.6, 0, 0.001),
                           .value = random.linear(hidden, hidden, 1.27, 0, 0.04),
                           .attention_output = random.linear(hidden, hidden, 1.0, 0, 0.06),
                           .attention_norm = random.norm(hidden),
                           .intermediate = random.linear(config.ffn, hidden, 1.4, -0.07, 0.11),
                           .output = random.linear(hidden, config.ffn, 1.9, 0, 0.06),
                           .output_norm = random.norm(hidden)};
    for (int j = 0; j < std::max(1, config.ffn / 1000); ++j) {  // outlier neurons
      const int neuron = random.index(config.ffn);
      layer.intermediate.weight.row(neuron) *= 4;
      layer.output.weight(random.index(hidden), neuron) = 3;
    }
    model.layers.push_back(std::move(layer));
  }
  return model;
}

std::vector<std::string> built_in_vocabulary() {
  std::vector<std::string> tokens{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  for (char c = '!'; c <= '~'; ++c)
    if (c < 'A' || c > 'Z') tokens.emplace_back(1, c);
  for (char c = '0'; c <= 'z'; ++c)
    if (c <= '9' || c >= 'a') tokens.push_back(std::string("##") + c);
  for (const char* word :
       {"the",    "of",    "and",    "to",     "in",       "is",    "it",     "that",   "for",
        "on",     "with",  "as",     "at",     "by",       "this",  "are",    "be",     "was",
        "from",   "or",    "an",     "not",    "but",      "have",  "can",    "all",    "what",
        "when",   "we",    "you",    "they",   "he",       "she",   "his",    "her",    "there",
        "which",  "one",   "two",    "three",  "time",     "day",   "today",  "very",   "happy",
        "person", "dog",   "sunny",  "word",   "text",     "small", "large",  "new",    "good",
        "first",  "last",  "long",   "great",  "hardware", "array", "model",  "matrix", "memory",
        "clock",  "cycle", "weight", "number", "simple",   "fast",  "test",   "##s",    "##ed",
        "##ing",  "##er",  "##ly",   "##tion", "##es",     "##al",  "##ment", "##able"})
    if (std::string_view(word).size() > 3 || word[0] != '#') tokens.emplace_back(word);
  return tokens;
}

BertConfig built_in_config() {
  return {.hidden = 48,
          .heads = 4,
          .layers = 2,
          .ffn = 160,
          .vocab = static_cast<int>(built_in_vocabulary().size()),
          .positions = 64,
          .types = 2,
          .eps = 1e-12};
}

void write_random_bert(const BertConfig& config, uint64_t seed,
                       const std::filesystem::path& folder) {
  std::vector<std::string> tokens = built_in_vocabulary();
  if (static_cast<size_t>(config.vocab) < tokens.size())
    throw InputError(fmt::format("vocab_size {}: the built-in vocabulary has {} tokens",
                                 config.vocab, tokens.size()));
  while (tokens.size() < static_cast<size_t>(config.vocab))
    tokens.push_back(fmt::format("[unused{}]", tokens.size()));
  const BertModel model = random_bert(config, seed);
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder, error);
  if (error)
    throw InputError(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
  std::vector<FileContent> files = bert_files(model, folder);
  files.push_back({folder / "vocab.txt", fmt::format("{}\n", fmt::join(tokens, "\n"))});
  files.push_back({folder / "tokenizer_config.json", "{\"do_lower_case\": true}\n"});
  try {
    write_files(files);
  } catch (const InputError&) {
    if (made) std::filesystem::remove(folder, error);
    throw;
  }
}

}  // namespace sb::golden
