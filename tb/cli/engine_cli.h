// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "golden/model/int_model.h"
#include "tb/cli/outputs.h"
#include "tb/devices/encoder_run.h"

namespace sb::cli {

/// What the commands that use the simulated encoder engine have in common.
struct EngineOptions {
  int m = 32;
  std::optional<int> bits;  ///< lanes; not set: what the model needs
  int latency = 64, jitter = 0;
  std::optional<double> bytes;  ///< per cycle; not set: 16, or the width of the bus if less
  double stall = 0;
  bool reorder = false;
  uint64_t seed = 1;
  std::string check = "results";  ///< results or all
  std::string json, listing, timeline;
  std::string report;     ///< a page; every tensor is compared for it
  std::string synthesis;  ///< figures of scripts/synth.sh, for the report
  tb::TraceOptions trace;
  std::optional<size_t> trace_around;  ///< command; a run without waveform says when it is
  bool progress = true;                ///< shown while it runs
};
/// Size, bus and seed.
void add_engine_size_options(CLI::App& command, EngineOptions& options);
/// These and all others.
void add_engine_options(CLI::App& command, EngineOptions& options);
/// Throws CLI::ValidationError if one of them was given, which needs `what`.
void refuse_engine_size_options(const CLI::App& command, const std::string& what);
void refuse_engine_options(const CLI::App& command, const std::string& what);
/// Throws InputError for options that have no effect without another.
void check_engine_options(const CLI::App& command, EngineOptions& options);
/// The options as words of a command line, without outputs and waveform.
std::string engine_arguments(const EngineOptions& options);

/// A batch through the engine, with the figures of its run.
struct EngineJob {
  tb::EncoderKind kind;
  tb::EngineProgram program;
  tb::EncoderRun run;
  tb::BusOptions bus;
  double bytes_per_cycle = 0;
  int head_width = 0;  ///< columns of a head, to name it in messages; 0: there are none
  uint64_t image_bytes = 0, weight_bytes = 0, macs = 0;
  uint64_t compared = 0, mismatches = 0;
  size_t tensors = 0;             ///< that were compared, over all sequences
  std::vector<tb::Tensors> seen;  ///< what the engine wrote of each sequence, for a report
  nlohmann::json synthesis;       ///< the figures of that option, or null

  /// Of the rows that a command works on; -1: of none.
  int pass_of(size_t command) const;
  /// Words that enter the array: the cycles that nothing can save.
  int64_t issue_bound() const;
  double utilization() const;
  /// Cycles from the first issue of each layer of a pass to that of the next, or of the store.
  std::vector<uint64_t> periods(int pass) const;
  /// The issue bound of a layer of a pass.
  std::vector<int64_t> layer_bounds(int pass) const;
};

/// Runs the inputs (int16 rows of each sequence) through all layers of a model, compares with the
/// golden model, prints mismatches with `rerun`, the command that shows them. Throws SimError when
/// the engine reports an error.
EngineJob run_encoder(const golden::IntBert& model, std::span<const golden::MatrixI16> inputs,
                      const EngineOptions& options, const std::string& rerun);

/// The encoder of this build with the size asked for and lanes of `bits`, and the bus; InputError
/// for what there is not.
EngineJob engine_job(const EngineOptions& options, int bits);
/// Runs job.program, whose parameters are `image`. expected: tensors of each sequence; result: the
/// one that is stored. With --check all every tensor is compared, else the result.
void run_job(EngineJob& job, const tb::EngineImage& image,
             std::span<const golden::MatrixI16> inputs, std::span<const tb::Tensors> expected,
             const std::string& result, const EngineOptions& options, const std::string& rerun);

void print_figures(const EngineJob& job);
/// The table of commands: predicted and measured cycles, summed by what they do.
void print_commands(const EngineJob& job);
nlohmann::json to_json(const EngineJob& job);
/// Cycles that a command lost, by reason, without those that lost none.
nlohmann::json lost_cycles(const tb::EncoderWatch::Command& command);
/// Whether every tensor is compared.
bool checks_all(const EngineOptions& options);
/// The files of the options but the waveform, and their contents after a run.
std::vector<NamedFile> engine_writes(const EngineOptions& options);
/// figures: to_json, and what the command adds to it; maps: see report.h.
void add_engine_outputs(Outputs& outputs, const EngineJob& job, const nlohmann::json& figures,
                        const nlohmann::json& maps, const EngineOptions& options);
/// Cycles as time at a stated clock: "1.23 ms at 300 MHz".
std::string time_text(uint64_t cycles, double megahertz);

}  // namespace sb::cli
