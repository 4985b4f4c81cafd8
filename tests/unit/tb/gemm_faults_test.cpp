// SPDX-License-Identifier: Apache-2.0
// Faults put into the streams of a real sb_gemm_core (M = 4, 8 rows): the comparison with the
// golden model or the host catches each of them. Without a fault nothing is reported.
#include <gmock/gmock.h>

#include <random>

#include "golden/ops/gemm.h"
#include "golden/ops/requantize.h"
#include "models/gemm_core_m4.h"
#include "tb/check/compare.h"
#include "tb/devices/gemm_model.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

using tb::GemmStream;
using testing::AnyOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using Tamper = std::function<bool(GemmStream, uint64_t, std::span<uint32_t>)>;

using Core = models::gemm_core_m4;

/// 11 rows (jobs of 8 and 3), K = 10 and N = 10 (3 blocks each), halved with rounding: every second
/// sum is a tie.
tb::GemmProblem rounded_problem() {
  test::Rng rng(3);
  tb::GemmProblem p;
  p.a.resize(11, 10);
  p.w.resize(10, 10);
  for (auto& v : p.a.reshaped()) v = static_cast<int16_t>(static_cast<int>(rng() % 256) - 128);
  for (auto& v : p.w.reshaped()) v = static_cast<int8_t>(static_cast<int>(rng() % 256) - 128);
  for (int n = 0; n < 10; ++n) p.bias.push_back(1000 * n);
  tb::Requantization q;
  q.mult.assign(10, 1);
  q.shift.assign(10, 7);
  q.clamp = golden::Clamp::S16;
  p.requantization = q;
  return p;
}

golden::MatrixI32 golden_result(const tb::GemmProblem& p) {
  const auto& q = *p.requantization;
  return golden::requantize(golden::gemm(p.a, p.w, p.bias), q.mult, q.shift, q.zero_point,
                            golden::Clamp::S16)
      .cast<int32_t>();
}

/// What the checks say of a run with a fault: the text of the comparison, or the error that ended
/// the run.
std::string verdict(const tb::GemmProblem& p, const golden::MatrixI32& expected,
                    const Tamper& tamper) {
  tb::GemmModel<Core> core(1, test::trace_options(1));
  try {
    tb::GemmOptions options;
    options.tamper = tamper;
    const auto run = tb::run_gemm(core, {&p, 1}, options);
    return tb::describe_mismatch(expected, run.results[0],
                                 {.m = Core::M,
                                  .chunk_rows = Core::Rows,
                                  .a = &p.a,
                                  .w = &p.w,
                                  .arrived = &run.arrived[0],
                                  .rerun = test::rerun_line})
        .value_or("equal");
  } catch (const tb::SimError& e) {
    return std::string("error: ") + e.what();
  }
}

std::string verdict(const Tamper& tamper) {
  const auto p = rounded_problem();
  return verdict(p, golden_result(p), tamper);
}

TEST(GemmFaults, WithoutAFaultTheResultsAreEqual) {
  EXPECT_EQ(verdict({}), "equal");
  EXPECT_EQ(verdict([](GemmStream, uint64_t, auto) { return true; }), "equal");
}

TEST(GemmFaults, WrongRoundingIsCaught) {
  const auto p = rounded_problem();
  const auto acc = golden::gemm(p.a, p.w, p.bias);
  const auto expected = golden_result(p);
  const golden::MatrixI32 half_up = acc.unaryExpr([](int32_t v) { return (v + 64) >> 7; });
  const golden::MatrixI32 truncated = acc.unaryExpr([](int32_t v) { return v >> 7; });
  ASSERT_GT(tb::count_mismatches(expected, truncated), 0);
  EXPECT_THAT(verdict(p, truncated, {}), HasSubstr("elements are wrong"));
  // Half up differs at ties above an even number alone.
  ASSERT_GT(tb::count_mismatches(expected, half_up), 0);
  EXPECT_THAT(verdict(p, half_up, {}),
              HasSubstr(fmt::format("{} of 110 elements are wrong",
                                    tb::count_mismatches(expected, half_up))));
}

TEST(GemmFaults, ADroppedWeightTileIsCaught) {
  // Its words never come: the stream runs short, and the run ends by its time limit.
  EXPECT_THAT(
      verdict([](GemmStream s, uint64_t i, auto) { return s != GemmStream::W || i / 4 != 1; }),
      testing::AllOf(HasSubstr("time limit"), HasSubstr("out: ")));
}

