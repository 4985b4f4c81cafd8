// SPDX-License-Identifier: Apache-2.0
// Units of rtl/stages by themselves (sb_stage_cells), over the whole range of their words, not only
// what stages around them produce: words with pauses, rows interleaved, resets of one cycle in
// between. Nothing here knows a latency; the model asserts those.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <random>

#include "Vstage_cells.h"
#include "golden/ops/exp.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/residual.h"
#include "golden/ops/rounding.h"
#include "tb/host/lanes.h"
#include "tb/host/requant_code.h"
#include "tb/sim/bench.h"
#include "tb/sim/port.h"
#include "tests/support/seeds.h"
#include "tests/support/ties.h"
#include "words/sb_pkg.h"

namespace sb {
namespace {

constexpr int kRows = 3;  ///< rows under way at a time (Rows of the units)

/// Compares what leaves.
using Check = std::function<void()>;

/// A unit: its pins, words to send, what must leave for each.
class Unit {
 public:
  virtual ~Unit() = default;
  /// Drives a word; one check per output of the unit, empty where nothing leaves for this word.
  virtual std::vector<Check> send() = 0;
  virtual void reset() {}

  uint8_t* valid = nullptr;
  struct Pins {
    tb::Port port;
    int bits;
  };
  std::vector<Pins> pins;           ///< noise while there is no word
  std::vector<uint8_t*> valid_out;  ///< of each output
};

class StageCells : public testing::Test {
 public:  // for the units of the tests
  StageCells() {
    bench_->table_load_i = bench_->exp_load_i = 0;
    bench_->norm_valid_i = bench_->layer_valid_i = bench_->max_valid_i = bench_->table_valid_i =
        bench_->exp_valid_i = bench_->res_valid_i = bench_->root_valid_i = bench_->req_valid_i = 0;
    bench_.reset();
  }

  int64_t uniform(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(rng_);
  }
  /// Ends of a range, powers of two and their neighbours, and anything between.
  int64_t corner(int64_t low, int64_t high) {
    switch (rng_() % 8) {
      case 0: return low;
      case 1: return high;
      case 2: {
        const int64_t near = (int64_t{1} << rng_() % 62) + uniform(-1, 1);
        return std::clamp(rng_() % 2 == 0 ? near : -near, low, high);
      }
      case 3: return std::clamp<int64_t>(uniform(-2, 2), low, high);
      default: return uniform(low, high);
    }
  }

  /// So many cycles with words in `percent` of them, then until all is through. With resets, all
  /// that is under way is lost now and then.
  void run(Unit& unit, int cycles, unsigned percent, bool resets = false) {
    std::vector<std::deque<Check>> due(unit.valid_out.size());
    std::vector<uint32_t> noise(64);
    for (int cycle = 0; cycle < cycles + 120; ++cycle) {
      const bool reset = resets && cycle < cycles && rng_() % 50 == 0;
      const bool word = cycle < cycles && rng_() % 100 < percent;
      *unit.valid = word;
      if (word && !reset) {
        const auto checks = unit.send();
        for (std::size_t o = 0; o < checks.size(); ++o)
          if (checks[o]) due[o].push_back(checks[o]);
      } else {
        for (auto& v : noise) v = static_cast<uint32_t>(rng_());
        for (const auto& [port, bits] : unit.pins) {
          auto masked = noise;  // no bit beyond the width, which a model may rely on
          if (bits % 32 != 0) masked[static_cast<std::size_t>(bits) / 32] &= (1U << bits % 32) - 1;
          port.write(std::span(masked).first(port.words()));
        }
      }
      bench_->rst_ni = !reset;
      bench_->eval();
      bench_.clock().tick();
      bench_->rst_ni = 1;
      if (reset) {
        for (auto& d : due) d.clear();
        unit.reset();
      }
      for (std::size_t o = 0; o < due.size(); ++o) {
        if (!*unit.valid_out[o]) continue;
        ASSERT_FALSE(due[o].empty()) << "output " << o << ": a word that nobody sent";
        due[o].front()();
        due[o].pop_front();
        ++checked_;
      }
      if (HasFatalFailure()) FAIL() << test::rerun_line();
    }
    for (const auto& d : due) ASSERT_TRUE(d.empty()) << d.size() << " words are lost";
  }

