// SPDX-License-Identifier: Apache-2.0
// Whole models through the driver, the simulated bus and sb_encoder: equal to golden in every
// element of every tensor, whatever the bus does, and again after whatever went wrong.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

#include "golden/base/error.h"
#include "tests/engine/encoder_jobs.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using tb::AxiFault;
using tb::EncoderRig;
using tb::EngineRun;
using testing::HasSubstr;
using namespace sb_engine_pkg;

int more_seeds(int otherwise) {
  const char* wish = std::getenv("SB_MODELS");
  return wish != nullptr ? std::atoi(wish) : otherwise;
}

TEST(Encoder, RunsTwoModelsInTurnWithSameResultsAndCycles) {
  const tb::EncoderKind kind = encoder_named("m4");
  for_each_seed(2, [&](uint64_t seed) {
    const EncoderJob first = random_job(kind.engine, seed * 2);
    const EncoderJob second = random_job(kind.engine, seed * 2 + 1, 1 << 22);
    EncoderRig rig(kind, {}, seed, trace_options(seed));
    rig.load(first.compiler.image());
    rig.load(second.compiler.image());
    std::array<uint64_t, 2> cycles{};
    for (int turn = 0; turn < 5; ++turn) {
      const ComparedRun run = run_compared(rig, turn % 2 == 0 ? first : second);
      EXPECT_EQ(run.wrong, "");
      uint64_t& before = cycles[static_cast<size_t>(turn % 2)];
      EXPECT_TRUE(before == 0 || before == run.run.cycles) << before << " " << run.run.cycles;
      before = run.run.cycles;
    }
  });
}

TEST(Encoder, ReadsTheParametersOnceForRowsUpToRows) {
  const tb::EncoderKind kind = encoder_named("m4");
  const golden::IntBert model = random_encoder(
      {.hidden = 48, .heads = 3, .layers = 2, .ffn = 70, .vocab = 50, .positions = 64}, 8, 1);
  const EncoderJob job(model, kind.engine, {3, 1, 4}, 1);
  EncoderRig rig(kind, {}, 1);
  rig.load(job.compiler.image());
  const ComparedRun run = run_compared(rig, job);
  EXPECT_EQ(run.wrong, "");
  const auto image = job.compiler.image().bytes().size();
  EXPECT_LE(run.run.parameter_bytes, image + 4096);
}

// The rows of the next pass come in while the last layer's FFN goes on: what it writes is
// elsewhere.
TEST(Encoder, LoadsTheNextPassWithoutHoldingUpTheLayer) {
  const tb::EncoderKind kind = encoder_named("m4x9");
  const golden::IntBert model = random_encoder(
      {.hidden = 40, .heads = 2, .layers = 2, .ffn = 40, .vocab = 50, .positions = 64}, 8, 1);
  const EncoderJob job(model, kind.engine, {16, 16}, 1);
  tb::BusOptions bus;
  bus.memory.latency = 2;
  EncoderRig rig(kind, bus, 1);
  rig.load(job.compiler.image());
  const ComparedRun run = run_compared(rig, job);
  EXPECT_EQ(run.wrong, "");
  int behind = 0;  // loads before which commands go on
  for (uint32_t i = 1; i + 1 < job.program.commands.size(); ++i) {
    if (job.program.commands[i].kind != CmdLoad) continue;
    ++behind;
    EXPECT_EQ(job.program.commands[i + 1].dest, DestAct);
    EXPECT_EQ(run.run.commands[i + 1].lost[static_cast<size_t>(WhyPort)], 0U)
        << job.program.line(i + 1);
  }
  EXPECT_EQ(behind, 1);
}

