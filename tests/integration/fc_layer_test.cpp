// SPDX-License-Identifier: Apache-2.0
// sb_fc_layer against the golden model: loaded by stream and from files, batches of any number of
// rows, stalls, errors, and the cycles of the 768 x 768 layers of BERT-base.
#include "tb/devices/fc_layer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "models/fc_layer_m4_file.h"
#include "tb/check/compare.h"
#include "tb/sim/error.h"
#include "tests/integration/expected.h"
#include "tests/integration/operands.h"
#include "tests/support/seeds.h"

namespace sb {
namespace {

uint64_t test_seed() { return static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)); }

std::unique_ptr<tb::FcLayer> make_layer(const std::string& name) {
  return tb::make_fc_layer(name, test_seed(), test::trace_options(test_seed()));
}

std::optional<golden::Clamp> clamp_for(const tb::FcLayer& layer) {
  if (layer.out_bits == 32) return std::nullopt;
  return layer.out_bits == 16 ? golden::Clamp::S16 : golden::Clamp::S8;
}

/// Weights, bias and requantization for a layer; `a` is one row.
tb::GemmProblem weights_for(const tb::FcLayer& layer, uint64_t seed) {
  return random_problem(1, layer.k, layer.n, Operands::Uniform, layer.geometry.act_bits,
                        clamp_for(layer), seed);
}

golden::MatrixI16 rows_for(const tb::FcLayer& layer, int rows, Operands kind, uint64_t seed) {
  return random_problem(rows, layer.k, 1, kind, layer.geometry.act_bits, std::nullopt, seed).a;
}

void expect_golden(const tb::FcLayer& layer, const tb::GemmProblem& problem,
                   const std::vector<golden::MatrixI16>& batches, const tb::FcRun& run) {
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const tb::GemmProblem p{batches[i], problem.w, problem.bias, problem.requantization};
    const tb::MismatchContext context{layer.geometry.m, layer.geometry.rows, &p.a, &p.w,
                                      &run.arrived[i],  test::rerun_line};
    if (const auto text = tb::describe_mismatch(expected_result(p), run.results[i], context))
      ADD_FAILURE() << layer.name << ", batch " << i << ": " << *text;
  }
  EXPECT_FALSE(layer.error());
}

class FcLayerOf : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Layer, FcLayerOf, testing::Values("m4", "m8"),
                         [](const auto& p) { return p.param; });

TEST_P(FcLayerOf, EqualsGoldenForBatchesOfAnyRows) {
  auto layer = make_layer(GetParam());
  const auto problem = weights_for(*layer, test_seed());
  tb::load_fc(*layer, problem);
  std::vector<golden::MatrixI16> batches;
  const int depth = layer->geometry.rows;
  for (const int rows : {1, 2, 3, depth - 1, depth, depth + 1, 3 * depth + 5, 1})
    batches.push_back(
        rows_for(*layer, rows, Operands::Uniform, test_seed() + static_cast<uint64_t>(rows)));
  expect_golden(*layer, problem, batches, tb::run_fc(*layer, problem, batches));
}

TEST_P(FcLayerOf, EqualsGoldenForEveryDistribution) {
  auto layer = make_layer(GetParam());
  const auto problem = weights_for(*layer, test_seed());
  tb::load_fc(*layer, problem);
  std::vector<golden::MatrixI16> batches;
  for (const auto& [kind, name] : operand_names())
    batches.push_back(rows_for(*layer, 5, kind, test_seed()));
  expect_golden(*layer, problem, batches, tb::run_fc(*layer, problem, batches));
}

TEST_P(FcLayerOf, SurvivesStallsOnEveryStream) {
  for (const auto& [in, out] : {std::pair{tb::StallPolicy::random(0.5), tb::StallPolicy::never()},
                                {tb::StallPolicy::never(), tb::StallPolicy::random(0.7)},
                                {tb::StallPolicy::every(2), tb::StallPolicy::every(3)}}) {
    auto layer = make_layer(GetParam());
    const auto problem = weights_for(*layer, test_seed());
    const tb::FcOptions options{in, out, test_seed()};
    tb::load_fc(*layer, problem, options);
    std::vector<golden::MatrixI16> batches;
    for (const int rows : {3, 2 * layer->geometry.rows + 1, 1, 9})
      batches.push_back(rows_for(*layer, rows, Operands::Uniform, test_seed()));
    expect_golden(*layer, problem, batches, tb::run_fc(*layer, problem, batches, options));
  }
}

