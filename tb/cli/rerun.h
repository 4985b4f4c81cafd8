// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace sb::cli {

/// Keeps the arguments of this run of bertsim for rerun_line.
void keep_arguments(const std::vector<std::string>& arguments);

/// A line for a shell, from any folder that the arguments' paths are right in: this program with
/// the same arguments, which writes a waveform of the cycles before `cycle` and some after it. In a
/// build without waveforms it names scripts/bertsim of the checkout, which builds one with them.
std::string rerun_line(uint64_t cycle);

}  // namespace sb::cli
