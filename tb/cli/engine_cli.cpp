// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/engine_cli.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "golden/base/error.h"
#include "golden/base/parallel.h"
#include "golden/encoder/int_encoder.h"
#include "golden/io/json.h"
#include "tb/cli/options.h"
#include "tb/cli/outputs.h"
#include "tb/cli/progress.h"
#include "tb/cli/report.h"
#include "tb/cli/trace_events.h"
#include "tb/host/engine_compiler.h"

namespace sb::cli {
namespace {

using sb_engine_pkg::cmd_t;
using sb_engine_pkg::CmdMatmul;

const char* const kSizeOptions[] = {"--m",     "--bits",  "--latency", "--jitter",
                                    "--bytes", "--stall", "--reorder", "--seed"};
const char* const kOptions[] = {"--check",      "--json",      "--listing", "--timeline",
                                "--report",     "--synthesis", "--trace",   "--trace-around",
                                "--trace-from", "--trace-to"};

void refuse(const CLI::App& command, std::span<const char* const> options,
            const std::string& what) {
  for (const char* name : options)
    if (command.count(name) != 0)
      throw CLI::ValidationError(fmt::format("{} needs {}", name, what));
}

constexpr double kDefaultBytes = 16;
constexpr uint64_t kMaxWait = 10'000;  // the engine's own limit is 100,000 cycles
constexpr uint64_t kAround = 300;      // cycles of a waveform on either side of its command

/// "layer.3.attention.scores.7 rows 0..4" without layer, head and rows: "attention.scores".
std::string kind_of(const std::string& label) {
  std::string text = label.substr(0, label.find(' '));
  if (text.starts_with("layer.")) text = text.substr(text.find('.', 6) + 1);
  while (!text.empty() && (text.back() == '.' || (text.back() >= '0' && text.back() <= '9' &&
                                                  text.find("ffn") == std::string::npos)))
    text.pop_back();
  return text;
}

int layer_of(const std::string& label) {
  return label.starts_with("layer.") ? std::atoi(label.c_str() + 6) : -1;
}

struct Timed {
  size_t command;
  tb::CyclePrediction bound;
  int64_t predicted;
  uint64_t measured;  ///< to the first issue of the next product; the last: to its own last issue
};

std::vector<Timed> timed_commands(const EngineJob& job) {
  tb::EngineParameters engine = job.program.engine;
  engine.data_bytes = std::max(1, static_cast<int>(job.bytes_per_cycle));
  const auto schedule = job.program.predict_schedule(
      {.bytes_per_cycle = job.bytes_per_cycle, .latency = job.bus.memory.latency});
  std::vector<Timed> all;
  for (size_t i = 0; i < job.program.commands.size(); ++i) {
    const auto& c = job.run.commands[i];
    if (c.issues == 0) continue;
    if (!all.empty())
      all.back().measured = c.first_issue - job.run.commands[all.back().command].first_issue;
    all.push_back({i, tb::predict(engine, job.program.commands[i]), schedule[i],
                   c.last_issue - c.first_issue + 1});
  }
  return all;
}

struct Kind {
  std::string name;
  size_t commands = 0;
  int64_t issue = 0, predicted = 0, stream_bytes = 0;
  uint64_t measured = 0;
  std::string bound;
};

std::vector<Kind> by_kind(const EngineJob& job) {
  std::vector<Kind> kinds;
  for (const Timed& t : timed_commands(job)) {
    const std::string name = kind_of(job.program.notes[t.command].label);
    auto at = std::ranges::find(kinds, name, &Kind::name);
    if (at == kinds.end()) {
      at = kinds.insert(kinds.end(), Kind());
      at->name = name;
    }
    ++at->commands;
    at->issue += t.bound.issue;
    at->predicted += t.predicted;
    at->stream_bytes += t.bound.stream_bytes;
    at->measured += t.measured;
    if (at->bound.find(t.bound.bound) == std::string::npos)
      at->bound += (at->bound.empty() ? "" : ", ") + std::string(t.bound.bound);
  }
  return kinds;
}

nlohmann::json read_synthesis(const std::string& path) {
  nlohmann::json j = golden::read_json(path);
  const bool good =
      j.is_object() && j.contains("top") && j["top"].is_string() && j.contains("target") &&
      j["target"].is_string() && j.contains("figures") && j["figures"].is_object() &&
      std::ranges::all_of(j["figures"], [](const auto& n) { return n.is_number(); }) &&
      (!j.contains("fmax") || j["fmax"].is_number());
  if (!good) throw golden::InputError(path + ": not the figures of scripts/synth.sh --json");
  return j;
}

double percent(double part, double whole) { return whole == 0 ? 0 : 100 * part / whole; }

/// The cycles in which a command feeds the array, or, if it does not, those between its neighbours.
void set_window(tb::TraceOptions& trace, const tb::EncoderRun& run, size_t command) {
  uint64_t from = 0, to = run.cycles;
  for (size_t i = 0; i <= command; ++i)
    if (const auto& c = run.commands[i]; c.issues != 0)
      from = i == command ? c.first_issue : c.last_issue;
  for (size_t i = run.commands.size(); i-- > command;)
    if (const auto& c = run.commands[i]; c.issues != 0)
      to = i == command ? c.last_issue : c.first_issue;
  from += run.clock_offset;
  trace.from = from - std::min(from, kAround);
  trace.to = std::min(to + run.clock_offset + kAround, trace.from + kTraceWindow - 1);
}

double ratio(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

void print_mismatch(const EngineJob& job, const tb::TensorMismatch& m, const std::string& rerun) {
  std::string where = fmt::format("tensor {}", m.tensor);
  if (const int layer = layer_of(m.tensor); layer >= 0) where += fmt::format(", layer {}", layer);
  if (const size_t at = m.tensor.find("scores."); at != std::string::npos)
    where += ", head " + m.tensor.substr(at + 7);
  else if (job.head_width != 0 &&
           (m.tensor.ends_with("attention.q") || m.tensor.ends_with("attention.k") ||
            m.tensor.ends_with("attention.v") || m.tensor.ends_with("attention.context")))
    where += fmt::format(", head {}", m.column / job.head_width);
  fmt::print(stderr, "mismatch: {}, sequence {}, row {}, column {}: {}, must be {}\n", where,
             m.sequence, m.row, m.column, m.got, m.expected);
  fmt::print(stderr, "  {} of {} elements differ; written by command{}\n", job.mismatches,
             job.compared, m.cycle != 0 ? fmt::format(" in cycle {}:", m.cycle) : ":");
  fmt::print(stderr, "  {}\n", job.program.line(m.command));
  const std::string window =
      m.cycle == 0 ? ""
                   : fmt::format(" --trace-from {} --trace-to {}",
                                 m.cycle - std::min<uint64_t>(m.cycle, 300), m.cycle + 20);
  fmt::print(stderr, "  rerun: {} --trace mismatch.fst{}\n", rerun, window);
}

}  // namespace

void add_engine_size_options(CLI::App& command, EngineOptions& o) {
  command.add_option("--m", o.m, "rtl: size of the array: 4, 8, 16, 32 or 64")
      ->check(whole(1, 1024))
      ->capture_default_str();
  command
      .add_option("--bits", o.bits,
                  "rtl: bits of the lanes of activations, 8 or 9 (default: what the model needs)")
      ->check(CLI::IsMember({8, 9}));
  command.add_option("--latency", o.latency, "rtl: cycles from a read to its first word")
      ->check(whole(1, kMaxWait))
      ->capture_default_str();
  command.add_option("--jitter", o.jitter, "rtl: up to so many cycles more, drawn for each burst")
      ->check(whole(0, kMaxWait))
      ->capture_default_str();
  command
      .add_option("--bytes", o.bytes,
                  "rtl: bytes per cycle of the bus (default: 16, at most its width)")
      ->check(real(0.25, 1024));
  command
      .add_option("--stall", o.stall, "rtl: probability of a pause on every channel, each cycle")
      ->check(real(0, 0.95));
  command.add_flag("--reorder", o.reorder, "rtl: answers of different IDs in any order");
  command.add_option("--seed", o.seed, "rtl: seed of the bus and of initial register values")
      ->check(whole());
}

void add_engine_options(CLI::App& command, EngineOptions& o) {
  add_engine_size_options(command, o);
  command
      .add_option("--check", o.check,
                  "rtl: what is compared with the golden model: results, or all tensors")
      ->check(CLI::IsMember({"results", "all"}))
      ->capture_default_str();
  command.add_option("--json", o.json, "rtl: write the figures to this file");
  command.add_option("--timeline", o.timeline,
                     "rtl: write commands and lost cycles in the Trace Event format (Perfetto, "
                     "chrome://tracing)");
  command.add_option("--report", o.report,
                     "rtl: write a page about the run, HTML; every tensor is compared");
  command.add_option("--synthesis", o.synthesis,
                     "rtl: figures of scripts/synth.sh --json, for the report");
  command.add_option("--listing", o.listing, "rtl: write the commands, as text, to this file");
  add_trace_options(command, o.trace, "rtl: ");
  command
      .add_option("--trace-around", o.trace_around,
                  fmt::format("rtl: the cycles of this command, by its number in the listing, and "
                              "{} around them, {} at most; takes a second run",
                              kAround, kTraceWindow))
      ->check(whole())
      ->excludes("--trace-from")
      ->excludes("--trace-to");
}

void refuse_engine_size_options(const CLI::App& command, const std::string& what) {
  refuse(command, kSizeOptions, what);
}

void refuse_engine_options(const CLI::App& command, const std::string& what) {
  refuse_engine_size_options(command, what);
  refuse(command, kOptions, what);
}

void check_engine_options(const CLI::App& command, EngineOptions& options) {
  if (options.report.empty()) refuse_without_effect(command, {"--synthesis"}, "without --report");
  if (!is_given(command, "--trace"))
    refuse_without_effect(command, {"--trace-around"}, "without --trace");
  check_trace_options(command, options.trace);
}

bool checks_all(const EngineOptions& o) { return o.check == "all" || !o.report.empty(); }

std::string engine_arguments(const EngineOptions& o) {
  std::string line =
      fmt::format(" --m {} --latency {} --jitter {} --stall {:g} --seed {} --check {}", o.m,
                  o.latency, o.jitter, o.stall, o.seed, o.check);
  if (o.bits) line += fmt::format(" --bits {}", *o.bits);
  if (o.bytes) line += fmt::format(" --bytes {:g}", *o.bytes);
  if (o.reorder) line += " --reorder";
  return line;
}

int EngineJob::pass_of(size_t command) const {
  const auto& written = program.notes[command].tensors;
  return written.empty() ? -1 : written.front().pass;
}

int64_t EngineJob::issue_bound() const {
  int64_t words = 0;
  for (const cmd_t& c : program.commands)
    if (c.kind == CmdMatmul) words += c.rows * c.k_blocks * c.n_blocks;
  return words;
}

double EngineJob::utilization() const {
  return run.cycles == 0 ? 0 : static_cast<double>(issue_bound()) / static_cast<double>(run.cycles);
}

std::vector<uint64_t> EngineJob::periods(int pass) const {
  std::vector<uint64_t> first, last;
  for (size_t i = 0; i < program.commands.size(); ++i) {
    const auto& c = run.commands[i];
    const int layer = layer_of(program.notes[i].label);
    if (pass_of(i) != pass || layer < 0 || c.issues == 0) continue;
    if (layer == static_cast<int>(first.size())) {
      first.push_back(c.first_issue);
      last.push_back(0);
    }
    last.back() = c.last_issue;
  }
  std::vector<uint64_t> periods;
  for (size_t l = 0; l < first.size(); ++l)
    periods.push_back(l + 1 < first.size() ? first[l + 1] - first[l] : last[l] - first[l] + 1);
  return periods;
}

std::vector<int64_t> EngineJob::layer_bounds(int pass) const {
  std::vector<int64_t> bounds;
  for (size_t i = 0; i < program.commands.size(); ++i) {
    const cmd_t& c = program.commands[i];
    if (c.kind != CmdMatmul || pass_of(i) != pass) continue;
    const auto layer = static_cast<size_t>(layer_of(program.notes[i].label));
    if (layer >= bounds.size()) bounds.resize(layer + 1);
    bounds[layer] += c.rows * c.k_blocks * c.n_blocks;
  }
  return bounds;
}

EngineJob engine_job(const EngineOptions& o, int bits) {
  EngineJob job;
  job.kind = tb::encoder_kind(o.m, o.bits.value_or(bits));
  job.bytes_per_cycle =
      o.bytes.value_or(std::min<double>(kDefaultBytes, job.kind.engine.data_bytes));
  const auto stall = tb::StallPolicy::random(o.stall);
  job.bus.seed = o.seed;
  job.bus.memory = {.latency = o.latency,
                    .jitter = o.jitter,
                    .bytes_per_cycle = job.bytes_per_cycle,
                    .outstanding = 256,
                    .reorder = o.reorder,
                    .ar = stall,
                    .r = stall,
                    .aw = stall,
                    .w = stall,
                    .b = stall};
  job.bus.memory.check(job.kind.engine.data_bytes);
  if (!o.synthesis.empty()) job.synthesis = read_synthesis(o.synthesis);
  return job;
}

void run_job(EngineJob& job, const tb::EngineImage& image,
             std::span<const golden::MatrixI16> inputs, std::span<const tb::Tensors> expected,
             const std::string& result, const EngineOptions& o, const std::string& rerun) {
  job.image_bytes = image.bytes().size();
  tb::TraceOptions trace = o.trace;
  if (o.trace_around) {
    if (*o.trace_around >= job.program.commands.size())
      throw golden::InputError(fmt::format("--trace-around {}: the program has {} commands",
                                           *o.trace_around, job.program.commands.size()));
    tb::EncoderRig rig(job.kind, job.bus, o.seed);
    rig.load(image);
    set_window(trace, rig.run(job.program, inputs), *o.trace_around);
  }
  tb::EncoderRig rig(job.kind, job.bus, o.seed, trace);
  rig.load(image);
  const auto progress =
      o.progress ? progress_line("encoder on RTL") : std::function<void(double)>();
  if (progress)
    rig.bus().on_wait = [&, bound = static_cast<double>(job.issue_bound())] {
      progress(0.999 * static_cast<double>(rig.bus().watch().issues()) / bound);
    };
  tb::TensorCheck check(job.program, expected);
  const bool all = checks_all(o);
  if (!o.report.empty()) check.keep(job.seen);
  job.run = rig.run(job.program, inputs, all ? &check : nullptr);
  if (progress) progress(1);
  rig.encoder().close_trace();
  if (!job.run.text.empty()) throw tb::SimError(job.run.text);
  check.see_results(job.run.results, result);
  job.compared = check.checked();
  job.mismatches = check.mismatches();
  job.tensors = check.tensors();
  if (check.first()) print_mismatch(job, *check.first(), rerun);
  if (const auto missing = check.missing(); all && !missing.empty() && job.mismatches == 0)
    throw tb::SimError(missing.front() + " was not written whole");
}

EngineJob run_encoder(const golden::IntBert& model, std::span<const golden::MatrixI16> inputs,
                      const EngineOptions& options, const std::string& rerun) {
  int bits = model.input_operand.bits;
  for (const golden::IntLayer& l : model.layers) {
    bits = std::max(bits, l.attention_norm.operand.bits);
    if (!l.output_norm.operand.k.empty()) bits = std::max(bits, l.output_norm.operand.bits);
  }
  EngineJob job = engine_job(options, bits);
  job.head_width = model.config.head_width();
  const tb::EngineEncoder compiler(model, job.kind.engine);
  std::vector<int> lengths;
  for (const auto& x : inputs) lengths.push_back(static_cast<int>(x.rows()));
  constexpr uint64_t kAlign = 4096;
  job.program = compiler.compile(lengths, (compiler.image().end() + kAlign - 1) / kAlign * kAlign);
  job.weight_bytes = compiler.weight_bytes();
  for (const int length : lengths) {
    const auto s = static_cast<uint64_t>(length);
    job.macs += s * job.weight_bytes +
                2 * s * s * static_cast<uint64_t>(model.config.hidden) * model.layers.size();
  }

  const std::string result = fmt::format("layer.{}.x", model.layers.size() - 1);
  std::vector<tb::Tensors> expected(inputs.size());
  golden::parallel_for(inputs.size(), [&](size_t s) {
    golden::IntObserver observer;
    if (checks_all(options)) {
      expected[s]["input"] = inputs[s];
      observer.value = [&](const std::string& name, const golden::MatrixI16& value) {
        expected[s][name] = value;
      };
    }
    expected[s][result] = golden::int_encode(model, inputs[s], {}, observer);
  });
  run_job(job, compiler.image(), inputs, expected, result, options, rerun);
  return job;
}

void print_figures(const EngineJob& job) {
  const tb::EngineParameters& e = job.kind.engine;
  const auto cycles = static_cast<double>(job.run.cycles);
  int rows = 0;
  for (const int length : job.program.lengths) rows += length;
  fmt::print(
      "encoder M = {}, {}-bit lanes, {:g} bytes a cycle: {} sequences, {} rows, {} passes, "
      "{} commands\n",
      e.m, e.act_bits, job.bytes_per_cycle, job.program.lengths.size(), rows,
      job.program.passes.size(), job.program.commands.size());
  fmt::print("cycles {}: issue bound {}, utilization {:.2f} %\n", job.run.cycles, job.issue_bound(),
             100 * job.utilization());
  std::string reasons;
  for (size_t r = 0; r < job.run.why.size(); ++r)
    if (job.run.why[r] != 0)
      reasons += fmt::format("{}{} {} ({:.2f} %)", reasons.empty() ? "" : ", ",
                             name(static_cast<sb_engine_pkg::why_e>(r)), job.run.why[r],
                             percent(static_cast<double>(job.run.why[r]), cycles));
  fmt::print("by reason: {}\n", reasons);
  for (int p = 0; p < static_cast<int>(job.program.passes.size()); ++p) {
    const auto periods = job.periods(p);
    const auto bounds = job.layer_bounds(p);
    fmt::print("pass {}: {} rows; period of each layer {}; issue bound {}\n", p,
               job.program.passes[static_cast<size_t>(p)].rows, fmt::join(periods, ", "),
               fmt::join(bounds, ", "));
  }
  fmt::print("bus: {} bytes read ({:.3f} of the parameters), {} written\n", job.run.bytes_read,
             static_cast<double>(job.run.parameter_bytes) / static_cast<double>(job.image_bytes),
             job.run.bytes_written);
  fmt::print("simulation: {:.1f} s, {:.0f} kcycles/s, {:.1f} M multiply-accumulates/s\n",
             job.run.seconds, cycles / job.run.cpu_seconds / 1e3,
             static_cast<double>(job.macs) / job.run.cpu_seconds / 1e6);
  fmt::print("{} elements of {} tensors compared, {} mismatches\n", job.compared, job.tensors,
             job.mismatches);
}

void print_commands(const EngineJob& job) {
  fmt::print("{:<20} {:>8} {:>12} {:>12} {:>12} {:>8}  {}\n", "command", "number", "issue bound",
             "predicted", "measured", "off %", "bound by");
  for (const Kind& k : by_kind(job))
    fmt::print("{:<20} {:>8} {:>12} {:>12} {:>12} {:>8.3f}  {}\n", k.name, k.commands, k.issue,
               k.predicted, k.measured,
               percent(static_cast<double>(k.measured), static_cast<double>(k.predicted)) - 100,
               k.bound);
}

std::vector<NamedFile> engine_writes(const EngineOptions& options) {
  return {{"--json", options.json},
          {"--listing", options.listing},
          {"--timeline", options.timeline},
          {"--report", options.report}};
}

void add_engine_outputs(Outputs& outputs, const EngineJob& job, const nlohmann::json& figures,
                        const nlohmann::json& maps, const EngineOptions& options) {
  outputs.add(options.json, json_bytes(figures));
  outputs.add(options.listing, job.program.listing());
  if (!options.timeline.empty()) outputs.add(options.timeline, trace_events(job));
  if (!options.report.empty()) outputs.add(options.report, report_page(job, figures, maps));
}

nlohmann::json lost_cycles(const tb::EncoderWatch::Command& command) {
  nlohmann::json lost = nlohmann::json::object();
  for (size_t r = 0; r < sb_engine_pkg::WhyCount; ++r)
    if (command.lost[r] != 0)
      lost[std::string(name(static_cast<sb_engine_pkg::why_e>(r)))] = command.lost[r];
  return lost;
}

nlohmann::json to_json(const EngineJob& job) {
  const tb::EngineParameters& e = job.kind.engine;
  nlohmann::json j{{"m", e.m},
                   {"act_bits", e.act_bits},
                   {"bytes_per_cycle", job.bytes_per_cycle},
                   {"lengths", job.program.lengths},
                   {"cycles", job.run.cycles},
                   {"issue_bound", job.issue_bound()},
                   {"utilization", job.utilization()},
                   {"macs", job.macs},
                   {"macs_per_cycle", ratio(job.macs, job.run.cycles)},
                   {"macs_per_byte", ratio(job.macs, job.run.bytes_read + job.run.bytes_written)},
                   {"peak_macs_per_cycle", e.m * e.m},
                   {"weight_bytes", job.weight_bytes},
                   {"parameter_bytes", job.image_bytes},
                   {"parameter_bytes_read", job.run.parameter_bytes},
                   {"bytes_read", job.run.bytes_read},
                   {"bytes_written", job.run.bytes_written},
                   {"simulation_seconds", job.run.seconds},
                   {"macs_per_second", static_cast<double>(job.macs) / job.run.cpu_seconds},
                   {"elements_compared", job.compared},
                   {"mismatches", job.mismatches}};
  for (size_t r = 0; r < job.run.why.size(); ++r)
    j["cycles_by_reason"][std::string(name(static_cast<sb_engine_pkg::why_e>(r)))] = job.run.why[r];
  for (int p = 0; p < static_cast<int>(job.program.passes.size()); ++p)
    j["passes"].push_back({{"rows", job.program.passes[static_cast<size_t>(p)].rows},
                           {"sequences", job.program.passes[static_cast<size_t>(p)].sequences},
                           {"periods", job.periods(p)},
                           {"layer_issue_bounds", job.layer_bounds(p)}});
  for (const Timed& t : timed_commands(job)) {
    const auto& c = job.run.commands[t.command];
    j["commands"].push_back({{"command", t.command},
                             {"what", job.program.notes[t.command].label},
                             {"first_issue", c.first_issue},
                             {"last_issue", c.last_issue},
                             {"issues", c.issues},
                             {"lost", lost_cycles(c)},
                             {"predicted", t.predicted},
                             {"bound", t.bound.bound},
                             {"measured", t.measured}});
  }
  for (const Kind& k : by_kind(job))
    j["ops"].push_back({{"what", k.name},
                        {"commands", k.commands},
                        {"issue_bound", k.issue},
                        {"predicted", k.predicted},
                        {"measured", k.measured},
                        {"utilization", ratio(static_cast<uint64_t>(k.issue), k.measured)},
                        {"stream_bytes", k.stream_bytes},
                        {"bound", k.bound}});
  if (!job.synthesis.is_null()) j["synthesis"] = job.synthesis;
  return j;
}

std::string time_text(uint64_t cycles, double megahertz) {
  return fmt::format("{:.3g} ms at {:g} MHz", static_cast<double>(cycles) / megahertz / 1e3,
                     megahertz);
}

}  // namespace sb::cli
