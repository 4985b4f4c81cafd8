// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <random>
#include <vector>

#include "tests/engine/core_bench.h"

namespace sb::test {

/// A program with its external memory before and after, and every word that it writes.
struct CoreProgram {
  std::vector<CommandWords> commands;
  std::vector<uint8_t> external, external_after;
  std::vector<ExpectedWrite> writes;
  Stop stop;
};

/// Draws programs of legal commands, of any shape and with regions that overlap those of other
/// commands as they like, by trying commands on the interpreter.
class ProgramMaker {
 public:
  ProgramMaker(const tb::EngineParameters& engine, uint64_t seed);

  /// Writes every word of every memory and every table once, so that all may be read.
  void fill();
  /// `count` random legal commands.
  void random(int count);
  /// A command with a random fault: the program ends there.
  void fault(sb_engine_pkg::error_e error);
  /// CmdEnd, if no fault came, and the result.
  CoreProgram finish();

 private:
  using cmd_t = sb_engine_pkg::cmd_t;
  using region_t = sb_engine_pkg::region_t;
  int64_t upto(int64_t n) { return static_cast<int64_t>(rng_() % static_cast<uint64_t>(n)); }
  bool chance(int percent) { return upto(100) < percent; }
  int64_t place(int64_t bytes);
  int64_t parameters(const cmd_t& c);
  region_t region(const std::array<int, 2>& depth, int64_t blocks, int64_t rows, bool whole);
  cmd_t matmul();
  cmd_t load();
  cmd_t store();
  cmd_t table();
  bool add(cmd_t c);
  bool attention();

  tb::EngineParameters engine_;
  std::mt19937_64 rng_;
  CommandInterpreter interpreter_;
  CoreProgram program_;
  std::vector<ExpectedWrite> tried_;
  bool stopped_ = false;
};

}  // namespace sb::test