  tb::Bench<Vstage_cells> bench_{static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)) + 1,
                                 test::trace_options(1)};
  std::mt19937_64 rng_{static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)) + 3};
  uint64_t checked_ = 0;
};

template <typename Struct>
void write(tb::Port port, const Struct& value) {
  const auto word = value.pack();
  port.write(std::vector<uint32_t>(word.begin(), word.end()));
}
void write_bits(tb::Port port, std::initializer_list<int64_t> lanes, int bits) {
  std::vector<uint32_t> word(port.words() + 2, 0);
  int at = 0;
  for (const int64_t lane : lanes)
    tb::put_bits(word, bits * at++, bits, static_cast<uint64_t>(lane));
  port.write(std::span(word).first(port.words()));
}
int64_t lane_of(tb::Port port, int lane, int bits) {
  std::vector<uint32_t> word(port.words());
  port.read(word);
  return tb::get_signed_lane(word, lane, bits);
}

// Row constants of LayerNorm.

TEST_F(StageCells, RowConstantsAreExactOverTheWholeRangeOfAJob) {
  struct NormRow : Unit {
    StageCells& t;
    Vstage_cells& d;
    golden::LayerNormParams p;
    std::optional<int64_t> only_sum;
    explicit NormRow(StageCells& test) : t(test), d(*t.bench_) {
      valid = &d.norm_valid_i;
      valid_out = {&d.norm_valid_o};
      pins = {{tb::Port(d.norm_sum_i), 28},
              {tb::Port(d.norm_sumsq_i), 43},
              {tb::Port(d.norm_tag_i), 8}};
    }
    std::vector<Check> send() override {
      const auto n = static_cast<int64_t>(p.gain.size());
      int64_t most = std::min(int64_t{1} << 27, n << 15);
      if (p.mean_mult > 0)
        most = std::min(most, (((int64_t{1} << 24) - 2) << p.mean_shift) / int64_t{p.mean_mult});
      golden::RowStatistics s;
      s.sum = only_sum ? *only_sum : t.corner(-most, std::min(most, (int64_t{1} << 27) - 1));
      s.sumsq = t.corner((s.sum * s.sum + n - 1) / n, n << 30);
      const auto root = golden::rsqrt(golden::row_w(p, s));
      const sb_pkg::norm_row_t want{
          .mean8 = golden::row_mean8(p, s.sum), .m = root.m, .q = root.h + p.row_shift};
      const auto tag = static_cast<uint8_t>(t.rng_());
      d.norm_sum_i = static_cast<uint32_t>(s.sum) & 0xfffffff;
      d.norm_sumsq_i = static_cast<uint64_t>(s.sumsq);
      d.norm_tag_i = tag;
      return {[this, s, want, tag] {
        std::vector<uint32_t> word(2);
        tb::Port(d.norm_row_o).read(word);
        const auto got = sb_pkg::norm_row_t::unpack(word);
        ASSERT_EQ(got.mean8, want.mean8)
            << "sum " << s.sum << " * " << p.mean_mult << " >> " << p.mean_shift;
        ASSERT_EQ(got.m, want.m) << "sum " << s.sum << " sumsq " << s.sumsq << " e " << p.e;
        ASSERT_EQ(got.q, want.q) << "row shift " << p.row_shift;
        ASSERT_EQ(d.norm_tag_o, tag);
      }};
    }
    void set_job(int columns, uint32_t mult, int shift, uint64_t e, int row_shift) {
      p = {mult, shift, e, row_shift, std::vector<int32_t>(static_cast<std::size_t>(columns)), {}};
      write(tb::Port(d.norm_job_i), sb_pkg::norm_job_t{.columns = columns,
                                                       .mean_mult = mult,
                                                       .mean_shift = shift,
                                                       .e = static_cast<int64_t>(e),
                                                       .row_shift = row_shift});
      d.eval();
      for (int i = 0; i < 2; ++i) t.bench_.clock().tick();  // the job stands before its first row
    }
  } unit(*this);
  const int columns[] = {1, 2, 3, 512, 768, 1024, 4095, 4096};
  for (int round = 0; round < 300; ++round) {
    const int n =
        round % 2 == 0 ? columns[rng_() % std::size(columns)] : static_cast<int>(uniform(1, 4096));
    const int shift = static_cast<int>(uniform(16, 32));
    const double mean = std::ldexp(256.0 / n, shift);
    const auto mult = round % 3 == 0 && mean < 0x1p26
                          ? static_cast<uint32_t>(std::nearbyint(mean))
                          : static_cast<uint32_t>(corner(0, (1 << 26) - 1));
    unit.set_job(n, mult, shift, static_cast<uint64_t>(corner(0, (int64_t{1} << 56) - 1)),
                 static_cast<int>(uniform(8, 31)));
    unit.only_sum.reset();
    run(unit, 40, round % 2 == 0 ? 100 : 60);
    if (HasFatalFailure()) return;
  }
  // 256 / N is a power of two: every other sum is a tie.
  for (const int n : {512, 1024, 2048, 4096})
    for (const int shift : {25, 26, 27, 28, 29, 30}) {
      if (std::ldexp(256.0 / n, shift) >= 0x1p26) continue;
      unit.set_job(n, static_cast<uint32_t>(std::ldexp(256.0 / n, shift)), shift, 1, 20);
      for (int64_t sum = -40; sum <= 40; ++sum) {
        unit.only_sum = sum;
        run(unit, 1, 100);
        if (HasFatalFailure()) return;
      }
    }
  // One bit under the half.
  for (int shift = 16; shift <= 32; ++shift)
    for (int bit = 0; bit <= shift - 2; ++bit)
      for (const bool negative : {false, true}) {
        const auto near =
            test::near_tie(shift, bit, (1 << 27) - 1, (1 << 26) - 1, (1 << 23), negative);
        if (!near) continue;
        unit.set_job(4096, static_cast<uint32_t>(near->mult), shift, 1, 20);
        unit.only_sum = near->factor;
        ASSERT_EQ(golden::row_mean8(unit.p, near->factor), near->quotient + 1);
        run(unit, 1, 100);
        if (HasFatalFailure()) return;
      }
  EXPECT_GT(checked_, 8000U);
}

