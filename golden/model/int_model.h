#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "golden/encoder/bert.h"
#include "golden/encoder/int_bert.h"
#include "golden/text/tokenizer.h"

namespace sb::golden {

/// Everything from text to sentence embedding: the integer encoder and the float parts that the
/// host computes.
struct IntModel {
  IntBert encoder;
  BertModel host;                ///< configuration, embeddings and their LayerNorm; no layers
  std::string vocabulary;        ///< text of vocab.txt
  std::string tokenizer_config;  ///< text of tokenizer_config.json, or empty

  /// InputError if the vocabulary's size is not the configuration's.
  Tokenizer tokenizer() const;
};

/// Writes one safetensors file; replaced as a whole or not at all. Tensors hold weights, biases,
/// multipliers, shifts, tables and per-channel scales under the names of the float model's
/// intermediate values (layer.N.attention.q.weight ...), host.* the float embeddings,
/// host.vocabulary the bytes of vocab.txt; the metadata holds, as JSON text, every single number
/// ("numbers"), the configuration ("config") and the format's version ("format").
void save_int_model(const IntModel& model, const std::filesystem::path& path);

/// Reads it. InputError, naming file and tensor, for a missing tensor or number, another shape than
/// the configuration asks, a value outside the widths of numerics.md, or an accumulator that could
/// overflow.
IntModel load_int_model(const std::filesystem::path& path);
/// The same from bytes; name: what messages call the file.
IntModel parse_int_model(std::string bytes, const std::string& name);

/// True if the path is a file (an integer model) rather than a folder (a float model).
bool is_int_model(const std::filesystem::path& path);

/// Sentence embedding (mean pooling, length 1) of every token list, one per row, on all processors.
/// done: called with the number of finished texts, from several threads, one at a time.
MatrixF int_sentence_embeddings(const IntModel& model,
                                const std::vector<std::vector<int32_t>>& texts,
                                const std::function<void(size_t)>& done = {});

}  // namespace sb::golden
