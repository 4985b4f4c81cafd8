// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "golden/base/error.h"

namespace sb::cli {
namespace {

using golden::InputError;
using golden::shown;

/// True if the whole text is a decimal number of type T.
template <typename T>
bool parse(const std::string& text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  // CLI11 would read a leading 0 as the sign of an octal number.
  const bool octal = text.size() > 1 && std::is_integral_v<T> &&
                     text[text.front() == '-' ? 1 : 0] == '0' && text != "-0";
  return error == std::errc{} && stop == end && !octal;
}

/// A validator that wants a number of type T for which `good` holds, in words: `wanted`.
template <typename T, typename Good>
CLI::Validator number(const std::string& wanted, Good&& good) {
  return CLI::Validator(
      [wanted, good](const std::string& text) {
        T value{};
        if (parse(text, value) && good(value)) return std::string();
        return fmt::format("'{}' is not {}", shown(text), wanted);
      },
      "");
}

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

CLI::Validator whole(uint64_t low, uint64_t high) {
  return number<uint64_t>(fmt::format("a whole number in {}..{}", low, high),
                          [=](uint64_t v) { return v >= low && v <= high; });
}

CLI::Validator integer(int64_t low, int64_t high) {
  return number<int64_t>(fmt::format("a whole number in {}..{}", low, high),
                         [=](int64_t v) { return v >= low && v <= high; });
}

CLI::Validator real(double low, double high) {
  return number<double>(fmt::format("a number in {}..{}", low, high),
                        [=](double v) { return v >= low && v <= high; });
}

CLI::Validator positive() {
  return number<double>("a finite number above 0",
                        [](double v) { return v > 0 && std::isfinite(v); });
}

bool is_given(const CLI::App& command, const std::string& option) {
  return command.get_option(option)->count() > 0;
}

void refuse_without_effect(const CLI::App& command, std::initializer_list<const char*> options,
                           const std::string& reason) {
  for (const char* option : options)
    if (is_given(command, option))
      throw InputError(fmt::format("{} has no effect {}", option, reason));
}

void add_trace_options(CLI::App& command, tb::TraceOptions& trace, const std::string& prefix) {
  command.add_option("--trace", trace.file,
                     prefix + "write a waveform (FST), and beside it a GTKWave save file (.gtkw)");
  command.add_option("--trace-from", trace.from, prefix + "first cycle of the waveform")
      ->check(whole());
  command
      .add_option(
          "--trace-to", trace.to,
          fmt::format("{}last cycle of the waveform (default: {} cycles)", prefix, kTraceWindow))
      ->check(whole());
}

void check_trace_options(const CLI::App& command, tb::TraceOptions& trace) {
  if (!is_given(command, "--trace"))
    refuse_without_effect(command, {"--trace-from", "--trace-to"}, "without --trace");
  else if (trace.file.empty())
    throw InputError("--trace needs the name of a file");
  if (!is_given(command, "--trace-to"))
    trace.to = trace.from + std::min(kTraceWindow - 1, UINT64_MAX - trace.from);
  if (trace.to < trace.from)
    throw InputError(
        fmt::format("--trace-from {} --trace-to {}: an empty window", trace.from, trace.to));
}

void add_simulation_options(CLI::App& command, SimulationOptions& options) {
  command
      .add_option("--stall", options.stall, "probability of a pause on every stream, each cycle")
      ->check(real(0, 0.95));
  command.add_option("--seed", options.seed, "seed of pauses and initial register values")
      ->check(whole());
  add_trace_options(command, options.trace);
}

void check_simulation_options(const CLI::App& command, SimulationOptions& options,
                              const std::string& engine) {
  if (engine != "rtl")
    refuse_without_effect(command, {"--stall", "--seed", "--trace", "--trace-from", "--trace-to"},
                          "with --engine " + engine);
  check_trace_options(command, options.trace);
}

void check_arguments(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front().starts_with("-")) return;
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const auto found = std::find_if(commands.begin(), commands.end(), [&](const CLI::App* c) {
    return c->get_name() == arguments.front();
  });
  if (found == commands.end()) {
    const auto distance = [&](const CLI::App* c) {
      return edit_distance(arguments.front().substr(0, 80), c->get_name());
    };
    const auto nearest =
        std::min_element(commands.begin(), commands.end(),
                         [&](const auto* a, const auto* b) { return distance(a) < distance(b); });
    throw InputError(fmt::format("no command '{}'; the nearest is '{}'", shown(arguments.front()),
                                 (*nearest)->get_name()));
  }
  // A text may be empty; the name of a file or a number may not.
  const bool has_text = (*found)->get_option_no_throw("--text") != nullptr;
  for (size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1 &&
        argument != "--text=")
      throw InputError(fmt::format("the value of {} is empty", shown(argument)));
    if (argument.empty() && (arguments[i - 1] != "--text" || !has_text))
      throw InputError(fmt::format("argument {} of '{}' is empty", i, arguments.front()));
  }
}

}  // namespace sb::cli
