// SPDX-License-Identifier: Apache-2.0
#include "golden/model/bert_model.h"

#include <fmt/format.h>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

class Reader {
 public:
  Reader(const Safetensors& file, const BertConfig& config) : file_(file), config_(config) {
    const std::string probe = "embeddings.word_embeddings.weight";
    if (!file.contains(probe) && file.contains("bert." + probe)) prefix_ = "bert.";
  }

  bool contains(const std::string& name) const { return file_.contains(prefix_ + name); }

  MatrixF matrix(const std::string& name, int rows, int cols) const {
    return file_.matrix<float>(prefix_ + name, rows, cols);
  }

  LinearWeights linear(const std::string& name, int out, int in) const {
    return {matrix(name + ".weight", out, in), file_.vector<float>(prefix_ + name + ".bias", out)};
  }

  NormWeights norm(const std::string& name) const {
    // Checkpoints that were converted from TensorFlow call them gamma and beta.
    const bool old_names = contains(name + ".gamma");
    return {
        file_.vector<float>(prefix_ + name + (old_names ? ".gamma" : ".weight"), config_.hidden),
        file_.vector<float>(prefix_ + name + (old_names ? ".beta" : ".bias"), config_.hidden)};
  }

 private:
  const Safetensors& file_;
  const BertConfig& config_;
  std::string prefix_;
};

std::string layer_name(int layer) { return fmt::format("encoder.layer.{}.", layer); }

}  // namespace

BertModel load_bert(const BertConfig& config, const Safetensors& file) {
  const Reader read(file, config);
  const int hidden = config.hidden;
  BertModel model;
  model.config = config;
  model.word_embeddings = read.matrix("embeddings.word_embeddings.weight", config.vocab, hidden);
  model.position_embeddings =
      read.matrix("embeddings.position_embeddings.weight", config.positions, hidden);
  model.type_embeddings =
      read.matrix("embeddings.token_type_embeddings.weight", config.types, hidden);
  model.embedding_norm = read.norm("embeddings.LayerNorm");
  for (int i = 0; i < config.layers; ++i) {
    const std::string name = layer_name(i);
    model.layers.push_back(
        {.query = read.linear(name + "attention.self.query", hidden, hidden),
         .key = read.linear(name + "attention.self.key", hidden, hidden),
         .value = read.linear(name + "attention.self.value", hidden, hidden),
         .attention_output = read.linear(name + "attention.output.dense", hidden, hidden),
         .attention_norm = read.norm(name + "attention.output.LayerNorm"),
         .intermediate = read.linear(name + "intermediate.dense", config.ffn, hidden),
         .output = read.linear(name + "output.dense", hidden, config.ffn),
         .output_norm = read.norm(name + "output.LayerNorm")});
  }
  if (read.contains(layer_name(config.layers) + "output.dense.weight"))
    throw InputError(fmt::format("{}: holds more encoder layers than the {} of the configuration",
                                 file.file(), config.layers));
  if (read.contains("pooler.dense.weight"))
    model.pooler = read.linear("pooler.dense", hidden, hidden);
  return model;
}

BertModel load_bert(const std::filesystem::path& folder) {
  const BertConfig config = read_bert_config(folder / "config.json");
  return load_bert(config, Safetensors::load(folder / "model.safetensors"));
}

std::vector<FileContent> bert_files(const BertModel& model, const std::filesystem::path& folder) {
  SafetensorsWriter file;
  const auto linear = [&](const std::string& name, const LinearWeights& weights) {
    file.add(name + ".weight", weights.weight);
    file.add(name + ".bias", weights.bias);
  };
  const auto norm = [&](const std::string& name, const NormWeights& weights) {
    file.add(name + ".weight", weights.gamma);
    file.add(name + ".bias", weights.beta);
  };
  file.add("embeddings.word_embeddings.weight", model.word_embeddings);
  file.add("embeddings.position_embeddings.weight", model.position_embeddings);
  file.add("embeddings.token_type_embeddings.weight", model.type_embeddings);
  norm("embeddings.LayerNorm", model.embedding_norm);
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const std::string name = layer_name(static_cast<int>(i));
    const BertLayerWeights& layer = model.layers[i];
    linear(name + "attention.self.query", layer.query);
    linear(name + "attention.self.key", layer.key);
    linear(name + "attention.self.value", layer.value);
    linear(name + "attention.output.dense", layer.attention_output);
    norm(name + "attention.output.LayerNorm", layer.attention_norm);
    linear(name + "intermediate.dense", layer.intermediate);
    linear(name + "output.dense", layer.output);
    norm(name + "output.LayerNorm", layer.output_norm);
  }
  if (model.pooler) linear("pooler.dense", *model.pooler);
  file.add_metadata("format", "pt");
  return {{folder / "model.safetensors", file.bytes()},
          {folder / "config.json", bert_config_text(model.config)}};
}

void save_bert(const BertModel& model, const std::filesystem::path& folder) {
  write_files(bert_files(model, folder));
}

}  // namespace sb::golden
