// SPDX-License-Identifier: Apache-2.0
// What the assertions in the RTL of the stages refuse. Not run on netlists, which have none.
#include "tb/devices/stage_ops.h"
#include "tb/sim/error.h"
#include "tests/unit/stages/stage_cases.h"

namespace sb {
namespace {

TEST(StageAssertions, LoadingTheTableWhileAWordIsLookedUpIsRefused) {
  auto dut = smallest_stage("table");
  *dut->in.valid = 1;
  const uint32_t word = 0;
  EXPECT_THROW(dut->load(0, {&word, 1}), tb::SimError);
}

TEST(StageAssertions, AnAccumulatorThatTheRowFactorsMultiplierDoesNotHoldIsRefused) {
  auto dut = smallest_stage("requant");
  const std::vector<uint8_t> shift{7};
  EXPECT_THROW(
      tb::requantize_op(*dut, golden::MatrixI32::Constant(1, 1, 1 << 26), std::vector<uint32_t>{1},
                        shift, 0, golden::Clamp::S8, std::vector<uint32_t>{1}),
      tb::SimError);
}

}  // namespace
}  // namespace sb
