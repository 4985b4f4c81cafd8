// SPDX-License-Identifier: Apache-2.0
// sb_encoder behind registers and an AXI memory, against the interpreter of its commands: the
// memory is the same after a run, however the bus behaves; after faults, stops and resets the next
// run is right.
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tb/sim/error.h"
#include "tests/engine/top_cases.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_regs_pkg;
using tb::AxiFault;
using tb::AxiResponse;
using tb::StallPolicy;

int more_seeds(int usual) {
  const char* count = std::getenv("SB_TOP_SEEDS");
  return count != nullptr ? std::atoi(count) : usual;
}

class EncoderTop : public testing::TestWithParam<const char*> {};

TEST_P(EncoderTop, LeavesTheMemoryOfTheInterpreter) {
  for_each_seed(more_seeds(3), [&](uint64_t seed) {
    const auto top = make_top(GetParam(), seed + 1, trace_options(seed));
    TopBench bench(*top, random_timing(seed), random_stalls(seed), seed);
    const TopRun run = run_case(bench, random_case(*top, 60, seed + 1));
    EXPECT_GT(run.why[0], 0U);
    EXPECT_GT(run.param_beats, 0U);
    EXPECT_LT(run.param_beats, run.read_beats);
  });
}

TEST_P(EncoderTop, RunsProgramsInTurn) {
  for_each_seed(more_seeds(1), [&](uint64_t seed) {
    const auto top = make_top(GetParam(), seed + 1, trace_options(seed));
    TopBench bench(*top, random_timing(seed), random_stalls(seed), seed);
    for (uint64_t turn = 0; turn < 4; ++turn) {
      bench.memory.set_timing(random_timing(seed * 4 + turn));
      run_case(bench, random_case(*top, 10, seed * 4 + turn));
    }
  });
}

TEST_P(EncoderTop, ReportsMalformedCommands) {
  for_each_seed(more_seeds(1), [&](uint64_t seed) {
    const auto top = make_top(GetParam(), seed + 1, trace_options(seed));
    TopBench bench(*top, random_timing(seed), random_stalls(seed), seed);
    int tried = 0;
    for (auto code = static_cast<int>(ErrKind); code <= static_cast<int>(ErrAlign); ++code) {
      SCOPED_TRACE(code);
      const auto error = static_cast<error_e>(code);
      const auto c = faulty_case(*top, 10, error, seed * 100 + static_cast<uint64_t>(code));
      if (!c) continue;
      ++tried;
      EXPECT_EQ(c->stop.error, error);
      run_case(bench, *c);
    }
    EXPECT_GE(tried, 12);
    run_case(bench, random_case(*top, 10, seed));
  });
}

TEST_P(EncoderTop, ReportsListsWithoutEndAndAddressesThatCannotBe) {
  const auto top = make_top(GetParam(), 1, trace_options(0));
  TopBench bench(*top, random_timing(1), random_stalls(1), 1);
  const Case c = random_case(*top, 10, 1);
  const auto expect = [&](uint64_t address, uint32_t count, error_e code, uint32_t index) {
    SCOPED_TRACE(static_cast<int>(code));
    place(bench, c);
    bench.start(address, count);
    const TopRun run = bench.finish(kCycleLimit);
    EXPECT_EQ(name(run.code), name(code));
    EXPECT_EQ(run.index, index);
    EXPECT_EQ(run.status.error, 1);
    EXPECT_EQ(run.status.done, 0);
    expect_counters(run);
  };
  expect(c.program, c.count - 1, ErrProgram, c.count - 1);
  expect(c.program, 1, ErrProgram, 1);
  expect(c.program, 0, ErrProgram, 0);
  expect(c.program + 4, c.count, ErrAlign, 0);
  expect(c.program + 32, 0, ErrAlign, 0);
  expect(uint64_t{1} << 40 | c.program, c.count, ErrReadBus, 0);
  expect(uint64_t{1} << 63 | c.program, c.count, ErrReadBus, 0);
  if (top->parameters.addr_bits < 40) expect(uint64_t{1} << 32, c.count, ErrReadBus, 0);
  expect(top->parameters.addr_bits < 40 ? 0xFFFFFFC0 : 0xFFFFFFFFC0, c.count, ErrReadBus, 0);
  run_case(bench, c);
}