// A wrong byte of memory is what a wrong circuit looks like from outside.
TEST(Encoder, AWrongWeightIsNamedByTensorColumnAndCommand) {
  const tb::EncoderKind kind = encoder_named("m4");
  const golden::IntBert model = random_encoder(
      {.hidden = 8, .heads = 2, .layers = 1, .ffn = 12, .vocab = 50, .positions = 64}, 8, 1);
  const EncoderJob job(model, kind.engine, {5}, 1);
  EncoderRig rig(kind, {}, 1);
  rig.load(job.compiler.image());
  // Weights of Q, output channel 1 (lane 1 of the first tile), whole row.
  uint64_t stream = 0;
  for (size_t i = 0; i < job.program.commands.size(); ++i)
    if (job.program.notes[i].label == "layer.0.attention.q")
      stream = static_cast<uint64_t>(job.program.commands[i].stream_addr);
  ASSERT_NE(stream, 0U);
  for (auto& byte : rig.bus().memory().bytes(stream + 8 * 4 + 4, 4))
    byte = static_cast<uint8_t>(~byte);
  EXPECT_THAT(run_compared(rig, job).wrong,
              testing::ContainsRegex("first: layer.0.attention.q of sequence 0, row [0-9], column "
                                     "1: .*cycle [1-9].*layer.0.attention.q "));
}

TEST(Encoder, AWrongResultInMemoryIsNamedByTheCommandThatStoredIt) {
  const tb::EncoderKind kind = encoder_named("m4");
  const EncoderJob job = random_job(kind.engine, 3);
  EncoderRig rig(kind, {}, 1);
  rig.load(job.compiler.image());
  tb::TensorCheck check(job.program, job.expected);
  auto results = rig.run(job.program, job.inputs).results;
  results[0](0, 1) = static_cast<int16_t>(results[0](0, 1) ^ 1);
  check.see_results(results, fmt::format("layer.{}.x", job.model.layers.size() - 1));
  ASSERT_TRUE(check.first());
  EXPECT_EQ(check.mismatches(), 1U);
  EXPECT_EQ(check.first()->column, 1);
  EXPECT_EQ(job.program.commands[check.first()->command].kind, CmdStore);
  EXPECT_THAT(check.missing(), testing::Not(testing::IsEmpty())) << "nothing else was seen";
}

TEST(Encoder, RecoversThroughTheDriverFromErrorsOfTheBus) {
  const tb::EncoderKind kind = encoder_named("m4");
  for_each_seed(more_seeds(3), [&](uint64_t seed) {
    std::mt19937_64 rng(seed);
    const EncoderJob job = random_job(kind.engine, seed);
    tb::BusOptions bus = random_bus(kind.engine.data_bytes, seed);
    EncoderRig rig(kind, bus, seed, trace_options(seed));
    rig.load(job.compiler.image());
    rig.driver().set_time_limit(3000);
    const bool write = rng() % 4 == 0, silent = rng() % 3 == 0;
    // Known only after a run: how many bursts there are.
    ASSERT_EQ(run_compared(rig, job).wrong, "");
    tb::AxiMemory& memory = rig.bus().memory();
    const uint64_t bursts = write ? memory.write_bursts() : memory.read_bursts();
    const auto kinds = std::array{AxiFault::Kind::Slverr, AxiFault::Kind::Decerr};
    memory.set_faults({{.kind = silent ? AxiFault::Kind::Silent : kinds[rng() % 2],
                        .write = write,
                        .burst = bursts + rng() % bursts}});
    const EngineRun broken = rig.run(job.program, job.inputs);
    EXPECT_EQ(memory.faults_struck(), 1U);
    EXPECT_FALSE(broken.hung) << broken.text;
    EXPECT_EQ(broken.error, silent ? ErrTimeout : write ? ErrWriteBus : ErrReadBus) << broken.text;
    EXPECT_LT(broken.command, job.program.commands.size());
    memory.set_faults({});
    if (silent) rig.bus().reset();  // nothing else ends the wait for an answer that does not come
    EXPECT_EQ(run_compared(rig, job).wrong, "") << "after " << broken.text;
  });
}

