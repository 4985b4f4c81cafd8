// SPDX-License-Identifier: Apache-2.0
// Random models, batches and buses through sb_encoder until the time is over; every tensor compared
// with golden. Prints a line per failure with what repeats it; exit status 1 if there was one.
//
//   encoder_stress [--minutes n] [--size m4] [--seed n]      with a seed: that one job
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <random>

#include "tests/engine/encoder_jobs.h"

namespace sb::test {
namespace {

// What is wrong with the job of a seed; empty: nothing.
std::string run_seed(const tb::EncoderKind& kind, uint64_t seed) {
  try {
    const EncoderJob job = random_job(kind.engine, seed);
    tb::EncoderRig rig(kind, random_bus(kind.engine.data_bytes, seed), seed);
    rig.load(job.compiler.image());
    const std::string wrong = run_compared(rig, job).wrong;
    return wrong.empty() ? run_compared(rig, job).wrong : wrong;
  } catch (const std::exception& e) {
    return e.what();
  }
}

int stress(int argc, char** argv) {
  double minutes = 1;
  std::string size;
  std::optional<uint64_t> seed;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    const char* value = i + 1 < argc ? argv[++i] : "";
    const char* end = value + std::strlen(value);
    bool good = end != value;
    if (option == "--minutes")
      good = good && std::from_chars(value, end, minutes).ptr == end;
    else if (option == "--size")
      size = value;
    else if (option == "--seed")
      good = good && std::from_chars(value, end, seed.emplace()).ptr == end;
    else
      good = false;
    if (!good) {
      fmt::print(stderr, "usage: {} [--minutes n] [--size m4] [--seed n]\n", argv[0]);
      return 2;
    }
  }
  std::vector<tb::EncoderKind> kinds = tb::encoder_kinds();
  if (!size.empty()) kinds = {encoder_named(size)};
  const auto start = std::chrono::steady_clock::now();
  std::mt19937_64 rng(std::random_device{}());
  uint64_t jobs = 0, failures = 0;
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  do {
    const tb::EncoderKind& kind = kinds[rng() % kinds.size()];
    const uint64_t now = seed.value_or(rng() % 1'000'000'000);
    const std::string wrong = run_seed(kind, now);
    ++jobs;
    if (wrong.empty()) continue;
    ++failures;
    fmt::print("{}\n  rerun: {} --size {} --seed {}\n", wrong, argv[0], kind.name, now);
  } while (!seed && seconds() < 60 * minutes);
  fmt::print("{} jobs in {:.0f} s, {} failures\n", jobs, seconds(), failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace sb::test

int main(int argc, char** argv) {
  try {
    return sb::test::stress(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 2;
  }
}
