// bertsim info: what a model folder holds.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "golden/error.h"
#include "tb/cli/commands.h"

namespace sb::cli {

void add_info(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("info", "Print the version of this program");
  command->callback([&run] {
    run = [] {
      fmt::print("systolic-bert 0.1.0\n");
      return 0;
    };
  });
}

}  // namespace sb::cli
