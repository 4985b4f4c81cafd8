// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tb/bfm/axi_lite.h"
#include "tb/bfm/axi_memory.h"
#include "tb/devices/core_view.h"
#include "tb/host/engine_driver.h"
#include "tb/sim/bench.h"

namespace sb::tb {

/// One simulated sb_encoder: its pins and clock.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual Clock& clock() = 0;
  /// Idle inputs, then the reset pin for some cycles.
  virtual void reset() = 0;
  virtual void close_trace() = 0;

  AxiPins memory;
  AxiLitePins registers;
  const uint8_t* irq = nullptr;
  const uint8_t* why = nullptr;  ///< why_e; 15: no run
  CoreView view{};
};

/// A size of encoder that this build holds.
struct EncoderKind {
  std::string name;  ///< "m32": M = 32, 8-bit lanes; "m4x9": 9-bit lanes
  EngineParameters engine;
};
/// By size.
std::vector<EncoderKind> encoder_kinds();
/// The one with these parameters: lanes of `bits` bits or more. InputError saying what there is.
EncoderKind encoder_kind(int m, int bits);
/// An encoder that is linked in makes itself known with one of these.
struct EncoderRegistration {
  using Make = std::unique_ptr<Encoder> (*)(uint64_t seed, const TraceOptions& trace);
  EncoderRegistration(const EncoderKind& kind, Make make);
};
/// In reset, with random initial register values. InputError for a name that is none.
std::unique_ptr<Encoder> make_encoder(const std::string& name, uint64_t seed = 1,
                                      const TraceOptions& trace = {});

/// What the core of an encoder does, from start() on.
class EncoderWatch : public Component {
 public:
  static constexpr size_t kReasons = 16;
  struct Write {
    CoreView::Kind kind;
    uint32_t command;
    int bank;
    int64_t address;                 ///< word
    std::span<const uint32_t> word;  ///< lanes of the activation or residual memory
    uint64_t cycle;                  ///< of the clock
  };
  /// Issues of one command, in cycles of the run; 0: none.
  struct Command {
    uint64_t first_issue = 0, last_issue = 0, issues = 0;
    std::array<uint64_t, kReasons> lost{};  ///< by reason, before and between its issues
  };

  /// Cycles one after the other of which the same became.
  struct Span {
    uint8_t why;  ///< why_e
    uint32_t cycles;
  };

  explicit EncoderWatch(Encoder& encoder);
  void start(size_t commands);
  void sample() override;

  std::function<void(const Write&)> on_write;  ///< empty: nobody looks
  const std::vector<Command>& commands() const { return commands_; }
  uint64_t issues() const { return issues_; }
  /// The whole run, in order.
  const std::vector<Span>& spans() const { return spans_; }
  /// Cycle of the clock in which cycle 0 of the run would lie.
  uint64_t clock_offset() const { return clock_offset_; }
  /// Cycles since the last issue or write.
  uint64_t quiet() const { return quiet_; }

 private:
  void report_writes();

  Encoder& encoder_;
  std::vector<Command> commands_;
  std::vector<Span> spans_;
  std::array<uint64_t, kReasons> lost_{};
  std::vector<uint32_t> index_, addr_, word_;
  uint64_t cycle_ = 0, quiet_ = 0, issues_ = 0, clock_offset_ = 0;
};

/// How the simulated bus behaves.
struct BusOptions {
  AxiTiming memory;
  AxiLiteStalls registers;
  uint64_t seed = 1;
  /// Cycles without an issue or a write after which wait_interrupt() gives up.
  uint64_t patience = 1'000'000;
};

/// The bus of EngineDriver, simulated: memory from address 0 on, as large as what is written to it.
class EncoderBus : public EngineBus {
 public:
  EncoderBus(Encoder& encoder, const BusOptions& options);
  ~EncoderBus() override;
  EncoderBus(const EncoderBus&) = delete;
  EncoderBus& operator=(const EncoderBus&) = delete;

  uint32_t read_register(uint32_t address) override;
  void write_register(uint32_t address, uint32_t value) override;
  void read_memory(uint64_t address, std::span<uint8_t> bytes) override;
  void write_memory(uint64_t address, std::span<const uint8_t> bytes) override;
  bool wait_interrupt() override;

  /// The reset pin of the encoder, and a memory that owes no answers.
  void reset();
  AxiMemory& memory() { return memory_; }
  EncoderWatch& watch() { return watch_; }
  /// Called now and then while an interrupt is waited for.
  std::function<void()> on_wait;

 private:
  void access();
  void attach();

  Encoder& encoder_;
  BusOptions options_;
  AxiMemory memory_;
  AxiLiteMaster registers_;
  EncoderWatch watch_;
};

}  // namespace sb::tb
