// SPDX-License-Identifier: Apache-2.0
// Every kind of command on values small enough to follow by hand.
#include "tests/engine/command_interpreter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "golden/base/error.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_pkg;
using Lanes = std::vector<int16_t>;

constexpr int kM = 4;

class Interpreter : public testing::Test {
 protected:
  static tb::EngineParameters engine(int act_bits = 8) {
    return {.m = kM,
            .rows = 4,
            .stat_rows = 6,
            .act_bits = act_bits,
            .act_depth = {32, 32},
            .res_depth = {16, 16},
            .exp_tables = 2};
  }

  // Regions of external memory.
  int64_t open() {
    i_.external.resize((i_.external.size() + 63) / 64 * 64);
    return static_cast<int64_t>(i_.external.size());
  }
  void bytes(uint64_t value, int count) {
    for (int k = 0; k < count; ++k) i_.external.push_back(static_cast<uint8_t>(value >> (8 * k)));
  }
  int64_t halves(const std::vector<int>& values) {
    const int64_t at = open();
    for (int v : values) bytes(static_cast<uint64_t>(v), 2);
    return at;
  }
  // For all lanes: mult * 2^-16 and bias.
  void chan_word(uint64_t mult, int bias) {
    for (int k = 0; k < kM; ++k) bytes(uint64_t{static_cast<uint32_t>(bias)} | mult << 32, 8);
  }
  void norm_word(uint64_t gain, uint64_t bias, uint64_t k) {
    for (int n = 0; n < kM; ++n) bytes(gain | bias << 18 | k << 44, 8);
  }
  // w[n][k] of one tile.
  void tile(const std::vector<std::vector<int>>& w) {
    for (const auto& row : w)
      for (int v : row) bytes(static_cast<uint64_t>(v), 1);
  }
  static std::vector<std::vector<int>> diagonal(int v) {
    return {{v, 0, 0, 0}, {0, v, 0, 0}, {0, 0, v, 0}, {0, 0, 0, v}};
  }
  static region_t at(int bank, int base, int stride, int split = 100, int base2 = 0) {
    return {.bank = bank, .split = split, .base = base, .base2 = base2, .stride = stride};
  }
  void execute(const cmd_t& c) { ASSERT_EQ(i_.execute(c, 7), ErrNone); }

  void load(const region_t& to, int rows, int blocks, const std::vector<int>& values) {
    execute({.kind = CmdLoad,
             .rows = rows,
             .n_blocks = blocks,
             .result = to,
             .stream_addr = halves(values)});
  }
  // Rows of residual words into activation memory, every code as it is: loaded, then passed by
  // LayerNorm's identity (k = 32768, shift 16 halves) and written back.
  void activations(int bank, int base, int rows, std::vector<int> values) {
    for (int& v : values) v *= 2;
    load(at(0, 0, rows), rows, 1, values);
    cmd_t c{.kind = CmdMatmul,
            .rows = rows,
            .k_blocks = 1,
            .n_blocks = 1,
            .prologue = ProNorm,
            .source = at(0, 0, rows),
            .back_bank = bank,
            .back_base = base,
            .back_stride = rows,
            .norm_identity = 1,
            .clamp = ClampS8,
            .result = at(1 - bank, 28, rows)};
    c.operand.nine = i_.engine().act_bits == 9;
    c.stream_addr = open();
    chan_word(0, 0);
    norm_word(16384, 0, 32768);
    tile(diagonal(0));
    execute(c);
  }
  Lanes act(int bank, int64_t address) { return i_.activation(bank, address).value(); }
  Lanes res(int bank, int64_t address) { return i_.residual(bank, address).value(); }

  CommandInterpreter i_{engine()};
};

TEST_F(Interpreter, LoadsRowsBlockByBlockIntoBothBanks) {
  load(at(1, 2, 3, 1, 5), 2, 2, {1, 2, 3, 4, -1, -2, -3, -4, 5, 6, 7, 8, -5, -6, -7, -32768});
  EXPECT_EQ(res(1, 2), (Lanes{1, 2, 3, 4}));
  EXPECT_EQ(res(1, 3), (Lanes{-1, -2, -3, -4}));
  EXPECT_EQ(res(0, 5), (Lanes{5, 6, 7, 8}));
  EXPECT_EQ(res(0, 6), (Lanes{-5, -6, -7, -32768}));
  EXPECT_FALSE(i_.residual(1, 4));
}

