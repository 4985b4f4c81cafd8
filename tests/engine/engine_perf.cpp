// SPDX-License-Identifier: Apache-2.0
// Cycles of encoder layers on sb_encoder, through registers and AXI memory:
// `engine_perf M [S D H HEAD FFN LAYERS BYTES LATENCY JITTER]`, BERT-base without more. Runs LAYERS
// and LAYERS + 1 layers, whose difference is the period of a layer inside a running model, by
// reason. Data are zero, only the schedule counts.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <cstring>

#include "tests/engine/layer_program.h"
#include "tests/engine/top_bench.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;

struct Measured {
  TopRun run;
  double cpu_seconds = 0;
};
Measured measure(const LayerProgram& layers, const LayerShape& s, int jitter) {
  const auto top = make_top(fmt::format("m{}", s.m), 1);
  TopBench bench(*top, {.latency = s.latency, .jitter = jitter, .bytes_per_cycle = s.bytes}, {}, 1);
  const uint64_t program = (layers.external_bytes + 4095) / 4096 * 4096;
  const size_t bytes = layers.commands.size() * sizeof(CommandWords);
  bench.memory.resize(program + bytes + 4096, 0);
  std::memcpy(bench.memory.bytes(program, bytes).data(), layers.commands.data(), bytes);
  const auto cpu = std::clock();
  bench.start(program, static_cast<uint32_t>(layers.commands.size()));
  Measured m{bench.finish(uint64_t{1} << 40)};
  m.cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  return m;
}

int main_of(int argc, char** argv) {
  LayerShape s;
  s.layers = 2;
  const auto arg = [&](int i, auto value) {
    return argc > i ? static_cast<decltype(value)>(std::atof(argv[i])) : value;
  };
  s.m = arg(1, s.m), s.s = arg(2, s.s), s.d = arg(3, s.d), s.heads = arg(4, s.heads);
  s.head = arg(5, s.head), s.ffn = arg(6, s.ffn), s.layers = arg(7, s.layers);
  s.bytes = arg(8, s.bytes), s.latency = arg(9, s.latency);
  const int jitter = arg(10, 0);
  const LayerProgram less = layer_program(s);
  const Measured a = measure(less, s, jitter);
  ++s.layers;
  const LayerProgram more = layer_program(s);
  const Measured b = measure(more, s, jitter);
  if (a.run.code != ErrNone || b.run.code != ErrNone) {
    fmt::print("stopped by {} at command {}\n", name(b.run.code), b.run.index);
    return 1;
  }
  int64_t ideal = 0;
  for (size_t i = more.layer_first[0]; i < more.layer_first[1]; ++i) ideal += more.ideal[i];
  const auto period = static_cast<int64_t>(b.run.cycles - a.run.cycles);
  const auto beats = static_cast<int64_t>(b.run.param_beats - a.run.param_beats);
  fmt::print("period of a layer: {} cycles, issue bound {}, {:.3f} %\n", period, ideal,
             100.0 * static_cast<double>(ideal) / static_cast<double>(period));
  fmt::print("parameters read: {:.4f} of their bytes\n",
             static_cast<double>(beats) *
                 static_cast<double>(make_top(fmt::format("m{}", s.m), 1)->parameters.data_bytes) /
                 static_cast<double>(more.weight_bytes));
  fmt::print("layer by reason:");
  for (size_t w = 0; w < WhyCount; ++w)
    if (b.run.why[w] != a.run.why[w])
      fmt::print(" {} {}", name(static_cast<why_e>(w)),
                 static_cast<int64_t>(b.run.why[w] - a.run.why[w]));
  fmt::print("\n{} layers: {} cycles from the start to the last answer\n", s.layers, b.run.cycles);
  fmt::print(
      "{:.1f} s CPU, {:.0f} kcycles/s, {:.1f} M multiply-accumulates/s\n", b.cpu_seconds,
      static_cast<double>(b.run.cycles) / b.cpu_seconds / 1e3,
      static_cast<double>(b.run.why[0]) * static_cast<double>(s.m * s.m) / b.cpu_seconds / 1e6);
  return 0;
}

}  // namespace
}  // namespace sb::test

int main(int argc, char** argv) { return sb::test::main_of(argc, argv); }
