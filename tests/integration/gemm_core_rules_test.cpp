// SPDX-License-Identifier: Apache-2.0
// What sb_gemm_core does when its surroundings are late, full, wrong or reset, with every way to
// make its multipliers: each result compared, idle_o in every cycle.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <random>

#include "models/gemm_core_m4_bytes.h"
#include "models/gemm_core_m4_ecp5.h"
#include "models/gemm_core_m8_dsp.h"
#include "tb/devices/gemm_model.h"
#include "tests/integration/gemm_session.h"
#include "tests/integration/operands.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

using tb::GemmStream;
using test::GemmSession;
using test::GemmWords;

/// A core of this program, by name: the sizes that bertsim has too, and those with the parameters
/// that these leave out.
struct CoreEntry {
  std::string name;
  std::function<std::unique_ptr<tb::GemmCore>(uint64_t seed)> make;
};

void PrintTo(const CoreEntry& entry, std::ostream* os) { *os << entry.name; }

template <class P>
CoreEntry variant(const std::string& name) {
  return {name, [](uint64_t seed) {
            return std::make_unique<tb::GemmModel<P>>(seed, test::trace_options(seed));
          }};
}

std::vector<CoreEntry> cores() {
  std::vector<CoreEntry> all{variant<models::gemm_core_m4_bytes>("M4Bytes"),
                             variant<models::gemm_core_m4_ecp5>("M4Ecp5"),
                             variant<models::gemm_core_m8_dsp>("M8Dsp")};
  for (const int m : tb::gemm_core_sizes())
    all.push_back({fmt::format("M{}", m), [m](uint64_t seed) {
                     return tb::make_gemm_core(m, seed, test::trace_options(seed));
                   }});
  return all;
}

class GemmRules : public testing::TestWithParam<CoreEntry> {
 protected:
  const uint64_t seed_ = static_cast<uint64_t>(GTEST_FLAG_GET(random_seed));
  const std::unique_ptr<tb::GemmCore> core_ = GetParam().make(seed_);
  const tb::ArrayGeometry g_ = core_->geometry();
  std::mt19937 rng_{static_cast<unsigned>(seed_) + 1};

  /// A random problem whose results fit the lanes of this core.
  tb::GemmProblem problem(int rows, int k_blocks, int n_blocks) {
    std::vector<std::optional<golden::Clamp>> clamps{golden::Clamp::S8, golden::Clamp::U8};
    if (core_->out_bits() >= 9) clamps.emplace_back(golden::Clamp::S9);
    if (core_->out_bits() >= 16) clamps.emplace_back(golden::Clamp::S16);
    if (core_->out_bits() == 32) clamps.emplace_back(std::nullopt);
    const auto& [kind, name] = operand_names()[rng_() % operand_names().size()];
    return random_problem(rows, k_blocks * g_.m - static_cast<int>(rng_() % 2),
                          n_blocks * g_.m - static_cast<int>(rng_() % 2), kind, g_.act_bits,
                          clamps[rng_() % clamps.size()], rng_());
  }
  GemmWords words(const std::vector<tb::GemmProblem>& problems) const {
    GemmWords all;
    for (const auto& p : problems) all.add(*core_, p);
    return all;
  }
  /// Small jobs of every kind: 1 to 5 rows and as many as there may be, 1 to 3 blocks.
  GemmWords small_jobs(int count) {
    GemmWords all;
    for (int i = 0; i < count; ++i) {
      const int rows = rng_() % 8 == 0 ? g_.rows : 1 + static_cast<int>(rng_() % 5);
      all.add(*core_, problem(std::min(rows, g_.rows), 1 + static_cast<int>(rng_() % 3),
                              1 + static_cast<int>(rng_() % 3)));
    }
    return all;
  }
  tb::StallPolicy random_stall() {
    switch (rng_() % 4) {
      case 0: return tb::StallPolicy::never();
      case 1: return tb::StallPolicy::random(0.5);
      case 2: return tb::StallPolicy::bursts(3, 4 * g_.m);
      default: return tb::StallPolicy::bursts(2 * g_.m, 3 * (g_.m + g_.chain));
    }
  }
  GemmSession::Stalls random_stalls() {
    GemmSession::Stalls stalls;
    for (const auto stream :
         {GemmStream::Job, GemmStream::W, GemmStream::Chan, GemmStream::Act, GemmStream::Out})
      stalls[stream] = random_stall();
    return stalls;
  }
};

