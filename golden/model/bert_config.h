// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace sb::golden {

/// Shape of a BERT encoder, as a config.json of the family states it.
struct BertConfig {
  int hidden = 0;      ///< hidden_size
  int heads = 0;       ///< num_attention_heads; divides hidden
  int layers = 0;      ///< num_hidden_layers
  int ffn = 0;         ///< intermediate_size
  int vocab = 0;       ///< vocab_size
  int positions = 0;   ///< max_position_embeddings: longest sequence in tokens
  int types = 2;       ///< type_vocab_size
  double eps = 1e-12;  ///< layer_norm_eps

  int head_width() const { return hidden / heads; }
  bool operator==(const BertConfig&) const = default;
};

/// Parses a config.json. InputError for a missing or impossible value, and by name for what this
/// model does not compute: an activation other than exact GELU, relative positions, a decoder, a
/// model type other than bert.
BertConfig parse_bert_config(std::string_view text, const std::string& name);
BertConfig read_bert_config(const std::filesystem::path& path);

/// The config.json of a shape.
std::string bert_config_text(const BertConfig& config);

}  // namespace sb::golden
