// SPDX-License-Identifier: Apache-2.0
// sb_gemm_core against the golden model: shapes around every boundary, operand distributions,
// clamps, stalls, jobs back to back, on every size of array.
#include "tb/devices/gemm_core.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "tb/check/compare.h"
#include "tb/sim/error.h"
#include "tests/integration/expected.h"
#include "tests/integration/operands.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

/// GoogleTest's seed; 0 unless --gtest_random_seed says otherwise.
uint64_t test_seed() { return static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)); }

/// Runs the problems back to back on a fresh core and expects every result to be golden's.
tb::GemmRun expect_golden(int m, const std::vector<tb::GemmProblem>& problems,
                          tb::GemmOptions options = {}) {
  options.seed += test_seed();
  auto core = tb::make_gemm_core(m, options.seed, test::trace_options(options.seed));
  const tb::GemmRun run = tb::run_gemm(*core, problems, options);
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const auto& p = problems[i];
    const tb::MismatchContext context{m,    core->geometry().rows, &p.a,
                                      &p.w, &run.arrived[i],       test::rerun_line};
    if (const auto text = tb::describe_mismatch(expected_result(p), run.results[i], context))
      ADD_FAILURE() << "problem " << i << ": " << *text;
  }
  return run;
}

class GemmCoreOf : public testing::TestWithParam<int> {
 protected:
  int m() const { return GetParam(); }
  tb::ArrayGeometry geometry() const { return tb::make_gemm_core(m())->geometry(); }
};

INSTANTIATE_TEST_SUITE_P(M, GemmCoreOf, testing::ValuesIn(tb::gemm_core_sizes()),
                         [](const auto& p) { return fmt::format("{}", p.param); });

TEST_P(GemmCoreOf, EqualsGoldenAtEveryShapeBoundary) {
  const auto g = geometry();
  std::vector<tb::GemmProblem> problems;
  uint64_t seed = test_seed();
  for (const int size : {1, 2, m() - 1, m(), m() + 1, 2 * m() + 3}) {
    for (const int rows : {1, 3, g.rows})
      problems.push_back(
          random_problem(rows, size, m() + 1, Operands::Uniform, g.act_bits, std::nullopt, ++seed));
    problems.push_back(
        random_problem(5, m() + 1, size, Operands::Uniform, g.act_bits, golden::Clamp::S8, ++seed));
  }
  expect_golden(m(), problems);
}

TEST_P(GemmCoreOf, SplitsMoreRowsThanTheAccumulatorsHold) {
  const auto g = geometry();
  std::vector<tb::GemmProblem> problems;
  uint64_t seed = test_seed();
  for (const int rows : {g.rows - 1, g.rows, g.rows + 1, 2 * g.rows + 7})
    problems.push_back(random_problem(rows, m() + 3, 2 * m() - 1, Operands::Gaussian, g.act_bits,
                                      golden::Clamp::S8, ++seed));
  expect_golden(m(), problems);
}

TEST_P(GemmCoreOf, TakesLongSums) {
  expect_golden(m(), {random_problem(9, 3072, 5, Operands::Uniform, geometry().act_bits,
                                     std::nullopt, test_seed()),
                      random_problem(2, 3072, 5, Operands::AllMin, geometry().act_bits,
                                     golden::Clamp::S16, test_seed())});
}

TEST_P(GemmCoreOf, EqualsGoldenForEveryDistributionAndClamp) {
  const auto g = geometry();
  std::vector<tb::GemmProblem> problems;
  uint64_t seed = test_seed();
  for (const auto& [kind, name] : operand_names())
    for (const std::optional<golden::Clamp> clamp :
         std::initializer_list<std::optional<golden::Clamp>>{std::nullopt, golden::Clamp::S8,
                                                             golden::Clamp::U8, golden::Clamp::S9,
                                                             golden::Clamp::S16})
      problems.push_back(random_problem(7, 2 * m() + 1, m() + 2, kind, g.act_bits, clamp, ++seed));
  expect_golden(m(), problems);
}

TEST_P(GemmCoreOf, SurvivesStallsOnEveryStream) {
  const auto g = geometry();
  for (const auto& [in, out] : {std::pair{tb::StallPolicy::random(0.5), tb::StallPolicy::never()},
                                {tb::StallPolicy::never(), tb::StallPolicy::random(0.7)},
                                {tb::StallPolicy::random(0.3), tb::StallPolicy::random(0.3)},
                                {tb::StallPolicy::every(2), tb::StallPolicy::every(3)}}) {
    std::vector<tb::GemmProblem> problems;
    for (uint64_t s = 0; s < 3; ++s)
      problems.push_back(random_problem(11, m() + 5, 2 * m() + 1, Operands::Uniform, g.act_bits,
                                        s == 0 ? std::optional<golden::Clamp>() : golden::Clamp::S8,
                                        s + test_seed()));
    tb::GemmOptions options;
    options.input_stall = in;
    options.output_stall = out;
    SCOPED_TRACE(in.name() + " in, " + out.name() + " out");
    expect_golden(m(), problems, options);
  }
}

/// Rarely moves: pauses of up to twice the cycles of a weight tile, a few words between them.
/// Weights, of which a tile takes many words, pause less.
tb::StallPolicy starved(tb::GemmStream stream, const tb::ArrayGeometry& g) {
  return stream == tb::GemmStream::W ? tb::StallPolicy::bursts(2 * g.m, g.m)
                                     : tb::StallPolicy::bursts(3, 2 * (g.m + g.chain));
}

