// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "tests/engine/command_interpreter.h"
#include "tests/engine/random_program.h"
#include "tests/engine/top_bench.h"

namespace sb::test {

constexpr uint64_t kCycleLimit = 100000;  // of a run: more is a hang

/// Latency, order of answers and pauses of a memory; pauses of a master of the registers.
tb::AxiTiming random_timing(uint64_t seed);
tb::AxiLiteStalls random_stalls(uint64_t seed);

/// A program in external memory, what the interpreter makes of it, and where it stops.
struct Case {
  uint64_t program = 0;
  uint32_t count = 0;
  std::vector<uint8_t> before, after;
  std::vector<tb::AxiRegion> stores;
  Stop stop;
};
/// words: the commands of a program, perhaps changed.
Case make_case(const RandomProgram& program, const std::vector<CommandWords>& words);
Case random_case(const Top& top, int commands, uint64_t seed);
/// With a command of this fault put in; none: not every program has a command to make it of.
std::optional<Case> faulty_case(const Top& top, int commands, sb_engine_pkg::error_e error,
                                uint64_t seed);

/// The memory before the run; writes elsewhere than to the case's stores are errors.
void place(TopBench& bench, const Case& c);
// GoogleTest expectations.
void expect_memory(TopBench& bench, const std::vector<uint8_t>& wanted);
void expect_counters(const TopRun& run);
/// To its end as the interpreter says.
TopRun run_case(TopBench& bench, const Case& c, uint32_t limit = 0);

}  // namespace sb::test
