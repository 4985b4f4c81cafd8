// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/encoder_jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "tb/sim/error.h"

namespace sb::test {

EncoderJob::EncoderJob(golden::IntBert model_, const tb::EngineParameters& engine,
                       std::vector<int> lengths, uint64_t seed, uint64_t base)
    : model(std::move(model_)), compiler(model, engine, base) {
  constexpr uint64_t kAlign = 4096;
  program = compiler.compile(lengths, (compiler.image().end() + kAlign - 1) / kAlign * kAlign);
  for (size_t s = 0; s < lengths.size(); ++s) {
    inputs.push_back(random_rows(model, lengths[s], seed * 100 + s));
    expected.push_back(golden_run(model, inputs.back()).values);
  }
}

EncoderJob random_job(const tb::EngineParameters& engine, uint64_t seed, uint64_t base) {
  std::mt19937_64 rng(seed);
  const int bits = engine.act_bits == 9 && rng() % 2 == 0 ? 9 : 8;
  std::vector<int> lengths(1 + rng() % 5);
  for (int& length : lengths)
    length = 1 + static_cast<int>(rng() % static_cast<uint64_t>(std::min(engine.stat_rows, 24)));
  for (uint64_t s = seed;; s += 1'000'000) {
    try {
      return EncoderJob(random_encoder(random_shape(engine.m, s), bits, s), engine, lengths, s,
                        base);
    } catch (const tb::InputError&) {  // does not fit: another shape, then a shorter batch
      if (s > seed + 5'000'000 && lengths.size() > 1) lengths.pop_back();
      if (s > seed + 50'000'000) throw;
    }
  }
}

tb::BusOptions random_bus(int data_bytes, uint64_t seed) {
  std::mt19937_64 rng(seed);
  const auto uniform = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(rng);
  };
  const auto policy = [&]() -> tb::StallPolicy {
    switch (uniform(0, 4)) {
      case 0: return tb::StallPolicy::every(uniform(2, 4));
      case 1: return tb::StallPolicy::random(uniform(1, 70) / 100.0);
      case 2: return tb::StallPolicy::bursts(uniform(1, 20), uniform(1, 20));
      default: return {};
    }
  };
  tb::BusOptions bus;
  bus.seed = seed;
  bus.patience = 50'000;
  bus.memory = {.latency = uniform(1, uniform(0, 1) == 0 ? 10 : 200),
                .jitter = uniform(0, 1) * uniform(0, 300),
                .bytes_per_cycle = static_cast<double>(uniform(0, data_bytes)),
                .outstanding = uniform(1, 40),
                .reorder = uniform(0, 1) == 1};
  for (tb::StallPolicy* p :
       {&bus.memory.ar, &bus.memory.r, &bus.memory.aw, &bus.memory.w, &bus.memory.b,
        &bus.registers.aw, &bus.registers.w, &bus.registers.b, &bus.registers.ar, &bus.registers.r})
    *p = policy();
  return bus;
}

ComparedRun run_compared(tb::EncoderRig& rig, const EncoderJob& job) {
  tb::TensorCheck check(job.program, job.expected);
  ComparedRun result{rig.run(job.program, job.inputs, &check), {}};
  tb::EncoderRun& run = result.run;
  result.wrong = run.text;
  if (!run.text.empty()) {
    if (run.hung) result.wrong += "; " + rig.bus().memory().pending();
    return result;
  }
  check.see_results(run.results, fmt::format("layer.{}.x", job.model.layers.size() - 1));
  if (const auto& m = check.first())
    result.wrong = fmt::format(
        "{} elements differ, the first: {} of sequence {}, row {}, column {}: {}, must be {}; "
        "cycle {}, command {}",
        check.mismatches(), m->tensor, m->sequence, m->row, m->column, m->got, m->expected,
        m->cycle, job.program.line(m->command));
  else if (const auto missing = check.missing(); !missing.empty())
    result.wrong = missing.front() + " was not written whole";
  uint64_t sum = 0;
  for (const uint64_t cycles : run.why) sum += cycles;
  if (sum != run.cycles)
    result.wrong += fmt::format("; the reasons have {} cycles, the run {}", sum, run.cycles);
  return result;
}

tb::EncoderKind encoder_named(const std::string& name) {
  for (const tb::EncoderKind& k : tb::encoder_kinds())
    if (k.name == name) return k;
  throw tb::InputError("no encoder " + name);
}

}  // namespace sb::test
