// SPDX-License-Identifier: Apache-2.0
// sb_cmd_check against the rules of command_rules.cpp: commands on and beside every limit, with
// small memories and with the largest that there may be.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "models/cmd_check_large.h"
#include "models/cmd_check_small.h"
#include "tb/host/lanes.h"
#include "tb/sim/bench.h"
#include "tb/sim/port.h"
#include "tests/engine/command_rules.h"
#include "tests/support/seeds.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_pkg;

class Commands {
 public:
  Commands(const tb::EngineParameters& engine, uint64_t seed) : e_(engine), rng_(seed) {}

  /// Legal in half of the cases or so, close to the limits.
  CommandWords draw() {
    cmd_t c = base();
    for (uint64_t changes = rng_() % 3; changes > 0; --changes) change(c);
    auto words = c.pack();
    if (rng_() % 12 == 0) {  // what no cmd_t has: other values of enums, reserved bits
      const auto bit = rng_() % (rng_() % 4 == 0 ? CmdBits : CmdBits - CmdReservedBits);
      words[bit / 32] ^= 1U << bit % 32;
    }
    return words;
  }

 private:
  int64_t uniform(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(rng_);
  }
  bool chance(int percent) { return uniform(1, 100) <= percent; }
  /// 1 .. most, often at an end.
  int64_t count(int64_t most) {
    return chance(30) ? most : chance(30) ? 1 : uniform(1, std::min<int64_t>(most, 9));
  }
  /// Blocks of `stride` words, `rows` of the last: somewhere in the banks, often up to their ends.
  int64_t first_word(int64_t depth, int64_t blocks, int64_t stride, int64_t rows) {
    const int64_t room = depth - ((blocks - 1) * stride + rows);
    return room < 0 ? 0 : chance(40) ? room : chance(20) ? 0 : uniform(0, room);
  }
  region_t region(const std::array<int, 2>& depth, int64_t rows, int64_t blocks) {
    region_t r{
        .bank = uniform(0, 1),
        .split = std::min<int64_t>(65535, chance(50) ? uniform(0, blocks) : blocks + uniform(0, 3)),
        .stride = std::min<int64_t>(65535, rows + (chance(50) ? 0 : uniform(0, 3)))};
    const int64_t below = std::min(r.split, blocks);
    const auto at = [&](int64_t bank) { return depth[static_cast<size_t>(bank)]; };
    r.base = first_word(at(r.bank), std::max<int64_t>(below, 1), r.stride, rows);
    r.base2 = first_word(at(1 - r.bank), std::max<int64_t>(blocks - below, 1), r.stride, rows);
    return r;
  }
  int64_t address() { return uniform(0, (int64_t{1} << 34) - 1) * StreamAlign; }

