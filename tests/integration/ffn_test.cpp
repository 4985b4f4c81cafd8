// SPDX-License-Identifier: Apache-2.0
// Residual addition, LayerNorm, FFN1 and GELU in RTL (sb_ffn_top).
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "Vffn.h"
#include "golden/ops/gemm.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/residual.h"
#include "golden/ops/table.h"
#include "tb/bfm/stream.h"
#include "tb/host/norm_code.h"
#include "tb/sim/bench.h"
#include "tests/integration/core_words.h"

namespace sb {
namespace {

using test::kM;

struct Chain {
  golden::MatrixI16 h, d;  ///< (rows, H)
  golden::LayerNormParams norm;
  golden::OperandParams operand;
  golden::MatrixI8 w;  ///< (F, H)
  std::vector<int32_t> bias;
  std::vector<uint32_t> mult;
  std::vector<uint8_t> shift;
  int zero = -30;
  golden::Table gelu = golden::make_table(golden::gelu, {0.05, -30, 0.03, -120, golden::Clamp::S9});
};

Chain random_chain(int rows, int hidden, int ffn, uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::normal_distribution<double> normal;
  Chain chain;
  chain.h.resize(rows, hidden);
  chain.d.resize(rows, hidden);
  for (auto& x : chain.h.reshaped())
    x = static_cast<int16_t>(std::clamp(normal(rng) * 8000, -32768.0, 32767.0));
  for (auto& x : chain.d.reshaped())
    x = static_cast<int16_t>(std::clamp(normal(rng) * 12000, -32768.0, 32767.0));
  std::vector<float> gamma, beta;
  for (int c = 0; c < hidden; ++c) {
    gamma.push_back(static_cast<float>(1 + 0.3 * normal(rng)));
    beta.push_back(static_cast<float>(0.2 * normal(rng)));
  }
  chain.norm = golden::make_layernorm(gamma, beta, 1e-12, 3e-4, 8.0 / 32767);
  chain.operand =
      golden::make_operand(std::vector<double>(static_cast<size_t>(hidden), 200.0 / 32767), 8);
  chain.w.resize(ffn, hidden);
  for (auto& x : chain.w.reshaped()) x = static_cast<int8_t>(static_cast<int>(rng() % 255) - 127);
  for (int n = 0; n < ffn; ++n) {
    chain.bias.push_back(static_cast<int32_t>(rng() % 20001) - 10000);
    chain.mult.push_back(static_cast<uint32_t>(32768 + rng() % 32768));
    chain.shift.push_back(25);
  }
  return chain;
}

struct Outcome {
  golden::MatrixI16 y16, gelu;
};

Outcome golden_outcome(const Chain& chain) {
  const golden::MatrixI16 y16 =
      golden::layernorm(golden::residual_add(chain.h, chain.d), chain.norm);
  golden::MatrixI32 acc = golden::gemm(golden::narrow_operand(y16, chain.operand), chain.w);
  for (Eigen::Index n = 0; n < acc.cols(); ++n)
    acc.col(n).array() += chain.bias[static_cast<size_t>(n)];
  const auto ffn = golden::requantize(acc, chain.mult, chain.shift, chain.zero, golden::Clamp::S8);
  return {y16, golden::apply_table(ffn, chain.gelu)};
}

class Ffn : public testing::Test {
 protected:
  Ffn() {
    Vffn& dut = *bench_;
    for (uint8_t* pin : {&dut.start_i, &dut.load_chan_i, &dut.load_table_i, &dut.in_valid_i,
                         &dut.job_valid_i, &dut.w_valid_i, &dut.chan_valid_i, &dut.out_ready_i})
      *pin = 0;
    bench_.reset();
  }

  Outcome run(const Chain& chain, tb::StallPolicy input = {}, tb::StallPolicy output = {}) {
    Vffn& dut = *bench_;
    tb::Clock& clock = bench_.clock();
    const auto rows = chain.h.rows(), hidden = chain.h.cols(), ffn = chain.w.rows();
    const int blocks = tb::block_count(hidden, kM), passes = tb::block_count(ffn, kM);
    dut.rows_i = static_cast<uint16_t>(rows);
    dut.blocks_i = static_cast<uint16_t>(blocks);
    dut.passes_i = static_cast<uint16_t>(passes);
    tb::Port(dut.norm_i).write(tb::norm_job(chain.norm).pack());
    tb::Port(dut.operand_i).write(tb::operand_code(chain.operand).pack());
    dut.start_i = 1;
    clock.tick();
    dut.start_i = 0;
    for (int i = 0; i < 256; ++i)
      load(dut.load_table_i, i,
           {static_cast<uint32_t>(chain.gelu[static_cast<size_t>(i)]) & 0x1ff});
    const auto norm_chans = tb::channel_words(static_cast<size_t>(hidden), kM, [&](size_t n) {
      return tb::norm_channel(chain.norm, chain.operand, n);
    });
    for (int b = 0; b < blocks; ++b)
      load(dut.load_chan_i, b,
           {norm_chans.begin() + 2 * kM * b, norm_chans.begin() + 2 * kM * (b + 1)});

    golden::MatrixI16 both(rows, 2 * blocks * kM);  // lanes of h, then of d, in each word
    both.setZero();
    for (Eigen::Index r = 0; r < rows; ++r)
      for (Eigen::Index c = 0; c < hidden; ++c) {
        both(r, c / kM * 2 * kM + c % kM) = chain.h(r, c);
        both(r, c / kM * 2 * kM + kM + c % kM) = chain.d(r, c);
      }
    tb::StreamDriver in({"in", &dut.in_valid_i, &dut.in_ready_o, tb::Port(dut.in_data_i)},
                        tb::words_of(test::activation_words(both, 2 * kM, 16, 1)), input, 2);
    tb::StreamDriver job({"job", &dut.job_valid_i, &dut.job_ready_o, tb::Port(dut.job_i)},
                         tb::words_of(test::job_words({.clamp = sb_pkg::ClampS8,
                                                       .zero_point = chain.zero,
                                                       .rows = rows,
                                                       .k_blocks = blocks,
                                                       .n_blocks = passes})));
    tb::StreamDriver w({"w", &dut.w_valid_i, &dut.w_ready_o, tb::Port(dut.w_data_i)},
                       tb::words_of(tb::weight_words(chain.w, kM)), input, 3);
    tb::StreamDriver chan({"chan", &dut.chan_valid_i, &dut.chan_ready_o, tb::Port(dut.chan_data_i)},
                          tb::words_of(test::chan_words(chain.mult, chain.shift, chain.bias)),
                          input, 4);
    test::BlockRowResult gelu(rows, ffn, kM, 9), y16(rows, hidden, kM, 16);
    tb::StreamSink out(
        {"out", &dut.out_valid_o, &dut.out_ready_i, tb::Port(dut.out_data_o), &dut.out_last_o},
        static_cast<uint64_t>(rows * passes),
        [&](std::span<const uint32_t> word, bool last) { gelu.take(word, last); }, output, 5);
    issued_.clear();
    Watch watch(dut, clock, issued_, y16, rows * blocks);
    clock.clear();
    for (tb::Component* c :
         std::initializer_list<tb::Component*>{&in, &job, &w, &chan, &out, &watch})
      clock.add(*c);
    clock.run(200000);
    clock.clear();
    return {y16.values(), gelu.values()};
  }

