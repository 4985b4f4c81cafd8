// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/trace_events.h"

#include <fmt/format.h>

#include <algorithm>

namespace sb::cli {
namespace {

using nlohmann::json;

constexpr int kProcess = 1;
enum Track { kLayers = 1, kCommands, kFirstReason };

json complete_event(int track, const std::string& name, uint64_t first, uint64_t cycles) {
  return {{"ph", "X"},   {"pid", kProcess}, {"tid", track},   {"name", name},
          {"ts", first}, {"dur", cycles},   {"cat", "engine"}};
}

json name_event(const char* what, int track, const std::string& name) {
  return {
      {"ph", "M"}, {"pid", kProcess}, {"tid", track}, {"name", what}, {"args", {{"name", name}}}};
}

void add_layers(json& events, const EngineJob& job) {
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

void add_commands(json& events, const EngineJob& job) {
  for (size_t i = 0; i < job.program.commands.size(); ++i) {
    const auto& c = job.run.commands[i];
    if (c.issues == 0) continue;
    json event = complete_event(kCommands, job.program.notes[i].label, c.first_issue,
                                c.last_issue - c.first_issue + 1);
    event["args"] = {{"command", i}, {"words", c.issues}, {"lost", lost_cycles(c)}};
    events.push_back(std::move(event));
  }
}

void add_lost(json& events, const EngineJob& job) {
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
  json events = json::array();
  events.push_back(
      name_event("process_name", 0, fmt::format("sb_encoder, M = {}", job.kind.engine.m)));
  events.push_back(name_event("thread_name", kLayers, "layers"));
  events.push_back(name_event("thread_name", kCommands, "commands"));
  add_layers(events, job);
  add_commands(events, job);
  add_lost(events, job);
  const json file{{"traceEvents", events},
                  {"displayTimeUnit", "ns"},
                  {"otherData", {{"unit", "1 us is 1 cycle"}, {"cycles", job.run.cycles}}}};
  return file.dump() + "\n";
}

}  // namespace sb::cli
