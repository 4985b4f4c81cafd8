// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace sb::tb {

/// The GTKWave save file that belongs to a waveform: run.fst has run.gtkw.
inline std::string save_file_of(const std::string& fst) {
  return std::filesystem::path(fst).replace_extension(".gtkw").string();
}

/// Checks a waveform that has been closed and writes its save file beside it: the streams of the
/// top module, its other signals in the order of their declaration, and the ports of each module in
/// it, each in a group. `dumps`: half cycles that were recorded, of a run of `cycles` cycles.
/// Throws InputError when nothing was recorded, when the file is cut short (a full disk; Verilator
/// does not tell), and when the save file cannot be written.
void finish_waveform(const std::string& fst, uint64_t dumps, uint64_t cycles);

}  // namespace sb::tb