TEST_F(StageCells, RowConstantsAreLostInAReset) {
  struct NormRow : Unit {
    Vstage_cells& d;
    uint8_t tag = 0;
    explicit NormRow(Vstage_cells& model) : d(model) {
      valid = &d.norm_valid_i;
      valid_out = {&d.norm_valid_o};
    }
    std::vector<Check> send() override {
      d.norm_tag_i = ++tag;
      return {[this, want = tag] { ASSERT_EQ(d.norm_tag_o, want); }};
    }
  } unit(*bench_);
  run(unit, 5000, 70, true);
}

// LayerNorm element by element.

TEST_F(StageCells, LayerNormIsExactForAnyRowConstants) {
  struct Layer : Unit {
    StageCells& t;
    Vstage_cells& d;
    int q = -7;
    explicit Layer(StageCells& test) : t(test), d(*t.bench_) {
      valid = &d.layer_valid_i;
      valid_out = {&d.layer_valid_o};
      pins = {{tb::Port(d.layer_s_i), 32},
              {tb::Port(d.layer_chan_i), 128},
              {tb::Port(d.layer_operand_i), 3},
              {tb::Port(d.layer_tag_i), 8}};
    }
    std::vector<Check> send() override {
      const sb_pkg::norm_row_t row{
          .mean8 = t.corner(-(1 << 24), (1 << 24) - 1), .m = t.corner(0, 131071), .q = q};
      q = q == 44 ? -7 : q + 1;
      const sb_pkg::operand_t operand{.nine = t.uniform(0, 1) != 0, .shift_sel = t.uniform(0, 3)};
      std::array<int64_t, 2> s{}, y16{}, y8{};
      std::vector<uint32_t> chan(4);
      for (std::size_t c = 0; c < 2; ++c) {
        // Near the mean in half of the cases, so that z is not saturated at small q.
        s[c] = t.corner(-32768, 32767);
        if (t.rng_() % 2 == 0)
          s[c] = std::clamp<int64_t>((row.mean8 >> 8) + t.uniform(-3, 3), -32768, 32767);
        const sb_pkg::norm_chan_t word{.k = t.corner(0, 65535),
                                       .bias = t.corner(-(1 << 25), (1 << 25) - 1),
                                       .gain = t.corner(-(1 << 17), (1 << 17) - 1)};
        const auto packed = word.pack();
        std::copy(packed.begin(), packed.end(), chan.begin() + static_cast<std::ptrdiff_t>(2 * c));
        const int64_t product = (256 * s[c] - row.mean8) * row.m;
        const int64_t shifted = row.q >= 0 ? product >> row.q : product * (int64_t{1} << -row.q);
        const int64_t z = std::clamp<int64_t>(shifted, -(1 << 26), (1 << 26) - 1);
        y16[c] = std::clamp<int64_t>(
            golden::round_half_even_shift(z * word.gain + word.bias * (1 << 14), 22), -32768,
            32767);
        const int64_t half = operand.nine ? 256 : 128;
        y8[c] =
            std::clamp<int64_t>(golden::round_half_even_shift(
                                    y16[c] * word.k, 16 + 4 * static_cast<int>(operand.shift_sel)),
                                -half, half - 1);
      }
      const auto tag = static_cast<uint8_t>(t.rng_());
      write_bits(tb::Port(d.layer_s_i), {s[0], s[1]}, 16);
      write(tb::Port(d.layer_row_i), row);
      tb::Port(d.layer_chan_i).write(chan);
      write(tb::Port(d.layer_operand_i), operand);
      d.layer_tag_i = tag;
      return {[this, row, s, y16, y8, tag] {
        for (int c = 0; c < 2; ++c) {
          const auto lane = static_cast<std::size_t>(c);
          ASSERT_EQ(lane_of(tb::Port(d.layer_y16_o), c, 16), y16[lane])
              << "q " << row.q << " mean8 " << row.mean8 << " m " << row.m << " s " << s[lane];
          ASSERT_EQ(lane_of(tb::Port(d.layer_y8_o), c, 9), y8[lane]) << "y16 " << y16[lane];
        }
        ASSERT_EQ(d.layer_tag_o, tag);
      }};
    }
  } unit(*this);
  run(unit, 60000, 100);
  run(unit, 5000, 40, true);
  EXPECT_GT(checked_, 60000U);
}