  cmd_t base() {
    cmd_t c{};
    switch (uniform(0, 9)) {
      case 0: return {.kind = CmdEnd};
      case 1:
        c = {.kind = CmdTable, .exp_load = uniform(0, 1)};
        (c.exp_load != 0 ? c.exp_table : c.table_sel) =
            c.exp_load != 0 ? uniform(0, e_.exp_tables - 1) : uniform(0, 1);
        c.stream_addr = address();
        return c;
      case 2:
        c = {.kind = CmdLoad, .rows = count(e_.stat_rows), .n_blocks = count(5)};
        c.rows = std::min<int64_t>(c.rows, 65535);
        c.result = region(e_.res_depth, c.rows, c.n_blocks);
        c.stream_addr = address();
        return c;
      case 3:
        c = {.kind = CmdStore,
             .rows = std::min<int64_t>(count(e_.stat_rows), 65535),
             .k_blocks = count(5),
             .prologue = ProNorm};
        c.source = region(e_.res_depth, c.rows, c.k_blocks);
        row_constants(c);
        c.stream_addr = address();
        c.store_addr = address();
        return c;
      default: return matmul();
    }
  }
  void row_constants(cmd_t& c) {
    c.norm_identity = uniform(0, 1);
    if (c.norm_identity == 0) c.norm_in = row_base(c.rows);
  }
  int64_t row_base(int64_t rows) {
    const int64_t most = std::min<int64_t>(e_.stat_rows - rows, 65535);
    return chance(40) ? most : uniform(0, most);
  }
  cmd_t matmul() {
    cmd_t c{.kind = CmdMatmul, .rows = count(e_.rows), .k_blocks = count(4), .n_blocks = count(4)};
    const int64_t act_words = std::min(e_.act_depth[0], e_.act_depth[1]);
    if (chance(15) && act_words > 65536 / e_.m) c.k_blocks = 65536 / e_.m, c.rows = count(3);
    if (chance(15) && act_words > 4096 / e_.m) c.n_blocks = 4096 / e_.m, c.rows = count(3);
    if (chance(15) && act_words > 2048 / e_.m) c.k_blocks = 2048 / e_.m + 1, c.rows = count(3);
    if (chance(5)) c.n_blocks = 65535 - uniform(0, 9), c.k_blocks = 65536 / e_.m;
    c.prologue = static_cast<prologue_e>(uniform(0, 2));
    const bool norm = c.prologue == ProNorm, exp = c.prologue == ProExp;
    c.source = region(norm ? e_.res_depth : e_.act_depth, c.rows, c.k_blocks);
    c.act_unsigned = c.prologue == ProBypass && e_.act_bits == 8 && chance(50);
    if (norm) {
      row_constants(c);
      c.operand = {.nine = e_.act_bits == 9 && chance(50), .shift_sel = uniform(0, 3)};
      c.back_bank = uniform(0, 1);
      c.back_stride = c.rows + uniform(0, 2);
      c.back_base = first_word(e_.act_depth[static_cast<size_t>(c.back_bank)], c.k_blocks,
                               c.back_stride, c.rows);
    }
    if (exp) {
      c.exp_table = chance(50) ? e_.exp_tables - 1 : uniform(0, e_.exp_tables - 1);
      c.max_in = row_base(c.rows);
      c.row_factor = uniform(0, 1);
    }
    c.dest = static_cast<dest_e>(uniform(0, 2));
    c.result = region(c.dest == DestAct ? e_.act_depth : e_.res_depth, c.rows, c.n_blocks);
    c.clamp = c.dest != DestAct                ? ClampS16
              : e_.act_bits == 9 && chance(30) ? ClampS9
              : chance(60)                     ? ClampS8
                                               : ClampU8;
    c.zero_point = uniform(-32768, 32767);
    if (c.clamp == ClampS8 && chance(70)) {
      c.table_on = uniform(0, 1);
      c.table_sel = c.table_on * uniform(0, 1);
      c.row_max = 1 - c.table_on;
      if (c.row_max != 0) c.max_out = chance(30) && exp ? c.max_in : row_base(c.rows);
    }
    if (c.dest != DestAct && chance(60)) {
      c.norm_stats = 1;
      c.norm_out = chance(30) && norm ? c.norm_in : row_base(c.rows);
      c.norm = {.columns = chance(40) ? 4096 : count(4096),
                .mean_mult = uniform(0, (1 << 26) - 1),
                .mean_shift = chance(40)   ? 16
                              : chance(50) ? 32
                                           : uniform(16, 32),
                .e = uniform(0, 1 << 30),
                .row_shift = chance(40) ? 8 : uniform(8, 31)};
    }
    c.weight = static_cast<weight_e>(uniform(0, 2));
    int64_t most = 65535;
    if (exp || c.weight == WeightValues) most = std::min(most, c.k_blocks * e_.m);
    if (c.row_max != 0 || c.weight == WeightKeys) most = std::min(most, c.n_blocks * e_.m);
    if (exp) most = std::min<int64_t>(most, 2048);
    if (exp || c.row_max != 0 || c.weight != WeightStream) c.keys = chance(60) ? most : count(most);
    if (c.weight != WeightStream) {
      const int64_t blocks = c.weight == WeightKeys ? c.k_blocks : c.n_blocks;
      c.weight_bank = uniform(0, 1);
      c.weight_stride = std::min<int64_t>(65535, c.keys + uniform(0, 2));
      c.weight_base = first_word(e_.act_depth[static_cast<size_t>(c.weight_bank)], blocks,
                                 c.weight_stride, c.keys);
    }
    c.chan_shared = uniform(0, 1);
    if (c.chan_shared != 0) c.mult = uniform(0, (1 << 26) - 1), c.shift_sel = uniform(0, 3);
    if (reads_stream(c)) c.stream_addr = address();
    return c;
  }

