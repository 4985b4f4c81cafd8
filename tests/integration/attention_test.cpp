// SPDX-License-Identifier: Apache-2.0
// One attention head in RTL: core, row maximum, exp, core, row factor (sb_attention_top).
#include <gtest/gtest.h>

#include <random>

#include "Vattention.h"
#include "golden/ops/exp.h"
#include "golden/ops/gemm.h"
#include "golden/ops/requantize.h"
#include "tb/bfm/stream.h"
#include "tb/host/requant_code.h"
#include "tb/sim/bench.h"
#include "tests/integration/core_words.h"

namespace sb {
namespace {

using test::kM;
constexpr int kRows = 32;

struct Head {
  golden::MatrixI16 q;  ///< (queries, d)
  golden::MatrixI8 k;   ///< (keys, d)
  golden::MatrixI8 v;   ///< (keys, d)
  int valid = 0;        ///< keys that count
  uint32_t score_mult = 40000;
  uint8_t score_shift = 24;
  golden::ExpTable table = golden::make_exp_table(0.04);
  std::vector<uint32_t> context_mult;  ///< d
  std::vector<uint8_t> context_shift;
};

Head random_head(int queries, int keys, int valid, int d, uint64_t seed) {
  std::mt19937_64 rng(seed);
  Head head;
  head.q.resize(queries, d);
  head.k.resize(keys, d);
  head.v.resize(keys, d);
  for (auto& x : head.q.reshaped()) x = static_cast<int16_t>(static_cast<int>(rng() % 255) - 127);
  for (auto& x : head.k.reshaped()) x = static_cast<int8_t>(static_cast<int>(rng() % 255) - 127);
  for (auto& x : head.v.reshaped()) x = static_cast<int8_t>(static_cast<int>(rng() % 255) - 127);
  head.valid = valid;
  for (int n = 0; n < d; ++n) {
    head.context_mult.push_back(static_cast<uint32_t>(32768 + rng() % 32768));
    head.context_shift.push_back(31);
  }
  return head;
}

golden::MatrixI16 golden_context(const Head& head) {
  const auto keys = static_cast<size_t>(head.k.rows());
  const golden::MatrixI16 scores =
      golden::requantize(golden::gemm(head.q, head.k), std::vector<uint32_t>(keys, head.score_mult),
                         std::vector<uint8_t>(keys, head.score_shift), 0, golden::Clamp::S8);
  std::vector<uint8_t> valid(keys, 0);
  std::fill_n(valid.begin(), head.valid, 1);
  const golden::ExpRows rows = golden::exp_rows(scores, valid, head.table);
  std::vector<uint32_t> factor;
  for (uint32_t sum : rows.sum) factor.push_back(golden::reciprocal(sum));
  const golden::MatrixI8 v_transposed = head.v.transpose();
  return golden::requantize(golden::row_factor(golden::gemm(rows.u, v_transposed), factor),
                            head.context_mult, head.context_shift, 0, golden::Clamp::S8);
}

struct Result {
  golden::MatrixI16 context;
  std::vector<uint64_t> issued;  ///< cycles in which a word entered the second core
};

class IssueMonitor : public tb::Component {
 public:
  IssueMonitor(const uint8_t& issue, const tb::Clock& clock, std::vector<uint64_t>& cycles)
      : issue_(issue), clock_(clock), cycles_(cycles) {}
  void sample() override {
    if (issue_) cycles_.push_back(clock_.cycles());
  }

 private:
  const uint8_t& issue_;
  const tb::Clock& clock_;
  std::vector<uint64_t>& cycles_;
};

class Attention : public testing::Test {
 protected:
  Attention() {
    Vattention& dut = *bench_;
    for (uint8_t* pin : {&dut.start_i, &dut.load_exp_i, &dut.load_chan_i, &dut.ajob_valid_i,
                         &dut.aw_valid_i, &dut.achan_valid_i, &dut.aact_valid_i, &dut.bjob_valid_i,
                         &dut.bw_valid_i, &dut.bchan_valid_i, &dut.out_ready_i})
      *pin = 0;
    bench_.reset();
  }