// Rows that are interleaved.

struct OpenRow {
  int left = 0;  ///< words to come
  int64_t value = 0, squares = 0;
  int max = 0;
  bool select = false;
};

TEST_F(StageCells, RowMaximumCountsKeptLanesAlone) {
  struct RowMax : Unit {
    StageCells& t;
    Vstage_cells& d;
    std::array<OpenRow, kRows> rows8{}, rows2{};
    explicit RowMax(StageCells& test) : t(test), d(*t.bench_) {
      valid = &d.max_valid_i;
      valid_out = {&d.max8_valid_o, &d.max2_valid_o};
      pins = {{tb::Port(d.max_first_i), 1},
              {tb::Port(d.max_last_i), 1},
              {tb::Port(d.max_row_i), 2},
              {tb::Port(d.max_keep_i), 8},
              {tb::Port(d.max_score_i), 64}};
    }
    std::vector<Check> send() override {
      const auto row = static_cast<uint8_t>(t.rng_() % kRows);
      OpenRow &o8 = rows8[row], &o2 = rows2[row];
      const bool first = o8.left == 0;
      if (first) {
        o8 = o2 = {.left = 1 + static_cast<int>(t.rng_() % 5)};
        o8.value = o2.value = -128;
      }
      const auto keep = static_cast<uint8_t>(t.rng_() % 4 == 0 ? 0 : t.rng_() & t.rng_());
      uint64_t scores = 0;
      for (int c = 0; c < 8; ++c) {
        const int64_t score = t.rng_() % 2 == 0 ? -128 : t.corner(-128, 127);
        scores |= static_cast<uint64_t>(score & 0xff) << (8 * c);
        if ((keep >> c & 1) == 0) continue;
        o8.value = std::max(o8.value, score);
        if (c < 2) o2.value = std::max(o2.value, score);
      }
      --o8.left;
      d.max_first_i = first;
      d.max_last_i = o8.left == 0;
      d.max_row_i = row;
      d.max_keep_i = keep;
      d.max_score_i = scores;
      if (o8.left != 0) return {{}, {}};
      return {[this, row, want = o8.value] {
                ASSERT_EQ(d.max8_row_o, row);
                ASSERT_EQ(static_cast<int8_t>(d.max8_o), want);
              },
              [this, row, want = o2.value] {
                ASSERT_EQ(d.max2_row_o, row);
                ASSERT_EQ(static_cast<int8_t>(d.max2_o), want);
              }};
    }
    void reset() override { rows8 = rows2 = {}; }
  } unit(*this);
  run(unit, 10000, 100);
  run(unit, 10000, 50);
  run(unit, 5000, 80, true);
  EXPECT_GT(checked_, 8000U);
}