TEST_P(EncoderTop, ReportsErrorsOfTheBus) {
  int struck[2] = {0, 0};
  for_each_seed(more_seeds(1), [&](uint64_t seed) {
    const auto top = make_top(GetParam(), seed + 1, trace_options(seed));
    TopBench bench(*top, random_timing(seed), random_stalls(seed), seed);
    std::mt19937_64 rng(seed * 7 + 1);
    for (uint64_t turn = 0; turn < 8; ++turn) {
      SCOPED_TRACE(turn);
      bench.memory.set_timing(random_timing(seed * 20 + turn));
      const Case c = random_case(*top, 10, seed * 20 + turn);
      const bool write = turn % 3 == 0;
      const uint64_t from = write ? bench.memory.write_bursts() : bench.memory.read_bursts();
      bench.memory.set_faults({{.kind = rng() % 2 ? AxiFault::Kind::Slverr : AxiFault::Kind::Decerr,
                                .write = write,
                                .burst = from + rng() % (write ? 2 : 60)}});
      const uint64_t before = bench.memory.faults_struck();
      place(bench, c);
      bench.start(c.program, c.count);
      const TopRun run = bench.finish(kCycleLimit);
      expect_counters(run);
      if (bench.memory.faults_struck() == before) {
        EXPECT_EQ(name(run.code), name(ErrNone));
      } else if (run.code != ErrNone) {  // else what was read ahead and not wanted
        ++struck[write];
        EXPECT_EQ(name(run.code), name(write ? ErrWriteBus : ErrReadBus));
        EXPECT_LT(run.index, c.count);
        EXPECT_EQ(run.status.error, 1);
      } else {
        EXPECT_FALSE(write);
      }
      EXPECT_EQ(run.status.draining, 0);
      EXPECT_TRUE(bench.memory.quiet());
      bench.memory.set_faults({});
      run_case(bench, random_case(*top, 5, seed * 20 + turn));
    }
  });
  EXPECT_GT(struck[0], 2);
  EXPECT_GT(struck[1], 0);
}

TEST_P(EncoderTop, ReportsABusThatDoesNotAnswerAndRunsAgainAfterAReset) {
  for_each_seed(more_seeds(1), [&](uint64_t seed) {
    const auto top = make_top(GetParam(), seed + 1, trace_options(seed));
    TopBench bench(*top, random_timing(seed), random_stalls(seed), seed);
    std::mt19937_64 rng(seed * 7 + 1);
    for (uint64_t turn = 0; turn < 4; ++turn) {
      SCOPED_TRACE(turn);
      const Case c = random_case(*top, 10, seed * 20 + turn);
      const bool write = turn % 3 == 0 && !c.stores.empty();
      const uint64_t from = write ? bench.memory.write_bursts() : bench.memory.read_bursts();
      bench.memory.set_faults(
          {{.kind = turn % 2 == 0 ? AxiFault::Kind::Silent : AxiFault::Kind::Refused,
            .write = write,
            .burst = from + (write ? 0 : rng() % 3)}});
      place(bench, c);
      bench.start(c.program, c.count, 2000);
      uint32_t oldest = 0;  // back to 0 when the core is cleared
      while (*top->irq == 0) oldest = std::max(oldest, bench.read(RegOldest));
      const TopRun run = bench.finish(kCycleLimit);
      expect_counters(run);
      EXPECT_EQ(name(run.code), name(ErrTimeout));
      EXPECT_EQ(run.index, oldest);
      EXPECT_EQ(run.status.error, 1);
      EXPECT_EQ(run.status.draining, 1);
      // A start waits for the answers that are owed, as long as the time limit.
      bench.write(RegControl, control_t{.start = 1}.pack()[0]);
      const TopRun again = bench.finish(kCycleLimit);
      EXPECT_EQ(name(again.code), name(ErrTimeout));
      EXPECT_EQ(again.index, 0U);
      bench.memory.set_faults({});
      bench.reset();
      EXPECT_EQ(bench.read(RegStatus), 0U);
      run_case(bench, random_case(*top, 5, seed * 20 + turn));
    }
  });
}

