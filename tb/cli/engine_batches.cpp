// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/engine_batches.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>

#include "golden/base/error.h"
#include "golden/encoder/float_encoder.h"
#include "golden/encoder/int_encoder.h"
#include "golden/io/file.h"
#include "golden/io/json.h"
#include "tb/cli/progress.h"

namespace sb::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr size_t kBatch = 16;  // texts that share the reading of the weights

/// What the processes share: results, and which batch is next.
struct Shared {
  struct Batch {
    std::atomic<bool> done;
    uint64_t cycles, compared, mismatches;
  };
  std::atomic<size_t> next;
  std::atomic<int> failed;  ///< 1: error holds a SimError, 2: another one
  char error[1000];
};
static_assert(std::atomic<size_t>::is_always_lock_free);

/// Memory that processes share: Shared, its batches, the embeddings.
class SharedMemory {
 public:
  SharedMemory(size_t batches, Eigen::Index texts, Eigen::Index width)
      : bytes_(sizeof(Shared) + batches * sizeof(Shared::Batch) +
               static_cast<size_t>(texts * width) * sizeof(float)) {
    void* const at =
        mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) throw golden::InputError("out of memory");
    shared = new (at) Shared{};
    batch = new (shared + 1) Shared::Batch[batches]{};
    rows = {reinterpret_cast<float*>(batch + batches), texts, width};
  }
  ~SharedMemory() { munmap(shared, bytes_); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  Shared* shared;
  Shared::Batch* batch;
  struct {
    float* data;
    Eigen::Index texts, width;
    Eigen::Map<golden::MatrixF> of(size_t first, size_t count) const {
      return {data + static_cast<Eigen::Index>(first) * width, static_cast<Eigen::Index>(count),
              width};
    }
  } rows;

 private:
  size_t bytes_;
};

/// Processes that end with this one, however it ends.
class Processes {
 public:
  ~Processes() {
    for (const pid_t pid : running_) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
  }
  template <typename Body>
  void start(const Body& body) {
    const pid_t parent = getpid(), pid = fork();
    if (pid < 0)
      throw golden::InputError(fmt::format("no process can be started: {}", std::strerror(errno)));
    if (pid > 0) {
      running_.push_back(pid);
      return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_DFL);
    if (getppid() == parent) body();
    _exit(0);
  }
  /// True while one runs; InputError when one ended by a signal.
  bool running() {
    for (size_t i = 0; i < running_.size();) {
      int status = 0;
      if (waitpid(running_[i], &status, WNOHANG) == 0) {
        ++i;
        continue;
      }
      running_.erase(running_.begin() + static_cast<ptrdiff_t>(i));
      if (WIFSIGNALED(status))
        throw golden::InputError(
            fmt::format("a process of the simulation ended by signal {}", WTERMSIG(status)));
    }
    return !running_.empty();
  }

 private:
  std::vector<pid_t> running_;
};

/// Results of batches, kept in a folder.
class Kept {
 public:
  Kept(const std::string& folder, const std::string& key) : folder_(folder) {
    if (folder.empty()) return;
    std::error_code error;
    if (fs::exists(folder_, error) && !golden::is_folder(folder_))
      throw golden::InputError(folder + ": not a folder");
    const fs::path run = folder_ / "run.json";
    if (fs::exists(run, error)) {
      const json there = golden::read_json(run);
      if (!there.is_object() || there.value("run", json()) != key)
        throw golden::InputError(fmt::format(
            "{}: holds results of another model, other texts or another engine", folder));
      return;
    }
    if (fs::exists(folder_, error) && !fs::is_empty(folder_, error))
      throw golden::InputError(folder + ": holds something else than results of eval");
    fs::create_directory(folder_, error);
    if (error) throw golden::InputError(fmt::format("{}: {}", folder, error.message()));
    golden::write_file(run, json{{"run", key}}.dump() + "\n");
  }
  bool load(size_t b, Shared::Batch& batch, Eigen::Map<golden::MatrixF> rows) const {
    std::error_code error;
    if (folder_.empty() || !fs::exists(file(b), error)) return false;
    const json j = golden::read_json(file(b));
    const auto fail = [&] {
      throw golden::InputError(file(b).string() + ": not a batch of this evaluation");
    };
    if (!j.is_object() || !j.contains("embeddings") || !j["embeddings"].is_array() ||
        j["embeddings"].size() != static_cast<size_t>(rows.size()))
      fail();
    for (const char* key : {"cycles", "compared", "mismatches"})
      if (!j.contains(key) || !j[key].is_number_unsigned()) fail();
    for (Eigen::Index i = 0; i < rows.size(); ++i) {
      const json& value = j["embeddings"][static_cast<size_t>(i)];
      if (!value.is_number()) fail();
      rows.data()[i] = value.get<float>();
    }
    batch.cycles = j["cycles"];
    batch.compared = j["compared"];
    batch.mismatches = j["mismatches"];
    return true;
  }
  void save(size_t b, const Shared::Batch& batch, Eigen::Map<golden::MatrixF> rows) const {
    if (folder_.empty()) return;
    const json j{{"cycles", batch.cycles},
                 {"compared", batch.compared},
                 {"mismatches", batch.mismatches},
                 {"embeddings", std::vector<float>(rows.data(), rows.data() + rows.size())}};
    golden::write_file(file(b), j.dump() + "\n");
  }

