// SPDX-License-Identifier: Apache-2.0
// stress [TOP...] --minutes N --jobs N --seed S --parallel N: README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "golden/base/error.h"
#include "golden/model/bert_model.h"
#include "tests/stress/stress.h"

namespace sb::stress {
namespace {

const std::vector<Target> kTargets{{"gemm_core", run_gemm_core}, {"fc_layer", run_fc_layer},
                                   {"softmax", run_softmax},     {"layernorm", run_layernorm},
                                   {"requant", run_requant},     {"table", run_table},
                                   {"residual", run_residual}};

struct Options {
  std::vector<std::string> tops;
  double minutes = 0;
  uint64_t jobs = 0, seed = 1;
  int parallel = 1;
  Fault fault = Fault::None;
  std::string model;
};

/// Codes of -128 .. 127 over the largest magnitude.
template <typename T>
golden::Matrix<T> quantize(const golden::MatrixF& x) {
  const float scale = x.cwiseAbs().maxCoeff() / 127;
  return x.unaryExpr([=](float v) { return static_cast<T>(std::lround(v / scale)); });
}

RealData load_real(const std::string& folder) {
  const golden::BertModel model = golden::load_bert(std::filesystem::path(folder));
  return {quantize<int8_t>(model.layers.at(0).query.weight),
          quantize<int16_t>(model.word_embeddings.topRows(2000))};
}

/// Runs episodes of one top until the time or the jobs are over or one fails. True: none did.
bool run(const Target& target, const Options& o, const RealData* real) {
  using Clock = std::chrono::steady_clock;
  const auto started = Clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(Clock::now() - started).count();
  };
  std::atomic<uint64_t> next{o.seed};
  std::mutex mutex;
  Counts total;
  std::optional<std::string> failure;
  uint64_t episodes = 0;
  const auto work = [&] {
    for (;;) {
      {
        const std::scoped_lock lock(mutex);
        if (failure || (o.jobs > 0 && total.jobs >= o.jobs) ||
            (o.minutes > 0 && seconds() >= 60 * o.minutes))
          return;
      }
      Episode e(next++, o.fault, real);
      std::string what;
      try {
        target.run(e);
      } catch (const std::exception& error) {
        what = error.what();
      }
      const std::scoped_lock lock(mutex);
      total.add(e.counts);
      ++episodes;
      if (!what.empty() && !failure)
        failure = fmt::format("{}, seed {}: {}: {}\n  rerun: stress {} --seed {} --jobs 1{}",
                              target.name, e.seed, e.where, what, target.name, e.seed,
                              o.model.empty() ? "" : " --model '" + o.model + "'");
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < o.parallel; ++i) threads.emplace_back(work);
  work();
  for (std::thread& t : threads) t.join();
  fmt::print(
      "{:<10} {} mismatches in {} jobs: {} under way at one of {} resets, {} of 2 rows with "
      "unequal "
      "stalls, {} refused or broken; {} results, {} episodes from seed {}, {:.0f} s\n",
      target.name, failure ? 1 : 0, total.jobs, total.reset_jobs, total.resets, total.two_rows,
      total.refused, total.elements, episodes, o.seed, seconds());
  if (failure) fmt::print("{}\n", *failure);
  return !failure;
}

int main(int argc, char** argv) {
  CLI::App app("Random jobs on simulated tops, every result compared with the golden model.",
               "stress");
  Options o;
  const std::map<std::string, Fault> faults{
      {"result", Fault::Result}, {"lost", Fault::Lost}, {"status", Fault::Status}};
  std::vector<std::string> names;
  for (const Target& t : kTargets) names.emplace_back(t.name);
  app.add_option("top", o.tops, "Tops, all without one")->check(CLI::IsMember(names));
  app.add_option("--minutes", o.minutes, "For each top; without it and --jobs: 1")
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--jobs", o.jobs, "At least so many for each top")
      ->check(CLI::Range(1UL, 1UL << 60));
  app.add_option("--seed", o.seed, "Of the first episode; the next has the next")
      ->check(CLI::Range(0UL, 1UL << 32));
  app.add_option("--parallel", o.parallel, "Threads")->check(CLI::Range(1, 256));
  app.add_option("--fault", o.fault, "A fault of the bench that must be noticed")
      ->transform(CLI::CheckedTransformer(faults));
  app.add_option("--model", o.model, "Folder of a BERT model, to cut operands from");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    fmt::print(stderr, "error: {}\n", error.what());
    return 2;
  }
  if (o.minutes == 0 && o.jobs == 0) o.minutes = 1;
  std::optional<RealData> real;
  if (!o.model.empty()) {
    try {
      real = load_real(o.model);
    } catch (const golden::InputError& error) {
      fmt::print(stderr, "error: {}\n", error.what());
      return 2;
    }
  }
  bool good = true;
  for (const Target& target : kTargets)
    if (o.tops.empty() || std::count(o.tops.begin(), o.tops.end(), target.name) > 0)
      good = run(target, o, real ? &*real : nullptr) && good;
  return good ? 0 : 1;
}

}  // namespace
}  // namespace sb::stress

int main(int argc, char** argv) { return sb::stress::main(argc, argv); }
