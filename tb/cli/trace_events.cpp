// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/trace_events.h"

#include <fmt/format.h>

#include <algorithm>

namespace sb::cli {
namespace {

using nlohmann::json;

constexpr int kProcess = 1;
enum Track { kLayers = 1, kCommands, kFirstReason };

// Events as text: a run has some 100,000, and trees of json take longer than the rest of the file.
using Events = std::vector<std::string>;

// args: an object as text, or none.
std::string complete_event(int track, const std::string& name, uint64_t first, uint64_t cycles,
                           const std::string& args = "") {
  return fmt::format(
      R"({{{}"cat":"engine","dur":{},"name":{},"ph":"X","pid":{},"tid":{},"ts":{}}})",
      args.empty() ? "" : fmt::format(R"("args":{},)", args), cycles, json(name).dump(), kProcess,
      track, first);
}

std::string name_event(const char* what, int track, const std::string& name) {
  return fmt::format(R"({{"args":{{"name":{}}},"name":"{}","ph":"M","pid":{},"tid":{}}})",
                     json(name).dump(), what, kProcess, track);
}

void add_layers(Events& events, const EngineJob& job) {
  for (size_t p = 0; p < job.program.passes.size(); ++p) {
    uint64_t at = 0;
    const auto periods = job.periods(static_cast<int>(p));
    for (size_t i = 0; i < job.program.commands.size() && at == 0; ++i)
      if (job.pass_of(i) == static_cast<int>(p)) at = job.run.commands[i].first_issue;
    for (size_t l = 0; l < periods.size(); at += periods[l++])
      events.push_back(
          complete_event(kLayers, fmt::format("layer {}, pass {}", l, p), at, periods[l]));
  }
}

void add_commands(Events& events, const EngineJob& job) {
  for (size_t i = 0; i < job.program.commands.size(); ++i) {
    const auto& c = job.run.commands[i];
    if (c.issues == 0) continue;
    const json args{{"command", i}, {"words", c.issues}, {"lost", lost_cycles(c)}};
    events.push_back(complete_event(kCommands, job.program.notes[i].label, c.first_issue,
                                    c.last_issue - c.first_issue + 1, args.dump()));
  }
}

void add_lost(Events& events, const EngineJob& job) {
  uint64_t at = 1;  // cycles of a run count from 1
  std::vector<bool> named(tb::EncoderWatch::kReasons);
  for (const auto& span : job.run.spans) {
    const auto why = static_cast<sb_engine_pkg::why_e>(span.why);
    if (why != sb_engine_pkg::WhyBusy) {
      const int track = kFirstReason + span.why;
      const std::string reason(name(why));
      if (!named[span.why]) events.push_back(name_event("thread_name", track, "lost: " + reason));
      named[span.why] = true;
      events.push_back(complete_event(track, reason, at, span.cycles));
    }
    at += span.cycles;
  }
}

}  // namespace

std::string trace_events(const EngineJob& job) {
  Events events;
  events.push_back(
      name_event("process_name", 0, fmt::format("sb_encoder, M = {}", job.kind.engine.m)));
  events.push_back(name_event("thread_name", kLayers, "layers"));
  events.push_back(name_event("thread_name", kCommands, "commands"));
  add_layers(events, job);
  add_commands(events, job);
  add_lost(events, job);
  return fmt::format(
      R"({{"displayTimeUnit":"ns","otherData":{{"cycles":{},"unit":"1 us is 1 cycle"}},)"
      R"("traceEvents":[{}]}})"
      "\n",
      job.run.cycles, fmt::join(events, ","));
}

}  // namespace sb::cli
