// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "tb/host/engine_parameters.h"
#include "tests/engine/command_rules.h"
#include "words/sb_engine_pkg.h"

namespace sb::test {

/// Bytes of external memory that a program may write.
struct ByteRange {
  uint64_t first = 0, count = 0;
};

/// A program with the external memory that it needs.
struct RandomProgram {
  tb::EngineParameters engine;
  std::vector<sb_engine_pkg::cmd_t> commands;  ///< the last is CmdEnd
  std::vector<uint8_t> external;               ///< as it is before the run
  std::vector<ByteRange> stores;               ///< guard bytes (0xA5) lie between them

  std::vector<CommandWords> words() const;
};

/// Small memories of sizes that are no powers of two, a legal choice of everything else.
tb::EngineParameters random_engine(int m, int act_bits, uint64_t seed);

/// Fills the memories, then `commands` random legal commands, then CmdEnd. Every word is written
/// before it is read, and every operator is defined (CommandInterpreter does not throw). Commands
/// close together read, overwrite and add to each other's regions, in whole and in part. Scores are
/// looked up with the maxima that belong to them. No command uses what a store has written to
/// external memory; a command does not write row maxima or row constants above those that it reads
/// itself, unless apart from them.
RandomProgram random_program(const tb::EngineParameters& engine, int commands, uint64_t seed);

/// The same after a single load: commands find little to read, so runs of it are short.
RandomProgram short_program(const tb::EngineParameters& engine, int commands, uint64_t seed);

/// A command with the fault `error` (ErrKind .. ErrAlign), made of one of a legal program. Throws
/// InputError if none was found in so many attempts, as for ErrTable with 64 tables.
CommandWords faulty_command(const RandomProgram& program, sb_engine_pkg::error_e error,
                            uint64_t seed, int attempts = 100000);

}  // namespace sb::test