  void load(uint8_t& enable, int address, const std::vector<uint32_t>& word) {
    std::vector<uint32_t> padded = word;
    padded.resize(tb::Port(bench_->load_data_i).words(), 0);
    enable = 1;
    bench_->load_addr_i = static_cast<uint8_t>(address);
    tb::Port(bench_->load_data_i).write(padded);
    bench_.clock().tick();
    enable = 0;
  }

  // Takes the 16-bit results, which know no back-pressure, and notes when words enter the core.
  class Watch : public tb::Component {
   public:
    Watch(Vffn& dut, const tb::Clock& clock, std::vector<uint64_t>& issued,
          test::BlockRowResult& y16, Eigen::Index words)
        : dut_(dut),
          clock_(clock),
          issued_(issued),
          y16_(y16),
          left_(words),
          word_(tb::Port(dut.y16_data_o).words()) {}
    void sample() override {
      if (dut_.issue_o) issued_.push_back(clock_.cycles());
      if (!dut_.y16_valid_o) return;
      tb::Port(dut_.y16_data_o).read(word_);
      y16_.take(word_, --left_ == 0);
    }
    bool done() const override { return left_ == 0; }
    std::string pending() const override { return "words of y16"; }

   private:
    Vffn& dut_;
    const tb::Clock& clock_;
    std::vector<uint64_t>& issued_;
    test::BlockRowResult& y16_;
    Eigen::Index left_;
    std::vector<uint32_t> word_;
  };

  tb::Bench<Vffn> bench_{1};
  std::vector<uint64_t> issued_;
};

TEST_F(Ffn, TheChainEqualsGolden) {
  for (const auto& [rows, hidden, ffn] : std::vector<std::array<int, 3>>{
           {32, 64, 64}, {20, 128, 40}, {17, 37, 29}, {1, 8, 8}, {32, 1, 16}}) {
    const Chain chain = random_chain(rows, hidden, ffn, static_cast<uint64_t>(rows + hidden));
    const Outcome expected = golden_outcome(chain), outcome = run(chain);
    ASSERT_EQ(outcome.y16, expected.y16) << rows << " x " << hidden;
    ASSERT_EQ(outcome.gelu, expected.gelu) << rows << " x " << hidden << " x " << ffn;
  }
}

TEST_F(Ffn, StallsOnEveryStreamChangeNothing) {
  const Chain chain = random_chain(24, 60, 44, 9);
  const Outcome expected = golden_outcome(chain);
  for (const double p : {0.2, 0.6}) {
    const Outcome outcome = run(chain, tb::StallPolicy::random(p), tb::StallPolicy::random(p));
    ASSERT_EQ(outcome.y16, expected.y16);
    ASSERT_EQ(outcome.gelu, expected.gelu);
  }
}

TEST_F(Ffn, LayerNormFeedsTheCoreWithoutAGap) {
  const Chain chain = random_chain(32, 128, 128, 10);
  const Outcome outcome = run(chain);
  ASSERT_EQ(outcome.gelu, golden_outcome(chain).gelu);
  EXPECT_GT(outcome.gelu.maxCoeff() - outcome.gelu.minCoeff(), 50)
      << "too flat to tell right from wrong";
  ASSERT_EQ(issued_.size(), 32U * 16 * 16);
  EXPECT_EQ(issued_.back() - issued_.front() + 1, issued_.size());
}

TEST_F(Ffn, AWrongRowShiftIsNoticed) {
  Chain chain = random_chain(16, 32, 16, 11);
  const Outcome expected = golden_outcome(chain);
  chain.norm.row_shift -= 1;
  EXPECT_NE(run(chain).y16, expected.y16);
}

}  // namespace
}  // namespace sb