TEST_P(FcLayerOf, AddsTheTwoRowsThatAreLeftWhenActivationsComeLate) {
  auto layer = make_layer(GetParam());
  const auto problem = weights_for(*layer, test_seed());
  tb::load_fc(*layer, problem);
  const auto& g = layer->geometry;
  // Pauses longer than a batch takes, else the buffer hides them.
  const tb::FcOptions options{tb::StallPolicy::bursts(3, 8 * (g.m + g.chain)), {}, test_seed()};
  std::vector<golden::MatrixI16> batches;
  for (int i = 0; i < 60; ++i)
    batches.push_back(rows_for(*layer, i % 4 == 3 ? g.rows + 2 : 2, Operands::Uniform,
                               test_seed() + static_cast<uint64_t>(i)));
  expect_golden(*layer, problem, batches, tb::run_fc(*layer, problem, batches, options));
}

TEST_P(FcLayerOf, TakesNewWeightsBetweenBatches) {
  auto layer = make_layer(GetParam());
  for (uint64_t s = 0; s < 3; ++s) {
    const auto problem = weights_for(*layer, test_seed() + s);
    tb::load_fc(*layer, problem);
    const std::vector<golden::MatrixI16> batches{rows_for(*layer, 7, Operands::Uniform, s)};
    expect_golden(*layer, problem, batches, tb::run_fc(*layer, problem, batches));
  }
}

TEST(FcLayer, TakesItsWeightsFromFiles) {
  using P = models::fc_layer_m4_file;
  const auto problem =
      random_problem(1, P::K, P::N, Operands::Uniform, P::ActBits, golden::Clamp::S8, test_seed());
  tb::write_fc_files({P::M, P::Rows, P::ActBits, P::ChainLength}, problem, P::WeightFile,
                     P::ChanFile);
  auto layer = make_layer("m4_file");
  EXPECT_TRUE(layer->loaded());
  const std::vector<golden::MatrixI16> batches{rows_for(*layer, 9, Operands::Uniform, 1)};
  expect_golden(*layer, problem, batches, tb::run_fc(*layer, problem, batches));
}

TEST(FcLayer, SaysWhenABatchEndsEarlyLateOrHasNoRows) {
  for (const int fault : {-1, 0, 1}) {  // tlast one beat early, no rows, tlast one beat late
    auto layer = make_layer("m4");
    const auto problem = weights_for(*layer, 1);
    tb::load_fc(*layer, problem);
    layer->set_options({.rows = fault == 0 ? 0 : 2});
    const int beats = 6;  // 2 rows of 3 beats
    int sent = 0;
    tb::StreamDriver in(layer->in, [&](std::span<uint32_t> word) {
      if (sent == (fault < 0 ? beats - 1 : beats)) return false;
      word[0] = static_cast<uint32_t>(sent++);
      *layer->in.last = fault < 0 ? sent == beats - 1 : fault > 0 ? 0 : sent == 3;
      return true;
    });
    layer->clock().clear();
    layer->clock().add(in);
    *layer->out.ready = 1;
    for (int i = 0; i < 400; ++i) layer->clock().tick();
    EXPECT_TRUE(layer->error()) << fault;
  }
}

class FcLayerBert : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Layer, FcLayerBert, testing::Values("m16", "m32"),
                         [](const auto& p) { return p.param; });

TEST_P(FcLayerBert, Takes128RowsInTheIdealCyclesAndAFew) {
  auto layer = make_layer(GetParam());
  const auto problem = weights_for(*layer, test_seed());
  tb::load_fc(*layer, problem);
  const std::vector<golden::MatrixI16> one{rows_for(*layer, 128, Operands::Gaussian, 1)},
      three{one[0], rows_for(*layer, 128, Operands::Uniform, 2), one[0]};
  const auto single = tb::run_fc(*layer, problem, one),
             batches = tb::run_fc(*layer, problem, three);
  expect_golden(*layer, problem, one, single);
  expect_golden(*layer, problem, three, batches);
  const auto m = static_cast<uint64_t>(layer->geometry.m);
  const uint64_t next = batches.cycles - single.cycles;  // two more batches
  fmt::print(
      "fc_layer 128 x 768 x 768, M = {}: {} cycles for {} ({} more; at most {}); batches back to "
      "back {:.4f} "
      "% more\n",
      m, single.cycles, single.ideal, single.cycles - single.ideal, 3 * m + 40,
      100.0 * (static_cast<double>(next) / (2.0 * static_cast<double>(single.ideal)) - 1));
  EXPECT_LE(single.cycles, single.ideal + 3 * m + 40);
  EXPECT_LE(static_cast<double>(next), 1.001 * 2 * static_cast<double>(single.ideal));
}

}  // namespace
}  // namespace sb