TEST_F(StageCells, TablesAreKeptApartInEveryLane) {
  struct Tables : Unit {
    StageCells& t;
    Vstage_cells& d;
    uint8_t four[4][256] = {}, two[2][256] = {};
    explicit Tables(StageCells& test) : t(test), d(*t.bench_) {
      valid = &d.table_valid_i;
      valid_out = {&d.table4_valid_o, &d.table2_valid_o};
      pins = {{tb::Port(d.table_select_i), 2},
              {tb::Port(d.table_index_i), 32},
              {tb::Port(d.table_tag_i), 8}};
    }
    void load(int select, int address) {
      const auto data = static_cast<uint8_t>(t.rng_() % 32);
      d.table_valid_i = 0;
      d.table_load_i = 1;
      d.table_load_select_i = static_cast<uint8_t>(select);
      d.table_load_addr_i = static_cast<uint8_t>(address);
      d.table_load_data_i = data;
      d.eval();
      t.bench_.clock().tick();
      d.table_load_i = 0;
      d.table_load_addr_i = static_cast<uint8_t>(t.rng_());
      d.table_load_select_i = static_cast<uint8_t>(t.rng_() % 4);
      four[select][address] = two[select % 2][address] = data;
    }
    std::vector<Check> send() override {
      const auto select = static_cast<uint8_t>(t.rng_() % 4);
      const auto index = static_cast<uint32_t>(t.rng_());
      const auto tag = static_cast<uint8_t>(t.rng_());
      d.table_select_i = select;
      d.table_index_i = index;
      d.table_tag_i = tag;
      std::array<int, 4> want4{};
      std::array<int, 2> want2{};
      for (std::size_t c = 0; c < 4; ++c) want4[c] = four[select][index >> (8 * c) & 0xff];
      for (std::size_t c = 0; c < 2; ++c)
        want2[c] = two[select % 2][(index >> (8 * c) & 0xff) ^ 0x80];
      return {[this, want4, tag] {
                for (std::size_t c = 0; c < 4; ++c)
                  ASSERT_EQ(d.table4_data_o >> (5 * c) & 31, want4[c]) << "lane " << c;
                ASSERT_EQ(d.table4_tag_o, tag);
              },
              [this, want2, tag] {
                for (std::size_t c = 0; c < 2; ++c)
                  ASSERT_EQ(d.table2_data_o >> (5 * c) & 31, want2[c]) << "lane " << c;
                ASSERT_EQ(d.table2_tag_o, tag);
              }};
    }
  } unit(*this);
  for (int select = 0; select < 4; ++select)
    for (int address = 0; address < 256; ++address) unit.load(select, address);
  for (int round = 0; round < 300; ++round) {
    run(unit, 60, round % 2 == 0 ? 100 : 50, round % 3 == 2);
    if (HasFatalFailure()) return;
    unit.load(static_cast<int>(rng_() % 4), static_cast<int>(rng_() % 256));
  }
}

