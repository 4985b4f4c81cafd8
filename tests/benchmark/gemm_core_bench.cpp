// SPDX-License-Identifier: Apache-2.0
// Simulation speed of sb_gemm_core, one thread, in multiply-accumulates per second. Each iteration
// runs one product through the core; packing of the operands is outside the measured time.
// Counters: `macs` per second of CPU time, `macs_wall` per second of wall time, `utilization` of
// the array, `cycles` per second of CPU time.
#include <benchmark/benchmark.h>

#include <random>

#include "tb/devices/gemm_core.h"

namespace sb {
namespace {

void run_gemm_core(benchmark::State& state) {
  const auto m = static_cast<int>(state.range(0));
  std::mt19937 rng(1);
  tb::GemmProblem p;
  p.a.resize(128, 768);
  p.w.resize(768, 768);
  for (auto& v : p.a.reshaped()) v = static_cast<int16_t>(static_cast<int>(rng() % 256) - 128);
  for (auto& v : p.w.reshaped()) v = static_cast<int8_t>(static_cast<int>(rng() % 255) - 127);
  p.requantization =
      tb::Requantization{std::vector<uint32_t>(768, 1 << 15), std::vector<uint8_t>(768, 26)};
  const auto core = tb::make_gemm_core(m);
  double macs = 0, cpu = 0, wall = 0, cycles = 0, ideal = 0;
  for (auto _ : state) {
    core->reset();
    const tb::GemmRun run = tb::run_gemm(*core, {&p, 1});
    macs += static_cast<double>(run.macs);
    cpu += run.cpu_seconds;
    wall += run.seconds;
    cycles += static_cast<double>(run.cycles);
    ideal += static_cast<double>(run.ideal);
    state.SetIterationTime(run.cpu_seconds);
  }
  state.counters["macs"] = macs / cpu;
  state.counters["macs_wall"] = macs / wall;
  state.counters["cycles"] = cycles / cpu;
  state.counters["utilization"] = ideal / cycles;
}
BENCHMARK(run_gemm_core)
    ->Name("gemm_core/M")
    ->Arg(16)
    ->Arg(32)
    ->Arg(64)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sb