TEST_F(Interpreter, MultipliesAddsBiasAndRoundsHalfToEven) {
  activations(0, 0, 2, {1, 2, 3, 4, -5, 0, 127, -128});
  cmd_t c{.kind = CmdMatmul,
          .rows = 2,
          .k_blocks = 1,
          .n_blocks = 1,
          .source = at(0, 0, 2),
          .clamp = ClampS8,
          .zero_point = 10,
          .result = at(1, 0, 2)};
  c.stream_addr = open();
  chan_word(32768, 1);  // half of acc + 1
  tile({{1, 1, 1, 1}, {2, 0, 0, 0}, {0, 0, 0, -1}, {0, 0, 1, -1}});
  execute(c);
  // acc: 10 2 -4 -1 and -6 -10 128 255; + 1, halved: 5.5 1.5 -1.5 0 and -2.5 -4.5 64.5 128
  EXPECT_EQ(act(1, 0), (Lanes{16, 12, 8, 10}));
  EXPECT_EQ(act(1, 1), (Lanes{8, 6, 74, 127}));
}

TEST_F(Interpreter, ReadsLanesWithoutSignWhenAsked) {
  activations(0, 0, 1, {-1, -128, 127, 0});
  cmd_t c{.kind = CmdMatmul,
          .rows = 1,
          .k_blocks = 1,
          .n_blocks = 1,
          .act_unsigned = 1,
          .source = at(0, 0, 1),
          .clamp = ClampU8,
          .result = at(1, 0, 1)};
  c.stream_addr = open();
  chan_word(65536, 0);
  tile(diagonal(1));
  execute(c);
  EXPECT_EQ(act(1, 0), (Lanes{-1, -128, 127, 0})) << "255 128 127 0 in lanes of 8 bits";
}

TEST_F(Interpreter, ScoresRowMaximumExpAndContextOfAHead) {
  // q: rows 0, 1; k, v: two keys, a third that is none.
  activations(0, 0, 2, {1, 0, 0, 0, 0, 2, 0, 0});
  activations(1, 0, 3, {10, 20, 30, 40, -10, 7, 0, 0, 99, 99, 99, 99});
  activations(1, 4, 3, {100, -100, 50, 1, 20, 40, -60, 1, 99, 99, 99, 99});
  cmd_t scores{.kind = CmdMatmul,
               .rows = 2,
               .k_blocks = 1,
               .n_blocks = 1,
               .source = at(0, 0, 2),
               .keys = 2,
               .weight = WeightKeys,
               .weight_bank = 1,
               .weight_base = 0,
               .weight_stride = 3,
               .chan_shared = 1,
               .mult = 65536,
               .clamp = ClampS8,
               .result = at(0, 8, 2),
               .row_max = 1,
               .max_out = 3};
  execute(scores);
  EXPECT_EQ(act(0, 8), (Lanes{10, -10, 0, 0}));
  EXPECT_EQ(act(0, 9), (Lanes{40, 14, 0, 0}));
  EXPECT_EQ(i_.row_maximum(3), 10);
  EXPECT_EQ(i_.row_maximum(4), 40);

  std::vector<int> table(256, 1);
  table[0] = 255;
  table[20] = 85;
  table[26] = 0xFF00 + 51;  // the low 8 bits count
  execute({.kind = CmdTable, .exp_table = 1, .exp_load = 1, .stream_addr = halves(table)});
  cmd_t context{.kind = CmdMatmul,
                .rows = 2,
                .k_blocks = 1,
                .n_blocks = 1,
                .prologue = ProExp,
                .source = at(0, 8, 2),
                .exp_table = 1,
                .max_in = 3,
                .keys = 2,
                .weight = WeightValues,
                .weight_bank = 1,
                .weight_base = 4,
                .weight_stride = 3,
                .clamp = ClampS8,
                .row_factor = 1,
                .result = at(0, 0, 2)};
  context.stream_addr = open();
  chan_word(1, 0);
  execute(context);
  // Row 0: u 255 85, sum 340, r 49345: acc 27200 -22100 7650 340 times r / 2^24: 80 -65 22.5 1.
  // Row 1: u 255 51, sum 306, r 54828: 26520 -23460 9690 306: 86.67 -76.67 31.67 1.
  EXPECT_EQ(act(0, 0), (Lanes{80, -65, 23, 1}));
  EXPECT_EQ(act(0, 1), (Lanes{87, -77, 32, 1}));
}

