// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tb/host/engine_parameters.h"
#include "words/sb_engine_pkg.h"

namespace sb::test {

using CommandWords = std::array<uint32_t, 32>;  ///< the bits of a cmd_t, lowest first

/// Words first .. last of bank `bank` of the activation or residual memory.
struct WordRange {
  bool residual = false;
  int bank = 0;
  int64_t first = 0, last = 0;

  bool overlaps(const WordRange& o) const {
    return residual == o.residual && bank == o.bank && first <= o.last && o.first <= last;
  }
};

/// What a command that passes the rules touches, one range per bank that it uses.
struct CommandRanges {
  std::vector<WordRange> source, result, weight, back;
};
/// Of a command whose blocks and rows are not 0; ranges may lie outside the memories.
CommandRanges command_ranges(const sb_engine_pkg::cmd_t& command);

/// The fault that an engine must report of a command, the lowest code if there are several.
/// ErrNone: it may be carried out.
sb_engine_pkg::error_e check_command(const tb::EngineParameters& engine,
                                     std::span<const uint32_t> bits);

/// Words of M bytes in the parameter stream of a command.
int64_t parameter_words(const tb::EngineParameters& engine, const sb_engine_pkg::cmd_t& command);

/// True if a command reads from external memory at stream_addr.
bool reads_stream(const sb_engine_pkg::cmd_t& command);

}  // namespace sb::test
