// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/top_bench.h"

#include <fmt/format.h>

#include "tb/sim/error.h"

namespace sb::test {

using namespace sb_regs_pkg;

TopBench::TopBench(Top& top, const tb::AxiTiming& timing, const tb::AxiLiteStalls& stalls,
                   uint64_t seed)
    : memory(top.memory, timing, seed), top_(top), registers_(top.registers, stalls, seed) {
  top_.clock().clear();
  top_.clock().add(memory);
  top_.clock().add(registers_);
}

void TopBench::run_access() {
  for (int i = 0; !registers_.done(); ++i) {
    if (i == 2000) throw tb::SimError(registers_.pending() + ": no answer");
    top_.clock().tick();
  }
}

uint32_t TopBench::read(uint32_t address) {
  registers_.read(address);
  run_access();
  return registers_.data();
}

void TopBench::write(uint32_t address, uint32_t data, uint8_t strobes) {
  registers_.write(address, data, strobes);
  run_access();
}

uint64_t TopBench::read_counter(uint32_t address) {
  const uint64_t low = read(address);
  return uint64_t{read(address + 4)} << 32 | low;
}

status_t TopBench::status() { return status_t::unpack(std::array{read(RegStatus)}); }

void TopBench::start(uint64_t program, uint32_t count, uint32_t limit) {
  write(RegProgramLow, static_cast<uint32_t>(program));
  write(RegProgramHigh, static_cast<uint32_t>(program >> 32));
  write(RegProgramCount, count);
  write(RegTimeLimit, limit);
  write(RegIrqEnable, irq_t{.error = 1, .done = 1}.pack()[0]);
  write(RegControl, control_t{.start = 1}.pack()[0]);
  if (response() != tb::AxiResponse::Okay) throw tb::SimError("start: refused");
}

void TopBench::wait(uint64_t cycles) {
  for (uint64_t i = 0; i < cycles; ++i) top_.clock().tick();
}

TopRun TopBench::finish(uint64_t limit) {
  for (uint64_t i = 0; *top_.irq == 0; ++i) {
    if (i == limit)
      throw tb::SimError(
          fmt::format("no interrupt after {} cycles: oldest command {}", limit, read(RegOldest)));
    top_.clock().tick();
  }
  write(RegIrqStatus, ~0U);
  wait(1);
  if (*top_.irq != 0) throw tb::SimError("the interrupt stays after it was acknowledged");
  return result();
}

TopRun TopBench::result() {
  TopRun run;
  run.status = status();
  run.code = static_cast<sb_engine_pkg::error_e>(read(RegErrorCode));
  run.index = read(RegErrorIndex);
  const auto at = [](reg_e r) { return static_cast<uint32_t>(r); };
  run.cycles = read_counter(at(RegCyclesLow));
  run.param_beats = read_counter(at(RegParamBeatsLow));
  run.read_beats = read_counter(at(RegReadBeatsLow));
  run.write_beats = read_counter(at(RegWriteBeatsLow));
  for (uint32_t w = 0; w < sb_engine_pkg::WhyCount; ++w)
    run.why[w] = read_counter(at(RegWhyLow) + 8 * w);
  return run;
}

void TopBench::reset(int cycles) {
  memory.reset();
  registers_.reset();
  top_.clock().clear();
  top_.reset(cycles);
  top_.clock().add(memory);
  top_.clock().add(registers_);
}

}  // namespace sb::test
