// SPDX-License-Identifier: Apache-2.0
// sb_encoder_core against the interpreter of its commands: every word that is written, by command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tb/sim/error.h"
#include "tests/engine/core_bench.h"
#include "tests/engine/random_program.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;

constexpr uint64_t kLimit = 400000;  // cycles of a run

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

/// A program, what the interpreter makes of it, and where it stops.
struct Case {
  std::vector<CommandWords> words;
  std::vector<uint8_t> external, external_after;
  std::vector<ExpectedWrite> writes;
  Stop stop;
};
Case make_case(const RandomProgram& program, std::vector<CommandWords> words) {
  Case c{std::move(words), program.external, {}, {}, {}};
  CommandInterpreter interpreter(program.engine);
  interpreter.external = program.external;
  interpreter.on_write = [&](const WordWrite& w) {
    c.writes.push_back({w, {w.values.begin(), w.values.end()}});
  };
  c.stop = interpreter.run(std::span<const CommandWords>(c.words));
  c.external_after = interpreter.external;
  return c;
}
Case random_case(const Core& core, int commands, uint64_t seed) {
  const RandomProgram program = random_program(core.parameters(), commands, seed);
  return make_case(program, program.words());
}

CoreRun run_case(Core& core, const Case& c, const CoreSurroundings& around) {
  CoreBench bench(core, around);
  auto external = c.external;
  CoreRun run = bench.run(c.words, external, &c.writes, kLimit);
  EXPECT_EQ(static_cast<int>(run.stop.error), static_cast<int>(c.stop.error));
  EXPECT_EQ(run.stop.index, c.stop.index);
  if (external != c.external_after) {
    const auto at = std::mismatch(external.begin(), external.end(), c.external_after.begin());
    ADD_FAILURE() << "external memory differs at byte " << at.first - external.begin();
  }
  uint64_t sum = 0;
  for (const uint64_t n : run.why) sum += n;
  EXPECT_EQ(sum, run.cycles);
  EXPECT_EQ(run.why[0], run.issued);
  return run;
}

CoreRun run_case(Core& core, const Case& c, uint64_t seed) {
  return run_case(core, c, surroundings(seed));
}

int more_seeds(int usual) {
  const char* count = std::getenv("SB_CORE_SEEDS");
  return count != nullptr ? std::atoi(count) : usual;
}

class EncoderCore : public testing::TestWithParam<const char*> {};

TEST_P(EncoderCore, WritesWhatTheInterpreterWrites) {
  for_each_seed(more_seeds(10), [&](uint64_t seed) {
    const auto core = make_core(GetParam(), seed + 1, trace_options(seed));
    run_case(*core, random_case(*core, 60, seed + 1), seed);
  });
}

// Each matrix product thrice, at full speed: it adds to what it has just written, writes what it
// has just read.
TEST_P(EncoderCore, RunsCommandsThatFollowThemselves) {
  for_each_seed(more_seeds(4), [&](uint64_t seed) {
    const auto core = make_core(GetParam(), seed + 1, trace_options(seed));
    RandomProgram program = random_program(core->parameters(), 30, seed + 1);
    std::vector<cmd_t> commands;
    for (const cmd_t& command : program.commands)
      commands.insert(commands.end(), command.kind == CmdMatmul ? 3 : 1, command);
    program.commands = commands;
    run_case(*core, make_case(program, program.words()), CoreSurroundings{});
  });
}

// One row, one tile: the shortest product; with keys for weights the parameters keep up with it.
// Each adds to the word that the one before it has just added to.
TEST_P(EncoderCore, AddsToTheWordThatTheProductBeforeHasJustAddedTo) {
  const auto core = make_core(GetParam(), 1, trace_options(0));
  RandomProgram program = random_program(core->parameters(), 0, 1);
  auto& commands = program.commands;
  const cmd_t end = commands.back();
  commands.pop_back();
  const cmd_t filling = commands.back();  // long: those that follow it are there when it ends
  cmd_t add{.kind = CmdMatmul, .rows = 1, .k_blocks = 1, .n_blocks = 1};
  add.source = {.split = 1, .stride = 1};
  add.chan_shared = 1;
  add.mult = 1 << 10;
  add.clamp = sb_pkg::ClampS16;
  add.dest = DestAdd;
  add.result = {.split = 1, .stride = 1};
  add.weight = WeightKeys;
  add.weight_bank = 1;
  add.weight_stride = add.keys = core->parameters().m;
  for (int turn = 0; turn < 3; ++turn) {
    commands.push_back(filling);
    commands.insert(commands.end(), 3, add);
  }
  commands.push_back(end);
  run_case(*core, make_case(program, program.words()), CoreSurroundings{});
}

