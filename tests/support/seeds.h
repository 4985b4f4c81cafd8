// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "tb/check/compare.h"
#include "tb/sim/bench.h"

namespace sb::test {

/// std::mt19937 with results of type uint32_t.
using Rng = std::independent_bits_engine<std::mt19937, 32, uint32_t>;

/// "Suite.Name" of the running test.
inline std::string test_name() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  return fmt::format("{}.{}", info->test_suite_name(), info->name());
}

/// The line for a shell that reruns the running test with the seeds of this run, from any folder,
/// and writes waveforms there; around `cycle`, unless it is 0.
inline std::string rerun_line(uint64_t cycle = 0) {
  std::string window;
  if (cycle != 0)
    window =
        fmt::format("SB_TEST_WINDOW={}:{} ", cycle - std::min<uint64_t>(cycle, 9900), cycle + 99);
  return fmt::format("SB_TEST_TRACE=. {}{} {} --gtest_random_seed={}", window,
                     tb::shell_quoted(std::filesystem::read_symlink("/proc/self/exe").string()),
                     tb::shell_quoted("--gtest_filter=" + test_name()),
                     GTEST_FLAG_GET(random_seed));
}

/// Seeds of a test: 0 in every run, then `more` that follow from --gtest_random_seed.
inline std::vector<uint64_t> seeds(int more) {
  std::vector<uint64_t> all{0};
  for (int i = 1; i <= more; ++i)
    all.push_back(static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)) * 1000 +
                  static_cast<uint64_t>(i));
  return all;
}

/// Runs the body with each seed; a failure, an exception too, comes with the seed and the line to
/// rerun it.
template <typename Body>
void for_each_seed(int more, Body&& body) {
  for (const uint64_t seed : seeds(more)) {
    SCOPED_TRACE(fmt::format("seed {}; rerun: {}", seed, rerun_line()));
    try {
      body(seed);
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
  }
}

/// A waveform per test and seed on request: in the folder that SB_TEST_TRACE names, of the cycles
/// that SB_TEST_WINDOW gives as FROM:TO, or all.
inline tb::TraceOptions trace_options(uint64_t seed) {
  const char* folder = std::getenv("SB_TEST_TRACE");
  if (folder == nullptr) return {};
  std::string name = test_name();
  std::replace(name.begin(), name.end(), '/', '_');
  tb::TraceOptions trace{.file = fmt::format("{}/{}_{}.fst", folder, name, seed)};
  if (const char* window = std::getenv("SB_TEST_WINDOW")) {
    char* colon = nullptr;
    trace.from = std::strtoull(window, &colon, 10);
    if (*colon == ':') trace.to = std::strtoull(colon + 1, nullptr, 10);
  }
  return trace;
}

}  // namespace sb::test
