// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <set>

#include "tb/devices/encoder.h"

namespace sb::tb {

/// Intermediate values of one sequence, by the name of the tensor.
using Tensors = std::map<std::string, golden::MatrixI16>;

/// The first element of a run that differs from what was expected.
struct TensorMismatch {
  std::string tensor;
  int sequence = 0, row = 0, column = 0;
  int got = 0, expected = 0;
  uint32_t command = 0;
  uint64_t cycle = 0;  ///< of the clock, when it was written; 0: it never was
};

/// Compares every word that a program writes to the activation and residual memories with the
/// tensors that are expected there.
class TensorCheck {
 public:
  /// expected: of each sequence of the program.
  TensorCheck(const EngineProgram& program, std::span<const Tensors> expected)
      : program_(program), expected_(expected) {}

  /// Keeps what is seen, of each sequence, beside comparing it.
  void keep(std::vector<Tensors>& seen) { kept_ = &seen; }

  void see(const EncoderWatch::Write& write);
  /// Results in external memory, which the last commands wrote.
  void see_results(std::span<const golden::MatrixI16> results, const std::string& tensor);
  /// Tensors of which not every element was seen, of those that lie in a memory at all.
  std::vector<std::string> missing() const;

  uint64_t checked() const { return checked_; }
  uint64_t mismatches() const { return mismatches_; }
  const std::optional<TensorMismatch>& first() const { return first_; }
  size_t tensors() const { return seen_.size(); }

 private:
  void compare(const std::string& tensor, int sequence, int row, int column, int got, int expected,
               uint32_t command, uint64_t cycle);

  // Where to keep a tensor of this shape; null: it is not kept.
  golden::MatrixI16* kept(int sequence, const std::string& tensor,
                          const golden::MatrixI16& expected);

  const EngineProgram& program_;
  std::span<const Tensors> expected_;
  std::vector<Tensors>* kept_ = nullptr;
  std::map<std::pair<int, std::string>, int64_t> seen_;  // elements
  uint64_t checked_ = 0, mismatches_ = 0;
  std::optional<TensorMismatch> first_;
};

/// A run of a program on a simulated encoder.
struct EncoderRun : EngineRun {
  std::vector<EncoderWatch::Command> commands;
  std::vector<EncoderWatch::Span> spans;
  uint64_t clock_offset = 0;            ///< cycles of the clock less those of the run
  double seconds = 0, cpu_seconds = 0;  ///< of the simulation
  uint64_t parameter_bytes = 0;         ///< read of the parameter images
  uint64_t bytes_read = 0, bytes_written = 0;
};

/// A simulated encoder with its bus and driver.
class EncoderRig {
 public:
  EncoderRig(const EncoderKind& kind, const BusOptions& options, uint64_t seed = 1,
             const TraceOptions& trace = {});

  const EngineParameters& engine() const { return driver_.parameters(); }
  EngineDriver& driver() { return driver_; }
  EncoderBus& bus() { return bus_; }
  Encoder& encoder() { return *encoder_; }

  void load(const EngineImage& image);
  /// Runs a program; with a check, every word goes through it. Writes outside the program's
  /// outputs are errors (SimError).
  EncoderRun run(const EngineProgram& program, std::span<const golden::MatrixI16> inputs,
                 TensorCheck* check = nullptr);
  /// Where a program may lie: behind the images that were loaded.
  uint64_t program_base() const;

 private:
  std::unique_ptr<Encoder> encoder_;
  EncoderBus bus_;
  EngineDriver driver_;
  std::vector<AxiRegion> images_;
};

}  // namespace sb::tb