// Behind every command that uses a table comes another content of that table, at once, while
// parameters are slow: the command must have done with it.
TEST_P(EncoderCore, ATableIsNotLoadedWhileCommandsBeforeItUseIt) {
  int loads = 0;
  for_each_seed(more_seeds(1), [&](uint64_t seed) {
    const auto core = make_core(GetParam(), seed + 1, trace_options(seed));
    RandomProgram program = random_program(core->parameters(), 50, seed + 40);
    std::vector<cmd_t> tables[2], commands;
    for (const cmd_t& c : program.commands)
      if (c.kind == CmdTable) tables[c.exp_load].push_back(c);
    for (const cmd_t& c : program.commands) {
      commands.push_back(c);
      const bool exp = c.kind == CmdMatmul && c.prologue == ProExp;
      if (!exp && c.table_on == 0) continue;
      auto& contents = tables[exp];
      std::rotate(contents.begin(), contents.begin() + 1, contents.end());
      cmd_t load{.kind = CmdTable, .exp_load = exp};
      (exp ? load.exp_table : load.table_sel) = exp ? c.exp_table : c.table_sel;
      load.stream_addr = contents.front().stream_addr;
      commands.push_back(load);
      ++loads;
    }
    program.commands = commands;
    CoreSurroundings around;
    around.par = tb::StallPolicy::random(0.9);
    run_case(*core, make_case(program, program.words()), around);
  });
  EXPECT_GT(loads, 4);
}

TEST_P(EncoderCore, RunsProgramsInTurn) {
  for_each_seed(more_seeds(3), [&](uint64_t seed) {
    const auto core = make_core(GetParam(), seed + 1, trace_options(seed));
    for (uint64_t turn = 0; turn < 3; ++turn)
      run_case(*core, random_case(*core, 10, seed * 3 + turn), seed * 3 + turn);
  });
}

TEST_P(EncoderCore, StopsAtAFaultAndRunsAfterItIsCleared) {
  for_each_seed(more_seeds(1), [&](uint64_t seed) {
    const auto core = make_core(GetParam(), seed + 1, trace_options(seed));
    for (int code = static_cast<int>(ErrKind); code <= static_cast<int>(ErrAlign); ++code) {
      SCOPED_TRACE(code);
      const auto error = static_cast<error_e>(code);
      const auto turn = seed * 100 + static_cast<uint64_t>(code);
      // Not every program has a command of which this fault can be made.
      RandomProgram program;
      std::optional<CommandWords> faulty;
      for (uint64_t attempt = 0; !faulty; ++attempt) {
        program = random_program(core->parameters(), 20, turn + 1000000 * attempt);
        try {
          faulty = faulty_command(program, error, turn);
        } catch (const tb::InputError&) {
          if (attempt == 20) throw;
        }
      }
      auto words = program.words();
      std::mt19937_64 rng(turn);
      const auto at = static_cast<std::ptrdiff_t>(rng() % words.size());
      words.insert(words.begin() + at, *faulty);
      // A table on its way when the fault is there; not before the first one.
      if (code % 2 == 0 && at > 4) words.insert(words.begin() + at, program.commands[1].pack());
      const Case c = make_case(program, words);
      ASSERT_EQ(c.stop.error, error);
      run_case(*core, c, turn);
      core->clear();
    }
    run_case(*core, random_case(*core, 10, seed), seed);
  });
}

TEST_P(EncoderCore, ForgetsAllWhenCleared) {
  for_each_seed(more_seeds(3), [&](uint64_t seed) {
    const auto core = make_core(GetParam(), seed + 1, trace_options(seed));
    std::mt19937_64 rng(seed);
    for (uint64_t turn = 0; turn < 4; ++turn) {
      const Case cut = random_case(*core, 10, seed * 8 + turn);
      CoreBench bench(*core, surroundings(seed * 8 + turn));
      bench.clear_after = 1 + rng() % (turn % 2 == 0 ? 200 : 4000);
      auto external = cut.external;
      bench.run(cut.words, external, nullptr, 0);
      run_case(*core, random_case(*core, 10, seed * 8 + 4 + turn), seed * 8 + 4 + turn);
    }
  });
}