/// Jobs of few rows, where a row comes again soon: 1, 2 and 3, and as what is left of more rows
/// than the core holds.
std::vector<tb::GemmProblem> short_jobs(const tb::ArrayGeometry& g, uint64_t seed) {
  std::vector<tb::GemmProblem> problems;
  for (const int rows : {2, 1, 3, 2, g.rows + 2})
    for (const int k_blocks : {1, 2, 5})
      problems.push_back(random_problem(rows, k_blocks * g.m, g.m + 1, Operands::Uniform,
                                        g.act_bits, std::nullopt, ++seed));
  return problems;
}

constexpr tb::GemmStream kStreams[] = {tb::GemmStream::Job, tb::GemmStream::W, tb::GemmStream::Chan,
                                       tb::GemmStream::Act, tb::GemmStream::Out};

TEST_P(GemmCoreOf, AddsShortJobsWhenOneStreamIsStarved) {
  for (const auto stream : kStreams) {
    SCOPED_TRACE(fmt::format("stream {}", static_cast<int>(stream)));
    tb::GemmOptions options;
    options.stall[stream] = starved(stream, geometry());
    expect_golden(m(), short_jobs(geometry(), test_seed()), options);
  }
}

TEST_P(GemmCoreOf, AddsShortJobsWhenAllStreamsButOneAreStarved) {
  for (const auto free : kStreams) {
    SCOPED_TRACE(fmt::format("stream {}", static_cast<int>(free)));
    tb::GemmOptions options;
    for (const auto stream : kStreams)
      if (stream != free) options.stall[stream] = starved(stream, geometry());
    expect_golden(m(), short_jobs(geometry(), test_seed()), options);
  }
}

TEST_P(GemmCoreOf, RunsJobsBackToBackWithinATenthOfAPercent) {
  const auto g = geometry();
  // Long rows hide the tiles; several jobs share one drain.
  const int rows = g.rows, k = 8 * m(), n = 4 * m();
  ASSERT_GE(rows, m() + g.chain);
  std::vector<tb::GemmProblem> one{
      random_problem(rows, k, n, Operands::Uniform, g.act_bits, golden::Clamp::S8, test_seed())};
  std::vector<tb::GemmProblem> four(4, one[0]);
  const auto first = expect_golden(m(), one), all = expect_golden(m(), four);
  const auto extra = all.cycles - first.cycles;  // three more jobs, without fill and drain
  EXPECT_LE(static_cast<double>(extra), 1.001 * 3 * static_cast<double>(first.ideal));
  EXPECT_LE(first.cycles, first.ideal + 3 * static_cast<uint64_t>(m()) + 40);
}

TEST_P(GemmCoreOf, TakesExtremeMultipliers) {
  const auto g = geometry();
  auto p =
      random_problem(6, m(), 6, Operands::Alternating, g.act_bits, golden::Clamp::S16, test_seed());
  p.requantization->mult = {0, 1, 65535, (1U << 26) - 1, 65535, 32768};
  p.requantization->shift = {46, 46, 46, 46, 7, 16};
  expect_golden(m(), {p});
}

TEST(GemmCore, RefusesWhatItCannotCompute) {
  auto core = tb::make_gemm_core(4);
  auto p = random_problem(2, 3, 3, Operands::Uniform, 8, golden::Clamp::S8, 1);
  auto bad = p;
  bad.requantization->shift[1] = 47;
  EXPECT_THROW(tb::run_gemm(*core, {&bad, 1}), tb::InputError);
  bad = p;
  bad.a(0, 0) = -1, bad.a(0, 1) = 200;
  EXPECT_THROW(tb::run_gemm(*core, {&bad, 1}), tb::InputError);
  bad = p;
  bad.bias[0] = INT32_MAX;
  EXPECT_THROW(tb::run_gemm(*core, {&bad, 1}), tb::InputError);
  bad = p;
  bad.w.resize(3, 4);
  EXPECT_THROW(tb::run_gemm(*core, {&bad, 1}), tb::InputError);
  EXPECT_THROW(tb::make_gemm_core(5), tb::InputError);
}

TEST(GemmCore, RunsAgainAfterARunARefusalAndTheResetThatFollowsAnError) {
  auto core = tb::make_gemm_core(4);
  const auto p = random_problem(19, 10, 7, Operands::Uniform, 8, golden::Clamp::S8, test_seed());
  const auto expect_equal = [&](const char* when) {
    EXPECT_EQ(tb::run_gemm(*core, {&p, 1}).results[0], expected_result(p)) << when;
    EXPECT_FALSE(core->error()) << when;
  };
  expect_equal("first");
  expect_equal("second");
  auto bad = p;
  bad.a(0, 0) = 256;
  EXPECT_THROW(tb::run_gemm(*core, {&bad, 1}), tb::InputError);
  expect_equal("after a refusal");
  for (const auto stream : kStreams) {  // the first word of one stream never comes
    tb::GemmOptions options;
    options.tamper = [stream](tb::GemmStream s, uint64_t index, std::span<uint32_t>) {
      return s != stream || index != 0;
    };
    EXPECT_THROW(tb::run_gemm(*core, {&p, 1}, options), tb::SimError);
    core->reset();
    expect_equal("after an error and reset");
  }
}

TEST(GemmCore, DropsAJobOfTooManyRowsAndSaysSo) {
  auto core = tb::make_gemm_core(4);
  const auto p = random_problem(2, 3, 3, Operands::Uniform, 8, std::nullopt, 1);
  tb::GemmOptions options;
  options.tamper = [](tb::GemmStream stream, uint64_t, std::span<uint32_t> word) {
    if (stream == tb::GemmStream::Job) word[1] = 9;  // rows; this core holds 8
    return true;
  };
  EXPECT_THROW(tb::run_gemm(*core, {&p, 1}, options), tb::SimError);
  EXPECT_TRUE(core->error());
}

}  // namespace
}  // namespace sb