INSTANTIATE_TEST_SUITE_P(Core, GemmRules, testing::ValuesIn(cores()),
                         [](const auto& p) { return p.param.name; });

TEST_P(GemmRules, RunsJobsOfEveryKindWithStallsOfEveryStream) {
  for (int run = 0; run < (g_.m > 16 ? 2 : 8); ++run) {
    GemmSession session(*core_, small_jobs(12), random_stalls(), rng_());
    session.finish();
    EXPECT_FALSE(core_->error());
  }
}

TEST_P(GemmRules, HoldsAsManyResultsAsItHasRoomForAndLosesNone) {
  // As many activation words as it takes without a job wait at its entry.
  const int rows = std::min(g_.rows, 64), n_blocks = 300 / rows + 1;
  GemmSession session(*core_, words({problem(rows, 1, n_blocks), problem(2, 2, 2)}), {}, rng_());
  session.out.limit(0);
  session.job.limit(0);
  session.settle();
  const uint64_t waiting = session.act.sent();
  session.job.limit(~uint64_t{0});
  session.settle();
  const uint64_t held = session.act.sent() - waiting;
  EXPECT_TRUE(std::has_single_bit(held)) << "holds " << held << " results";
  EXPECT_LT(held, 300U);
  EXPECT_TRUE(*core_->out.valid);
  for (uint64_t taken = 1; taken <= 5; ++taken) {  // each that leaves lets one in
    session.out.limit(taken);
    session.settle();
    EXPECT_EQ(session.out.taken(), taken);
    EXPECT_EQ(session.act.sent(), held + waiting + taken);
  }
  session.out.limit(~uint64_t{0});
  session.finish();
}

TEST_P(GemmRules, WaitsForTheChannelWordsOfEachBlock) {
  const int rows = std::min(3, g_.rows);
  GemmSession session(*core_, words({problem(rows, 2, 3), problem(rows, 1, 1)}), {}, rng_());
  session.chan.limit(0);
  session.job.limit(0);
  session.settle();
  const uint64_t waiting = session.act.sent();
  session.job.limit(~uint64_t{0});
  for (uint64_t given = 0; given <= 4; ++given) {
    session.chan.limit(given);
    session.settle();
    EXPECT_EQ(session.out.taken(), given * static_cast<uint64_t>(rows))
        << given << " channel words";
    // Those before the last k-block of the next n-block go in.
    const auto in = static_cast<uint64_t>(rows) * (given < 3 ? 2 * given + 1 : 3 + given);
    EXPECT_EQ(session.act.sent(), std::min(session.act.size(), in + waiting));
  }
  session.finish();
}

TEST_P(GemmRules, TakesTheWordsOfAnyStreamOneByOneWhenAllElseWaits) {
  using Feed = test::WordFeed GemmSession::*;
  for (const Feed feed :
       {&GemmSession::job, &GemmSession::w, &GemmSession::chan, &GemmSession::act}) {
    if (feed == &GemmSession::w && g_.m > 8) continue;  // M words per tile, each with its wait
    GemmSession session(*core_, words({problem(std::min(2, g_.rows), 2, 2), problem(1, 3, 1)}), {},
                        rng_());
    for (uint64_t given = 0; given <= (session.*feed).size(); ++given) {
      (session.*feed).limit(given);
      session.settle();
      EXPECT_LE((session.*feed).sent(), given);
    }
    (session.*feed).limit(~uint64_t{0});
    session.finish();
  }
  GemmSession session(*core_, words({problem(std::min(2, g_.rows), 2, 2), problem(1, 3, 1)}), {},
                      rng_());
  for (uint64_t taken = 0; taken < 4; ++taken) {
    session.out.limit(taken);
    session.settle();
    EXPECT_EQ(session.out.taken(), taken);
  }
  session.out.limit(~uint64_t{0});
  session.finish();
}

