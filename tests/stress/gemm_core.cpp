// SPDX-License-Identifier: Apache-2.0
// sb_gemm_core: jobs back to back, illegal ones between, resets at any cycle; every result,
// out_last, error_o and idle_o are checked.
#include <fmt/format.h>

#include <array>
#include <deque>
#include <optional>

#include "models/gemm_core_m16.h"
#include "models/gemm_core_m32.h"
#include "models/gemm_core_m4.h"
#include "models/gemm_core_m64.h"
#include "models/gemm_core_m8.h"
#include "models/stress_core_cells.h"
#include "models/stress_core_few.h"
#include "models/stress_core_one.h"
#include "tb/devices/gemm_model.h"
#include "tb/host/gemm_pack.h"
#include "tb/sim/error.h"
#include "tests/integration/expected.h"
#include "tests/stress/stress.h"

namespace sb::stress {
namespace {

using tb::SimError;

struct Model {
  const char* name;
  int weight;  ///< of 1000 episodes
  std::unique_ptr<tb::GemmCore> (*make)(uint64_t seed);
};

template <class P>
std::unique_ptr<tb::GemmCore> make(uint64_t seed) {
  return std::make_unique<tb::GemmModel<P>>(seed);
}

// Large arrays take long for a job: few of them.
const Model kModels[] = {{"gemm_core_m4", 300, make<models::gemm_core_m4>},
                         {"stress_core_one", 160, make<models::stress_core_one>},
                         {"stress_core_few", 200, make<models::stress_core_few>},
                         {"stress_core_cells", 200, make<models::stress_core_cells>},
                         {"gemm_core_m8", 120, make<models::gemm_core_m8>},
                         {"gemm_core_m16", 15, make<models::gemm_core_m16>},
                         {"gemm_core_m32", 4, make<models::gemm_core_m32>},
                         {"gemm_core_m64", 1, make<models::gemm_core_m64>}};

const Model& draw_model(Rng& rng) {
  int at = below(rng, 1000);
  for (const Model& m : kModels)
    if ((at -= m.weight) < 0) return m;
  return kModels[0];
}

std::vector<std::optional<golden::Clamp>> clamps(int out_bits) {
  std::vector<std::optional<golden::Clamp>> all{golden::Clamp::S8, golden::Clamp::U8};
  if (out_bits >= 9) all.emplace_back(golden::Clamp::S9);
  if (out_bits >= 16) all.emplace_back(golden::Clamp::S16);
  if (out_bits == 32) all.emplace_back(std::nullopt);
  return all;
}

/// Rows of a job: mostly those where a row comes again soon.
int draw_rows(const tb::ArrayGeometry& g, Rng& rng) {
  const int at = below(rng, 100);
  const int rows = at < 30   ? 2
                   : at < 45 ? 1
                   : at < 60 ? 3
                   : at < 68 ? g.m + g.chain - 1
                   : at < 74 ? g.rows
                             : 1 + below(rng, 2 * (g.m + g.chain));
  return std::min(rows, g.rows);
}

/// A job that the core must refuse.
sb_pkg::job_t draw_illegal(const tb::ArrayGeometry& g, Rng& rng) {
  sb_pkg::job_t job{.clamp = sb_pkg::ClampS8,
                    .rows = 1 + below(rng, g.rows),
                    .k_blocks = 1 + below(rng, 3),
                    .n_blocks = 1 + below(rng, 3)};
  switch (below(rng, 4)) {
    case 0: job.rows = 0; break;
    case 1:
      job.rows = chance(rng, 50) ? g.rows + 1 : g.rows + 1 + below(rng, 65535 - g.rows);
      break;
    case 2: job.k_blocks = 0; break;
    default: job.n_blocks = 0;
  }
  return job;
}

/// Jobs and what each stream carries for them.
struct Plan {
  struct Job {
    bool legal;
    int rows, n_blocks;
    uint64_t legal_before;  ///< legal jobs before it
    golden::MatrixI32 expected;
  };
  std::vector<Job> jobs;
  std::vector<std::size_t> legal;  ///< indices of the legal ones
  std::vector<uint32_t> job, w, chan, act;
  uint64_t results = 0, tile_cycles = 0;