TEST(GemmFaults, AnEmptyWeightTileIsCaughtInItsBlock) {
  EXPECT_THAT(verdict([](GemmStream s, uint64_t i, std::span<uint32_t> word) {
                if (s == GemmStream::W && i / 4 == 4)
                  word[0] = 0;  // n-block 1, k-block 1, first job
                return true;
              }),
              testing::AllOf(
                  HasSubstr("first at row 0, column 4, n-block 1, lane 0, job 0, row 0 in it"),
                  HasSubstr("weights of output 4:"),
                  ContainsRegex("handed over in cycle [0-9]+\n  rerun: SB_TEST_TRACE=. "
                                "SB_TEST_WINDOW=[0-9]+:[0-9]+ /.*/unit_tests .?--gtest_filter=")));
}

TEST(GemmFaults, SwappedLanesAreCaught) {
  for (const auto stream : {GemmStream::Out, GemmStream::Chan}) {
    EXPECT_THAT(verdict([stream](GemmStream s, uint64_t, std::span<uint32_t> word) {
                  const std::size_t lane = word.size() / 4;
                  if (s == stream)
                    std::swap_ranges(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(lane),
                                     word.begin() + static_cast<std::ptrdiff_t>(lane));
                  return true;
                }),
                HasSubstr("elements are wrong; first at row 0, column 0"));
  }
  EXPECT_THAT(verdict([](GemmStream s, uint64_t, std::span<uint32_t> word) {  // lanes of 8 bits
                if (s == GemmStream::Act) word[0] = word[0] >> 16 | word[0] << 16;
                return true;
              }),
              HasSubstr("elements are wrong; first at row 0"));
}

TEST(GemmFaults, AnOffByOneRowIsCaught) {
  for (const auto stream : {GemmStream::Act, GemmStream::Out}) {
    std::vector<uint32_t> before;
    EXPECT_THAT(verdict([stream, before](GemmStream s, uint64_t, std::span<uint32_t> word) mutable {
                  if (s != stream) return true;
                  const std::vector<uint32_t> now(word.begin(), word.end());
                  if (!before.empty()) std::copy(before.begin(), before.end(), word.begin());
                  before = now;
                  return true;
                }),
                HasSubstr("elements are wrong; first at row 0, column"));
  }
}

TEST(GemmFaults, AStuckResultIsCaught) {
  std::vector<uint32_t> stuck;
  EXPECT_THAT(verdict([stuck](GemmStream s, uint64_t i, std::span<uint32_t> word) mutable {
                if (s != GemmStream::Out) return true;
                if (i == 20)
                  stuck.assign(word.begin(), word.end());  // n-block 2, row 4 of the first job
                if (i > 20) std::copy(stuck.begin(), stuck.end(), word.begin());
                return true;
              }),
              HasSubstr("first at row 5, column 8"));
}

TEST(GemmFaults, ALostResultOrActivationIsCaught) {
  EXPECT_THAT(
      verdict([](GemmStream s, uint64_t i, auto) { return s != GemmStream::Out || i != 0; }),
      AnyOf(HasSubstr("elements are wrong"), HasSubstr("error: ")));
  EXPECT_THAT(
      verdict([](GemmStream s, uint64_t i, auto) { return s != GemmStream::Act || i != 5; }),
      testing::AllOf(HasSubstr("time limit"), HasSubstr("out: ")));
}

TEST(GemmFaults, AJobThatTheCoreRefusesIsCaught) {
  EXPECT_THAT(verdict([](GemmStream s, uint64_t, std::span<uint32_t> word) {
                if (s == GemmStream::Job)
                  word[1] = (word[1] & 0xffff0000U) | 9U;  // rows: 9, depth 8
                return true;
              }),
              AnyOf(HasSubstr("time limit"), HasSubstr("refused")));
}

/// Drives the activation stream by hand: nothing is taken as no job came.
std::string act_verdict(const std::function<void(Core::Model&)>& breach) {
  tb::Bench<Core::Model> bench;
  bench->job_valid_i = bench->w_valid_i = bench->chan_valid_i = bench->act_valid_i =
      bench->out_ready_i = 0;
  bench.reset();
  bench->act_valid_i = 1;
  bench->act_data_i = 1234;
  try {
    for (int i = 0; i < 3; ++i) bench.clock().tick();
    breach(*bench);
    for (int i = 0; i < 3; ++i) bench.clock().tick();
  } catch (const tb::SimError& e) {
    return e.what();
  }
  return "no error";
}

TEST(RtlAssertions, AWordThatDoesNotWaitUnchangedStopsTheSimulation) {
  EXPECT_EQ(act_verdict([](Core::Model&) {}), "no error");
  EXPECT_THAT(act_verdict([](Core::Model& core) { core.act_data_i = 1235; }),
              HasSubstr("sb_gemm_core.sv"));
  EXPECT_THAT(act_verdict([](Core::Model& core) { core.act_valid_i = 0; }),
              HasSubstr("sb_gemm_core.sv"));
}

}  // namespace
}  // namespace sb
