// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tb/bfm/stall.h"
#include "tb/devices/core_view.h"
#include "tb/host/engine_parameters.h"
#include "tb/sim/bench.h"
#include "tb/sim/port.h"
#include "tests/engine/command_interpreter.h"
#include "words/sb_engine_pkg.h"

namespace sb::test {

/// Pins of an sb_encoder_core_probe of any size.
struct CorePins {
  struct Request {
    const char* name;
    uint8_t *valid, *ready;
    uint64_t* addr;
    uint32_t* words;  ///< null: a table
  };
  struct Stream {
    const char* name;
    uint8_t *valid, *ready;
    tb::Port data;
  };
  uint8_t* clear;
  Stream cmd, par, tab, ld, st;
  Request preq, treq, lreq, sreq;
  uint8_t *st_done, *error_valid, *error_code, *end, *why, *idle;
  uint32_t *error_index, *oldest;
  tb::CoreView view;
};

/// One simulated core.
class Core {
 public:
  virtual ~Core() = default;
  virtual tb::Clock& clock() = 0;
  virtual void reset() = 0;
  /// Idle inputs, then clear_i for some cycles.
  void clear(int cycles = 1);
  const tb::EngineParameters& parameters() const { return parameters_; }
  CorePins pins;

 protected:
  explicit Core(const tb::EngineParameters& parameters) : parameters_(parameters) {}

 private:
  tb::EngineParameters parameters_;
};
/// Sizes: "m4" (small memories, 8 rows), "m4x9" (9-bit lanes).
std::unique_ptr<Core> make_core(const std::string& size, uint64_t seed,
                                const tb::TraceOptions& trace = {});

/// How the surroundings of the core behave.
struct CoreSurroundings {
  tb::StallPolicy cmd, preq, par, treq, tab, lreq, ld, sreq, st;
  int latency = 0;             ///< cycles from a request to its first word
  double bytes_per_cycle = 0;  ///< of the parameter stream; 0: no limit
  int prefetch_tiles = 8;
  uint64_t seed = 1;
};

/// What the interpreter wrote: a WordWrite that owns its values.
struct ExpectedWrite {
  WordWrite write;
  std::vector<int32_t> values;
};

struct CoreRun {
  Stop stop;
  uint64_t cycles = 0;  ///< from the first command offered to its end
  std::array<uint64_t, 16> why{};
  std::vector<uint64_t> first_issue, last_issue;  ///< by command, cycles; 0: none
  std::vector<std::array<uint64_t, 16>> lost;     ///< by reason: before and within each command
  uint64_t issued = 0;
};

/// Runs a program and compares every word that the core writes with what the interpreter wrote for
/// the same command. Throws SimError naming command, block, row, lane and cycle.
class CoreBench {
 public:
  CoreBench(Core& core, CoreSurroundings surroundings) : core_(core), around_(surroundings) {}

  /// Expected writes of the program; null: nothing is compared.
  CoreRun run(std::span<const CommandWords> program, std::vector<uint8_t>& external,
              const std::vector<ExpectedWrite>* expected, uint64_t limit);
  /// Stops after that many cycles, by clear_i; 0: runs to the end.
  uint64_t clear_after = 0;

 private:
  Core& core_;
  CoreSurroundings around_;
};

}  // namespace sb::test