// Beats, addresses and answers far apart, but nearer than the limit: whatever they all take
// together, the store behind which nothing is read too.
TEST_P(EncoderTop, ASlowBusThatAnswersIsNotTooLate) {
  const auto top = make_top(GetParam(), 1, trace_options(0));
  tb::AxiTiming slow;
  slow.bytes_per_cycle = top->parameters.data_bytes / 24.0;
  slow.latency = 60;
  TopBench bench(*top, slow, random_stalls(1), 1);
  const auto store_at_the_end = [&](const RandomProgram& p) {
    const cmd_t& last = p.commands[p.commands.size() - 2];
    return last.kind == CmdStore && last.rows * last.k_blocks >= 16;
  };
  uint64_t seed = 0;
  RandomProgram program;
  do program = random_program(top->parameters, 3, ++seed);
  while (!store_at_the_end(program));
  const TopRun run = run_case(bench, make_case(program, program.words()), 150);
  EXPECT_GT(run.cycles, 1500U);
}

TEST_P(EncoderTop, TakesAnswersThatComeAfterTheTimeLimit) {
  for_each_seed(more_seeds(1), [&](uint64_t seed) {
    const auto top = make_top(GetParam(), seed + 1, trace_options(seed));
    auto slow = random_timing(seed);
    slow.latency = 3000;
    TopBench bench(*top, slow, random_stalls(seed), seed);
    const Case c = random_case(*top, 10, seed);
    place(bench, c);
    bench.start(c.program, c.count, 500);
    const TopRun run = bench.finish(kCycleLimit);
    EXPECT_EQ(name(run.code), name(ErrTimeout));
    EXPECT_EQ(run.status.draining, 1);
    bench.memory.set_timing(random_timing(seed));
    run_case(bench, random_case(*top, 10, seed + 5), 5000);
  });
}

TEST_P(EncoderTop, StopsWhenSoftwareSaysSo) {
  for_each_seed(more_seeds(1), [&](uint64_t seed) {
    const auto top = make_top(GetParam(), seed + 1, trace_options(seed));
    TopBench bench(*top, random_timing(seed), random_stalls(seed), seed);
    std::mt19937_64 rng(seed + 3);
    for (uint64_t turn = 0; turn < 4; ++turn) {
      SCOPED_TRACE(turn);
      const Case c = random_case(*top, 10, seed * 20 + turn);
      place(bench, c);
      bench.start(c.program, c.count);
      bench.wait(rng() % (turn % 2 == 0 ? 100 : 3000));
      const bool running = bench.status().running != 0;
      bench.write(RegControl, control_t{.stop = 1}.pack()[0]);
      EXPECT_EQ(bench.response(), AxiResponse::Okay);
      const TopRun run = bench.finish(kCycleLimit);
      expect_counters(run);
      if (run.code != ErrNone) {  // else it ended just before
        EXPECT_TRUE(running);
        EXPECT_EQ(name(run.code), name(ErrStopped));
        EXPECT_LT(run.index, c.count);
      }
      EXPECT_TRUE(bench.memory.quiet());
      run_case(bench, random_case(*top, 5, seed * 20 + turn));
    }
  });
}