  /// Another value of one member: beside what it was, on a limit or beside one, or 0.
  void change(cmd_t& c) {
    int64_t* const members[] = {
        &c.rows,          &c.k_blocks,        &c.n_blocks,       &c.source.split, &c.source.base,
        &c.source.base2,  &c.source.stride,   &c.result.split,   &c.result.base,  &c.result.base2,
        &c.result.stride, &c.back_base,       &c.back_stride,    &c.norm_in,      &c.max_in,
        &c.max_out,       &c.norm_out,        &c.keys,           &c.weight_base,  &c.weight_stride,
        &c.norm.columns,  &c.norm.mean_shift, &c.norm.row_shift, &c.exp_table,    &c.stream_addr,
        &c.store_addr,    &c.shift_sel,       &c.mult,           &c.source.bank,  &c.result.bank,
        &c.back_bank,     &c.weight_bank,     &c.norm_identity,  &c.operand.nine, &c.chan_shared,
        &c.row_factor,    &c.table_on,        &c.table_sel,      &c.exp_load,     &c.row_max,
        &c.norm_stats,    &c.act_unsigned,    &c.zero_point};
    constexpr size_t of_16_bits = 20;  // members from the first on, then these, then single bits
    constexpr int64_t limits[] = {
        8191, 63, 31, 63, (int64_t{1} << 40) - 1, (int64_t{1} << 40) - 1, 3, (1 << 26) - 1};
    if (chance(15)) {
      switch (uniform(0, 4)) {
        case 0: c.kind = static_cast<cmd_kind_e>(uniform(0, 4)); break;
        case 1: c.prologue = static_cast<prologue_e>(uniform(0, 2)); break;
        case 2: c.weight = static_cast<weight_e>(uniform(0, 2)); break;
        case 3: c.dest = static_cast<dest_e>(uniform(0, 2)); break;
        default: c.clamp = static_cast<clamp_e>(uniform(0, 4));
      }
      return;
    }
    const auto at = static_cast<size_t>(uniform(0, std::size(members) - 1));
    int64_t& v = *members[at];
    const int64_t top = at < of_16_bits                       ? 65535
                        : at - of_16_bits < std::size(limits) ? limits[at - of_16_bits]
                                                              : 1;
    if (&v == &c.zero_point) {
      v = uniform(-1, 1);
    } else if (chance(50)) {
      v = std::clamp<int64_t>(v + uniform(0, 1) * 2 - 1, 0, top);
    } else if (chance(40)) {
      const int64_t special[] = {0,
                                 1,
                                 top,
                                 e_.rows + 1,
                                 e_.stat_rows,
                                 4096 / e_.m + 1,
                                 65536 / e_.m + 1,
                                 2049,
                                 4097,
                                 15,
                                 33,
                                 7,
                                 32,
                                 31,
                                 63};
      v = std::min(top, special[uniform(0, std::size(special) - 1)]);
    } else if (chance(50)) {  // beside another one
      v = std::clamp<int64_t>(
          *members[static_cast<size_t>(uniform(0, of_16_bits - 1))] + uniform(-1, 1), 0, top);
    } else {
      v = uniform(0, top);
    }
  }

  const tb::EngineParameters e_;
  std::mt19937_64 rng_;
};

template <class P>
class CmdCheck : public testing::Test {
 protected:
  CmdCheck() {
    d_.cmd_valid_i = d_.end_i = d_.preq_ready_i = d_.op_ready_i = 0;
    bench_.reset();
  }
  const tb::EngineParameters e_{.m = P::M,
                                .rows = P::Rows,
                                .stat_rows = P::StatRows,
                                .act_bits = P::ActBits,
                                .act_depth = {P::ActDepth0, P::ActDepth1},
                                .res_depth = {P::ResDepth0, P::ResDepth1},
                                .exp_tables = P::ExpTables};

  void tick() { bench_.clock().tick(); }
  /// Hands a command over and takes what comes of it; true: an operation, false: nothing is taken.
  void judge(const CommandWords& words, uint32_t index) {
    const error_e want = check_command(e_, words);
    ++seen_[want];
    ASSERT_TRUE(d_.cmd_ready_o);
    tb::Port(d_.cmd_i).write(words);
    d_.cmd_valid_i = 1;
    tick();
    d_.cmd_valid_i = 0;
    tb::Port(d_.cmd_i).write(CommandWords{});
    d_.eval();
    bool asked = false;
    for (int i = 0; !d_.op_valid_o; ++i) {
      ASSERT_LT(i, 60);
      ASSERT_FALSE(d_.cmd_ready_o);
      d_.preq_ready_i = rng_() % 3 == 0;
      d_.eval();
      if (d_.preq_valid_o) {
        ASSERT_EQ(want, ErrNone);
        const auto c = cmd_t::unpack(words);
        ASSERT_EQ(d_.preq_words_o, parameter_words(e_, c));
        ASSERT_EQ(d_.preq_addr_o, static_cast<uint64_t>(c.stream_addr));
        asked = asked || d_.preq_ready_i;
      }
      tick();
    }
    d_.preq_ready_i = 0;
    ASSERT_EQ(name(static_cast<error_e>(d_.error_o)), name(want)) << text(words);
    ASSERT_EQ(d_.index_o, index);
    for (uint64_t wait = rng_() % 3; wait > 0; --wait) {
      tick();
      ASSERT_TRUE(d_.op_valid_o);
    }
    if (want == ErrNone) {
      const auto c = cmd_t::unpack(words);
      ASSERT_EQ(asked, parameter_words(e_, c) > 0) << text(words);
      expect_operation(c, words);
    }
    d_.op_ready_i = 1;
    tick();
    d_.op_ready_i = 0;
    d_.eval();
    ASSERT_FALSE(d_.op_valid_o);
  }
  void expect_operation(const cmd_t& c, const CommandWords& words) {
    std::vector<uint32_t> body(tb::Port(d_.body_o).words());
    tb::Port(d_.body_o).read(body);
    for (int bit = 0; bit < CmdBits - CmdReservedBits; ++bit)
      ASSERT_EQ(tb::get_bits(body, bit, 1), tb::get_bits(words, bit, 1)) << bit;
    if (c.kind == CmdLoad || c.kind == CmdStore) {
      ASSERT_EQ(d_.words_o, c.rows * (c.kind == CmdLoad ? c.n_blocks : c.k_blocks));
    }
    const CommandRanges all = command_ranges(c);
    const auto expect = [&](int part, const std::vector<WordRange>& ranges, int64_t bank) {
      std::vector<uint32_t> first(tb::Port(d_.range_first_o).words());
      std::vector<uint32_t> last(first.size());
      tb::Port(d_.range_first_o).read(first);
      tb::Port(d_.range_last_o).read(last);
      const auto r = std::find_if(ranges.begin(), ranges.end(),
                                  [&](const WordRange& x) { return x.bank == bank; });
      ASSERT_EQ(d_.range_valid_o >> part & 1, r != ranges.end()) << part << text(words);
      if (r == ranges.end()) return;
      ASSERT_EQ(d_.range_bank_o >> part & 1, bank) << part << text(words);
      ASSERT_EQ(static_cast<int64_t>(tb::get_lane(first, part, 16)), r->first) << part;
      ASSERT_EQ(static_cast<int64_t>(tb::get_lane(last, part, 16)), r->last) << part;
    };
    expect(0, all.source, c.source.bank);
    expect(1, all.source, 1 - c.source.bank);
    expect(2, all.result, c.result.bank);
    expect(3, all.result, 1 - c.result.bank);
    expect(4, all.back, c.back_bank);
  }
  static std::string text(const CommandWords& words) {
    std::string all = "; command";
    for (const uint32_t w : words) all += fmt::format(" {:08x}", w);
    return all;
  }

