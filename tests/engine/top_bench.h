// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "tb/bfm/axi_lite.h"
#include "tb/bfm/axi_memory.h"
#include "tb/host/engine_parameters.h"
#include "tb/sim/bench.h"
#include "tests/engine/command_rules.h"
#include "words/sb_regs_pkg.h"

namespace sb::test {

/// One simulated sb_encoder.
class Top {
 public:
  virtual ~Top() = default;
  virtual tb::Clock& clock() = 0;
  /// By the pin; AXI models forget with reset() of their own.
  virtual void reset(int cycles) = 0;
  tb::EngineParameters parameters;
  int max_burst = 0, prefetch_tiles = 0, mul_style = 0, packed = 1;
  tb::AxiPins memory;
  tb::AxiLitePins registers;
  uint8_t* irq = nullptr;
  /// Outputs that AXI models do not look at: cache and protection of AR and AW.
  uint8_t *arcache = nullptr, *awcache = nullptr, *arprot = nullptr, *awprot = nullptr;
};
/// Sizes of the build (top_models.cpp).
std::unique_ptr<Top> make_top(const std::string& size, uint64_t seed,
                              const tb::TraceOptions& trace = {});

/// How a run ended, from the registers.
struct TopRun {
  sb_regs_pkg::status_t status;
  sb_engine_pkg::error_e code{};
  uint32_t index = 0;
  uint64_t cycles = 0, param_beats = 0, read_beats = 0, write_beats = 0;
  std::array<uint64_t, 16> why{};
};

/// An sb_encoder with its memory and the software's accesses.
class TopBench {
 public:
  TopBench(Top& top, const tb::AxiTiming& timing, const tb::AxiLiteStalls& stalls, uint64_t seed);
  ~TopBench() { top_.clock().clear(); }

  tb::AxiMemory memory;
  /// One access; the clock runs until it is answered.
  uint32_t read(uint32_t address);
  void write(uint32_t address, uint32_t data, uint8_t strobes = 0xF);
  tb::AxiResponse response() const { return registers_.response(); }
  uint32_t read(sb_regs_pkg::reg_e r) { return read(static_cast<uint32_t>(r)); }
  void write(sb_regs_pkg::reg_e r, uint32_t data) { write(static_cast<uint32_t>(r), data); }
  uint64_t read_counter(uint32_t address);
  const tb::EngineParameters& parameters() const { return top_.parameters; }
  sb_regs_pkg::status_t status();

  /// Writes program, count and time limit, enables interrupts and starts.
  void start(uint64_t program, uint32_t count, uint32_t limit = 0);
  /// Cycles without an access.
  void wait(uint64_t cycles);
  /// Until the interrupt, which is then acknowledged; throws SimError after `limit` cycles.
  TopRun finish(uint64_t limit);
  TopRun result();
  /// By the pin, while whatever is under way.
  void reset(int cycles = 2);

 private:
  Top& top_;
  tb::AxiLiteMaster registers_;
  void run_access();
};

}  // namespace sb::test