TEST_P(GemmRules, DropsEachKindOfBadJobSaysSoUntilResetAndComputesTheOthers) {
  const int64_t rows = g_.rows;
  const sb_pkg::job_t bad_jobs[] = {{.rows = 0, .k_blocks = 1, .n_blocks = 1},
                                    {.rows = rows + 1, .k_blocks = 1, .n_blocks = 1},
                                    {.rows = 65535, .k_blocks = 1, .n_blocks = 1},
                                    {.rows = 1, .k_blocks = 0, .n_blocks = 1},
                                    {.rows = 1, .k_blocks = 1, .n_blocks = 0},
                                    {.rows = 0, .k_blocks = 0, .n_blocks = 0},
                                    {.rows = rows + 256, .k_blocks = 2, .n_blocks = 3}};
  for (const auto& bad : bad_jobs) {
    SCOPED_TRACE(
        fmt::format("rows {}, k-blocks {}, n-blocks {}", bad.rows, bad.k_blocks, bad.n_blocks));
    core_->reset();
    EXPECT_FALSE(core_->error());
    GemmWords all = words({problem(std::min(2, g_.rows), 2, 1), problem(g_.rows, 1, 2)});
    for (int i = 0; i < 2; ++i) all.add_job(bad, true);
    all.add(*core_, problem(std::min(3, g_.rows), 2, 2));
    GemmSession session(*core_, all, {}, rng_());
    session.job.limit(2);
    session.settle();
    EXPECT_FALSE(core_->error());
    session.job.limit(3);
    session.settle();
    EXPECT_TRUE(core_->error());
    session.job.limit(~uint64_t{0});
    session.settle();
    EXPECT_TRUE(core_->error());
    EXPECT_TRUE(core_->idle());
    EXPECT_EQ(session.act.sent(), session.act.size());
    EXPECT_EQ(session.out.taken(), all.out.size());
  }
  core_->reset(1);
  EXPECT_FALSE(core_->error());
}

TEST_P(GemmRules, ARefusedJobBetweenRunningOnesDisturbsNeither) {
  GemmWords all = words({problem(std::min(2, g_.rows), 2, 2)});
  all.add_job({.rows = 0, .k_blocks = 3, .n_blocks = 3}, true);
  all.add(*core_, problem(1, 2, 1));
  all.add_job({.rows = g_.rows + 1, .k_blocks = 1, .n_blocks = 1}, true);
  all.add(*core_, problem(std::min(4, g_.rows), 1, 2));
  GemmSession session(*core_, all, {}, rng_());
  core_->clock().run(100000);
  session.settle();
  EXPECT_EQ(session.out.taken(), all.out.size());
  EXPECT_TRUE(core_->error());
  EXPECT_TRUE(core_->idle());
}

TEST_P(GemmRules, AfterAResetOfOneCycleInAnyStateNothingOfTheOldJobsComesOut) {
  const int trials = g_.m > 16 ? 12 : 60;
  for (int trial = 0; trial < trials; ++trial) {
    {
      // Rows in every cycle in half of the trials, so that the reset finds them everywhere.
      GemmWords old = words({problem(g_.rows, 1, 2), problem(std::min(3, g_.rows), 3, 2)});
      if (trial % 8 == 7) old.add_job({.rows = 0, .k_blocks = 1, .n_blocks = 1}, true);
      GemmSession session(*core_, std::move(old),
                          trial % 2 == 0 ? GemmSession::Stalls{} : random_stalls(), rng_());
      if (trial % 4 == 0) session.out.limit(0);
      // The most telling are the cycles after the first rows went in.
      const int rows_in = 1 + static_cast<int>(rng_() % static_cast<unsigned>(g_.rows + 20));
      for (int i = 0; i < 4000 && session.act.sent() < static_cast<uint64_t>(rows_in); ++i)
        session.tick(1);
      session.tick(static_cast<int>(rng_() % 40));
    }
    core_->reset(1);
    EXPECT_FALSE(core_->error());
    GemmSession session(*core_, words({problem(std::min(2, g_.rows), 2, 2), problem(1, 1, 1)}), {},
                        rng_());
    EXPECT_TRUE(core_->idle());
    if (trial % 3 == 0) {  // what is left in the array comes out before there is a new job
      session.job.limit(0);
      session.settle();
      EXPECT_FALSE(*core_->out.valid);
      session.job.limit(~uint64_t{0});
    }
    session.finish();
    if (HasFailure()) FAIL() << "trial " << trial << "; " << test::rerun_line();
  }
}

}  // namespace
}  // namespace sb