TEST_F(StageCells, ExpLooksUpTheTableOfTheWordAndSumsItsRow) {
  struct Exp : Unit {
    StageCells& t;
    Vstage_cells& d;
    uint8_t table[2][256] = {};
    std::array<OpenRow, kRows> rows{};
    explicit Exp(StageCells& test) : t(test), d(*t.bench_) {
      valid = &d.exp_valid_i;
      valid_out = {&d.exp_valid_o, &d.recip_valid_o};
      pins = {{tb::Port(d.exp_first_i), 1}, {tb::Port(d.exp_last_i), 1},
              {tb::Port(d.exp_row_i), 2},   {tb::Port(d.exp_select_i), 1},
              {tb::Port(d.exp_keep_i), 4},  {tb::Port(d.exp_score_i), 32},
              {tb::Port(d.exp_max_i), 8},   {tb::Port(d.exp_tag_i), 8}};
      for (int select = 0; select < 2; ++select)
        for (int address = 0; address < 256; ++address) {
          const auto data = static_cast<uint8_t>(t.corner(0, 255));
          d.exp_load_i = 1;
          d.exp_load_select_i = static_cast<uint8_t>(select);
          d.exp_load_addr_i = static_cast<uint8_t>(address);
          d.exp_load_data_i = data;
          d.eval();
          t.bench_.clock().tick();
          d.exp_load_i = 0;
          table[select][address] = data;
        }
    }
    std::vector<Check> send() override {
      const auto row = static_cast<uint8_t>(t.rng_() % kRows);
      OpenRow& o = rows[row];
      const bool first = o.left == 0;
      if (first)
        o = {.left = 1 + static_cast<int>(t.rng_() % 6),
             .max = static_cast<int>(t.corner(-128, 127)),
             .select = t.rng_() % 2 == 0};
      const auto keep = static_cast<uint8_t>(t.rng_() % 8 == 0 ? 0 : t.rng_() % 16);
      std::array<int, 4> u{};
      uint32_t scores = 0;
      for (int c = 0; c < 4; ++c) {
        const bool kept = (keep >> c & 1) != 0;
        const auto score = static_cast<int>(t.corner(-128, kept ? o.max : 127));
        scores |= (static_cast<uint32_t>(score) & 0xff) << (8 * c);
        if (kept) u[static_cast<std::size_t>(c)] = table[o.select][o.max - score];
        o.value += u[static_cast<std::size_t>(c)];
      }
      --o.left;
      const auto tag = static_cast<uint8_t>(t.rng_());
      d.exp_first_i = first;
      d.exp_last_i = o.left == 0;
      d.exp_row_i = row;
      d.exp_select_i = o.select;
      d.exp_max_i = static_cast<uint8_t>(o.max);
      d.exp_keep_i = keep;
      d.exp_score_i = scores;
      d.exp_tag_i = tag;
      std::vector<Check> checks{[this, u, tag] {
                                  for (std::size_t c = 0; c < 4; ++c)
                                    ASSERT_EQ(d.exp_u_o >> (8 * c) & 0xff, u[c]) << "lane " << c;
                                  ASSERT_EQ(d.exp_tag_o, tag);
                                },
                                {}};
      if (o.left == 0)
        checks[1] = [this, row, sum = static_cast<uint32_t>(o.value)] {
          ASSERT_EQ(d.recip_row_o, row);
          ASSERT_EQ(d.recip_o, golden::reciprocal(sum)) << "sum " << sum;
        };
      return checks;
    }
    void reset() override { rows = {}; }
  } unit(*this);
  run(unit, 10000, 100);
  run(unit, 10000, 50);
  run(unit, 5000, 80, true);
  EXPECT_GT(checked_, 20000U);
}