  void add(const tb::GemmCore& core, Episode& e);
};

void append(std::vector<uint32_t>& to, std::span<const uint32_t> from) {
  to.insert(to.end(), from.begin(), from.end());
}

void Plan::add(const tb::GemmCore& core, Episode& e) {
  Rng& rng = e.rng;
  const auto& g = core.geometry();
  if (chance(rng, 12)) {
    append(job, draw_illegal(g, rng).pack());
    jobs.push_back({false, 0, 0, legal.size(), {}});
    return;
  }
  const int rows = draw_rows(g, rng);
  const int most = g.m > 8 ? 2 : 4;
  const int k_blocks = 1 + below(rng, most), n_blocks = 1 + below(rng, most - 1);
  const int k = (k_blocks - 1) * g.m + 1 + below(rng, g.m);
  const int n = (n_blocks - 1) * g.m + 1 + below(rng, g.m);
  JobData data = draw_data(rows, k, n, g.act_bits, e.real, rng);
  tb::GemmProblem p{std::move(data.a), std::move(data.w), draw_bias(n, rng), {}};
  if (const auto clamp = one_of(rng, clamps(core.out_bits())))
    p.requantization = draw_requantization(k, n, *clamp, rng);
  tb::PackedGemm packed = tb::pack_gemm(g, p);
  sb_pkg::job_t& word = packed.jobs[0];
  // Codes of 0 .. 127 are the same either way.
  if (g.act_bits == 8 && !word.act_unsigned && p.a.minCoeff() >= 0)
    word.act_unsigned = chance(rng, 50);
  append(job, word.pack());
  append(w, packed.w);
  append(chan, packed.chan);
  for (int nb = 0; nb < n_blocks; ++nb) append(act, packed.act);
  legal.push_back(jobs.size());
  jobs.push_back({true, rows, n_blocks, legal.size() - 1, expected_result(p)});
  results += static_cast<uint64_t>(rows) * static_cast<uint64_t>(n_blocks);
  tile_cycles += static_cast<uint64_t>(k_blocks) * static_cast<uint64_t>(n_blocks) *
                 static_cast<uint64_t>(std::max(rows, g.m + g.chain));
}

/// Compares results as they come.
class Scoreboard {
 public:
  Scoreboard(const tb::GemmCore& core, const Plan& plan, Episode& e)
      : core_(core), plan_(plan), e_(e) {}
  uint64_t jobs_done() const { return done_; }
  /// A job behind this one has given results.
  bool passed(std::size_t job) const {
    return done_ > plan_.jobs[job].legal_before || (walk_ && plan_.legal[done_] > job);
  }

  void take(std::span<const uint32_t> word, bool last) {
    if (e_.strikes(Fault::Lost)) return;
    if (done_ == plan_.legal.size()) throw SimError("a result after the last job");
    const Plan::Job& job = plan_.jobs[plan_.legal[done_]];
    if (!walk_) walk_.emplace(job.rows, job.n_blocks);
    const int m = core_.geometry().m, bits = core_.out_bits();
    const Eigen::Index row = walk_->row(), first = Eigen::Index{walk_->block()} * m;
    for (int c = 0; c < m && first + c < job.expected.cols(); ++c) {
      uint64_t got = tb::get_bits(word, c * bits, bits);
      if (e_.strikes(Fault::Result)) got ^= 1;
      const int32_t expected = job.expected(row, first + c);
      const uint64_t mask = (uint64_t{1} << bits) - 1;
      if ((static_cast<uint64_t>(expected) & mask) != got)
        throw SimError(fmt::format("job {} of {} rows, n-block {}, row {}, lane {}: {:#x} for {}",
                                   plan_.legal[done_], job.rows, walk_->block(), row, c, got,
                                   expected));
      ++e_.counts.elements;
    }
    const bool end = walk_->step();
    if (end != last)
      throw SimError(
          fmt::format("job {}, row {}: out_last_o is {}", plan_.legal[done_], row, last));
    if (end) walk_.reset(), ++done_;
  }

 private:
  const tb::GemmCore& core_;
  const Plan& plan_;
  Episode& e_;
  uint64_t done_ = 0;  ///< legal jobs all of whose results have come
  std::optional<tb::BlockRowWalk> walk_;
};

/// error_o and idle_o in every cycle, from what was handed over before it.
class StatusCheck : public tb::Component {
 public:
  /// error: as it was at the end; illegal: since the reset a job was, so that it may come yet.
  StatusCheck(const tb::GemmCore& core, const Plan& plan, const Scoreboard& board, bool error,
              bool illegal, Episode& e)
      : core_(core), plan_(plan), board_(board), error_(error), illegal_(illegal), e_(e) {}
  /// Jobs handed over.
  void watch(const tb::StreamDriver& jobs) { jobs_ = &jobs; }
  bool error() const { return error_; }
  bool illegal() const { return illegal_; }
  /// Legal jobs handed over whose results have not all come.
  uint64_t open() const { return legal_ - board_.jobs_done(); }