TEST_P(EncoderTop, ForgetsAllAtAResetOfEitherKind) {
  for_each_seed(more_seeds(1), [&](uint64_t seed) {
    const auto top = make_top(GetParam(), seed + 1, trace_options(seed));
    TopBench bench(*top, random_timing(seed), random_stalls(seed), seed);
    std::mt19937_64 rng(seed + 4);
    for (uint64_t turn = 0; turn < 8; ++turn) {
      SCOPED_TRACE(turn);
      bench.memory.set_timing(random_timing(seed * 20 + turn));
      const Case c = random_case(*top, 10, seed * 20 + turn);
      place(bench, c);
      bench.start(c.program, c.count);
      bench.wait(rng() % (turn % 4 < 2 ? 200 : 3000));
      if (turn % 2 == 0) {
        bench.reset(1 + static_cast<int>(rng() % 3));
      } else {
        bench.write(RegControl, control_t{.reset = 1}.pack()[0]);
      }
      EXPECT_EQ(bench.read(RegStatus) & ~8U, 0U);
      for (const auto r : {RegProgramLow, RegProgramCount, RegIrqEnable, RegIrqStatus, RegErrorCode,
                           RegErrorIndex, RegCyclesLow, RegWhyLow, RegReadBeatsLow})
        EXPECT_EQ(bench.read(r), 0U);
      run_case(bench, random_case(*top, 5, seed * 20 + turn));
    }
  });
}

TEST_P(EncoderTop, RegistersSayWhatItIsAndRefuseWhatTheyMust) {
  const auto top = make_top(GetParam(), 1, trace_options(0));
  TopBench bench(*top, random_timing(1), random_stalls(1), 1);
  const auto& p = top->parameters;
  const std::vector<std::pair<reg_e, int64_t>> fixed{{RegIdentity, Identity},
                                                     {RegVersion, Version},
                                                     {RegControl, 0},
                                                     {RegStatus, 0},
                                                     {RegErrorCode, 0},
                                                     {RegErrorIndex, 0},
                                                     {RegOldest, 0},
                                                     {RegM, p.m},
                                                     {RegRows, p.rows},
                                                     {RegStatRows, p.stat_rows},
                                                     {RegActBits, p.act_bits},
                                                     {RegActDepth0, p.act_depth[0]},
                                                     {RegActDepth1, p.act_depth[1]},
                                                     {RegResDepth0, p.res_depth[0]},
                                                     {RegResDepth1, p.res_depth[1]},
                                                     {RegExpTables, p.exp_tables},
                                                     {RegMulStyle, top->mul_style},
                                                     {RegChainLength, p.chain},
                                                     {RegPacked, top->packed},
                                                     {RegAxiAddrBits, p.addr_bits},
                                                     {RegAxiDataBits, p.data_bytes * 8},
                                                     {RegAxiIdBits, 2},
                                                     {RegMaxBurst, top->max_burst},
                                                     {RegPrefetchTiles, top->prefetch_tiles},
                                                     {RegCyclesLow, 0},
                                                     {RegCyclesHigh, 0},
                                                     {RegWhyLow, 0}};
  const std::array written{RegProgramLow, RegProgramHigh, RegProgramCount, RegTimeLimit};
  for (const auto& [r, value] : fixed) {
    EXPECT_EQ(bench.read(r), value) << name(r);
    EXPECT_EQ(bench.response(), AxiResponse::Okay) << name(r);
    if (r == RegControl) continue;
    bench.write(r, ~0U);
    EXPECT_EQ(bench.response(), AxiResponse::Slverr) << name(r);
    EXPECT_EQ(bench.read(r), value) << name(r);
  }
  for (const auto r : written) {
    bench.write(r, 0x12345678);
    EXPECT_EQ(bench.response(), AxiResponse::Okay) << name(r);
    for (const int strobes : {0, 1, 3, 7, 14}) {
      bench.write(static_cast<uint32_t>(r), ~0U, static_cast<uint8_t>(strobes));
      EXPECT_EQ(bench.response(), AxiResponse::Slverr) << name(r);
    }
    EXPECT_EQ(bench.read(r), 0x12345678U) << name(r);
    EXPECT_EQ(bench.read(static_cast<uint32_t>(r) + 3), 0x12345678U);  // lowest bits: not looked at
  }
  for (const uint32_t address : {0x034U, 0x03CU, 0x084U, 0x0FCU, 0x120U, 0x17CU, 0x1F0U, 0xFFCU}) {
    EXPECT_EQ(bench.read(address), 0U) << address;
    EXPECT_EQ(bench.response(), AxiResponse::Slverr) << address;
    bench.write(address, 1);
    EXPECT_EQ(bench.response(), AxiResponse::Slverr) << address;
  }
  bench.write(RegIrqEnable, ~0U);
  EXPECT_EQ(bench.read(RegIrqEnable), 3U);
  // Normal memory that need not be cached, data, neither secure nor privileged.
  EXPECT_EQ(*top->arcache, 3);
  EXPECT_EQ(*top->awcache, 3);
  EXPECT_EQ(*top->arprot, 0);
  EXPECT_EQ(*top->awprot, 0);

  // While a run is under way: what it was started with stays.
  const Case c = random_case(*top, 30, 1);
  place(bench, c);
  bench.start(c.program, c.count);
  for (const auto r : written) {
    const uint32_t value = bench.read(r);
    bench.write(r, 0x77);
    EXPECT_EQ(bench.response(), AxiResponse::Slverr) << name(r);
    EXPECT_EQ(bench.read(r), value) << name(r);
  }
  EXPECT_EQ(bench.status().running, 1);
  bench.write(RegControl, control_t{.start = 1}.pack()[0]);
  EXPECT_EQ(bench.response(), AxiResponse::Slverr);
  bench.write(RegIrqEnable, 0);
  EXPECT_EQ(bench.response(), AxiResponse::Okay);
  bench.wait(20000);
  EXPECT_EQ(*top->irq, 0);  // masked, but kept
  EXPECT_EQ(bench.read(RegIrqStatus), 1U);
  bench.write(RegIrqEnable, 1);
  EXPECT_EQ(bench.finish(10).code, ErrNone);
  EXPECT_EQ(bench.read(RegIrqStatus), 0U);
  expect_memory(bench, c.after);
  // Nothing under way: stop does nothing, a stop beside a start wins.
  bench.write(RegControl, control_t{.stop = 1, .start = 1}.pack()[0]);
  EXPECT_EQ(bench.response(), AxiResponse::Okay);
  EXPECT_EQ(bench.status().running, 0);
  EXPECT_EQ(bench.status().done, 1);
}

