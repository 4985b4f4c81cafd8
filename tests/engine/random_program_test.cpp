// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/random_program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "golden/base/error.h"
#include "tests/engine/command_interpreter.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_pkg;

TEST(RandomProgram, RunsToItsEndAndStoresWhereItSays) {
  for (const int m : {4, 8})
    for (const int bits : {8, 9})
      for_each_seed(5, [&](uint64_t seed) {
        const RandomProgram p = random_program(random_engine(m, bits, seed), 30, seed);
        CommandInterpreter i(p.engine);
        i.external = p.external;
        EXPECT_EQ(i.run(p.commands), (Stop{ErrNone, static_cast<uint32_t>(p.commands.size() - 1)}));
        for (const ByteRange& s : p.stores)
          std::fill_n(i.external.begin() + static_cast<ptrdiff_t>(s.first), s.count, 0xA5);
        EXPECT_EQ(i.external, p.external) << "but for the stores";
        const RandomProgram again = random_program(random_engine(m, bits, seed), 30, seed);
        EXPECT_EQ(again.commands, p.commands);
      });
}

// Every option, and every kind of dependence between neighbours, comes up in a few programs.
TEST(RandomProgram, ReachesEveryOptionAndDependence) {
  std::map<std::string, int> seen;
  for (uint64_t seed = 0; seed < 24; ++seed) {
    const RandomProgram p =
        random_program(random_engine(seed % 2 == 0 ? 4 : 8, seed % 4 < 2 ? 8 : 9, seed), 40, seed);
    std::map<std::string, int> here;
    CommandRanges before;
    for (const cmd_t& c : p.commands) {
      const auto count = [&](bool yes, const std::string& what) { seen[what] += yes; };
      count(true, std::string(name(c.kind)));
      if (c.kind == CmdMatmul) {
        count(true, std::string(name(c.prologue)));
        count(true, std::string(name(c.weight)));
        count(true, fmt::format("{} {}", name(c.prologue), name(c.weight)));
        count(true, std::string(name(c.clamp)));
        count(true, std::string(name(c.dest)));
        count(c.act_unsigned != 0, "act_unsigned");
        count(c.norm_identity != 0, "identity");
        count(c.prologue == ProNorm && c.norm_identity == 0, "row constants");
        count(c.operand.nine != 0, "nine");
        count(c.chan_shared != 0, "chan_shared");
        count(c.row_factor != 0, "row_factor");
        count(c.prologue == ProExp && c.row_factor == 0, "no row_factor");
        count(c.table_on != 0, "table");
        count(c.row_max != 0, "row_max");
        count(c.norm_stats != 0, "norm_stats");
        count(c.rows == 1, "1 row");
        count(c.rows == 2, "2 rows");
        count(c.rows == p.engine.rows, "all rows");
        count(c.keys > 0 && c.keys % p.engine.m != 0, "odd keys");
        count(c.weight != WeightStream && c.keys == 0, "no keys");
      }
      const CommandRanges now = command_ranges(c);
      const auto meet = [](const std::vector<WordRange>& a, const std::vector<WordRange>& b) {
        for (const WordRange& x : a)
          for (const WordRange& y : b)
            if (x.overlaps(y)) return true;
        return false;
      };
      count(meet(before.result, now.source), "reads the result before");
      count(meet(before.result, now.weight), "weights from the result before");
      count(meet(before.back, now.source), "reads what LayerNorm wrote back");
      count(meet(before.source, now.result), "overwrites what was read");
      count(meet(before.weight, now.back), "writes back over weights");
      count(meet(before.result, now.result), "overwrites the result before");
      count(now.result.size() == 2, "both banks");
      before = now;
    }
  }
  for (const char* what : {"CmdEnd",
                           "CmdLoad",
                           "CmdStore",
                           "CmdMatmul",
                           "CmdTable",
                           "ProBypass WeightStream",
                           "ProBypass WeightKeys",
                           "ProBypass WeightValues",
                           "ProExp WeightStream",
                           "ProExp WeightKeys",
                           "ProExp WeightValues",
                           "ProNorm WeightStream",
                           "ProNorm WeightKeys",
                           "ProNorm WeightValues",
                           "ClampS8",
                           "ClampU8",
                           "ClampS9",
                           "ClampS16",
                           "DestAct",
                           "DestAdd",
                           "DestResidual",
                           "act_unsigned",
                           "identity",
                           "row constants",
                           "nine",
                           "chan_shared",
                           "row_factor",
                           "no row_factor",
                           "table",
                           "row_max",
                           "norm_stats",
                           "1 row",
                           "2 rows",
                           "all rows",
                           "odd keys",
                           "no keys",
                           "reads the result before",
                           "weights from the result before",
                           "reads what LayerNorm wrote back",
                           "overwrites what was read",
                           "writes back over weights",
                           "overwrites the result before",
                           "both banks"})
    EXPECT_GT(seen[what], 3) << what;
  if (HasFailure())
    for (const auto& [what, count] : seen) fmt::print("{:6} {}\n", count, what);
}

TEST(RandomProgram, EveryFaultOfACommandCanBeMade) {
  for_each_seed(3, [&](uint64_t seed) {
    tb::EngineParameters engine = random_engine(4, 8, seed);
    engine.exp_tables = 8;
    const RandomProgram p = random_program(engine, 30, seed);
    for (int code = 1; code <= static_cast<int>(ErrAlign); ++code) {
      const auto error = static_cast<error_e>(code);
      const CommandWords bad = faulty_command(p, error, seed);
      CommandInterpreter i(p.engine);
      std::vector<CommandWords> program = p.words();
      i.external = p.external;
      program[program.size() / 2] = bad;
      EXPECT_EQ(i.run(program), (Stop{error, static_cast<uint32_t>(program.size() / 2)}));
    }
  });
}

}  // namespace
}  // namespace sb::test