TEST_F(Interpreter, RowWithoutAKeyGivesZeros) {
  activations(0, 0, 1, {5, 6, 7, 8});
  execute({.kind = CmdMatmul,
           .rows = 1,
           .k_blocks = 1,
           .n_blocks = 1,
           .source = at(0, 0, 1),
           .keys = 0,
           .weight = WeightKeys,
           .weight_bank = 1,
           .weight_base = 0,
           .weight_stride = 0,
           .chan_shared = 1,
           .mult = 65536,
           .clamp = ClampS8,
           .zero_point = 9,
           .result = at(0, 8, 1),
           .row_max = 1,
           .max_out = 0});
  EXPECT_EQ(i_.row_maximum(0), -128);
  execute({.kind = CmdTable, .exp_load = 1, .stream_addr = halves(std::vector<int>(256, 255))});
  execute({.kind = CmdMatmul,
           .rows = 1,
           .k_blocks = 1,
           .n_blocks = 1,
           .prologue = ProExp,
           .source = at(0, 8, 1),
           .keys = 0,
           .weight = WeightValues,
           .weight_bank = 1,
           .chan_shared = 1,
           .shift_sel = 3,
           .mult = 1 << 25,
           .clamp = ClampS8,
           .row_factor = 1,
           .result = at(1, 0, 1)});
  EXPECT_EQ(act(1, 0), (Lanes{0, 0, 0, 0}));
}

TEST_F(Interpreter, LooksResultsUpAsSignedCodes) {
  activations(0, 0, 1, {-128, -1, 0, 127});
  std::vector<int> table(256);
  for (int k = 0; k < 256; ++k) table[static_cast<size_t>(k)] = 255 - k;
  execute({.kind = CmdTable, .table_sel = 1, .stream_addr = halves(table)});
  cmd_t c{.kind = CmdMatmul,
          .rows = 1,
          .k_blocks = 1,
          .n_blocks = 1,
          .source = at(0, 0, 1),
          .clamp = ClampS8,
          .table_on = 1,
          .table_sel = 1,
          .result = at(1, 0, 1)};
  c.stream_addr = open();
  chan_word(65536, 0);
  tile(diagonal(1));
  execute(c);
  EXPECT_EQ(act(1, 0), (Lanes{-1, -128, 127, 0})) << "255 128 127 0";
}

TEST_F(Interpreter, AddsToTheResidualAndNormalizes) {
  activations(0, 0, 1, {1, 2, 3, 4});
  load(at(0, 8, 1), 1, 1, {100, 200, 32000, 400});
  cmd_t add{.kind = CmdMatmul,
            .rows = 1,
            .k_blocks = 1,
            .n_blocks = 1,
            .source = at(0, 0, 1),
            .clamp = ClampS16,
            .dest = DestAdd,
            .result = at(0, 8, 1),
            .norm_stats = 1,
            .norm_out = 5};
  add.norm = {.columns = 4, .mean_mult = 1 << 22, .mean_shift = 16, .e = 0, .row_shift = 16};
  add.stream_addr = open();
  chan_word(65536, 0);
  tile({{100, 0, 0, 0}, {0, 100, 0, 0}, {0, 0, 127, 127}, {0, 0, 0, -100}});
  execute(add);
  EXPECT_EQ(res(0, 8), (Lanes{200, 400, 32767, 0})) << "32000 + 889 saturates";
  // sum 33367, mean 8341.75; W = 4 * 1073876289 - 33367^2 = 3182148467:
  // above 2^31, so h = 0 and m = 2^32 / sqrt(W) = 76137.6
  const norm_row_t k = i_.row_constant(5).value();
  EXPECT_EQ(k.mean8, 33367 * 64);
  EXPECT_EQ(k.m, 76138);
  EXPECT_EQ(k.q, 16);

  // Identity constants of the memory would differ: the store uses those of row 5.
  cmd_t store{.kind = CmdStore,
              .rows = 1,
              .k_blocks = 1,
              .prologue = ProNorm,
              .source = at(0, 8, 1),
              .norm_in = 5};
  store.stream_addr = open();
  norm_word(16, 256, 0);
  store.store_addr = open();
  i_.external.resize(i_.external.size() + 16, 0xEE);
  execute(store);
  // z = t * m >> 16: t = 256 * s - mean8 = -2084288, -2033088, 6252864, -2135488
  // z = -2421471, -2361989, 7264412, -2480954; y = rhe((16 z + 256 * 2^14) / 2^22) = -8, -8, 29, -8
  const auto first = i_.external.end() - 16;
  const std::vector<uint8_t> stored(first, i_.external.end());
  EXPECT_EQ(stored, (std::vector<uint8_t>{0xF8, 0xFF, 0xF8, 0xFF, 29, 0, 0xF8, 0xFF, 0xEE, 0xEE,
                                          0xEE, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE}));
  EXPECT_EQ(res(0, 8), (Lanes{200, 400, 32767, 0})) << "a store writes nothing back";
}

