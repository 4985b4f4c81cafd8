// SPDX-License-Identifier: Apache-2.0
// Cycles of encoder layers on sb_encoder_core: `core_perf M [S D H HEAD FFN LAYERS BYTES LATENCY]`,
// BERT-base without more. Data are zero, only the schedule counts. Prints the period from the first
// issue of a layer to that of the next, the cycles that the array was not fed, by reason, and the
// rate of the simulation.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>

#include "tests/engine/core_bench.h"
#include "tests/engine/layer_program.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_pkg;

int main_of(int argc, char** argv) {
  LayerShape s;
  const auto arg = [&](int i, auto value) {
    return argc > i ? static_cast<decltype(value)>(std::atof(argv[i])) : value;
  };
  s.m = arg(1, s.m), s.s = arg(2, s.s), s.d = arg(3, s.d), s.heads = arg(4, s.heads);
  s.head = arg(5, s.head), s.ffn = arg(6, s.ffn), s.layers = arg(7, s.layers);
  s.bytes = arg(8, s.bytes), s.latency = arg(9, s.latency);
  const LayerProgram layers = layer_program(s);
  const auto core = make_core(fmt::format("m{}", s.m), 1);
  for (size_t i = 0; i < layers.commands.size(); ++i) {
    const auto e = check_command(core->parameters(), layers.commands[i]);
    if (e != ErrNone) {
      fmt::print("command {} ({}): code {}\n", i, layers.names[i], static_cast<int>(e));
      return 2;
    }
  }
  CoreSurroundings around;
  around.bytes_per_cycle = s.bytes;
  around.latency = s.latency;
  std::vector<uint8_t> external(layers.external_bytes);
  CoreBench bench(*core, around);
  const auto start = std::chrono::steady_clock::now();
  const auto cpu = std::clock();
  const CoreRun run = bench.run(layers.commands, external, nullptr, uint64_t{1} << 40);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  int64_t ideal = 0;
  for (size_t i = layers.layer_first[0]; i < layers.layer_first[1]; ++i) ideal += layers.ideal[i];
  for (size_t l = 0; l + 1 < layers.layer_first.size(); ++l) {
    const size_t first = layers.layer_first[l], next = layers.layer_first[l + 1];
    const auto period = static_cast<int64_t>(run.first_issue[next] - run.first_issue[first]);
    fmt::print("layer {}: period {}, ideal {}, lost {}\n", l, period, ideal, period - ideal);
    std::map<std::string, std::array<uint64_t, 16>> lost;
    for (size_t i = first + 1; i <= next; ++i)
      for (int w = 0; w < 16; ++w) lost[layers.names[i]][w] += run.lost[i][w];
    for (const auto& [what, reasons] : lost)
      for (int w = 0; w < 16; ++w)
        if (reasons[w] != 0)
          fmt::print("  {:8} {:12} {}\n", what, name(static_cast<why_e>(w)), reasons[w]);
  }
  fmt::print("run: {} cycles, code {}; by reason:", run.cycles, static_cast<int>(run.stop.error));
  for (int w = 0; w < 16; ++w)
    if (run.why[w] != 0) fmt::print(" {} {}", name(static_cast<why_e>(w)), run.why[w]);
  fmt::print(
      "\n{:.1f} s ({:.1f} s CPU), {:.0f} kcycles/s, {:.1f} M multiply-accumulates/s of CPU\n",
      seconds, cpu_seconds, static_cast<double>(run.cycles) / cpu_seconds / 1e3,
      static_cast<double>(run.issued) * static_cast<double>(s.m * s.m) / cpu_seconds / 1e6);
  return 0;
}

}  // namespace
}  // namespace sb::test

int main(int argc, char** argv) { return sb::test::main_of(argc, argv); }
