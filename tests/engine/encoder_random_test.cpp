// SPDX-License-Identifier: Apache-2.0
// Random models on every encoder that the program has.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/engine/encoder_jobs.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

// SB_MODELS sets how many; a few seconds' worth else.
TEST(EncoderModels, RandomOnesEqualGoldenInEveryTensorUnderRandomBuses) {
  const char* wish = std::getenv("SB_MODELS");
  for (const tb::EncoderKind& kind : tb::encoder_kinds())
    for_each_seed(wish != nullptr ? std::atoi(wish) : 16 / kind.engine.m, [&](uint64_t seed) {
      SCOPED_TRACE(kind.name);
      const EncoderJob job = random_job(kind.engine, seed);
      tb::EncoderRig rig(kind, random_bus(kind.engine.data_bytes, seed), seed, trace_options(seed));
      rig.load(job.compiler.image());
      EXPECT_EQ(run_compared(rig, job).wrong, "");
    });
}

}  // namespace
}  // namespace sb::test
