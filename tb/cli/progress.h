// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>

namespace sb::cli {

/// A function to call with the share done, 0..1: shows it and the time left on the terminal in
/// place, when standard error is one and the work takes longer than two seconds.
std::function<void(double)> progress_line(const std::string& what);

/// A function to call with what is being done: a line on standard error, when that is a terminal.
std::function<void(const std::string&)> progress_notes();

}  // namespace sb::cli
