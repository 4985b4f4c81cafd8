// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/core_programs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "golden/base/error.h"
#include "golden/ops/int_exp.h"
#include "tb/host/lanes.h"

namespace sb::test {

using namespace sb_engine_pkg;
using namespace sb_pkg;

ProgramMaker::ProgramMaker(const tb::EngineParameters& engine, uint64_t seed)
    : engine_(engine), rng_(seed), interpreter_(engine) {
  interpreter_.on_write = [this](const WordWrite& w) {
    tried_.push_back({w, {w.values.begin(), w.values.end()}});
  };
}

// Room in external memory, with guard bytes behind it.
int64_t ProgramMaker::place(int64_t bytes) {
  auto& memory = program_.external;
  const auto at = static_cast<int64_t>((memory.size() + 63) / 64 * 64);
  const auto end = static_cast<size_t>(at + bytes + 16);
  while (memory.size() < end) memory.push_back(static_cast<uint8_t>(rng_()));
  return at;
}

// The parameter stream of a command.
int64_t ProgramMaker::parameters(const cmd_t& c) {
  const auto words = parameter_words(engine_, c);
  if (words == 0) return 0;
  const int64_t at = place(words * engine_.m);
  auto* p = program_.external.data() + at;
  const auto entry = [&](const auto& value) {
    const auto bits = value.pack();
    std::memcpy(p, bits.data(), 8);
    p += 8;
  };
  const auto chans = [&] {
    for (int l = 0; l < engine_.m; ++l) {
      // shift of 16 + 10 * sel on sums of a few thousand: results of the width of the codes
      const int sel = static_cast<int>(upto(3));
      const double scale = std::ldexp(std::exp2(static_cast<double>(upto(100)) / 10 - 12), 16 + 10 * sel);
      entry(chan_t{.shift_sel = sel,
                   .mult = std::min<int64_t>(static_cast<int64_t>(scale), (1 << 26) - 1),
                   .bias = upto(20000) - 10000});
    }
  };
  const auto norms = [&] {
    for (int l = 0; l < engine_.m; ++l)
      entry(norm_chan_t{.k = upto(65536), .bias = upto(1 << 20) - (1 << 19),
                        .gain = chance(30) ? 16384 : upto(1 << 18) - (1 << 17)});
  };
  if (c.kind == CmdStore) {
    for (int64_t kb = 0; kb < c.k_blocks; ++kb) norms();
    return at;
  }
  for (int64_t nb = 0; nb < c.n_blocks; ++nb) {
    if (c.chan_shared == 0) chans();
    for (int64_t kb = 0; kb < c.k_blocks; ++kb) {
      if (c.prologue == ProNorm && nb == 0) norms();
      if (c.weight == WeightStream) p += engine_.m * engine_.m;
    }
  }
  return at;
}

ProgramMaker::region_t ProgramMaker::region(const std::array<int, 2>& depth, int64_t blocks,
                                            int64_t rows, bool whole) {
  region_t r;
  r.bank = upto(2);
  r.stride = rows + (chance(70) ? 0 : upto(3));
  r.split = whole || chance(70) ? (chance(50) ? 65535 : blocks) : upto(blocks + 1);
  r.base = upto(std::max<int64_t>(1, depth[static_cast<size_t>(r.bank)] - r.stride * blocks + 2));
  r.base2 = upto(std::max<int64_t>(1, depth[static_cast<size_t>(1 - r.bank)] - r.stride * blocks + 2));
  return r;
}

ProgramMaker::cmd_t ProgramMaker::matmul() {
  cmd_t c;
  c.kind = CmdMatmul;
  const int64_t few = chance(50) ? engine_.rows : 3;
  c.rows = 1 + upto(few);
  c.k_blocks = 1 + upto(chance(80) ? 3 : 6);
  c.n_blocks = 1 + upto(chance(80) ? 3 : 6);
  c.prologue = chance(50) ? ProBypass : chance(80) ? ProNorm : ProExp;
  if (c.prologue == ProBypass && engine_.act_bits == 8) c.act_unsigned = upto(2);
  const bool norm = c.prologue == ProNorm;
  c.source = region(norm ? engine_.res_depth : engine_.act_depth, c.k_blocks, c.rows, false);
  if (norm) {
    c.back_bank = upto(2);
    c.back_stride = c.rows + upto(2);
    c.back_base = upto(engine_.act_depth[static_cast<size_t>(c.back_bank)]);
    c.norm_identity = upto(2);
    c.operand = {.nine = engine_.act_bits == 9 ? upto(2) : 0, .shift_sel = upto(4)};
    if (c.norm_identity == 0) c.norm_in = upto(engine_.stat_rows);
  }
  c.weight = chance(50) ? WeightStream : chance(50) ? WeightKeys : WeightValues;
  if (c.prologue == ProExp) {
    c.exp_table = upto(engine_.exp_tables);
    c.max_in = upto(engine_.stat_rows);
    if (chance(60)) c.weight = WeightValues;
    c.row_factor = upto(2);
  }
  if (c.weight != WeightStream) {
    c.weight_bank = upto(2);
    c.weight_base = upto(engine_.act_depth[static_cast<size_t>(c.weight_bank)]);
  }
  c.chan_shared = upto(2);
  if (c.chan_shared != 0) {
    c.shift_sel = upto(3);
    c.mult = static_cast<int64_t>(std::ldexp(1 + static_cast<double>(upto(15)), static_cast<int>(6 + 10 * c.shift_sel)));
    c.mult = std::min<int64_t>(c.mult, (1 << 26) - 1);
  }
  c.zero_point = chance(50) ? 0 : upto(60) - 30;
  c.dest = chance(50) ? DestAct : chance(50) ? DestAdd : DestResidual;
  if (c.dest == DestAct) {
    c.clamp = chance(60) ? ClampS8 : chance(50) || engine_.act_bits == 8 ? ClampU8 : ClampS9;
    if (c.clamp == ClampS8) {
      c.table_on = chance(30);
      if (c.table_on != 0) c.table_sel = upto(2);
      else c.row_max = chance(40);
    }
    if (c.row_max != 0) c.max_out = upto(engine_.stat_rows);
  } else {
    c.clamp = ClampS16;
    c.norm_stats = chance(40);
    if (c.norm_stats != 0) {
      const int64_t n = c.n_blocks * engine_.m;
      c.norm_out = upto(engine_.stat_rows);
      c.norm.columns = n;
      c.norm.mean_shift = 16 + upto(9);
      c.norm.mean_mult = std::llround(std::ldexp(256.0 / static_cast<double>(n), static_cast<int>(c.norm.mean_shift)));
      c.norm.mean_mult = std::min<int64_t>(c.norm.mean_mult, (1 << 26) - 1);
      c.norm.e = chance(50) ? 0 : upto(int64_t{1} << (8 * (1 + upto(6))));
      c.norm.row_shift = 8 + upto(24);
    }
  }
  const bool keys_in = c.prologue == ProExp || c.weight == WeightValues;
  const bool keys_out = c.row_max != 0 || c.weight == WeightKeys;
  int64_t most = 1 << 20;
  if (keys_in) most = std::min(most, c.k_blocks * engine_.m);
  if (keys_out) most = std::min(most, c.n_blocks * engine_.m);
  if (keys_in || keys_out) c.keys = chance(60) ? most - upto(std::min<int64_t>(most, engine_.m)) : upto(most + 1);
  if (c.weight != WeightStream) c.weight_stride = std::max<int64_t>(c.keys, 1) + upto(2);
  c.result = region(c.dest == DestAct ? engine_.act_depth : engine_.res_depth, c.n_blocks, c.rows, false);
  return c;
}

ProgramMaker::cmd_t ProgramMaker::load() {
  cmd_t c;
  c.kind = CmdLoad;
  c.rows = 1 + upto(engine_.stat_rows);
  c.n_blocks = 1 + upto(3);
  c.result = region(engine_.res_depth, c.n_blocks, c.rows, false);
  return c;
}

ProgramMaker::cmd_t ProgramMaker::store() {
  cmd_t c;
  c.kind = CmdStore;
  c.prologue = ProNorm;
  c.rows = 1 + upto(engine_.stat_rows);
  c.k_blocks = 1 + upto(3);
  c.source = region(engine_.res_depth, c.k_blocks, c.rows, false);
  c.norm_identity = upto(2);
  if (c.norm_identity == 0) c.norm_in = upto(engine_.stat_rows);
  return c;
}

ProgramMaker::cmd_t ProgramMaker::table() {
  cmd_t c;
  c.kind = CmdTable;
  c.exp_load = upto(2);
  if (c.exp_load != 0) c.exp_table = upto(engine_.exp_tables);
  else c.table_sel = upto(2);
  return c;
}

// Tries a command; the program has it if it is legal and defined.
bool ProgramMaker::add(cmd_t c) {
  if (check_command(engine_, c.pack()) != ErrNone) return false;
  const size_t before = program_.external.size();
  if (c.kind == CmdTable) {
    c.stream_addr = place(512);
    auto* p = program_.external.data() + c.stream_addr;
    const auto exp = golden::make_exp_table(0.002 + static_cast<double>(upto(100)) / 1000);
    for (size_t i = 0; i < 256; ++i) {
      const auto v = c.exp_load != 0 ? static_cast<uint16_t>(exp[i])
                                     : static_cast<uint16_t>(upto(256) - 128);
      p[2 * i] = static_cast<uint8_t>(v), p[2 * i + 1] = static_cast<uint8_t>(v >> 8);
    }
  } else if (c.kind == CmdLoad) {
    c.stream_addr = place(2 * engine_.m * c.rows * c.n_blocks);
    auto* p = program_.external.data() + c.stream_addr;
    const auto small = upto(16);
    for (int64_t i = 0; i < engine_.m * c.rows * c.n_blocks; ++i, p += 2) {
      const auto v = static_cast<int16_t>(static_cast<int16_t>(rng_()) >> small);
      std::memcpy(p, &v, 2);
    }
  } else {
    c.stream_addr = parameters(c);
    if (c.kind == CmdStore) c.store_addr = place(2 * engine_.m * c.rows * c.k_blocks);
  }
  // What the interpreter has written to external memory so far stays.
  auto& memory = interpreter_.external;
  memory.insert(memory.end(), program_.external.begin() + static_cast<std::ptrdiff_t>(memory.size()),
                program_.external.end());
  tried_.clear();
  try {
    const auto error = interpreter_.execute(c, static_cast<uint32_t>(program_.commands.size()));
    if (error != ErrNone) throw std::logic_error("a legal command was refused");
  } catch (const golden::InputError&) {
    program_.external.resize(before);
    memory.resize(before);
    return false;
  }
  program_.commands.push_back(c.pack());
  program_.writes.insert(program_.writes.end(), tried_.begin(), tried_.end());
  return true;
}

void ProgramMaker::fill() {
  const auto must = [&](const cmd_t& c) {
    if (!add(c))
      throw std::logic_error(fmt::format("fill: command {} is refused: code {}",
                                         program_.commands.size(),
                                         static_cast<int>(check_command(engine_, c.pack()))));
  };
  const int rows = engine_.rows;
  for (int bank = 0; bank < 2; ++bank) {
    cmd_t c;
    c.kind = CmdLoad;
    c.rows = rows;
    c.n_blocks = engine_.res_depth[static_cast<size_t>(bank)] / rows;
    c.result = {.bank = bank, .split = 65535, .stride = rows};
    must(c);
  }
  for (int t = 0; t < engine_.exp_tables + 2; ++t) {
    cmd_t c;
    c.kind = CmdTable;
    c.exp_load = t < engine_.exp_tables;
    (c.exp_load != 0 ? c.exp_table : c.table_sel) = c.exp_load != 0 ? t : t - engine_.exp_tables;
    must(c);
  }
  // Activations by LayerNorm's write-back, row maxima and row constants by the products of these.
  for (int bank = 0; bank < 2; ++bank) {
    const int depth = engine_.act_depth[static_cast<size_t>(bank)];
    for (int base = 0; base < depth; base += rows) {
      cmd_t c;
      c.kind = CmdMatmul;
      c.rows = rows;
      c.k_blocks = c.n_blocks = 1;
      c.prologue = ProNorm;
      c.source = {.bank = 0, .split = 65535, .stride = rows};
      c.back_bank = bank;
      c.back_base = base;
      c.back_stride = rows;
      c.norm_identity = 1;
      c.chan_shared = 1;
      c.mult = 100;
      c.dest = DestAct;
      c.clamp = ClampS8;
      c.row_max = 1;
      c.keys = engine_.m;
      c.max_out = base % engine_.stat_rows;
      c.result = {.bank = bank, .split = 65535, .base = (base + rows) % depth, .stride = rows};
      must(c);
    }
  }
  for (int row = 0; row < engine_.stat_rows; row += rows) {
    cmd_t c;
    c.kind = CmdMatmul;
    c.rows = rows;
    c.k_blocks = c.n_blocks = 1;
    c.source = {.bank = 0, .split = 65535, .stride = rows};
    c.chan_shared = 1;
    c.mult = 60000;
    c.dest = DestResidual;
    c.clamp = ClampS16;
    c.result = {.bank = 1, .split = 65535, .stride = rows};
    c.norm_stats = 1;
    c.norm_out = row;
    c.norm = {.columns = engine_.m, .mean_mult = 64 << 16, .mean_shift = 16, .e = 1000, .row_shift = 15};
    if (engine_.m != 4) c.norm.mean_mult = (256 / engine_.m) << 16;
    must(c);
  }
}

// Scores and what is made of them, perhaps with a command between.
bool ProgramMaker::attention() {
  cmd_t s = matmul();
  s.dest = DestAct;
  s.clamp = ClampS8;
  s.table_on = s.table_sel = 0;
  s.norm_stats = s.norm_out = 0;
  s.norm = {};
  s.row_max = 1;
  s.max_out = upto(engine_.stat_rows - s.rows + 1);
  s.result = region(engine_.act_depth, s.n_blocks, s.rows, false);
  if (s.weight == WeightValues) s.weight = WeightKeys;
  if (s.keys == 0 || s.keys > s.n_blocks * engine_.m) s.keys = 1 + upto(s.n_blocks * engine_.m);
  if (s.prologue == ProExp) s.keys = std::min(s.keys, s.k_blocks * engine_.m);
  if (s.weight == WeightKeys) s.weight_stride = s.keys + upto(2);
  if (!add(s)) return false;
  if (chance(50)) random(1);
  for (int i = 0; i < 20; ++i) {
    cmd_t p = matmul();
    if (p.prologue == ProNorm) continue;
    p.prologue = ProExp;
    p.act_unsigned = 0;
    p.exp_table = upto(engine_.exp_tables);
    p.row_factor = chance(80);
    p.rows = s.rows;
    p.k_blocks = s.n_blocks;
    p.source = s.result;
    p.max_in = s.max_out;
    p.keys = chance(70) ? s.keys : upto(s.keys + 1);
    if (chance(60)) p.weight = WeightValues, p.weight_bank = upto(2), p.weight_base = upto(40);
    if (p.weight != WeightStream) p.weight_stride = std::max<int64_t>(p.keys, 1) + upto(2);
    p.result = region(p.dest == DestAct ? engine_.act_depth : engine_.res_depth, p.n_blocks, p.rows, false);
    if (add(p)) return true;
  }
  return true;
}

void ProgramMaker::random(int count) {
  for (int i = 0, tries = 0; i < count; ++tries) {
    if (tries > 20000) throw std::logic_error("random: no legal command found");
    const int64_t what = upto(100);
    if (what < 25 ? attention() : add(what < 85 ? matmul() : what < 90 ? load() : what < 95 ? store() : table())) ++i;
  }
}

void ProgramMaker::fault(error_e error) {
  for (int tries = 0; tries < 1000000; ++tries) {
    const int64_t what = upto(100);
    cmd_t c = what < 60 ? matmul() : what < 75 ? load() : what < 90 ? store() : table();
    c.stream_addr = reads_stream(c) ? 64 * upto(1000) : 0;
    if (c.kind == CmdStore) c.store_addr = 64 * upto(1000);
    CommandWords bits = c.pack();
    for (int64_t flips = upto(3); flips >= 0; --flips) {
      const int64_t bit = chance(80) ? upto(590) : upto(1024);
      bits[static_cast<size_t>(bit / 32)] ^= 1u << (bit % 32);
    }
    if (check_command(engine_, bits) != error) continue;
    program_.stop = {error, static_cast<uint32_t>(program_.commands.size())};
    program_.commands.push_back(bits);
    stopped_ = true;
    return;
  }
  throw std::logic_error(fmt::format("fault: no command with code {} found", static_cast<int>(error)));
}

CoreProgram ProgramMaker::finish() {
  if (!stopped_) program_.stop = {ErrNone, static_cast<uint32_t>(program_.commands.size())};
  program_.commands.push_back(cmd_t{}.pack());  // CmdEnd; behind a fault it is not looked at
  program_.external_after = interpreter_.external;
  return program_;
}

}  // namespace sb::test