// Each kind of end sets its own bit, which stays until a 1 is written to it; the pin is what is
// enabled.
TEST_P(EncoderTop, InterruptsAreSetEnabledAndClearedEachAlone) {
  const auto top = make_top(GetParam(), 1, trace_options(0));
  TopBench bench(*top, random_timing(1), random_stalls(1), 1);
  const Case c = random_case(*top, 5, 1);
  place(bench, c);
  const auto run = [&](uint32_t count) {
    bench.start(c.program, count);
    for (int i = 0; bench.status().running != 0; ++i) ASSERT_LT(i, 10000);
    bench.wait(2);
  };
  const auto expect_pin = [&](uint32_t enable, int pin) {
    bench.write(RegIrqEnable, enable);
    EXPECT_EQ(bench.read(RegIrqEnable), enable);
    EXPECT_EQ(*top->irq, pin) << enable;
  };
  const auto expect_status = [&](uint32_t clear, uint32_t left) {
    bench.write(RegIrqStatus, clear);
    EXPECT_EQ(bench.response(), AxiResponse::Okay);
    EXPECT_EQ(bench.read(RegIrqStatus), left) << clear;
  };
  run(c.count);
  EXPECT_EQ(bench.status().done, 1);
  expect_status(0, 1);
  expect_status(2, 1);
  expect_pin(2, 0);
  expect_pin(1, 1);
  run(c.count - 1);
  EXPECT_EQ(bench.status().error, 1);
  EXPECT_EQ(bench.status().done, 0);
  expect_status(0, 3);
  for (const uint32_t enable : {0U, 1U, 2U, 3U}) expect_pin(enable, enable != 0);
  bench.write(static_cast<uint32_t>(RegIrqStatus), 3, 7);
  EXPECT_EQ(bench.response(), AxiResponse::Slverr);
  expect_status(1, 2);
  expect_pin(1, 0);
  expect_pin(2, 1);
  expect_status(2, 0);
  EXPECT_EQ(*top->irq, 0);
  run(c.count);
  expect_status(3, 0);
  // An end of before does not come again.
  bench.wait(20);
  EXPECT_EQ(bench.read(RegIrqStatus), 0U);
}

