// SPDX-License-Identifier: Apache-2.0
// bertsim encode: texts to sentence embeddings.
#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "golden/base/error.h"
#include "golden/encoder/float_encoder.h"
#include "golden/encoder/int_encoder.h"
#include "golden/io/json.h"
#include "golden/io/npy.h"
#include "golden/model/int_model.h"
#include "golden/text/tokenizer.h"
#include "tb/cli/commands.h"

namespace sb::cli {
namespace {

struct EncodeOptions {
  std::string model, text, json, out, engine = "float";
  size_t max_length = 0;
};

using TokenIds = std::vector<std::vector<int32_t>>;

TokenIds tokenize(const EncodeOptions& options, const golden::Tokenizer& tokenizer,
                  const golden::BertConfig& config) {
  std::vector<std::string> texts{options.text};
  if (!options.json.empty()) texts = golden::read_json_texts(options.json);
  if (texts.front().empty()) throw golden::InputError("--text is empty");
  const size_t limit =
      options.max_length != 0 ? options.max_length : static_cast<size_t>(config.positions);
  TokenIds ids;
  ids.reserve(texts.size());
  for (const std::string& text : texts) ids.push_back(tokenizer.encode(text, limit));
  return ids;
}

// Embeddings of the texts, one per row, by each engine.
golden::MatrixF by_float(const EncodeOptions& options) {
  if (golden::is_int_model(options.model))
    throw golden::InputError(
        fmt::format("{}: an integer model file; the engine float needs a folder", options.model));
  const auto config =
      golden::read_bert_config(std::filesystem::path(options.model) / "config.json");
  const TokenIds ids = tokenize(options, golden::Tokenizer::load(options.model), config);
  return golden::sentence_embeddings(golden::load_bert(options.model), ids);
}

golden::MatrixF by_golden(const EncodeOptions& options) {
  if (!golden::is_int_model(options.model))
    throw golden::InputError(fmt::format(
        "{}: the engine golden needs an integer model file (bertsim quantize)", options.model));
  const golden::IntModel model = golden::load_int_model(options.model);
  const golden::BertConfig& config = model.host.config;
  const auto tokenizer =
      golden::Tokenizer::from_texts(model.vocabulary, model.tokenizer_config, config.vocab);
  return golden::int_sentence_embeddings(model, tokenize(options, tokenizer, config));
}

const std::map<std::string, std::function<golden::MatrixF(const EncodeOptions&)>> kEngines{
    {"float", by_float}, {"golden", by_golden}};

}  // namespace

void add_encode(CLI::App& app, Run& run) {
  auto options = std::make_shared<EncodeOptions>();
  auto* command =
      app.add_subcommand("encode", "Texts to sentence embeddings (mean pooling, length 1)");
  command
      ->add_option("--model", options->model,
                   "float: folder with config.json, model.safetensors and vocab.txt; golden: "
                   "integer model file")
      ->required();
  auto* source = command->add_option_group("text")->require_option(1);
  source->add_option("--text", options->text, "One text");
  source->add_option("--json", options->json, "JSON file: array of strings");
  command
      ->add_option("--engine", options->engine,
                   "What computes: float model or integer golden model")
      ->check(CLI::IsMember(kEngines))
      ->capture_default_str();
  command->add_option(
      "--max-length", options->max_length,
      "Most ids of a text, [CLS] and [SEP] among them (default: what the model takes)");
  command->add_option("--out", options->out, ".npy file to write, float32, one row per text")
      ->required();
  command->footer(
      "Example: bertsim encode --model DIR --text \"That is a happy person\" --out emb.npy");
  command->callback([&run, options] {
    run = [options] {
      golden::write_npy(options->out, kEngines.at(options->engine)(*options));
      return 0;
    };
  });
}

}  // namespace sb::cli
