// SPDX-License-Identifier: Apache-2.0
// bertsim info: the version of this program, or what a model holds.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/io/safetensors.h"
#include "golden/model/bert_config.h"
#include "tb/cli/commands.h"

namespace sb::cli {
namespace {

void print_tensors(const golden::Safetensors& file) {
  for (const auto& [key, text] : file.metadata()) fmt::print("{} = {}\n", key, golden::shown(text));
  int64_t elements = 0;
  size_t bytes = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    fmt::print("{:<64} {:<5} {}\n", name, golden::dtype_name(tensor.dtype), tensor.shape_text());
    elements += tensor.elements();
    bytes += tensor.end - tensor.begin;
  }
  fmt::print("total: {} tensors, {} parameters, {} bytes\n", file.tensors().size(), elements,
             bytes);
}

int print_model(const std::filesystem::path& model) {
  if (!golden::is_folder(model)) {
    print_tensors(golden::Safetensors::load(model));
    return 0;
  }
  const golden::BertConfig config = golden::read_bert_config(model / "config.json");
  fmt::print(
      "hidden {}, {} heads of {}, {} layers, ffn {}, vocabulary {}, {} positions, {} types, eps "
      "{}\n",
      config.hidden, config.heads, config.head_width(), config.layers, config.ffn, config.vocab,
      config.positions, config.types, config.eps);
  print_tensors(golden::Safetensors::load(model / "model.safetensors"));
  return 0;
}

}  // namespace

void add_info(CLI::App& app, Run& run) {
  auto model = std::make_shared<std::string>();
  auto* command =
      app.add_subcommand("info", "Print the version of this program, or what a model holds");
  command->add_option("--model", *model,
                      "Model folder, or a .safetensors file: configuration, tensors, parameters");
  command->footer("Example: bertsim info --model DIR");
  command->callback([&run, model] {
    run = [model] {
      if (!model->empty()) return print_model(*model);
      fmt::print("systolic-bert {}\n", SB_VERSION);
      return 0;
    };
  });
}

}  // namespace sb::cli