  Result run(const Head& head, tb::StallPolicy input = {}, tb::StallPolicy output = {}) {
    Vattention& dut = *bench_;
    tb::Clock& clock = bench_.clock();
    const auto queries = head.q.rows(), keys = head.k.rows(), d = head.q.cols();
    const int key_blocks = tb::block_count(keys, kM), d_blocks = tb::block_count(d, kM);
    dut.rows_i = static_cast<uint16_t>(queries);
    dut.keys_i = static_cast<uint16_t>(head.valid);
    dut.blocks_i = static_cast<uint16_t>(key_blocks);
    dut.passes_i = static_cast<uint16_t>(d_blocks);
    dut.start_i = 1;
    clock.tick();
    dut.start_i = 0;
    for (int i = 0; i < 256; ++i) load(dut.load_exp_i, i, {head.table[static_cast<size_t>(i)]});
    const auto context_chans = test::chan_words(head.context_mult, head.context_shift);
    for (int b = 0; b < d_blocks; ++b)
      load(dut.load_chan_i, b,
           {context_chans.begin() + 2 * kM * b, context_chans.begin() + 2 * kM * (b + 1)});

    const std::vector<uint32_t> score_mult(static_cast<size_t>(keys), head.score_mult);
    const std::vector<uint8_t> score_shift(static_cast<size_t>(keys), head.score_shift);
    const std::vector<uint32_t> chan_b(static_cast<size_t>(2 * kM * d_blocks), 0);
    const golden::MatrixI8 v_transposed = head.v.transpose();
    tb::StreamDriver ajob({"ajob", &dut.ajob_valid_i, &dut.ajob_ready_o, tb::Port(dut.ajob_i)},
                          tb::words_of(test::job_words({.clamp = sb_pkg::ClampS8,
                                                        .rows = queries,
                                                        .k_blocks = d_blocks,
                                                        .n_blocks = key_blocks})));
    tb::StreamDriver aw({"aw", &dut.aw_valid_i, &dut.aw_ready_o, tb::Port(dut.aw_data_i)},
                        tb::words_of(tb::weight_words(head.k, kM)), input, 2);
    tb::StreamDriver achan(
        {"achan", &dut.achan_valid_i, &dut.achan_ready_o, tb::Port(dut.achan_data_i)},
        tb::words_of(test::chan_words(score_mult, score_shift)));
    tb::StreamDriver aact({"aact", &dut.aact_valid_i, &dut.aact_ready_o, tb::Port(dut.aact_data_i)},
                          tb::words_of(test::activation_words(head.q, kM, 8, key_blocks)), input,
                          3);
    tb::StreamDriver bjob(
        {"bjob", &dut.bjob_valid_i, &dut.bjob_ready_o, tb::Port(dut.bjob_i)},
        tb::words_of(test::job_words(
            {.act_unsigned = 1, .rows = queries, .k_blocks = key_blocks, .n_blocks = d_blocks})));
    tb::StreamDriver bw({"bw", &dut.bw_valid_i, &dut.bw_ready_o, tb::Port(dut.bw_data_i)},
                        tb::words_of(tb::weight_words(v_transposed, kM)), input, 4);
    tb::StreamDriver bchan(
        {"bchan", &dut.bchan_valid_i, &dut.bchan_ready_o, tb::Port(dut.bchan_data_i)},
        tb::words_of(chan_b));
    Result result;
    test::BlockRowResult context(queries, d, kM, 8);
    tb::StreamSink out(
        {"out", &dut.out_valid_o, &dut.out_ready_i, tb::Port(dut.out_data_o), &dut.out_last_o},
        static_cast<uint64_t>(queries * d_blocks),
        [&](std::span<const uint32_t> word, bool last) { context.take(word, last); }, output, 5);
    IssueMonitor issue(dut.issue_o, clock, result.issued);
    clock.clear();
    for (tb::Component* c : std::initializer_list<tb::Component*>{&ajob, &aw, &achan, &aact, &bjob,
                                                                  &bw, &bchan, &out, &issue})
      clock.add(*c);
    clock.run(100000);
    clock.clear();
    result.context = context.values();
    return result;
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

  tb::Bench<Vattention> bench_{1};
};

TEST_F(Attention, OneHeadEqualsGolden) {
  for (const auto& [queries, keys, valid, d] : std::vector<std::array<int, 4>>{{32, 32, 32, 32},
                                                                               {20, 32, 20, 16},
                                                                               {32, 64, 61, 64},
                                                                               {17, 23, 23, 20},
                                                                               {5, 40, 1, 8},
                                                                               {1, 1, 1, 1}}) {
    const Head head =
        random_head(queries, keys, valid, d, static_cast<uint64_t>(queries * 1000 + keys));
    ASSERT_EQ(run(head).context, golden_context(head))
        << queries << " queries, " << keys << " keys";
  }
}

TEST_F(Attention, AHeadWithoutAValidKeyGivesZeros) {
  const Head head = random_head(16, 24, 0, 16, 3);
  EXPECT_TRUE(run(head).context.isZero());
  EXPECT_TRUE(golden_context(head).isZero());
}

TEST_F(Attention, StallsOnEveryStreamChangeNothing) {
  const Head head = random_head(24, 37, 37, 24, 4);
  for (const double p : {0.2, 0.6})
    ASSERT_EQ(run(head, tb::StallPolicy::random(p), tb::StallPolicy::random(p)).context,
              golden_context(head));
}

TEST_F(Attention, ExpFeedsTheCoreWithoutAGap) {
  const Head head = random_head(32, 64, 64, 64, 5);
  const Result result = run(head);
  ASSERT_EQ(result.context, golden_context(head));
  EXPECT_GT(result.context.maxCoeff() - result.context.minCoeff(), 30)
      << "too flat to tell right from wrong";
  // rows x key blocks x blocks of the head's width, one word per cycle.
  ASSERT_EQ(result.issued.size(), 32U * 8 * 8);
  EXPECT_EQ(result.issued.back() - result.issued.front() + 1, result.issued.size());
}

TEST_F(Attention, AWrongExpTableIsNoticed) {
  Head head = random_head(16, 24, 24, 16, 6);
  const golden::MatrixI16 expected = golden_context(head);
  head.table[0] = 254;
  EXPECT_NE(run(head).context, expected);
}

}  // namespace
}  // namespace sb