  tb::Bench<typename P::Model> bench_{1, trace_options(1)};
  typename P::Model& d_ = *bench_;
  std::mt19937_64 rng_{static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)) + 1};
  std::map<error_e, int> seen_;
};

using Models = testing::Types<models::cmd_check_small, models::cmd_check_large>;
TYPED_TEST_SUITE(CmdCheck, Models);

TYPED_TEST(CmdCheck, JudgesCommandsOnBothSidesOfEveryLimitAsTheRulesDo) {
  Commands commands(this->e_, static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)) + 7);
  uint32_t index = 0;
  for (int i = 0; i < 60000; ++i) {
    const CommandWords words = commands.draw();
    this->judge(words, index++);
    if (this->HasFatalFailure()) FAIL() << rerun_line();
    if (const error_e error = check_command(this->e_, words); error != ErrNone) {
      // Nothing is taken any more, whatever the core says of an end or not, until reset.
      this->tick();
      ASSERT_FALSE(this->d_.cmd_ready_o);
      this->bench_.reset(1);
      index = 0;
    } else if (cmd_t::unpack(words).kind == CmdEnd) {
      for (uint64_t wait = this->rng_() % 4; wait > 0; --wait) {
        this->tick();
        ASSERT_FALSE(this->d_.cmd_ready_o);
      }
      this->d_.end_i = 1;
      this->tick();
      this->d_.end_i = 0;
      this->d_.eval();
      index = 0;
    }
    ASSERT_TRUE(this->d_.cmd_ready_o);
  }
  for (int code = 0; code <= static_cast<int>(ErrAlign); ++code) {
    const auto error = static_cast<error_e>(code);
    if (error == ErrTable && this->e_.exp_tables == 64) continue;  // there is each that it can name
    EXPECT_GT(this->seen_[error], 8) << name(error);
  }
  EXPECT_GT(this->seen_[ErrNone], 10000);
}

TYPED_TEST(CmdCheck, AResetInAnyStateDropsTheCommand) {
  Commands commands(this->e_, static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)) + 8);
  auto& d = this->d_;
  for (int i = 0; i < 2000; ++i) {
    tb::Port(d.cmd_i).write(commands.draw());
    d.cmd_valid_i = 1;
    this->tick();
    d.cmd_valid_i = 0;
    d.preq_ready_i = this->rng_() % 2;
    for (uint64_t wait = this->rng_() % 20; wait > 0; --wait) this->tick();
    this->bench_.reset(1);
    d.preq_ready_i = 0;
    ASSERT_TRUE(d.cmd_ready_o);
    ASSERT_FALSE(d.op_valid_o || d.preq_valid_o);
    this->judge(commands.draw(), 0);
    if (this->HasFatalFailure()) FAIL() << rerun_line();
    this->bench_.reset(1);
  }
}

}  // namespace
}  // namespace sb::test
