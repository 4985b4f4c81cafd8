// SPDX-License-Identifier: Apache-2.0
// Chains of fully-connected layers: what the interpreter makes of the program equals golden.
#include "tb/host/engine_chain.h"

#include <gtest/gtest.h>

#include <random>

#include "golden/base/error.h"
#include "golden/ops/gemm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/table.h"
#include "tests/engine/engine_runs.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using tb::ChainLayer;
using tb::EngineChain;
using tb::EngineParameters;
using tb::EngineProgram;

class Net {
 public:
  explicit Net(uint64_t seed) : rng_(seed) {}
  int uniform(int low, int high) { return std::uniform_int_distribution<int>(low, high)(rng_); }

  ChainLayer layer(int inputs, int outputs, golden::Clamp clamp, bool table) {
    ChainLayer l;
    l.weight.resize(outputs, inputs);
    for (auto& w : l.weight.reshaped()) w = static_cast<int8_t>(uniform(-127, 127));
    for (int n = 0; n < outputs; ++n) {
      l.bias.push_back(uniform(-20000, 20000));
      l.requant.mult.push_back(static_cast<uint32_t>(uniform(32768, 65535)));
      l.requant.shift.push_back(
          static_cast<uint8_t>(clamp == golden::Clamp::S16 ? uniform(16, 20) : uniform(23, 26)));
    }
    l.zero = uniform(-20, 20);
    l.clamp = clamp;
    if (table) {
      l.table.emplace();
      for (int i = 0; i < 256; ++i)
        (*l.table)[static_cast<size_t>(i)] = static_cast<int16_t>(uniform(0, 255));
    }
    return l;
  }
  golden::MatrixI16 rows(int count, int columns, int limit) {
    golden::MatrixI16 x(count, columns);
    for (auto& v : x.reshaped()) v = static_cast<int16_t>(uniform(-limit, limit - 1));
    return x;
  }

 private:
  std::mt19937_64 rng_;
};

golden::MatrixI16 golden_chain(const std::vector<ChainLayer>& layers, golden::MatrixI16 x) {
  for (const ChainLayer& l : layers) {
    x = golden::requantize(golden::gemm(x, l.weight, l.bias), l.requant.mult, l.requant.shift,
                           l.zero, l.clamp);
    if (l.table) x = golden::apply_table(x, *l.table);
  }
  return x;
}

TEST(EngineChain, RandomNetworksEqualGolden) {
  for_each_seed(60, [&](uint64_t seed) {
    Net net(seed);
    const int m = 4 << net.uniform(0, 1);
    EngineParameters engine{.m = m,
                            .rows = net.uniform(1, 20),
                            .act_bits = net.uniform(8, 9),
                            .act_depth = {net.uniform(8, 200), net.uniform(8, 200)},
                            .res_depth = {net.uniform(8, 200), net.uniform(8, 200)}};
    engine.stat_rows = engine.rows + net.uniform(0, 5);
    std::vector<ChainLayer> layers;
    const int inputs = net.uniform(1, 5 * m);
    int width = inputs;
    for (int count = net.uniform(1, 5), i = 0; i < count; ++i) {
      const int outputs = net.uniform(1, 5 * m);
      const bool wide = i + 1 == count && net.uniform(0, 1) == 1;
      const bool table = !wide && net.uniform(0, 1) == 1;
      const golden::Clamp narrow =
          table || net.uniform(0, 1) == 1 ? golden::Clamp::S8 : golden::Clamp::U8;
      layers.push_back(net.layer(width, outputs, wide ? golden::Clamp::S16 : narrow, table));
      width = outputs;
    }
    const EngineChain chain(layers, engine, 64);
    const golden::MatrixI16 x =
        net.rows(net.uniform(1, 50), inputs, engine.act_bits == 9 ? 256 : 128);
    const EngineProgram program =
        chain.compile(static_cast<int>(x.rows()), (chain.image().end() + 63) / 64 * 64);
    CommandInterpreter i(engine);
    place(i.external, chain.image());
    const auto outputs = run_program(i, program, chain.inputs(program, x));
    EXPECT_EQ(EngineChain::join(outputs), golden_chain(layers, x));
  });
}

TEST(EngineChain, RefusesWithTheRemedy) {
  Net net(1);
  const auto message = [&](const std::vector<ChainLayer>& layers, EngineParameters engine) {
    try {
      EngineChain(layers, engine).compile(3, 1 << 20);
    } catch (const golden::InputError& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  const EngineParameters engine{.m = 4, .rows = 4, .stat_rows = 4, .act_depth = {9, 9}};
  using golden::Clamp;
  const auto a = net.layer(8, 12, Clamp::S8, false), b = net.layer(12, 5, Clamp::S16, false);
  EXPECT_EQ(message({a, b}, engine), "accepted");
  EXPECT_EQ(message({}, engine), "a chain without layers");
  EXPECT_EQ(message({b, a}, engine), "layer.0: 16-bit results, which only the last layer can have");
  EXPECT_EQ(message({a, a}, engine), "layer.1: 8 inputs, the layer before has 12 outputs");
  EXPECT_EQ(
      message({net.layer(40, 4, Clamp::S16, false)}, engine),
      "a row of activations needs 10 words; the engine has ActDepth0 = 9: take ActDepth0 = 10");
  EXPECT_EQ(message({net.layer(8, 12, Clamp::S9, false), b}, engine),
            "layer.0: codes -256..255; the engine has lanes of ActBits = 8: take ActBits = 9");
}

}  // namespace
}  // namespace sb::test
