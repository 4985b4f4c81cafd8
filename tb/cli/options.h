// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "tb/sim/bench.h"

namespace sb::cli {

// Checks of an option's text: decimal numbers and nothing else.

/// A whole number without sign in low..high.
CLI::Validator whole(uint64_t low = 0, uint64_t high = std::numeric_limits<uint64_t>::max());
/// A whole number in low..high.
CLI::Validator integer(int64_t low, int64_t high);
/// A finite number in low..high.
CLI::Validator real(double low, double high);
/// A finite number above 0.
CLI::Validator positive();

bool is_given(const CLI::App& command, const std::string& option);

/// Throws InputError naming the first of these options that was given: "--zp-out has no effect
/// without --mult", `reason` being the end of the line.
void refuse_without_effect(const CLI::App& command, std::initializer_list<const char*> options,
                           const std::string& reason);

/// Cycles of a waveform whose end is not given: one of a whole model's run would fill a disk.
constexpr uint64_t kTraceWindow = 10'000;

/// The waveform's options, their help beginning with `prefix`.
void add_trace_options(CLI::App& command, tb::TraceOptions& trace, const std::string& prefix = "");
/// Sets the end of the waveform where none is given. Throws InputError for an empty window and for
/// a window without a waveform.
void check_trace_options(const CLI::App& command, tb::TraceOptions& trace);

/// --stall, --seed and the waveform's options, of the commands that run the RTL.
struct SimulationOptions {
  double stall = 0;
  uint64_t seed = 1;
  tb::TraceOptions trace;
};
void add_simulation_options(CLI::App& command, SimulationOptions& options);
/// check_trace_options, and InputError for any of the options when `engine` is not "rtl".
void check_simulation_options(const CLI::App& command, SimulationOptions& options,
                              const std::string& engine = "rtl");

/// Throws InputError for what CLI11 does not say well, or not at all: an unknown command, which
/// gets the nearest one, and an empty argument that is no option's value.
void check_arguments(const CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace sb::cli