// The reason of a cycle is that of what is missing: with one stream slow, most cycles that are lost
// besides name it, or what stands `behind` it. Every reason occurs.
TEST_P(EncoderCore, SaysWhyTheArrayWaits) {
  const auto core = make_core(GetParam(), 1);
  std::array<uint64_t, 16> total{};
  for (uint64_t seed = 11; seed <= 13; ++seed) {
    const Case c = random_case(*core, 80, seed);
    const auto run = [&](const CoreSurroundings& around) {
      CoreBench bench(*core, around);
      auto external = c.external;
      return bench.run(c.words, external, &c.writes, kLimit).why;
    };
    const auto base = run({});
    for (uint32_t w = 0; w < WhyCount; ++w) total[w] += base[w];
    const auto expect = [&](tb::StallPolicy CoreSurroundings::*stream, std::vector<why_e> reasons,
                            std::vector<why_e> behind = {}) {
      CoreSurroundings around;
      around.*stream = tb::StallPolicy::random(0.9);
      const auto why = run(around);
      uint64_t all = 0, named = 0;
      for (uint32_t w = 0; w < WhyCount; ++w) {
        const auto reason = static_cast<why_e>(w);
        const bool wanted = std::ranges::count(reasons, reason) != 0;
        if (wanted) {
          EXPECT_GT(why[w], base[w] * 11 / 10) << name(reason);
        }
        total[w] += why[w];
        if (why[w] <= base[w]) continue;
        all += why[w] - base[w];
        if (wanted || std::ranges::count(behind, reason) != 0) named += why[w] - base[w];
      }
      EXPECT_GT(named * 2, all) << name(reasons.front());
    };
    expect(&CoreSurroundings::par, {WhyStream, WhyParam, WhyChan});
    expect(&CoreSurroundings::tab, {WhyTable, WhyIdle});
    // Behind what waits to write beside the loaded rows the ring is full.
    expect(&CoreSurroundings::ld, {WhyPort}, {WhyContext});
  }
  for (uint32_t w = 0; w < WhyCount; ++w) EXPECT_GT(total[w], 0U) << name(static_cast<why_e>(w));
}

// Loads whose words never come: four are under way, with their requests, behind them the queue of
// checked commands is full and one more is checked. The array waits for a free place when there is
// one that wants it.
TEST_P(EncoderCore, HoldsAsManyCommandsAsItHasPlacesFor) {
  class Offer : public tb::Component {
   public:
    Offer(CorePins& pins, std::vector<cmd_t> commands)
        : pins_(pins), commands_(std::move(commands)) {}
    void sample() override {
      taken += *pins_.cmd.valid && *pins_.cmd.ready;
      asked += *pins_.lreq.valid && *pins_.lreq.ready;
    }
    void drive() override {
      *pins_.cmd.valid = taken < commands_.size();
      if (*pins_.cmd.valid) pins_.cmd.data.write(commands_[taken].pack());
      *pins_.lreq.ready = *pins_.treq.ready = 1;
    }
    size_t taken = 0, asked = 0;

   private:
    CorePins& pins_;
    const std::vector<cmd_t> commands_;
  };
  const auto core = make_core(GetParam(), 1, trace_options(0));
  const auto expect = [&](std::vector<cmd_t> commands, size_t taken, size_t asked, why_e why) {
    Offer offer(core->pins, std::move(commands));
    core->clock().clear();
    core->clock().add(offer);
    for (int i = 0; i < 1000; ++i) core->clock().tick();
    core->clock().clear();
    EXPECT_EQ(offer.taken, taken);
    EXPECT_EQ(offer.asked, asked);
    EXPECT_EQ(static_cast<why_e>(*core->pins.why), why);
    EXPECT_FALSE(*core->pins.idle);
    EXPECT_EQ(*core->pins.oldest, 0U);
    core->clear();
  };
  cmd_t load{.kind = CmdLoad, .rows = 1, .n_blocks = 1};
  load.result = {.split = 1, .stride = 1};
  const cmd_t end{.kind = CmdEnd}, table{.kind = CmdTable, .exp_load = 1};
  expect(std::vector<cmd_t>(100, load), 4 + 32 + 1, 4, WhyContext);
  expect(std::vector<cmd_t>(5, load), 5, 4, WhyContext);
  expect(std::vector<cmd_t>(4, load), 4, 4, WhyIdle);
  expect({load, load, load, load, end}, 5, 4, WhyIdle);
  expect({table}, 1, 0, WhyIdle);
  expect({table, end}, 2, 0, WhyIdle);
  run_case(*core, random_case(*core, 5, 1), 1);
}

TEST_P(EncoderCore, BenchSeesAWordThatDiffers) {
  const auto core = make_core(GetParam(), 1);
  Case c = random_case(*core, 60, 1);
  for (const Place place :
       {Place::Activation, Place::Residual, Place::RowMaximum, Place::RowConstant}) {
    Case bad = c;
    const auto last = std::find_if(bad.writes.rbegin(), bad.writes.rend(),
                                   [&](const auto& w) { return w.write.place == place; });
    ASSERT_NE(last, bad.writes.rend());
    last->values.back() ^= 1;
    EXPECT_THAT([&] { run_case(*core, bad, 1); },
                testing::ThrowsMessage<tb::SimError>(
                    testing::HasSubstr(fmt::format("command {} (", last->write.command))));
    core->clear();
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, EncoderCore, testing::Values("m4", "m4x9"),
                         [](const auto& p) { return std::string(p.param); });

}  // namespace
}  // namespace sb::test