TEST(Encoder, ReportsACommandThatItCannotCarryOutWithItsListing) {
  const tb::EncoderKind kind = encoder_named("m4");
  const EncoderJob job = random_job(kind.engine, 1);
  EncoderRig rig(kind, {}, 1);
  rig.load(job.compiler.image());
  rig.driver().prepare(job.program, job.inputs);
  const size_t bad = job.program.commands.size() / 2;
  auto command = job.program.commands[bad];
  command.rows = 9;  // Rows is 8
  const auto words = command.pack();
  rig.bus().write_memory(job.program.command_address() + bad * static_cast<size_t>(CmdBytes),
                         {reinterpret_cast<const uint8_t*>(words.data()), sizeof words});
  rig.driver().start(job.program);
  const EngineRun run = rig.driver().wait(job.program);
  EXPECT_EQ(run.error, job.program.commands[bad].kind == CmdMatmul ? ErrRows : run.error);
  EXPECT_EQ(run.command, bad);
  EXPECT_THAT(run.text, HasSubstr(fmt::format("command {}: ", bad)));
  EXPECT_THAT(run.text, HasSubstr(job.program.notes[bad].label));
  EXPECT_EQ(run_compared(rig, job).wrong, "");
}

TEST(Encoder, StopsAndResetsInTheMiddleOfARun) {
  const tb::EncoderKind kind = encoder_named("m4");
  for_each_seed(more_seeds(1), [&](uint64_t seed) {
    std::mt19937_64 rng(seed);
    const EncoderJob job = random_job(kind.engine, seed);
    EncoderRig rig(kind, random_bus(kind.engine.data_bytes, seed), seed, trace_options(seed));
    rig.load(job.compiler.image());
    const ComparedRun good = run_compared(rig, job);
    ASSERT_EQ(good.wrong, "");
    for (const int how : {0, 1, 2}) {
      rig.driver().prepare(job.program, job.inputs);
      rig.driver().start(job.program);
      for (uint64_t n = rng() % good.run.cycles; n > 0; --n) rig.encoder().clock().tick();
      if (how == 0) {
        rig.driver().stop();
        const EngineRun run = rig.driver().wait(job.program);
        EXPECT_TRUE(run.error == ErrStopped || run.text.empty()) << run.text;
      } else if (how == 1) {
        rig.driver().reset();
      } else {
        rig.bus().reset();
      }
      EXPECT_EQ(run_compared(rig, job).wrong, "") << "after way " << how;
    }
  });
}

/// Registers that a test sets; nothing behind them.
class FakeBus : public tb::EngineBus {
 public:
  uint32_t read_register(uint32_t address) override { return registers[address]; }
  void write_register(uint32_t address, uint32_t value) override { written[address] = value; }
  void read_memory(uint64_t, std::span<uint8_t>) override {}
  void write_memory(uint64_t, std::span<const uint8_t>) override {}
  bool wait_interrupt() override { return interrupts; }
  std::map<uint32_t, uint32_t> registers, written;
  bool interrupts = false;
};

TEST(EngineDriver, RefusesWhatItDoesNotKnowAndProgramsForOthers) {
  const auto message = [](FakeBus& bus) {
    try {
      tb::EngineDriver driver(bus);
      driver.prepare(random_job(encoder_named("m4").engine, 1).program, {});
    } catch (const golden::InputError& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  FakeBus bus;
  bus.registers[0] = 0x12345678;
  EXPECT_EQ(message(bus), "identity register 0x12345678, an encoder engine has 0x53424531");
  bus.registers[0] = 0x53424531;
  bus.registers[4] = 0x070100;
  EXPECT_EQ(message(bus), "encoder engine of version 7.1.0, this software is for 0.x");
  bus.registers[4] = static_cast<uint32_t>(sb_regs_pkg::Version);
  EXPECT_EQ(message(bus), "the program was compiled for an engine of other parameters");
}

TEST(EngineDriver, ResetsAnEngineThatSendsNoInterrupt) {
  FakeBus bus;
  bus.registers[0] = static_cast<uint32_t>(sb_regs_pkg::Identity);
  bus.registers[4] = static_cast<uint32_t>(sb_regs_pkg::Version);
  bus.registers[static_cast<uint32_t>(sb_regs_pkg::RegOldest)] = 2;
  tb::EngineDriver driver(bus);
  bus.written.clear();
  const EncoderJob job = random_job(encoder_named("m4").engine, 1);
  const EngineRun run = driver.wait(job.program);
  EXPECT_TRUE(run.hung);
  EXPECT_THAT(run.text, HasSubstr("no interrupt came; the oldest command not finished is 2: "));
  EXPECT_EQ(bus.written[8], 4U) << "control: reset";
}

}  // namespace
}  // namespace sb::test
