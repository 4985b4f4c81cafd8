// SPDX-License-Identifier: Apache-2.0
#include "tb/host/engine_driver.h"

#include <fmt/format.h>

#include "golden/base/error.h"

namespace sb::tb {

using golden::InputError;
using namespace sb_regs_pkg;
using sb_engine_pkg::error_e;

std::string explain(error_e error) {
  using namespace sb_engine_pkg;
  switch (error) {
    case ErrNone: return "no error";
    case ErrKind: return "unknown kind of command";
    case ErrReserved: return "reserved bits are set, or a value that its field does not have";
    case ErrRows: return "no rows, or too many";
    case ErrBlocks: return "no blocks, or too many";
    case ErrSource: return "the source lies outside its memory";
    case ErrResult: return "the result lies outside its memory";
    case ErrWeight: return "K or V lie outside their memory";
    case ErrBack: return "the operands written back lie outside their memory";
    case ErrRowMemory: return "row constants or maxima lie outside their memory";
    case ErrTable: return "there is no such table";
    case ErrOption: return "options that exclude each other, or a number out of its range";
    case ErrOverlap: return "the result lies over what the command still reads";
    case ErrAlign: return "an address in external memory is not aligned";
    case ErrProgram: return "the list of commands is empty or has no end";
    case ErrReadBus: return "the bus answered a read with an error";
    case ErrWriteBus: return "the bus answered a write with an error";
    case ErrTimeout: return "the bus did not answer within the time limit";
    case ErrStopped: return "stopped by software";
  }
  return fmt::format("unknown error {}", static_cast<int64_t>(error));
}

EngineDriver::EngineDriver(EngineBus& bus) : bus_(bus) {
  if (const uint32_t id = read(RegIdentity); id != static_cast<uint32_t>(Identity))
    throw InputError(fmt::format("identity register {:#010x}, an encoder engine has {:#010x}", id,
                                 static_cast<uint32_t>(Identity)));
  const auto software = version_t::unpack(std::array{static_cast<uint32_t>(Version)});
  version_ = version_t::unpack(std::array{read(RegVersion)});
  if (version_.major != software.major)
    throw InputError(fmt::format("encoder engine of version {}.{}.{}, this software is for {}.x",
                                 version_.major, version_.minor, version_.patch, software.major));
  reset();
  const auto number = [&](reg_e reg) { return static_cast<int>(read(reg)); };
  parameters_ = {.m = number(RegM),
                 .rows = number(RegRows),
                 .stat_rows = number(RegStatRows),
                 .act_bits = number(RegActBits),
                 .act_depth = {number(RegActDepth0), number(RegActDepth1)},
                 .res_depth = {number(RegResDepth0), number(RegResDepth1)},
                 .exp_tables = number(RegExpTables),
                 .chain = number(RegChainLength),
                 .addr_bits = number(RegAxiAddrBits),
                 .data_bytes = number(RegAxiDataBits) / 8,
                 .max_burst = number(RegMaxBurst),
                 .prefetch_tiles = number(RegPrefetchTiles),
                 .packed = number(RegPacked) != 0};
}

void EngineDriver::reset() { write(RegControl, control_t{.reset = 1}.pack()[0]); }
void EngineDriver::stop() { write(RegControl, control_t{.stop = 1}.pack()[0]); }

void EngineDriver::prepare(const EngineProgram& program,
                           std::span<const golden::MatrixI16> inputs) {
  if (program.engine != parameters_)
    throw InputError("the program was compiled for an engine of other parameters");
  if (inputs.size() != program.lengths.size())
    throw InputError(
        fmt::format("{} inputs, the program has {}", inputs.size(), program.lengths.size()));
  for (size_t s = 0; s < inputs.size(); ++s)
    if (inputs[s].rows() != program.lengths[s] || inputs[s].cols() != program.input.total)
      throw InputError(fmt::format("input {} is {} x {}, the program has {} x {}", s,
                                   inputs[s].rows(), inputs[s].cols(), program.lengths[s],
                                   program.input.total));
  bus_.write_memory(program.memory.base(), program.memory.bytes());
  for (int p = 0; p < static_cast<int>(program.passes.size()); ++p)
    bus_.write_memory(program.passes[static_cast<size_t>(p)].input, program.pack_input(p, inputs));
}

void EngineDriver::start(const EngineProgram& program) {
  const uint64_t address = program.command_address();
  write(RegProgramLow, static_cast<uint32_t>(address));
  write(RegProgramHigh, static_cast<uint32_t>(address >> 32));
  write(RegProgramCount, static_cast<uint32_t>(program.commands.size()));
  write(RegTimeLimit, time_limit_);
  const uint32_t both = irq_t{.error = 1, .done = 1}.pack()[0];
  write(RegIrqStatus, both);
  write(RegIrqEnable, both);
  write(RegControl, control_t{.start = 1}.pack()[0]);
}

uint64_t EngineDriver::counter(reg_e low, uint32_t offset) {
  const auto address = static_cast<uint32_t>(low) + offset;
  const uint64_t bits = bus_.read_register(address);
  return bits | uint64_t{bus_.read_register(address + 4)} << 32;
}

void EngineDriver::read_counters(EngineRun& run) {
  run.cycles = counter(RegCyclesLow);
  for (size_t i = 0; i < run.why.size(); ++i)
    run.why[i] = counter(RegWhyLow, static_cast<uint32_t>(8 * i));
  run.param_beats = counter(RegParamBeatsLow);
  run.read_beats = counter(RegReadBeatsLow);
  run.write_beats = counter(RegWriteBeatsLow);
}

EngineRun EngineDriver::wait(const EngineProgram& program) {
  EngineRun run;
  run.hung = !bus_.wait_interrupt();
  const auto status = status_t::unpack(std::array{read(RegStatus)});
  const auto listing = [&](uint32_t command) {
    return command < program.commands.size() ? ": " + program.line(command) : std::string();
  };
  if (run.hung) {
    run.command = read(RegOldest);
    run.text = fmt::format("no interrupt came; the oldest command not finished is {}{}",
                           run.command, listing(run.command));
  } else if (status.error != 0) {
    run.error = static_cast<error_e>(read(RegErrorCode));
    run.command = read(RegErrorIndex);
    run.text = fmt::format("command {}: {} ({}){}", run.command, explain(run.error),
                           name(run.error), listing(run.command));
  }
  read_counters(run);
  write(RegIrqStatus, irq_t{.error = 1, .done = 1}.pack()[0]);
  if (run.hung) {
    reset();
    return run;
  }
  if (run.error != sb_engine_pkg::ErrNone) return run;
  for (int p = 0; p < static_cast<int>(program.passes.size()); ++p) {
    std::vector<uint8_t> bytes(program.output_bytes(p));
    bus_.read_memory(program.passes[static_cast<size_t>(p)].output, bytes);
    program.unpack_output(p, bytes, run.results);
  }
  return run;
}

EngineRun EngineDriver::run(const EngineProgram& program,
                            std::span<const golden::MatrixI16> inputs) {
  prepare(program, inputs);
  start(program);
  return wait(program);
}

}  // namespace sb::tb
