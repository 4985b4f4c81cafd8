// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golden/base/matrix.h"
#include "tb/host/engine_image.h"
#include "tb/host/engine_parameters.h"
#include "tb/host/engine_program.h"
#include "words/sb_engine_pkg.h"
#include "words/sb_regs_pkg.h"

namespace sb::tb {

/// What connects software with an encoder engine: mapped registers, memory that both reach, the
/// interrupt. On a board, a few lines over the operating system; here, simulated AXI.
class EngineBus {
 public:
  virtual ~EngineBus() = default;
  /// Throws if the bus answers with an error.
  virtual uint32_t read_register(uint32_t address) = 0;
  virtual void write_register(uint32_t address, uint32_t value) = 0;
  virtual void read_memory(uint64_t address, std::span<uint8_t> bytes) = 0;
  virtual void write_memory(uint64_t address, std::span<const uint8_t> bytes) = 0;
  /// Until the interrupt is high. False: not within the patience of the bus.
  virtual bool wait_interrupt() = 0;
};

/// How a run of a program ended.
struct EngineRun {
  sb_engine_pkg::error_e error = sb_engine_pkg::ErrNone;
  uint32_t command = 0;  ///< that the error belongs to
  bool hung = false;     ///< no interrupt came; the engine was reset
  std::string text;      ///< what happened, with the listing of the command; empty: all is well
  uint64_t cycles = 0;   ///< the sum of `why`
  std::array<uint64_t, static_cast<size_t>(sb_engine_pkg::WhyCount)> why{};
  uint64_t param_beats = 0, read_beats = 0, write_beats = 0;  ///< words of the bus
  std::vector<golden::MatrixI16> results;                     ///< of each sequence; of a good run
};

/// Why the engine reported this, for people.
std::string explain(sb_engine_pkg::error_e error);

/// Drives one encoder engine. The methods throw InputError for a peripheral that is none and for
/// programs made for other parameters.
class EngineDriver {
 public:
  /// Resets the engine and reads what it is.
  explicit EngineDriver(EngineBus& bus);

  const EngineParameters& parameters() const { return parameters_; }
  const sb_regs_pkg::version_t& version() const { return version_; }

  /// Parameters of a model, once.
  void load(const EngineImage& image) { bus_.write_memory(image.base(), image.bytes()); }
  /// Commands, inputs (int16 rows of each sequence), a run, its results. The engine is ready for
  /// the next run, however this one ends.
  EngineRun run(const EngineProgram& program, std::span<const golden::MatrixI16> inputs);

  // The same in steps.
  void prepare(const EngineProgram& program, std::span<const golden::MatrixI16> inputs);
  void start(const EngineProgram& program);
  EngineRun wait(const EngineProgram& program);
  /// Ends a run with ErrStopped, which wait() reports.
  void stop();
  /// Ends everything at once.
  void reset();

  /// Cycles without an answer of the bus that end a run with ErrTimeout; 0: none.
  void set_time_limit(uint32_t cycles) { time_limit_ = cycles; }

 private:
  uint32_t read(sb_regs_pkg::reg_e reg) { return bus_.read_register(static_cast<uint32_t>(reg)); }
  void write(sb_regs_pkg::reg_e reg, uint32_t value) {
    bus_.write_register(static_cast<uint32_t>(reg), value);
  }
  uint64_t counter(sb_regs_pkg::reg_e low, uint32_t offset = 0);
  void read_counters(EngineRun& run);

  EngineBus& bus_;
  EngineParameters parameters_;
  sb_regs_pkg::version_t version_;
  uint32_t time_limit_ = 100'000;
};

}  // namespace sb::tb
