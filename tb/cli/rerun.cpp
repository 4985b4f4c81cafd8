// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/rerun.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tb/check/compare.h"
#include "tb/cli/options.h"

namespace sb::cli {
namespace {

std::vector<std::string> kept;

}  // namespace

void keep_arguments(const std::vector<std::string>& arguments) {
  kept.clear();
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i].starts_with("--trace"))
      kept.push_back(arguments[i]);
    else if (arguments[i].find('=') == std::string::npos)
      ++i;  // its value
  }
}

std::string rerun_line(uint64_t cycle) {
  std::error_code error;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
#if !SB_TRACE
  for (int i = 0; i < 4; ++i) program = program.parent_path();  // build/<preset>/tb/<program>
  program /= "scripts/bertsim";
#endif
  std::string line = tb::shell_quoted(program.string());
  for (const std::string& argument : kept) line += " " + tb::shell_quoted(argument);
  const uint64_t from = cycle - std::min(cycle, kTraceWindow - 100);
  return line +
         fmt::format(" --trace mismatch.fst --trace-from {} --trace-to {}", from, cycle + 99);
}

}  // namespace sb::cli
