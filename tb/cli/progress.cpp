// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace sb::cli {

std::function<void(double)> progress_line(const std::string& what) {
  if (isatty(STDERR_FILENO) == 0) return {};
  const auto start = std::chrono::steady_clock::now();
  return [what, start](double share) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    if (spent < std::chrono::seconds(2)) return;
    const double left = share > 0 ? spent.count() * (1 - share) / share : 0;
    fmt::print(stderr, "\r{}: {:.0f} %, {:.0f} s left   {}", what, 100 * share, left,
               share < 1 ? "" : "\n");
  };
}

std::function<void(const std::string&)> progress_notes() {
  if (isatty(STDERR_FILENO) == 0) return {};
  return [](const std::string& what) { fmt::print(stderr, "{}\n", what); };
}

}  // namespace sb::cli
