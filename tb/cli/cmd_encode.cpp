// bertsim encode: texts to sentence embeddings.
#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "golden/bert.h"
#include "golden/error.h"
#include "golden/json.h"
#include "golden/npy.h"
#include "golden/tokenizer.h"
#include "tb/cli/commands.h"

namespace sb::cli {
namespace {

using TokenIds = std::vector<std::vector<int32_t>>;

// Embeddings of texts, one per row, by each engine.
const std::map<std::string, std::function<golden::MatrixF(const std::string& model, const TokenIds&)>>
    kEngines{{"float", [](const std::string& model, const TokenIds& ids) {
                return golden::sentence_embeddings(golden::load_bert(model), ids);
              }}};

struct Options {
  std::string model, text, json, out, engine = "float";
  size_t max_length = 0;
};

int encode_texts(const Options& options) {
  std::vector<std::string> texts{options.text};
  if (!options.json.empty()) texts = golden::read_json_texts(options.json);
  if (texts.front().empty()) throw golden::InputError("--text is empty");
  const auto config = golden::read_bert_config(std::filesystem::path(options.model) / "config.json");
  const auto tokenizer = golden::Tokenizer::load(options.model);
  const size_t limit = options.max_length != 0 ? options.max_length : static_cast<size_t>(config.positions);
  TokenIds ids;
  ids.reserve(texts.size());
  for (const std::string& text : texts) ids.push_back(tokenizer.encode(text, limit));
  golden::write_npy(options.out, kEngines.at(options.engine)(options.model, ids));
  return 0;
}

}  // namespace

void add_encode(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("encode", "Texts to sentence embeddings (mean pooling, length 1)");
  command->add_option("--model", options->model, "Folder with config.json, model.safetensors and vocab.txt")
      ->required();
  auto* source = command->add_option_group("text")->require_option(1);
  source->add_option("--text", options->text, "One text");
  source->add_option("--json", options->json, "JSON file: array of strings");
  command->add_option("--engine", options->engine, "What computes")
      ->check(CLI::IsMember(kEngines))
      ->capture_default_str();
  command->add_option("--max-length", options->max_length,
                      "Most ids of a text, [CLS] and [SEP] among them (default: what the model takes)");
  command->add_option("--out", options->out, ".npy file to write, float32, one row per text")->required();
  command->footer("Example: bertsim encode --model DIR --text \"That is a happy person\" --out emb.npy");
  command->callback([&run, options] { run = [options] { return encode_texts(*options); }; });
}

}  // namespace sb::cli