  void sample() override {
    for (; taken_ < jobs_->sent(); ++taken_, quiet_ = 0) {
      legal_ += plan_.jobs[taken_].legal;
      if (!plan_.jobs[taken_].legal && !refused_) refused_ = taken_, illegal_ = true;
    }
    const bool error = core_.error() != e_.strikes(Fault::Status);
    const bool idle = core_.idle() != e_.strikes(Fault::Status);
    if (error && !illegal_) throw SimError("error_o without an illegal job");
    if (error_ && !error) throw SimError("error_o fell");
    error_ = error;
    if (refused_ && !error && board_.passed(*refused_))
      throw SimError(
          fmt::format("no error_o, though jobs behind illegal job {} gave results", *refused_));
    if (idle && open() > 0) throw SimError(fmt::format("idle_o with {} jobs under way", open()));
    // Refused ones go one per cycle.
    constexpr int kSettled = 16;
    quiet_ = open() > 0 ? 0 : quiet_ + 1;
    if (quiet_ > kSettled && !idle) throw SimError("no idle_o though nothing is under way");
    if (quiet_ > kSettled && refused_ && !error) throw SimError("no error_o after an illegal job");
  }

 private:
  const tb::GemmCore& core_;
  const Plan& plan_;
  const Scoreboard& board_;
  const tb::StreamDriver* jobs_ = nullptr;
  bool error_, illegal_;
  Episode& e_;
  uint64_t taken_ = 0, legal_ = 0;
  std::optional<std::size_t> refused_;
  int quiet_ = 0;
};

}  // namespace

void run_gemm_core(Episode& e) {
  Rng& rng = e.rng;
  const Model& model = draw_model(rng);
  const auto core = model.make(e.seed);
  const auto& g = core->geometry();
  const int segments = 1 + below(rng, 6);
  bool error = false, illegal = false;
  for (int segment = 0; segment < segments; ++segment) {
    Plan plan;
    const int jobs = 1 + below(rng, g.m > 8 ? 6 : 24);
    for (int i = 0; i < jobs; ++i) plan.add(*core, e);
    const int pause = 2 * (g.m + g.chain);
    const std::array<Starved, 5> starved{
        {{3, pause}, {2 * g.m, g.m}, {3, pause}, {3, pause}, {3, pause}}};
    const auto stalls = draw_stalls(starved, rng);
    const bool reset = chance(rng, 60);
    const uint64_t limit = reset ? 1 + rng() % (2 * plan.tile_cycles + 40) : 0;
    e.where = fmt::format("{}, segment {}, stalls of job w chan act out: {}", model.name, segment,
                          names(stalls));

    Scoreboard board(*core, plan, e);
    StatusCheck status(*core, plan, board, error, illegal, e);
    const uint64_t seed = e.seed * 64 + static_cast<uint64_t>(segment) * 8;
    tb::StreamDriver job(core->job, tb::words_of(plan.job), stalls[0], seed + 1);
    tb::StreamDriver w(core->w, tb::words_of(plan.w), stalls[1], seed + 2);
    tb::StreamDriver chan(core->chan, tb::words_of(plan.chan), stalls[2], seed + 3);
    tb::StreamDriver act(core->act, tb::words_of(plan.act), stalls[3], seed + 4);
    tb::StreamSink out(
        core->out, plan.results, [&](auto word, bool last) { board.take(word, last); }, stalls[4],
        seed + 5);
    tb::StreamMonitor monitor(core->out);
    status.watch(job);
    const std::array<tb::Component*, 7> components{&status, &job, &w, &chan, &act, &out, &monitor};
    const bool whole = run_until(core->clock(), components, limit);
    if (whole) {
      // Nothing may follow.
      const int more = below(rng, 40);
      for (int i = 0; i < more; ++i) core->clock().tick();
      if (board.jobs_done() != plan.legal.size()) throw SimError("not all jobs have ended");
    }
    e.counts.jobs += job.sent();
    for (std::size_t i = 0; i < job.sent(); ++i) {
      e.counts.refused += !plan.jobs[i].legal;
      e.counts.two_rows += plan.jobs[i].rows == 2 && unequal(stalls);
    }
    error = status.error(), illegal = status.illegal();
    core->clock().clear();
    if (reset) {
      e.counts.reset_jobs += status.open();
      ++e.counts.resets;
      const int cycles = 1 + (chance(rng, 50) ? 0 : below(rng, 5));
      NoiseInReset noise({core->job, core->w, core->chan, core->act}, cycles, rng);
      core->clock().add(noise);
      core->reset(cycles);
      core->clock().clear();
      error = illegal = false;
    }
  }
}

}  // namespace sb::stress
