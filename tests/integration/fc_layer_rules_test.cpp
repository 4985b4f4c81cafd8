// SPDX-License-Identifier: Apache-2.0
// What sb_fc_layer does when a batch is wrong, options change, weights come at the wrong time, a
// side is late or a reset comes: every beat compared, tlast and tkeep too.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "models/fc_layer_m4_file.h"
#include "tb/devices/fc_layer.h"
#include "tb/host/lanes.h"
#include "tb/sim/error.h"
#include "tests/integration/expected.h"
#include "tests/integration/operands.h"
#include "tests/support/seeds.h"
#include "tests/support/word_feed.h"

namespace sb {
namespace {

/// Beats of batches with their options, and the beats that must leave.
struct FcWords {
  std::vector<uint32_t> beats;
  std::vector<uint8_t> last;                  ///< per beat
  std::map<uint64_t, sb_pkg::job_t> options;  ///< by the first beat of each batch
  struct Out {
    std::vector<uint32_t> lanes;  ///< empty: anything
    int kept = 0;                 ///< lanes with tkeep
    bool last = false;
  };
  std::vector<Out> out;
};

/// How a batch goes wrong.
struct Fault {
  int64_t rows_option = -1;  ///< rows_i; -1: as many as there are
  uint64_t beats = 0;        ///< beats that are sent, the last with tlast; 0: all
  bool no_last = false;      ///< no tlast at all
};

class FcSession {
 public:
  FcSession(tb::FcLayer& layer, FcWords words, tb::StallPolicy in_stall = {},
            tb::StallPolicy out_stall = {}, uint64_t seed = 1)
      : in(layer.in, std::move(words.beats), in_stall, seed * 2),
        out(
            layer.out, [this](auto word, bool last) { take(word, last); }, words.out.size(),
            out_stall, seed * 2 + 1),
        layer_(layer),
        words_(std::move(words)),
        rng_(static_cast<unsigned>(seed)),
        keep_(layer.keep.words()),
        monitor_(layer.out) {
    in.on_offer = [this](uint64_t beat) {
      *layer_.in.last = words_.last[beat];
      if (const auto found = words_.options.find(beat); found != words_.options.end())
        layer_.set_options(found->second);
    };
    // Options are sampled with the first beat: what they are then on is nothing to the batch.
    in.on_taken = [this](uint64_t) {
      layer_.set_options({.act_unsigned = static_cast<int64_t>(rng_() % 2),
                          .clamp = static_cast<sb_pkg::clamp_e>(rng_() % 5),
                          .zero_point = static_cast<int16_t>(rng_()),
                          .rows = static_cast<int64_t>(rng_() % 8)});
      *layer_.in.last = rng_() % 2;
    };
    layer.clock().clear();
    for (tb::Component* c : std::initializer_list<tb::Component*>{&in, &out, &monitor_})
      layer.clock().add(*c);
  }
  ~FcSession() { layer_.clock().clear(); }
  FcSession(const FcSession&) = delete;
  FcSession& operator=(const FcSession&) = delete;

  void tick(int cycles) {
    for (int i = 0; i < cycles; ++i) layer_.clock().tick();
  }
  /// Until nothing has moved for so long that nothing can be under way.
  void settle() {
    const int quiet = 200 + 16 * (layer_.geometry.m + layer_.geometry.chain);
    uint64_t before = in.sent() + out.taken();
    for (int still = 0; still < quiet; ++still) {
      tick(1);
      if (in.sent() + out.taken() != before) still = 0;
      before = in.sent() + out.taken();
    }
  }
  void finish() {
    layer_.clock().run(20000 + 200 * (in.size() + words_.out.size()));
    settle();
    EXPECT_EQ(out.taken(), words_.out.size());
  }

  test::WordFeed in;
  test::WordGate out;

 private:
  void take(std::span<const uint32_t> word, bool last) {
    if (out.taken() >= words_.out.size()) throw tb::SimError("a beat that belongs to no batch");
    const auto& want = words_.out[out.taken()];
    const int bits = layer_.out_bits;
    layer_.keep.read(keep_);
    for (int lane = 0; lane < layer_.geometry.m; ++lane) {
      const auto bytes = tb::get_bits(keep_, lane * bits / 8, bits / 8);
      if (bytes != (lane < want.kept ? (1U << bits / 8) - 1 : 0))
        throw tb::SimError(
            fmt::format("beat {}: tkeep of lane {} is {:#x}", out.taken(), lane, bytes));
      if (static_cast<std::size_t>(lane) >= want.lanes.size()) continue;
      const auto got = static_cast<uint32_t>(tb::get_bits(word, lane * bits, bits));
      if (got != want.lanes[static_cast<std::size_t>(lane)])
        throw tb::SimError(fmt::format("beat {}, lane {}: {:#x}, must be {:#x}", out.taken(), lane,
                                       got, want.lanes[static_cast<std::size_t>(lane)]));
    }
    if (last != want.last)
      throw tb::SimError(fmt::format("beat {}: tlast is {}", out.taken(), last));
  }