TEST_F(Interpreter, NormWritesBothResultsBack) {
  load(at(1, 0, 1, 1, 4), 1, 2, {1000, -1000, 3, 0, 32767, -32768, 1, -1});
  cmd_t c{.kind = CmdMatmul,
          .rows = 1,
          .k_blocks = 2,
          .n_blocks = 1,
          .prologue = ProNorm,
          .source = at(1, 0, 1, 1, 4),
          .back_bank = 1,
          .back_base = 3,
          .back_stride = 2,
          .norm_identity = 1,
          .operand = {.shift_sel = 0},
          .clamp = ClampS16,
          .dest = DestResidual,
          .result = at(0, 9, 1)};
  c.stream_addr = open();
  chan_word(65536, 0);
  norm_word(8192, 0, 6554);  // half, then a tenth
  tile(diagonal(1));
  norm_word(16384, 512, 1000);  // the same + 2
  tile(diagonal(2));
  execute(c);
  EXPECT_EQ(res(1, 0), (Lanes{500, -500, 2, 0})) << "1.5 to even";
  EXPECT_EQ(res(0, 4), (Lanes{32767, -32766, 3, 1}));
  EXPECT_EQ(act(1, 3), (Lanes{50, -50, 0, 0}));
  EXPECT_EQ(act(1, 5), (Lanes{127, -128, 0, 0}));
  EXPECT_EQ(res(0, 9), (Lanes{304, -306, 0, 0}));
}

TEST_F(Interpreter, NineBitLanesAreSignedAndWeightsTakeEightOfThem) {
  i_ = CommandInterpreter(engine(9));
  activations(0, 0, 1, {-256, 255, 129, -1});
  cmd_t c{.kind = CmdMatmul,
          .rows = 1,
          .k_blocks = 1,
          .n_blocks = 1,
          .source = at(0, 0, 1),
          .keys = 1,
          .weight = WeightKeys,
          .weight_stride = 1,
          .chan_shared = 1,
          .shift_sel = 1,
          .mult = 1 << 24,
          .clamp = ClampS9,
          .result = at(1, 0, 1)};
  execute(c);
  // weights 0 -1 -127 -1 of channel 0: (-255 - 16383 + 1) / 4 saturates
  EXPECT_EQ(act(1, 0), (Lanes{-256, 0, 0, 0}));
  EXPECT_EQ(act(0, 0), (Lanes{-256, 255, 129, -1}));
}

TEST_F(Interpreter, ReportsEveryWrite) {
  std::vector<std::string> seen;
  i_.on_write = [&](const WordWrite& w) {
    seen.push_back(fmt::format("{} {} bank {} {}: block {} row {} first {}", w.command,
                               name(w.place), w.bank, w.address, w.block, w.row, w.values[0]));
  };
  activations(1, 6, 1, {3, 1, 4, 1});
  EXPECT_EQ(seen,
            (std::vector<std::string>{"7 residual memory bank 0 0: block 0 row 0 first 6",
                                      "7 residual memory bank 0 0: block 0 row 0 first 6",
                                      "7 activation memory bank 1 6: block 0 row 0 first 3",
                                      "7 activation memory bank 0 28: block 0 row 0 first 0"}));
}

TEST_F(Interpreter, StopsAtTheEndOrTheFirstFault) {
  const cmd_t table{.kind = CmdTable, .stream_addr = halves(std::vector<int>(256, 1))};
  const cmd_t bad{.kind = CmdTable, .exp_table = 2, .exp_load = 1};
  using Program = std::vector<cmd_t>;
  EXPECT_EQ(i_.run(Program{table, cmd_t{}, bad}), (Stop{ErrNone, 1}));
  EXPECT_EQ(i_.run(Program{table, bad, cmd_t{}}), (Stop{ErrTable, 1}));
  EXPECT_EQ(i_.run(Program{table}), (Stop{ErrProgram, 1}));
  EXPECT_EQ(i_.run(Program{}), (Stop{ErrProgram, 0}));
  const int64_t list = open();
  for (const cmd_t& c : {table, cmd_t{}})
    for (uint32_t word : c.pack()) bytes(word, 4);
  EXPECT_EQ(i_.run_at(static_cast<uint64_t>(list), 2), (Stop{ErrNone, 1}));
}