TEST_P(EncoderTop, ResetWinsOverStopAndStopOverStart) {
  const auto top = make_top(GetParam(), 1, trace_options(0));
  TopBench bench(*top, random_timing(1), random_stalls(1), 1);
  const Case c = random_case(*top, 30, 1);
  const auto control = [&](const control_t& bits) {
    bench.write(static_cast<uint32_t>(RegControl) + 3,
                bits.pack()[0]);  // lowest bits: not looked at
    EXPECT_EQ(bench.response(), AxiResponse::Okay);
    EXPECT_EQ(bench.read(RegControl), 0U);
  };
  const auto start = [&] {
    place(bench, c);
    bench.start(c.program, c.count, 12345);
    bench.wait(100);
    EXPECT_EQ(bench.status().running, 1);
  };
  for (const auto& bits :
       {control_t{.reset = 1, .stop = 0, .start = 1}, control_t{.reset = 1, .stop = 1, .start = 0},
        control_t{.reset = 1, .stop = 1, .start = 1}}) {
    start();
    control(bits);
    EXPECT_EQ(bench.read(RegStatus) & ~8U, 0U);
    for (const auto r : {RegProgramLow, RegProgramHigh, RegProgramCount, RegTimeLimit, RegIrqEnable,
                         RegIrqStatus, RegErrorCode, RegErrorIndex, RegOldest})
      EXPECT_EQ(bench.read(r), 0U) << name(r);
    for (int i = 0; bench.read(RegStatus) != 0; ++i) ASSERT_LT(i, 10000);  // answers that are owed
    EXPECT_TRUE(bench.memory.quiet());
  }
  bench.write(RegProgramHigh, 5);
  control({.reset = 1});
  EXPECT_EQ(bench.read(RegProgramHigh), 0U);
  start();
  control({.stop = 1, .start = 1});
  const TopRun run = bench.finish(kCycleLimit);
  EXPECT_EQ(name(run.code), name(ErrStopped));
  EXPECT_EQ(run.status.done, 0);
  run_case(bench, c);
}

// Commands finish in order, the register says how far they are.
TEST_P(EncoderTop, OldestCommandCountsUpToTheEnd) {
  const auto top = make_top(GetParam(), 1, trace_options(0));
  TopBench bench(*top, random_timing(2), random_stalls(2), 2);
  const Case c = random_case(*top, 60, 2);
  place(bench, c);
  bench.start(c.program, c.count);
  uint32_t last = 0, values = 0;
  while (*top->irq == 0) {
    const uint32_t oldest = bench.read(RegOldest);
    if (last > 0 && oldest == 0) break;  // the end
    EXPECT_GE(oldest, last);
    EXPECT_LT(oldest, c.count);
    values += oldest != last;
    last = oldest;
  }
  EXPECT_GT(values, 10U);
  EXPECT_EQ(name(bench.finish(kCycleLimit).code), name(ErrNone));
}

