// SPDX-License-Identifier: Apache-2.0
// sb_layernorm_top: row statistics, row constants and the elementwise pipeline together.
#include <fmt/format.h>

#include "golden/ops/layernorm.h"
#include "tb/devices/stage_ops.h"
#include "tb/sim/error.h"
#include "tests/unit/stages/stage_cases.h"

namespace sb {
namespace {

struct Parameters {
  golden::LayerNormParams norm;
  golden::OperandParams operand;
};

// Gains over two decades, some negative; 16-bit outputs near full scale and now and then beyond.
Parameters random_parameters(size_t columns, double eps, int bits, std::mt19937& rng) {
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<float> gamma, beta;
  std::vector<double> ratio;
  for (size_t c = 0; c < columns; ++c) {
    gamma.push_back(
        static_cast<float>(std::exp(2 * uniform(rng)) * (uniform(rng) < -0.8 ? -1 : 1)));
    beta.push_back(static_cast<float>(uniform(rng)));
    ratio.push_back((bits == 9 ? 255.0 : 127.0) / 32767 * std::exp(uniform(rng)));
  }
  const double scale_s = 2e-4 * std::exp(uniform(rng));
  return {golden::make_layernorm(gamma, beta, eps, scale_s, 20.0 / 32767),
          golden::make_operand(ratio, bits)};
}

golden::MatrixI16 random_rows(int rows, size_t columns, std::mt19937& rng) {
  golden::MatrixI16 x(rows, static_cast<Eigen::Index>(columns));
  for (int r = 0; r < rows; ++r) {
    const int high = 1 << (4 + rng() % 12);  // rows of small and of large deviation
    const auto row = make_row(row_kinds()[static_cast<size_t>(r) % row_kinds().size()], columns,
                              -high, std::min(high, 32767), rng);
    for (size_t c = 0; c < columns; ++c) x(r, static_cast<Eigen::Index>(c)) = row[c];
  }
  return x;
}

class LayerNormStage : public testing::TestWithParam<int> {
 protected:
  void expect_golden(const golden::MatrixI16& s, const Parameters& p,
                     const tb::StageOptions& options = {}) {
    const auto y = tb::layernorm_op(*dut_, s, p.norm, p.operand, options, &run_);
    const golden::MatrixI16 y16 = golden::layernorm(s, p.norm);
    ASSERT_EQ(y.y16, y16);
    ASSERT_EQ(y.y8, golden::narrow_operand(y16, p.operand));
  }

  const int m_ = GetParam();
  std::unique_ptr<tb::Stage> dut_ = tb::make_stage("layernorm", m_);
  tb::StageRun run_;
  std::mt19937 rng_{20};
};

TEST_P(LayerNormStage, RowsOfEveryWidthAndKindEqualGoldenUnderStalls) {
  const auto m = static_cast<size_t>(m_);
  int bits = 8;
  for (const StallCase& stalls : stall_cases())
    for (size_t n : {size_t{1}, size_t{2}, m - 1, m, m + 1, size_t{128}, size_t{384}, size_t{768},
                     size_t{769}, size_t{1000}}) {
      bits = 17 - bits;
      expect_golden(random_rows(n < 100 ? 50 : 8, n, rng_), random_parameters(n, 1e-12, bits, rng_),
                    {stalls.input, stalls.output, 7, {}});
    }
}

TEST_P(LayerNormStage, EpsIsHonouredAndAZeroVarianceRowGivesItsBias) {
  for (const double eps : {0.0, 1e-12, 1e-5, 1e-2}) {
    golden::MatrixI16 s = golden::MatrixI16::Constant(6, 40, 1234);
    s.row(1).setConstant(-32768);
    s.row(2).setConstant(32767);
    s(3, 7) += 1;
    s.row(4).setZero();
    s(5, 0) = 32767;
    const Parameters p = random_parameters(40, eps, 8, rng_);
    expect_golden(s, p);
    if (eps == 0) {
      for (int c = 0; c < 40; ++c)
        EXPECT_EQ(golden::layernorm(s, p.norm)(0, c),
                  std::nearbyint(p.norm.bias[static_cast<size_t>(c)] / 256.0));
    }
  }
}

TEST_P(LayerNormStage, ParametersAtTheirLimitsEqualGolden) {
  // Extreme gains, biases, shifts and multipliers that no calibration would choose: every
  // saturation is reached.
  for (int trial = 0; trial < 40; ++trial) {
    const size_t n = 1 + rng_() % 60;
    Parameters p = random_parameters(n, 1e-12, trial % 2 == 0 ? 8 : 9, rng_);
    p.norm.row_shift = 8 + trial % 24;
    p.operand.shift = 16 + 4 * (trial % 4);
    for (size_t c = 0; c < n; ++c) {
      p.norm.gain[c] = c % 3 == 0   ? -131071
                       : c % 3 == 1 ? 131071
                                    : static_cast<int>(rng_() % 262143) - 131071;
      p.norm.bias[c] = c % 5 == 0 ? -33554431 : c % 5 == 1 ? 33554431 : p.norm.bias[c];
      p.operand.k[c] = static_cast<uint16_t>(c % 4 == 0 ? 65535 : rng_());
    }
    expect_golden(random_rows(20, n, rng_), p);
  }
}

TEST_P(LayerNormStage, RowsFollowEachOtherWithoutABubble) {
  for (const size_t columns : {size_t{64}, static_cast<size_t>(m_), size_t{768}}) {
    expect_golden(random_rows(64, columns, rng_), random_parameters(columns, 1e-12, 8, rng_));
    expect_no_gap(run_.taken, "in");
    expect_no_gap(run_.arrived, "out");
    const auto words = (columns + static_cast<size_t>(m_) - 1) / static_cast<size_t>(m_);
    EXPECT_EQ(run_.arrived[0] - run_.taken[0], words + static_cast<size_t>(dut_->latency));
  }
}

TEST_P(LayerNormStage, AChangedValueAndALongerRowThanItHoldsAreNoticed) {
  const Parameters p = random_parameters(40, 1e-12, 8, rng_);
  const golden::MatrixI16 s = random_rows(4, 40, rng_);
  tb::StageOptions options;
  options.tamper = [](bool out, uint64_t index, std::span<uint32_t> word) {
    if (!out && index == 0) word[0] ^= 0x4000;
    return true;
  };
  const auto y = tb::layernorm_op(*dut_, s, p.norm, p.operand, options);
  EXPECT_NE(y.y16.row(0), golden::layernorm(s, p.norm).row(0));
  EXPECT_EQ(y.y16.row(3), golden::layernorm(s, p.norm).row(3));
  const std::vector<uint32_t> words(
      dut_->in.data.words() * static_cast<size_t>(dut_->max_words + 1), 0);
  EXPECT_THROW(tb::run_stage(*dut_, words, 1), tb::SimError);
}

INSTANTIATE_TEST_SUITE_P(Lanes, LayerNormStage, testing::Values(8, 16),
                         [](const auto& lanes) { return fmt::format("M{}", lanes.param); });

}  // namespace
}  // namespace sb