TEST_F(StageCells, ResidualSumsInterleavedRows) {
  struct Residual : Unit {
    StageCells& t;
    Vstage_cells& d;
    std::array<OpenRow, kRows> rows{};
    explicit Residual(StageCells& test) : t(test), d(*t.bench_) {
      valid = &d.res_valid_i;
      valid_out = {&d.res_valid_o, &d.stats_valid_o};
      pins = {{tb::Port(d.res_first_i), 1}, {tb::Port(d.res_last_i), 1},
              {tb::Port(d.res_row_i), 2},   {tb::Port(d.res_h_i), 32},
              {tb::Port(d.res_d_i), 32},    {tb::Port(d.res_tag_i), 8}};
    }
    std::vector<Check> send() override {
      const auto row = static_cast<uint8_t>(t.rng_() % kRows);
      OpenRow& o = rows[row];
      const bool first = o.left == 0;
      if (first) o = {.left = 1 + static_cast<int>(t.rng_() % 6)};
      std::array<int64_t, 2> h{}, r{}, s{};
      for (std::size_t c = 0; c < 2; ++c) {
        h[c] = t.corner(-32768, 32767);
        r[c] = t.corner(-32768, 32767);
        s[c] = std::clamp<int64_t>(h[c] + r[c], -32768, 32767);
        o.value += s[c];
        o.squares += s[c] * s[c];
      }
      --o.left;
      const auto tag = static_cast<uint8_t>(t.rng_());
      d.res_first_i = first;
      d.res_last_i = o.left == 0;
      d.res_row_i = row;
      write_bits(tb::Port(d.res_h_i), {h[0], h[1]}, 16);
      write_bits(tb::Port(d.res_d_i), {r[0], r[1]}, 16);
      d.res_tag_i = tag;
      std::vector<Check> checks{[this, s, tag] {
                                  for (int c = 0; c < 2; ++c)
                                    ASSERT_EQ(lane_of(tb::Port(d.res_s_o), c, 16),
                                              s[static_cast<std::size_t>(c)]);
                                  ASSERT_EQ(d.res_tag_o, tag);
                                },
                                {}};
      if (o.left == 0)
        checks[1] = [this, row, sum = o.value, squares = o.squares] {
          ASSERT_EQ(d.stats_row_o, row);
          ASSERT_EQ(tb::sign_extend(d.stats_sum_o, 28), sum);
          ASSERT_EQ(static_cast<int64_t>(d.stats_sumsq_o), squares);
        };
      return checks;
    }
    void reset() override { rows = {}; }
  } unit(*this);
  run(unit, 8000, 100);
  run(unit, 8000, 50);
  run(unit, 5000, 80, true);
  EXPECT_GT(checked_, 15000U);
}

TEST_F(StageCells, RootsAreExact) {
  struct Root : Unit {
    StageCells& t;
    Vstage_cells& d;
    explicit Root(StageCells& test) : t(test), d(*t.bench_) {
      valid = &d.root_valid_i;
      valid_out = {&d.root_valid_o};
      pins = {{tb::Port(d.root_w_i), 57}, {tb::Port(d.root_tag_i), 8}};
    }
    std::vector<Check> send() override {
      const auto w = static_cast<uint64_t>(t.corner(0, (int64_t{1} << 57) - 1)) >> t.rng_() % 57;
      const auto tag = static_cast<uint8_t>(t.rng_());
      d.root_w_i = w;
      d.root_tag_i = tag;
      return {[this, w, tag] {
        const auto root = golden::rsqrt(w);
        ASSERT_EQ(d.root_m_o, root.m) << w;
        ASSERT_EQ(tb::sign_extend(d.root_h_o, 5), root.h) << w;
        ASSERT_EQ(d.root_tag_o, tag);
      }};
    }
  } unit(*this);
  run(unit, 20000, 100);
  run(unit, 5000, 60, true);
}