TEST_F(Interpreter, RefusesWordsThatNothingHasWritten) {
  const cmd_t c{.kind = CmdMatmul,
                .rows = 1,
                .k_blocks = 1,
                .n_blocks = 1,
                .source = at(0, 0, 1),
                .keys = 0,
                .weight = WeightKeys,
                .chan_shared = 1,
                .clamp = ClampS8,
                .result = at(1, 0, 1)};
  try {
    i_.execute(c, 3);
    FAIL() << "read it";
  } catch (const golden::InputError& e) {
    EXPECT_STREQ(e.what(),
                 "interpreter: command 3 reads its source from word 0 of bank 0 of activation "
                 "memory, which nothing has written");
  }
  EXPECT_FALSE(i_.activation(1, 0)) << "nothing is written";
}

// One legal command, one change, one fault.
TEST_F(Interpreter, NamesEachFault) {
  const tb::EngineParameters e = engine();
  const cmd_t good{.kind = CmdMatmul,
                   .rows = 4,
                   .k_blocks = 2,
                   .n_blocks = 2,
                   .prologue = ProNorm,
                   .source = at(0, 0, 4),
                   .back_bank = 1,
                   .back_base = 0,
                   .back_stride = 4,
                   .norm_in = 2,
                   .keys = 8,
                   .weight = WeightKeys,
                   .weight_bank = 0,
                   .weight_base = 16,
                   .weight_stride = 8,
                   .clamp = ClampS8,
                   .result = at(0, 0, 4),
                   .row_max = 1,
                   .max_out = 2,
                   .stream_addr = 640};
  const auto fault = [&](auto change) {
    cmd_t c = good;
    change(c);
    return check_command(e, c.pack());
  };
  EXPECT_EQ(fault([](cmd_t&) {}), ErrNone);
  EXPECT_EQ(fault([](cmd_t& c) { c.store_addr = 64; }), ErrReserved);
  EXPECT_EQ(fault([](cmd_t& c) { c.exp_table = 1; }), ErrReserved);
  EXPECT_EQ(fault([](cmd_t& c) { c.rows = 0; }), ErrRows);
  EXPECT_EQ(fault([](cmd_t& c) { c.rows = 5; }), ErrRows);
  EXPECT_EQ(fault([](cmd_t& c) { c.k_blocks = 0; }), ErrBlocks);
  EXPECT_EQ(fault([](cmd_t& c) { c.source.base = 9; }), ErrSource);
  EXPECT_EQ(fault([](cmd_t& c) { c.source.stride = 3; }), ErrSource);
  EXPECT_EQ(fault([](cmd_t& c) {
              c.result.split = 1;
              c.result.base2 = 29;
            }),
            ErrResult);
  EXPECT_EQ(fault([](cmd_t& c) { c.weight_base = 17; }), ErrWeight);
  EXPECT_EQ(fault([](cmd_t& c) { c.back_base = 25; }), ErrBack);
  EXPECT_EQ(fault([](cmd_t& c) { c.norm_in = 3; }), ErrRowMemory);
  EXPECT_EQ(fault([](cmd_t& c) { c.max_out = 3; }), ErrRowMemory);
  EXPECT_EQ(fault([](cmd_t& c) { c.clamp = ClampU8; }), ErrOption);
  EXPECT_EQ(fault([](cmd_t& c) { c.operand.nine = 1; }), ErrOption);
  EXPECT_EQ(fault([](cmd_t& c) {
              c.keys = 9;
              c.weight_stride = 9;
              c.weight_base = 0;
            }),
            ErrOption);
  EXPECT_EQ(fault([](cmd_t& c) { c.result.base = 9; }), ErrOverlap);
  EXPECT_EQ(fault([](cmd_t& c) {
              c.back_bank = 0;
              c.back_base = 8;
              c.result.base = 20;
            }),
            ErrOverlap);
  EXPECT_EQ(fault([](cmd_t& c) { c.stream_addr += 32; }), ErrAlign);
  CommandWords words = good.pack();
  words[18] |= 15U << 5;  // kind
  EXPECT_EQ(check_command(e, words), ErrKind);
  words = good.pack();
  words[31] = 1U << 31;
  EXPECT_EQ(check_command(e, words), ErrReserved);
}

}  // namespace
}  // namespace sb::test