// Software of this version relies on these numbers, whatever the packages say.
TEST(EncoderNumbers, AreThoseOfThisVersion) {
  const std::pair<reg_e, uint32_t> addresses[] = {
      {RegIdentity, 0x000},      {RegVersion, 0x004},
      {RegControl, 0x008},       {RegStatus, 0x00C},
      {RegProgramLow, 0x010},    {RegProgramHigh, 0x014},
      {RegProgramCount, 0x018},  {RegTimeLimit, 0x01C},
      {RegIrqEnable, 0x020},     {RegIrqStatus, 0x024},
      {RegErrorCode, 0x028},     {RegErrorIndex, 0x02C},
      {RegOldest, 0x030},        {RegM, 0x040},
      {RegRows, 0x044},          {RegStatRows, 0x048},
      {RegActBits, 0x04C},       {RegActDepth0, 0x050},
      {RegActDepth1, 0x054},     {RegResDepth0, 0x058},
      {RegResDepth1, 0x05C},     {RegExpTables, 0x060},
      {RegMulStyle, 0x064},      {RegChainLength, 0x068},
      {RegPacked, 0x06C},        {RegAxiAddrBits, 0x070},
      {RegAxiDataBits, 0x074},   {RegAxiIdBits, 0x078},
      {RegMaxBurst, 0x07C},      {RegPrefetchTiles, 0x080},
      {RegCyclesLow, 0x100},     {RegCyclesHigh, 0x104},
      {RegParamBeatsLow, 0x108}, {RegParamBeatsHigh, 0x10C},
      {RegReadBeatsLow, 0x110},  {RegReadBeatsHigh, 0x114},
      {RegWriteBeatsLow, 0x118}, {RegWriteBeatsHigh, 0x11C},
      {RegWhyLow, 0x180},        {RegWhyHigh, 0x184}};
  for (const auto& [r, address] : addresses)
    EXPECT_EQ(static_cast<uint32_t>(r), address) << name(r);
  const std::pair<error_e, uint32_t> errors[] = {
      {ErrNone, 0},     {ErrKind, 1},      {ErrReserved, 2}, {ErrRows, 3},    {ErrBlocks, 4},
      {ErrSource, 5},   {ErrResult, 6},    {ErrWeight, 7},   {ErrBack, 8},    {ErrRowMemory, 9},
      {ErrTable, 10},   {ErrOption, 11},   {ErrOverlap, 12}, {ErrAlign, 13},  {ErrProgram, 14},
      {ErrReadBus, 32}, {ErrWriteBus, 33}, {ErrTimeout, 34}, {ErrStopped, 35}};
  for (const auto& [error, code] : errors)
    EXPECT_EQ(static_cast<uint32_t>(error), code) << name(error);
  const std::pair<why_e, uint32_t> reasons[] = {
      {WhyBusy, 0},   {WhyIdle, 1},  {WhyFill, 2},     {WhyStream, 3}, {WhyLoad, 4},
      {WhyKeys, 5},   {WhyConst, 6}, {WhyMax, 7},      {WhyData, 8},   {WhyPort, 9},
      {WhyParam, 10}, {WhyChan, 11}, {WhyContext, 12}, {WhyTable, 13}};
  for (const auto& [why, code] : reasons) EXPECT_EQ(static_cast<uint32_t>(why), code) << name(why);
  EXPECT_EQ(static_cast<uint32_t>(Identity), 0x53424531U);
  EXPECT_EQ(static_cast<uint32_t>(Version), 0x000100U);
  EXPECT_EQ(static_cast<uint32_t>(RegAddrBits), 12U);
  EXPECT_EQ(static_cast<uint32_t>(CmdBytes), 128U);
  EXPECT_EQ(static_cast<uint32_t>(StreamAlign), 64U);
  EXPECT_EQ(static_cast<uint32_t>(TableEntries), 256U);
  EXPECT_EQ(static_cast<uint32_t>(WhyCount), std::size(reasons));
}

TEST_P(EncoderTop, BenchSeesAByteThatDiffers) {
  const auto top = make_top(GetParam(), 1);
  TopBench bench(*top, random_timing(1), random_stalls(1), 1);
  Case c = random_case(*top, 60, 1);
  ASSERT_FALSE(c.stores.empty());
  c.after[c.stores.back().first] ^= 1;
  testing::TestPartResultArray failures;
  {
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    run_case(bench, c);
  }
  EXPECT_EQ(failures.size(), 1);
  // A store that may not be written at all.
  Case guarded = random_case(*top, 60, 1);
  guarded.stores.clear();
  EXPECT_THROW(run_case(bench, guarded), tb::SimError);
}

INSTANTIATE_TEST_SUITE_P(Sizes, EncoderTop, testing::Values("m4", "m4_narrow", "m4_wide"),
                         [](const auto& p) { return std::string(p.param); });

}  // namespace
}  // namespace sb::test
