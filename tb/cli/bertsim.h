// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace sb::cli {

/// The whole program: what `bertsim` does with these arguments (without its own name). Returns the
/// exit status: 0 good, 1 a mismatch, 2 bad input, of which one line on standard error says what is
/// wrong. Throws nothing. Its subcommands are those of commands() (commands.h).
int bertsim(const std::vector<std::string>& arguments);

}  // namespace sb::cli
