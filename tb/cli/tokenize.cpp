// SPDX-License-Identifier: Apache-2.0
// bertsim tokenize: texts to token ids.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "golden/io/json.h"
#include "golden/text/tokenizer.h"
#include "tb/cli/commands.h"
#include "tb/cli/options.h"
#include "tb/cli/outputs.h"

namespace sb::cli {

void add_tokenize(CLI::App& app, Run& run) {
  struct TokenizeOptions {
    std::string model, json, out;
    size_t max_length = golden::Tokenizer::kNoLimit;
  };
  auto options = std::make_shared<TokenizeOptions>();
  auto* command = app.add_subcommand("tokenize", "Texts to token ids, with [CLS] and [SEP]");
  command->add_option("--model", options->model, "Folder with vocab.txt")->required();
  command->add_option("--json", options->json, "JSON file: array of strings")->required();
  command->add_option("--out", options->out, "JSON file to write: array of arrays of ids")
      ->required();
  command
      ->add_option("--max-length", options->max_length,
                   "Most ids of a text, [CLS] and [SEP] among them")
      ->check(whole(2));
  command->footer(
      "Example: bertsim tokenize --model DIR --json texts.json --out ids.json --max-length 64");
  command->callback([&run, options] {
    run = [options] {
      Outputs outputs({{"--model", options->model}, {"--json", options->json}},
                      {{"--out", options->out}});
      const auto tokenizer = golden::Tokenizer::load(options->model);
      const std::vector<std::string> texts = golden::read_json_texts(options->json);
      nlohmann::json ids = nlohmann::json::array();
      for (const std::string& text : texts)
        ids.push_back(tokenizer.encode(text, options->max_length));
      outputs.add(options->out, ids.dump() + "\n");
      outputs.write();
      return 0;
    };
  });
}

}  // namespace sb::cli
