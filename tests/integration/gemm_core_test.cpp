#include "tb/host/gemm_core.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "golden/gemm.h"
#include "golden/requantize.h"
#include "tb/sim/error.h"

namespace sb {
namespace {

TEST(GemmCore, Smoke) {
  std::mt19937 rng(1);
  for (int m : {4, 8, 16, 32, 64}) {
    tb::GemmProblem p;
    p.a.resize(5, 70);
    p.w.resize(67, 70);
    for (auto& v : p.a.reshaped()) v = static_cast<int16_t>(static_cast<int>(rng() % 256) - 128);
    for (auto& v : p.w.reshaped()) v = static_cast<int8_t>(rng() % 256);
    auto core = tb::make_gemm_core(m);
    auto run = tb::run_gemm(*core, {&p, 1});
    EXPECT_EQ(run.results[0], golden::gemm(p.a, p.w)) << m;
    fmt::print("M={} cycles {} ideal {}\n", m, run.cycles, run.ideal);
  }
}

}  // namespace
}  // namespace sb