TEST_F(StageCells, RequantizerWithRowFactorIsExactInNineBits) {
  struct Requant : Unit {
    StageCells& t;
    Vstage_cells& d;
    explicit Requant(StageCells& test) : t(test), d(*t.bench_) {
      valid = &d.req_valid_i;
      valid_out = {&d.req_valid_o};
      pins = {{tb::Port(d.req_acc_i), 64},
              {tb::Port(d.req_factor_i), 17},
              {tb::Port(d.req_chan_i), 128},
              {tb::Port(d.req_zero_point_i), 16},
              {tb::Port(d.req_tag_i), 8}};
    }
    std::vector<Check> send() override {
      const bool on = t.rng_() % 3 != 0;
      const auto factor = static_cast<uint32_t>(t.corner(0, 131071));
      const auto zero_point = static_cast<int>(t.corner(-32768, 32767));
      const auto clamp = golden::kClamps[t.rng_() % golden::kClamps.size()].clamp;
      std::array<int64_t, 2> acc{}, want{};
      std::vector<uint32_t> chan(4);
      for (std::size_t c = 0; c < 2; ++c) {
        // What the factor makes of it and the bias stay inside int32.
        int64_t most = on ? (1 << 26) - 1 : INT32_MAX;
        if (on && factor > 0) most = std::min(most, (int64_t{1} << 38) / int64_t{factor});
        acc[c] = t.corner(-most, most) >> t.rng_() % 27;
        const auto scaled = on ? golden::row_factor(static_cast<int32_t>(acc[c]), factor)
                               : static_cast<int32_t>(acc[c]);
        int64_t bias = t.corner(INT32_MIN, INT32_MAX) >> t.rng_() % 32;
        if (scaled + bias > INT32_MAX || scaled + bias < INT32_MIN) bias = -bias / 2;
        if (scaled + bias > INT32_MAX || scaled + bias < INT32_MIN) bias = 0;
        const auto mult = static_cast<uint32_t>(t.corner(0, (1 << 26) - 1)) >> t.rng_() % 26;
        const auto select = static_cast<int>(t.rng_() % 4);
        const auto packed = sb_pkg::chan_t{.shift_sel = select, .mult = mult, .bias = bias}.pack();
        std::copy(packed.begin(), packed.end(), chan.begin() + static_cast<std::ptrdiff_t>(2 * c));
        want[c] = golden::requantize(static_cast<int32_t>(scaled + bias), mult, 16 + 10 * select,
                                     zero_point, clamp) &
                  0x1ff;
      }
      const auto tag = static_cast<uint8_t>(t.rng_());
      write_bits(tb::Port(d.req_acc_i), {acc[0], acc[1]}, 32);
      d.req_factor_on_i = on;
      d.req_factor_i = factor;
      tb::Port(d.req_chan_i).write(chan);
      d.req_clamp_i = static_cast<uint8_t>(tb::clamp_code(clamp));
      d.req_zero_point_i = static_cast<uint16_t>(zero_point);
      d.req_tag_i = tag;
      return {[this, acc, factor, want, tag] {
        for (int c = 0; c < 2; ++c)
          ASSERT_EQ(lane_of(tb::Port(d.req_data_o), c, 9) & 0x1ff,
                    want[static_cast<std::size_t>(c)])
              << "acc " << acc[static_cast<std::size_t>(c)] << " factor " << factor;
        ASSERT_EQ(d.req_tag_o, tag);
      }};
    }
  } unit(*this);
  run(unit, 60000, 100);
  run(unit, 5000, 60, true);
}

}  // namespace
}  // namespace sb