  tb::FcLayer& layer_;
  FcWords words_;
  std::mt19937 rng_;
  std::vector<uint32_t> keep_;
  tb::StreamMonitor monitor_;
};

class FcRules : public testing::TestWithParam<std::string> {
 protected:
  FcRules() {
    if (from_file()) {
      using P = models::fc_layer_m4_file;
      weights_ =
          random_problem(1, P::K, P::N, Operands::Uniform, P::ActBits, golden::Clamp::S8, rng_());
      tb::write_fc_files({P::M, P::Rows, P::ActBits, P::ChainLength}, weights_, P::WeightFile,
                         P::ChanFile);
    }
    layer_ = tb::make_fc_layer(GetParam(), seed_, test::trace_options(seed_));
    if (!from_file()) load();
  }
  bool from_file() const { return GetParam() == "m4_file"; }
  tb::GemmProblem new_weights() {
    return random_problem(1, layer_->k, layer_->n, Operands::Uniform, layer_->geometry.act_bits,
                          golden::Clamp::S8, rng_());
  }
  void load() {
    weights_ = new_weights();
    tb::load_fc(*layer_, weights_);
  }
  /// The words of the load stream.
  std::vector<uint32_t> load_words(const tb::GemmProblem& weights) const {
    auto one = weights;
    one.a = golden::MatrixI16::Zero(1, layer_->k);
    auto packed = tb::pack_gemm(layer_->geometry, one);
    packed.w.insert(packed.w.end(), packed.chan.begin(), packed.chan.end());
    return packed.w;
  }

  /// Random rows with random options; with a fault that leaves rows unfinished results are
  /// anything.
  void add(FcWords& words, int rows, const Fault& fault = {}) {
    std::vector<std::optional<golden::Clamp>> clamps{golden::Clamp::S8, golden::Clamp::U8};
    if (layer_->out_bits >= 16) clamps.emplace_back(golden::Clamp::S16);
    if (layer_->out_bits == 32) clamps.emplace_back(std::nullopt);
    auto p = weights_;
    const auto kind = operand_names()[rng_() % operand_names().size()].first;
    p.a =
        random_problem(rows, layer_->k, 1, kind, layer_->geometry.act_bits, std::nullopt, rng_()).a;
    const auto clamp = clamps[rng_() % clamps.size()];
    p.requantization->zero_point = static_cast<int>(rng_() % 200) - 100;
    if (clamp)
      p.requantization->clamp = *clamp;
    else
      p.requantization.reset();

    const auto packed = tb::pack_gemm(layer_->geometry, p);
    const std::size_t size = layer_->in.data.words(), beats = packed.act.size() / size;
    const std::size_t first = words.last.size();
    auto job = packed.jobs[0];
    job.rows = fault.rows_option < 0 ? rows : fault.rows_option;
    words.options[first] = job;
    const std::size_t sent = fault.beats == 0 ? beats : fault.beats;
    words.beats.insert(words.beats.end(), packed.act.begin(),
                       packed.act.begin() + static_cast<std::ptrdiff_t>(sent * size));
    words.last.resize(first + sent, 0);
    words.last.back() = !fault.no_last;

    const auto expected = expected_result(p);
    const uint32_t mask = layer_->out_bits == 32 ? ~0U : (1U << layer_->out_bits) - 1;
    Eigen::Index row = 0;
    for (std::size_t chunk = 0; chunk < packed.chunk_rows.size(); ++chunk) {
      for (int nb = 0; nb < packed.n_blocks; ++nb)
        for (int r = 0; r < packed.chunk_rows[chunk]; ++r) {
          const Eigen::Index column = Eigen::Index{nb} * layer_->geometry.m;
          FcWords::Out out;
          out.kept =
              static_cast<int>(std::min<Eigen::Index>(layer_->geometry.m, layer_->n - column));
          for (int lane = 0; lane < out.kept && sent == beats; ++lane)
            out.lanes.push_back(static_cast<uint32_t>(expected(row + r, column + lane)) & mask);
          words.out.push_back(std::move(out));
        }
      row += packed.chunk_rows[chunk];
    }
    words.out.back().last = true;
  }
  uint64_t beats_per_row() const {
    return static_cast<uint64_t>(tb::block_count(layer_->k, layer_->geometry.m));
  }

