// SPDX-License-Identifier: Apache-2.0
// bertsim random-model: a model folder with random parameters.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "golden/model/random_bert.h"
#include "tb/cli/commands.h"
#include "tb/cli/options.h"

namespace sb::cli {

void add_random_model(CLI::App& app, Run& run) {
  struct RandomModelOptions {
    golden::BertConfig config = golden::built_in_config();
    uint64_t seed = 1;
    std::string out;
  };
  auto options = std::make_shared<RandomModelOptions>();
  golden::BertConfig& config = options->config;
  auto* command =
      app.add_subcommand("random-model", "Write a model folder with random, realistic parameters");
  const auto extent = [&](const char* name, int& value, const char* help) {
    command->add_option(name, value, help)->check(whole(1, 1 << 20))->capture_default_str();
  };
  extent("--hidden", config.hidden, "Width of the hidden states; a multiple of --heads");
  extent("--heads", config.heads, "Attention heads");
  extent("--layers", config.layers, "Encoder layers");
  extent("--ffn", config.ffn, "Width of the feed-forward block");
  extent("--positions", config.positions, "Longest sequence in tokens");
  extent("--vocab", config.vocab, "Vocabulary; at least the built-in one");
  command->add_option("--seed", options->seed, "Seed of the random numbers")
      ->check(whole())
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder to write")->required();
  command->footer("Example: bertsim random-model --hidden 96 --heads 3 --out my-model");
  command->callback([&run, options] {
    run = [options] {
      golden::write_random_bert(options->config, options->seed, options->out);
      fmt::print("{}: seed {}\n", options->out, options->seed);
      return 0;
    };
  });
}

}  // namespace sb::cli
