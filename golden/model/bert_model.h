// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/io/file.h"
#include "golden/io/safetensors.h"
#include "golden/model/bert_config.h"

namespace sb::golden {

// Parameters of a float32 BERT encoder. H: hidden, F: ffn.

/// y = x W^T + b. weight: (out, in); bias: out values.
struct LinearWeights {
  MatrixF weight;
  VectorF bias;
};

/// Gain and shift of a LayerNorm, H values each.
struct NormWeights {
  VectorF gamma;
  VectorF beta;
};

struct BertLayerWeights {
  LinearWeights query, key, value;  ///< (H, H)
  LinearWeights attention_output;   ///< (H, H)
  NormWeights attention_norm;
  LinearWeights intermediate;  ///< ffn1, (F, H)
  LinearWeights output;        ///< ffn2, (H, F)
  NormWeights output_norm;
};

struct BertModel {
  BertConfig config;
  MatrixF word_embeddings;      ///< (vocab, H)
  MatrixF position_embeddings;  ///< (positions, H)
  MatrixF type_embeddings;      ///< (types, H)
  NormWeights embedding_norm;
  std::vector<BertLayerWeights> layers;
  std::optional<LinearWeights> pooler;  ///< (H, H); many sentence encoders have none
};

/// Reads the tensors of a BERT-family file, whose names may carry the prefix `bert.`, LayerNorm
/// parameters either as weight / bias or gamma / beta. InputError for a tensor that is missing, of
/// another shape than the configuration asks, or not finite, and for more layers than the
/// configuration has.
BertModel load_bert(const BertConfig& config, const Safetensors& file);

/// Reads config.json and model.safetensors of a folder.
BertModel load_bert(const std::filesystem::path& folder);

/// config.json and model.safetensors of a model in a folder, as write_files takes them.
std::vector<FileContent> bert_files(const BertModel& model, const std::filesystem::path& folder);
/// Writes them into an existing folder, both or none.
void save_bert(const BertModel& model, const std::filesystem::path& folder);

}  // namespace sb::golden
