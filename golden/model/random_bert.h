// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/model/bert_model.h"

namespace sb::golden {

/// A model of random parameters whose distributions resemble those of a trained encoder (the
/// constants in the source were read off all-MiniLM-L6-v2): weights normal with a spread that
/// differs from row to row, LayerNorm gains around 0.62 with a few outlier channels, and in each
/// layer a few FFN neurons that reach far beyond the rest. The same configuration and seed give the
/// same model.
BertModel random_bert(const BertConfig& config, uint64_t seed);

/// Vocabulary of the built-in model: the special tokens, printable ASCII characters as words and as
/// continuations, and a small list of common words and endings.
std::vector<std::string> built_in_vocabulary();

/// Shape of the built-in model: 2 layers, 48 wide, 4 heads of 12, FFN 160, 64 positions.
BertConfig built_in_config();

/// Writes random_bert as a model folder: config.json, model.safetensors, vocab.txt,
/// tokenizer_config.json. The folder is made if it is missing. config.vocab must be at least the
/// size of the built-in vocabulary; further ids are named [unusedN].
void write_random_bert(const BertConfig& config, uint64_t seed,
                       const std::filesystem::path& folder);

}  // namespace sb::golden
