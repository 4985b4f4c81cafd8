// SPDX-License-Identifier: Apache-2.0
// sb_encoder_core against the interpreter of its commands: every word written, in every program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tb/sim/error.h"
#include "tests/engine/core_bench.h"
#include "tests/engine/core_programs.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;

CoreSurroundings surroundings(uint64_t seed) {
  std::mt19937_64 rng(seed * 77 + 5);
  const auto policy = [&] {
    switch (rng() % 6) {
      case 0: return tb::StallPolicy::every(3);
      case 1: return tb::StallPolicy::random(0.5);
      case 2: return tb::StallPolicy::random(0.9);
      default: return tb::StallPolicy::never();
    }
  };
  CoreSurroundings s{policy(), policy(), policy(), policy(), policy(),
                     policy(), policy(), policy(), policy()};
  s.latency = static_cast<int>(rng() % 3 == 0 ? 0 : rng() % 100);
  s.seed = seed + 1;
  return s;
}

void run_program(Core& core, const CoreProgram& program, uint64_t seed) {
  CoreBench bench(core, surroundings(seed));
  auto external = program.external;
  const CoreRun run = bench.run(program.commands, external, &program.writes, 2000000);
  EXPECT_EQ(static_cast<int>(run.stop.error), static_cast<int>(program.stop.error));
  EXPECT_EQ(run.stop.index, program.stop.index);
  if (external != program.external_after) {
    const auto at = std::mismatch(external.begin(), external.end(), program.external_after.begin());
    ADD_FAILURE() << "external memory differs at byte " << at.first - external.begin();
  }
  uint64_t sum = 0;
  for (const uint64_t n : run.why) sum += n;
  EXPECT_EQ(sum, run.cycles);
  EXPECT_EQ(run.why[0], run.issued);
}

class EncoderCore : public testing::TestWithParam<const char*> {};

TEST_P(EncoderCore, FillsItsMemories) {
  const auto core = make_core(GetParam(), 1, trace_options(0));
  ProgramMaker maker(core->parameters(), 1);
  maker.fill();
  run_program(*core, maker.finish(), 0);
}

TEST_P(EncoderCore, RunsRandomProgramsAsTheInterpreterDoes) {
  const char* count = std::getenv("SB_CORE_PROGRAMS");
  for_each_seed(count != nullptr ? std::atoi(count) : 20, [&](uint64_t seed) {
    const auto core = make_core(GetParam(), seed + 1, trace_options(seed));
    ProgramMaker maker(core->parameters(), seed + 1);
    maker.fill();
    maker.random(60);
    run_program(*core, maker.finish(), seed);
  });
}

INSTANTIATE_TEST_SUITE_P(Sizes, EncoderCore, testing::Values("m4", "m4x9"));

}  // namespace
}  // namespace sb::test