  const uint64_t seed_ = static_cast<uint64_t>(GTEST_FLAG_GET(random_seed));
  std::mt19937 rng_{static_cast<unsigned>(seed_) + 1};
  tb::GemmProblem weights_;
  std::unique_ptr<tb::FcLayer> layer_;
};

INSTANTIATE_TEST_SUITE_P(Layer, FcRules, testing::Values("m4", "m4_one", "m4_file", "m8"),
                         [](const auto& p) { return p.param; });

TEST_P(FcRules, TakesTheOptionsOfEachBatchWithItsFirstBeat) {
  for (const auto& [in, out] :
       {std::pair{tb::StallPolicy::never(), tb::StallPolicy::never()},
        {tb::StallPolicy::random(0.6), tb::StallPolicy::random(0.4)},
        {tb::StallPolicy::bursts(4, 200), tb::StallPolicy::bursts(5, 90)}}) {
    FcWords words;
    for (int i = 0; i < 30; ++i)
      add(words, i % 5 == 4 ? 2 * layer_->geometry.rows + 1 : 1 + static_cast<int>(rng_() % 4));
    FcSession session(*layer_, std::move(words), in, out, rng_());
    session.finish();
    EXPECT_FALSE(layer_->error());
  }
}

TEST_P(FcRules, ABatchOfNoRowsIsAnErrorFromItsFirstBeatOn) {
  FcWords words;
  add(words, 2);
  add(words, 1, {.rows_option = 0});
  add(words, 3);
  FcSession session(*layer_, std::move(words), {}, {}, rng_());
  const uint64_t before = 2 * beats_per_row();
  session.in.limit(before);
  session.settle();
  EXPECT_FALSE(layer_->error());
  session.in.limit(before + 1);
  session.settle();
  EXPECT_TRUE(layer_->error());
  session.in.limit(~uint64_t{0});
  session.finish();
  EXPECT_TRUE(layer_->error());
}

TEST_P(FcRules, ABatchThatEndsEarlyIsMadeUpAndTheNextOneIsGood) {
  const int rows = layer_->geometry.rows + 2;
  const uint64_t beats = static_cast<uint64_t>(rows) * beats_per_row();
  for (const uint64_t missing : {uint64_t{1}, uint64_t{2}, beats_per_row(), beats / 2, beats - 1}) {
    if (missing == 0 || missing >= beats) continue;
    SCOPED_TRACE(fmt::format("{} of {} beats missing", missing, beats));
    layer_->reset();
    if (!from_file()) load();
    FcWords words;
    add(words, 1);
    add(words, rows, {.beats = beats - missing});
    add(words, 2);
    add(words, layer_->geometry.rows);
    FcSession session(*layer_, std::move(words), tb::StallPolicy::random(0.3),
                      tb::StallPolicy::random(0.3), rng_());
    session.in.limit(beats_per_row() + beats - missing - 1);
    session.settle();
    EXPECT_FALSE(layer_->error());
    session.in.limit(beats_per_row() + beats - missing);
    session.settle();  // no word of the next batch is there to make it up with
    EXPECT_TRUE(layer_->error());
    session.in.limit(~uint64_t{0});
    session.finish();
    EXPECT_TRUE(layer_->error());
  }
  layer_->reset(1);
  EXPECT_FALSE(layer_->error());
}

TEST_P(FcRules, ABatchWithoutTlastIsComputedAndTheNextOneIsGood) {
  FcWords words;
  add(words, 3);
  add(words, 4, {.no_last = true});
  add(words, 2);
  FcSession session(*layer_, std::move(words), {}, {}, rng_());
  session.in.limit(7 * beats_per_row() - 1);
  session.settle();
  EXPECT_FALSE(layer_->error());
  session.in.limit(7 * beats_per_row());
  session.settle();
  EXPECT_TRUE(layer_->error());
  session.in.limit(~uint64_t{0});
  session.finish();
  EXPECT_TRUE(layer_->error());
}

TEST_P(FcRules, CountsMoreRowsThan16BitsHold) {
  FcWords words;
  const int rows = 65536 + 3;
  // Rows of one beat, all but that made up.
  add(words, rows, {.beats = 1});
  add(words, 2);
  FcSession session(*layer_, std::move(words), {}, {}, rng_());
  layer_->clock().run(uint64_t{40} * rows * beats_per_row());
  session.settle();
  EXPECT_TRUE(layer_->error());
}

TEST_P(FcRules, WeightsOfferedDuringABatchWaitForItsEnd) {
  FcWords words;
  add(words, layer_->geometry.rows + 1);
  const uint64_t first = static_cast<uint64_t>(layer_->geometry.rows + 1) * beats_per_row();
  const auto old_out = words.out.size();
  weights_ = new_weights();
  add(words, 3);
  FcSession session(*layer_, std::move(words), {}, {}, rng_());
  test::WordFeed load(layer_->load, load_words(weights_), tb::StallPolicy::random(0.3), rng_());
  layer_->clock().add(load);
  session.out.limit(0);
  session.in.limit(1);
  load.limit(0);
  session.settle();
  load.limit(~uint64_t{0});  // a beat of the batch is in
  session.settle();
  EXPECT_EQ(load.sent(), 0U);
  session.in.limit(first);
  session.settle();  // as far as it goes without one result leaving
  EXPECT_EQ(load.sent(), 0U);
  EXPECT_TRUE(layer_->loaded());
  session.out.limit(old_out - 1);
  session.settle();
  EXPECT_EQ(session.out.taken(), old_out - 1);
  EXPECT_EQ(load.sent(), 0U);
  session.out.limit(~uint64_t{0});
  load.limit(3);
  session.settle();
  EXPECT_EQ(load.sent(), 3U);
  EXPECT_FALSE(layer_->loaded());
  session.in.limit(~uint64_t{0});  // the next batch waits for the end of the load
  session.settle();
  EXPECT_EQ(session.in.sent(), first);
  load.limit(load.size() - 1);
  for (int i = 0; i < 5; ++i) session.settle();
  EXPECT_EQ(load.sent(), load.size() - 1);
  EXPECT_EQ(session.in.sent(), first);
  EXPECT_FALSE(layer_->loaded());
  load.limit(~uint64_t{0});
  session.finish();
  EXPECT_TRUE(layer_->loaded());
  EXPECT_FALSE(layer_->error());
}

TEST_P(FcRules, ABatchOfferedTogetherWithWeightsGoesFirst) {
  FcWords words;
  add(words, 2);
  add(words, 1);
  FcSession session(*layer_, std::move(words), {}, {}, rng_());
  test::WordFeed load(layer_->load, load_words(weights_), {}, rng_());
  layer_->clock().add(load);
  session.tick(1);
  EXPECT_FALSE(*layer_->load.ready);
  session.finish();
  EXPECT_FALSE(layer_->error());
}

TEST_P(FcRules, HoldsWhatItHasWhileNothingLeavesAndLosesNone) {
  FcWords words;
  for (int i = 0; i < 12; ++i) add(words, 1 + layer_->geometry.rows * (i % 3));
  FcSession session(*layer_, std::move(words), {}, tb::StallPolicy::bursts(2, 300), rng_());
  session.out.limit(0);
  session.settle();
  EXPECT_TRUE(*layer_->out.valid);
  for (uint64_t taken = 1; taken < 20; ++taken) {
    session.out.limit(taken);
    session.tick(1 + static_cast<int>(rng_() % 40));
  }
  session.out.limit(~uint64_t{0});
  session.finish();
  EXPECT_FALSE(layer_->error());
}

TEST_P(FcRules, AfterAResetOfOneCycleInAnyStateItWorksAsAtFirst) {
  for (int trial = 0; trial < 80; ++trial) {
    SCOPED_TRACE(fmt::format("trial {}; {}", trial, test::rerun_line()));
    {
      FcWords words;
      add(words, 3 + layer_->geometry.rows);
      add(words, 2, {.beats = trial % 4 == 0 ? 1U : 0U});
      FcSession session(*layer_, std::move(words), tb::StallPolicy::random(0.2),
                        tb::StallPolicy::random(0.2), rng_());
      test::WordFeed load(layer_->load, load_words(new_weights()), {}, rng_());
      if (trial % 3 == 0) {
        layer_->clock().add(load);
        session.in.limit(0);  // whose results would be those of either weights
      }
      if (trial % 5 == 1) session.out.limit(rng_() % 4);
      session.tick(static_cast<int>(rng_() % 250));
    }
    layer_->reset(1);
    EXPECT_FALSE(layer_->error());
    EXPECT_EQ(layer_->loaded(), from_file());
    FcWords words;
    if (from_file()) {
      // A load that was under way has changed what came from the files.
      if (trial % 3 == 0) load();
    } else {
      weights_ = new_weights();
    }
    add(words, 2);
    add(words, 1);
    FcSession session(*layer_, std::move(words), {}, {}, rng_());
    if (from_file()) {
      session.finish();
    } else {
      session.settle();  // a batch waits for weights
      EXPECT_EQ(session.in.sent(), 0U);
      EXPECT_FALSE(*layer_->out.valid);
      test::WordFeed load(layer_->load, load_words(weights_), tb::StallPolicy::random(0.2), rng_());
      layer_->clock().add(load);
      session.finish();
    }
    EXPECT_FALSE(layer_->error());
    EXPECT_TRUE(layer_->loaded());
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace sb