 private:
  fs::path file(size_t b) const { return folder_ / fmt::format("batch-{}.json", b); }
  fs::path folder_;
};

// FNV-1a: names what was computed.
uint64_t hash(uint64_t seed, std::string_view bytes) {
  for (const char c : bytes) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return seed;
}

std::string key_of(const golden::IntModel& model, const std::vector<std::vector<int32_t>>& texts,
                   const EngineOptions& engine) {
  uint64_t h = hash(0xcbf29ce484222325, golden::int_model_bytes(model));
  for (const auto& ids : texts)
    h = hash(h, {reinterpret_cast<const char*>(ids.data()), 4 * ids.size()}) + ids.size();
  return fmt::format("{:016x}{}", h, engine_arguments(engine));
}

void run_batch(const golden::IntModel& model, std::span<const std::vector<int32_t>> texts,
               const EngineOptions& engine, const std::string& rerun, Shared::Batch& batch,
               Eigen::Map<golden::MatrixF> rows) {
  std::vector<golden::MatrixI16> inputs;
  for (const auto& ids : texts)
    inputs.push_back(
        golden::quantize_embeddings(model.encoder, golden::embeddings(model.host, ids)));
  const EngineJob job = run_encoder(model.encoder, inputs, engine, rerun);
  for (size_t i = 0; i < texts.size(); ++i)
    rows.row(static_cast<Eigen::Index>(i)) =
        golden::l2_normalize(
            golden::mean_pool(golden::dequantize_output(model.encoder, job.run.results[i])))
            .transpose();
  batch.cycles = job.run.cycles;
  batch.compared = job.compared;
  batch.mismatches = job.mismatches;
}

}  // namespace

BatchResults engine_embeddings(const golden::IntModel& model,
                               const std::vector<std::vector<int32_t>>& texts,
                               const EngineOptions& engine, const BatchOptions& options,
                               const std::function<std::string(size_t, size_t)>& rerun) {
  const size_t batches = (texts.size() + kBatch - 1) / kBatch;
  const SharedMemory memory(batches, static_cast<Eigen::Index>(texts.size()),
                            model.host.config.hidden);
  const auto first = [](size_t b) { return b * kBatch; };
  const auto count = [&](size_t b) { return std::min(kBatch, texts.size() - first(b)); };
  const auto rows = [&](size_t b) { return memory.rows.of(first(b), count(b)); };
  const Kept kept(options.resume, key_of(model, texts, engine));
  BatchResults results;
  std::vector<size_t> open;
  for (size_t b = 0; b < batches; ++b) {
    if (kept.load(b, memory.batch[b], rows(b)))
      results.kept += count(b);
    else
      open.push_back(b);
  }

  const auto start = std::chrono::steady_clock::now();
  Processes processes;
  Shared& shared = *memory.shared;
  const size_t jobs = options.jobs != 0 ? static_cast<size_t>(options.jobs)
                                        : std::max(1U, std::thread::hardware_concurrency());
  for (size_t p = 0; p < std::min(jobs, open.size()); ++p)
    processes.start([&] {
      EngineOptions quiet = engine;
      quiet.progress = false;
      for (size_t n = shared.next++; n < open.size(); n = shared.next++) {
        const auto fail = [&](int kind, const char* what) {
          int none = 0;
          if (shared.failed.compare_exchange_strong(none, -1)) {
            std::strncpy(shared.error, what, sizeof shared.error - 1);
            shared.failed = kind;
          }
          _exit(0);
        };
        const size_t b = open[n];
        try {
          run_batch(model, std::span(texts).subspan(first(b), count(b)), quiet,
                    rerun(first(b), count(b)), memory.batch[b], rows(b));
        } catch (const tb::SimError& error) {
          fail(1, error.what());
        } catch (const std::exception& error) {
          fail(2, error.what());
        }
        memory.batch[b].done = true;
      }
    });

  const auto progress = progress_line(fmt::format("{} texts on RTL", texts.size() - results.kept));
  size_t saved = 0;
  const auto save = [&] {
    for (const size_t b : open)
      if (memory.batch[b].done.exchange(false)) {
        kept.save(b, memory.batch[b], rows(b));
        if (progress) progress(static_cast<double>(++saved) / static_cast<double>(open.size()));
      }
  };
  while (processes.running()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    save();
    if (shared.failed > 0) break;
  }
  save();
  if (shared.failed == 1) throw tb::SimError(shared.error);
  if (shared.failed == 2) throw golden::InputError(shared.error);
  results.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (size_t b = 0; b < batches; ++b) {
    results.cycles += memory.batch[b].cycles;
    results.compared += memory.batch[b].compared;
    results.mismatches += memory.batch[b].mismatches;
  }
  results.embeddings = memory.rows.of(0, texts.size());
  return results;
}

}  // namespace sb::cli
