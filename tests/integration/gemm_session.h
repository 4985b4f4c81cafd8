// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "tb/bfm/stream.h"
#include "tb/devices/gemm_core.h"
#include "tb/host/lanes.h"
#include "tb/sim/error.h"
#include "tests/integration/expected.h"
#include "tests/support/word_feed.h"

namespace sb::test {

/// The words of jobs on each stream of a core, and those that must leave.
struct GemmWords {
  std::vector<uint32_t> job, w, chan, act;
  std::vector<bool> refused;  ///< per job
  struct Out {
    std::vector<uint32_t> lanes;  ///< those of outputs that there are
    bool last;
  };
  std::vector<Out> out;

  /// refuse: the core must drop it.
  void add_job(const sb_pkg::job_t& word, bool refuse) {
    refused.push_back(refuse);
    const auto packed = word.pack();
    job.insert(job.end(), packed.begin(), packed.end());
  }
  void add(const tb::GemmCore& core, const tb::GemmProblem& p);
};

inline void GemmWords::add(const tb::GemmCore& core, const tb::GemmProblem& p) {
  const auto& g = core.geometry();
  tb::check_problem(g, p);
  const auto packed = tb::pack_gemm(g, p);
  const auto expected = expected_result(p);
  const auto append = [](std::vector<uint32_t>& to, std::span<const uint32_t> from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  const std::size_t act_words = core.act.data.words();
  const uint32_t mask = core.out_bits() == 32 ? ~0U : (1U << core.out_bits()) - 1;
  std::size_t act_from = 0;
  Eigen::Index row = 0;
  for (std::size_t chunk = 0; chunk < packed.chunk_rows.size(); ++chunk) {
    const int rows = packed.chunk_rows[chunk];
    add_job(packed.jobs[chunk], false);
    append(w, packed.w);
    append(chan, packed.chan);
    const std::size_t act_size = act_words * static_cast<std::size_t>(rows * packed.k_blocks);
    for (int nb = 0; nb < packed.n_blocks; ++nb) {
      append(act, std::span(packed.act).subspan(act_from, act_size));
      for (int r = 0; r < rows; ++r) {
        const Eigen::Index first = Eigen::Index{nb} * g.m;
        Out word{{}, nb + 1 == packed.n_blocks && r + 1 == rows};
        for (Eigen::Index n = first; n < std::min(first + g.m, p.w.rows()); ++n)
          word.lanes.push_back(static_cast<uint32_t>(expected(row + r, n)) & mask);
        out.push_back(std::move(word));
      }
    }
    act_from += act_size;
    row += rows;
  }
}

/// A core that runs such words: each stream with its own pauses and limit. Compares every result
/// when it leaves, and idle_o in every cycle.
class GemmSession {
 public:
  using Stalls = std::map<tb::GemmStream, tb::StallPolicy>;

  GemmSession(tb::GemmCore& core, GemmWords words, const Stalls& stalls = {}, uint64_t seed = 1)
      : core_(core),
        expected_(std::move(words.out)),
        refused_(std::move(words.refused)),
        job(core.job, std::move(words.job), of(stalls, tb::GemmStream::Job), seed * 8),
        w(core.w, std::move(words.w), of(stalls, tb::GemmStream::W), seed * 8 + 1),
        chan(core.chan, std::move(words.chan), of(stalls, tb::GemmStream::Chan), seed * 8 + 2),
        act(core.act, std::move(words.act), of(stalls, tb::GemmStream::Act), seed * 8 + 3),
        out(
            core.out, [this](auto word, bool last) { take(word, last); }, expected_.size(),
            of(stalls, tb::GemmStream::Out), seed * 8 + 4),
        monitor_(core.out),
        idle_(*this) {
    job.on_taken = [this](uint64_t index) { ++(refused_[index] ? refused_taken_ : good_taken_); };
    core.clock().clear();
    for (tb::Component* c :
         std::initializer_list<tb::Component*>{&job, &w, &chan, &act, &out, &monitor_, &idle_})
      core.clock().add(*c);
  }
  ~GemmSession() { core_.clock().clear(); }
  GemmSession(const GemmSession&) = delete;
  GemmSession& operator=(const GemmSession&) = delete;

  void tick(int cycles) {
    for (int i = 0; i < cycles; ++i) core_.clock().tick();
  }
  /// Until no word has moved on any stream for so many cycles that none can be under way.
  void settle() {
    const auto& g = core_.geometry();
    const int quiet = 100 + 8 * (g.m + g.chain);
    uint64_t before = moved();
    for (int still = 0; still < quiet; ++still) {
      tick(1);
      if (moved() != before) still = 0;
      before = moved();
    }
  }
  /// Until all has been sent and all results have come, and on to see that no more of them come.
  void finish() {
    core_.clock().run(100000 + 200 * (w.size() + act.size() + expected_.size()));
    settle();
    EXPECT_EQ(out.taken(), expected_.size());
    EXPECT_TRUE(core_.idle());
  }

 private:
  static tb::StallPolicy of(const Stalls& stalls, tb::GemmStream stream) {
    const auto found = stalls.find(stream);
    return found == stalls.end() ? tb::StallPolicy::never() : found->second;
  }
  uint64_t moved() const { return job.sent() + w.sent() + chan.sent() + act.sent() + out.taken(); }
  void take(std::span<const uint32_t> word, bool last) {
    if (out.taken() >= expected_.size()) throw tb::SimError("a result that belongs to no job");
    const auto& want = expected_[out.taken()];
    for (std::size_t lane = 0; lane < want.lanes.size(); ++lane) {
      const auto got = static_cast<uint32_t>(
          tb::get_bits(word, static_cast<int>(lane) * core_.out_bits(), core_.out_bits()));
      if (got != want.lanes[lane])
        throw tb::SimError(fmt::format("result word {}, lane {}: {:#x}, must be {:#x}", out.taken(),
                                       lane, got, want.lanes[lane]));
    }
    if (last != want.last)
      throw tb::SimError(fmt::format("result word {}: last is {}", out.taken(), last));
    ended_ += last;
  }

  // idle_o: no job taken whose last result has not left. One that is dropped is there for a while
  // too.
  class IdleCheck : public tb::Component {
   public:
    explicit IdleCheck(const GemmSession& session) : session_(session) {}
    void sample() override {
      const bool idle = session_.good_taken_ == session_.ended_before_;
      if (session_.core_.idle() != idle && (session_.refused_taken_ == 0 || session_.core_.idle()))
        throw tb::SimError(fmt::format("idle_o is {}, {} jobs taken, {} ended",
                                       session_.core_.idle(), session_.good_taken_,
                                       session_.ended_before_));
    }
    void drive() override { const_cast<GemmSession&>(session_).ended_before_ = session_.ended_; }

   private:
    const GemmSession& session_;
  };

  tb::GemmCore& core_;
  std::vector<GemmWords::Out> expected_;
  std::vector<bool> refused_;
  uint64_t good_taken_ = 0, refused_taken_ = 0, ended_ = 0, ended_before_ = 0;  // jobs

 public:
  WordFeed job, w, chan, act;
  WordGate out;

 private:
  tb::StreamMonitor monitor_;
  IdleCheck idle_;
};

}  // namespace sb::test
