// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/top_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tb/sim/error.h"

namespace sb::test {

using namespace sb_engine_pkg;
using tb::StallPolicy;

namespace {
StallPolicy policy(std::mt19937_64& rng) {
  switch (rng() % 8) {
    case 0: return StallPolicy::every(3);
    case 1: return StallPolicy::random(0.5);
    case 2: return StallPolicy::random(0.9);
    case 3: return StallPolicy::bursts(20, 20);
    default: return StallPolicy::never();
  }
}
}  // namespace

tb::AxiTiming random_timing(uint64_t seed) {
  std::mt19937_64 rng(seed * 91 + 3);
  tb::AxiTiming t;
  t.latency = 1 + static_cast<int>(rng() % 3 == 0 ? 0 : rng() % 100);
  t.jitter = static_cast<int>(rng() % 2 == 0 ? 0 : rng() % 200);
  t.outstanding = static_cast<int>(rng() % 3 == 0 ? 1 + rng() % 3 : 64);
  t.reorder = rng() % 2 != 0;
  t.ar = policy(rng), t.r = policy(rng), t.aw = policy(rng), t.w = policy(rng), t.b = policy(rng);
  return t;
}
tb::AxiLiteStalls random_stalls(uint64_t seed) {
  std::mt19937_64 rng(seed * 17 + 1);
  return {policy(rng), policy(rng), policy(rng), policy(rng), policy(rng)};
}

Case make_case(const RandomProgram& program, const std::vector<CommandWords>& words) {
  Case c;
  CommandInterpreter interpreter(program.engine);
  interpreter.external = program.external;
  c.stop = interpreter.run(std::span<const CommandWords>(words));
  c.count = static_cast<uint32_t>(words.size());
  c.program = (program.external.size() + StreamAlign - 1) / StreamAlign * StreamAlign;
  // Whole beats of any bus around the end.
  const size_t size = (c.program + c.count * CmdBytes + 1023) / 1024 * 1024;
  const auto finish = [&](std::vector<uint8_t> bytes) {
    bytes.resize(size, 0xA5);
    std::memcpy(bytes.data() + c.program, words.data(), words.size() * sizeof(CommandWords));
    return bytes;
  };
  c.before = finish(program.external);
  c.after = finish(interpreter.external);
  for (const ByteRange& r : program.stores) c.stores.push_back({r.first, r.count});
  return c;
}
Case random_case(const Top& top, int commands, uint64_t seed) {
  const RandomProgram program = random_program(top.parameters, commands, seed);
  return make_case(program, program.words());
}
std::optional<Case> faulty_case(const Top& top, int commands, error_e error, uint64_t seed) {
  // Not every program has a command of which this fault can be made.
  for (uint64_t attempt = 0; attempt < 20; ++attempt) {
    const RandomProgram program = random_program(top.parameters, commands, seed + 99991 * attempt);
    try {
      const CommandWords faulty = faulty_command(program, error, seed);
      auto words = program.words();
      std::mt19937_64 rng(seed);
      words.insert(words.begin() + static_cast<std::ptrdiff_t>(rng() % words.size()), faulty);
      return make_case(program, words);
    } catch (const tb::InputError&) {
      continue;
    }
  }
  return std::nullopt;
}

void place(TopBench& bench, const Case& c) {
  bench.memory.resize(std::max<uint64_t>(bench.memory.size(), c.before.size()));
  std::ranges::copy(c.before, bench.memory.bytes(0, c.before.size()).begin());
  bench.memory.allow_writes(c.stores);
}
void expect_memory(TopBench& bench, const std::vector<uint8_t>& wanted) {
  const auto got = bench.memory.bytes(0, wanted.size());
  const auto at = std::mismatch(got.begin(), got.end(), wanted.begin());
  EXPECT_EQ(at.first, got.end()) << "external memory differs at byte " << at.first - got.begin();
}
void expect_counters(const TopRun& run) {
  uint64_t sum = 0;
  for (const uint64_t n : run.why) sum += n;
  EXPECT_EQ(sum, run.cycles);
}
TopRun run_case(TopBench& bench, const Case& c, uint32_t limit) {
  place(bench, c);
  const uint64_t written = bench.memory.bytes_written();
  const uint64_t read = bench.memory.bytes_read();
  const bool alone = bench.memory.quiet();  // else answers to an earlier run are counted too
  bench.start(c.program, c.count, limit);
  const TopRun run = bench.finish(kCycleLimit);
  EXPECT_EQ(name(run.code), name(c.stop.error));
  EXPECT_EQ(run.status.done, c.stop.error == ErrNone);
  EXPECT_EQ(run.status.error, c.stop.error != ErrNone);
  EXPECT_EQ(run.status.running, 0);
  EXPECT_EQ(run.status.draining, 0);
  EXPECT_EQ(run.index, c.stop.error == ErrNone ? 0 : c.stop.index);
  expect_memory(bench, c.after);
  expect_counters(run);
  if (c.stop.error == ErrNone && alone) {
    const auto beat = static_cast<uint64_t>(bench.parameters().data_bytes);
    const auto word = static_cast<uint64_t>(2 * bench.parameters().m);
    EXPECT_EQ(run.read_beats * beat, bench.memory.bytes_read() - read);
    // Beats wider than a word may be written in part.
    const uint64_t stored = bench.memory.bytes_written() - written;
    EXPECT_GE(run.write_beats * beat, stored);
    EXPECT_LE(run.write_beats * std::min(beat, word), stored);
  }
  return run;
}

}  // namespace sb::test
