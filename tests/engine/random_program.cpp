// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/random_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string_view>

#include "golden/base/error.h"
#include "tb/host/lanes.h"
#include "tests/engine/command_interpreter.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_pkg;
using golden::InputError;

constexpr uint8_t kGuard = 0xA5;
constexpr size_t kRemembered = 6;  // regions that later commands come back to

// A matrix in memory: rows and blocks of a region.
struct Area {
  region_t region;
  int64_t rows = 0, blocks = 0;
};
// Scores with the maxima of their rows.
struct Scores {
  Area area;
  int64_t keys = 0, maxima = 0;
};

class Generator {
 public:
  Generator(const tb::EngineParameters& engine, uint64_t seed)
      : engine_(engine), m_(engine.m), rng_(seed), state_(engine) {
    program_.engine = engine;
  }

  RandomProgram generate(int commands, bool filled) {
    if (filled) fill();
    while (!filled && !random_load()) {
    }
    for (int i = 0; i < commands; ++i) add_random();
    add({.kind = CmdEnd});
    // Guards behind the last store.
    pad();
    program_.external.insert(program_.external.end(), StreamAlign, kGuard);
    return program_;
  }

 private:
  int64_t uniform(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(rng_);
  }
  bool chance(double p) { return std::bernoulli_distribution(p)(rng_); }
  template <typename T>
  const T& any(const std::vector<T>& list) {
    return list[static_cast<size_t>(uniform(0, static_cast<int64_t>(list.size()) - 1))];
  }

  int64_t size() const { return static_cast<int64_t>(program_.external.size()); }
  void pad() {
    program_.external.resize(
        static_cast<size_t>((size() + StreamAlign - 1) / StreamAlign * StreamAlign), kGuard);
  }
  void byte(int64_t value) { program_.external.push_back(static_cast<uint8_t>(value)); }
  void half(int64_t value) {
    byte(value);
    byte(value >> 8);
  }
  template <typename T>
  void entry(const T& value) {
    for (uint32_t word : value.pack())
      for (int i = 0; i < 4; ++i) byte(word >> (8 * i));
  }
  // A new region of external memory, at the end.
  int64_t open() {
    pad();
    if (chance(0.3)) program_.external.insert(program_.external.end(), StreamAlign, kGuard);
    return size();
  }

  // Carries the command out; false, and nothing has happened, if it is not defined.
  bool add(const cmd_t& c) {
    state_.external = program_.external;
    try {
      if (const error_e error = state_.execute(c, static_cast<uint32_t>(program_.commands.size()));
          error != ErrNone)
        throw std::logic_error(fmt::format("random program: an illegal command: {}", name(error)));
    } catch (const InputError&) {
      return false;
    }
    program_.commands.push_back(c);
    if (c.kind == CmdStore)
      program_.stores.push_back({static_cast<uint64_t>(c.store_addr),
                                 static_cast<uint64_t>(2 * m_ * c.rows * c.k_blocks)});
    return true;
  }
  void must_add(const cmd_t& c) {
    if (!add(c)) throw std::logic_error("random program: a first command is not defined");
  }

  // ---- sizes and places
  int64_t rows(int64_t limit) {
    const std::vector<int64_t> corners{1, 2, 3, m_ - 1, m_, m_ + 1, 2 * m_, limit};
    return std::clamp<int64_t>(chance(0.7) ? any(corners) : uniform(1, limit), 1, limit);
  }
  int64_t blocks() { return chance(0.5) ? uniform(1, 2) : uniform(1, 4); }
  const std::array<int, 2>& depth(bool residual) const {
    return residual ? engine_.res_depth : engine_.act_depth;
  }
  static int64_t extent(int64_t blocks, int64_t stride, int64_t rows) {
    return blocks == 0 ? 0 : (blocks - 1) * stride + rows;
  }

  // A region for rows x blocks somewhere; nullopt if it does not fit.
  std::optional<region_t> place(bool residual, int64_t rows, int64_t blocks) {
    region_t r{.bank = uniform(0, 1), .stride = rows + (chance(0.5) ? 0 : uniform(0, 5))};
    r.split = chance(0.5) ? uniform(0, blocks) : blocks + uniform(0, 100);
    const int64_t below = std::min(r.split, blocks);
    const int64_t room0 =
        depth(residual)[static_cast<size_t>(r.bank)] - extent(below, r.stride, rows);
    const int64_t room1 =
        depth(residual)[static_cast<size_t>(1 - r.bank)] - extent(blocks - below, r.stride, rows);
    if (room0 < 0 || room1 < 0) return {};
    r.base = below > 0 ? uniform(0, room0) : uniform(0, 65535);
    r.base2 = blocks > below ? uniform(0, room1) : uniform(0, 65535);
    return r;
  }
  // A part of an area: fewer blocks from its start, fewer rows from any.
  Area part(Area a) {
    if (chance(0.4)) a.blocks = uniform(1, a.blocks);
    if (chance(0.3)) {
      const int64_t skip = uniform(0, a.rows - 1);
      a.rows = uniform(1, a.rows - skip);
      a.region.base += skip;
      a.region.base2 = (a.region.base2 + skip) & 0xFFFF;
      a.region.base &= 0xFFFF;
    }
    return a;
  }
  void remember(std::vector<Area>& list, const Area& a) {
    list.push_back(a);
    if (list.size() > kRemembered) list.erase(list.begin());
  }
  std::vector<Area>& areas(bool residual) { return residual ? residual_ : activation_; }

  // Something to read.
  std::optional<Area> source(bool residual, int64_t row_limit) {
    if (!areas(residual).empty() && chance(0.75)) {
      Area a = part(any(areas(residual)));
      a.rows = std::min(a.rows, row_limit);
      return a;
    }
    Area a{{}, rows(row_limit), blocks()};
    const auto region = place(residual, a.rows, a.blocks);
    if (!region) return {};
    a.region = *region;
    return a;
  }
  // Somewhere to write rows x blocks: over something known, or anywhere.
  std::optional<region_t> target(bool residual, int64_t rows, int64_t blocks) {
    if (!areas(residual).empty() && chance(0.5)) {
      const Area& a = any(areas(residual));
      if (a.rows >= rows && a.blocks >= blocks) return a.region;
    }
    return place(residual, rows, blocks);
  }

  // ---- external data
  clamp_e narrow_clamp() {
    if (engine_.act_bits == 9 && chance(0.4)) return ClampS9;
    return chance(0.6) ? ClampS8 : ClampU8;
  }
  // A multiplier that takes sums of a few thousand to a few dozen, or anything.
  void multiplier(int64_t& mult, int64_t& shift_sel) {
    shift_sel = uniform(0, 3);
    const int64_t shift = 16 + 10 * shift_sel;
    const double scale =
        std::exp2(-std::uniform_real_distribution<double>(chance(0.9) ? 4 : -9, 18)(rng_));
    mult = std::min<int64_t>((1 << 26) - 1,
                             static_cast<int64_t>(std::ldexp(scale, static_cast<int>(shift))));
  }
  void channel_word(bool zero) {
    for (int64_t i = 0; i < m_; ++i) {
      chan_t c{};
      multiplier(c.mult, c.shift_sel);
      c.bias = chance(0.9) ? uniform(-3000, 3000) : uniform(-(1 << 29), 1 << 29);
      if (zero) c.bias = 0;
      entry(c);
    }
  }
  void norm_word() {
    for (int64_t i = 0; i < m_; ++i) {
      norm_chan_t n{.k = uniform(0, 65535),
                    .bias = uniform(-100000, 100000),
                    .gain = uniform(-131072, 131071)};
      if (chance(0.2)) n = {.k = 32768, .bias = 0, .gain = 16384};
      if (chance(0.1)) n.bias = uniform(-(1 << 25), (1 << 25) - 1);
      if (chance(0.1)) n = {};
      entry(n);
    }
  }
  void tile() {
    for (int64_t i = 0; i < m_ * m_; ++i) byte(chance(0.05) ? -128 : uniform(-127, 127));
  }
  void parameter_stream(cmd_t& c) {
    if (c.kind == CmdMatmul && c.weight != WeightStream && c.prologue != ProNorm &&
        c.chan_shared != 0)
      return;
    c.stream_addr = open();
    if (c.kind == CmdStore) {
      for (int64_t b = 0; b < c.k_blocks; ++b) norm_word();
      return;
    }
    for (int64_t nb = 0; nb < c.n_blocks; ++nb) {
      if (c.chan_shared == 0) channel_word(c.row_factor != 0 && chance(0.5));
      for (int64_t kb = 0; kb < c.k_blocks; ++kb) {
        if (nb == 0 && c.prologue == ProNorm) norm_word();
        if (c.weight == WeightStream) tile();
      }
    }
  }

  // ---- commands
  void add_table(bool exp, int64_t number) {
    cmd_t c{.kind = CmdTable, .exp_load = exp};
    (exp ? c.exp_table : c.table_sel) = number;
    c.stream_addr = open();
    const double fall = std::uniform_real_distribution<double>(0.001, 0.2)(rng_);
    for (int64_t i = 0; i < TableEntries; ++i)
      half(exp && chance(0.9) ? static_cast<int64_t>(255 * std::exp(-fall * static_cast<double>(i)))
                              : uniform(0, 65535));
    must_add(c);
    if (exp && std::find(exp_tables_.begin(), exp_tables_.end(), number) == exp_tables_.end())
      exp_tables_.push_back(number);
  }

  // Every memory word but a rest of the activation banks.
  void fill() {
    cmd_t load{.kind = CmdLoad, .rows = 1, .n_blocks = engine_.res_depth[0] + engine_.res_depth[1]};
    load.result = {.bank = 0, .split = engine_.res_depth[0], .base = 0, .base2 = 0, .stride = 1};
    load.stream_addr = open();
    for (int64_t i = 0; i < load.n_blocks * m_; ++i)
      half(chance(0.1) ? uniform(-32768, 32767) : uniform(-800, 800));
    must_add(load);
    for (int64_t t = 0; t < 2; ++t) add_table(false, t);
    add_table(true, uniform(0, engine_.exp_tables - 1));

    const int64_t r = std::min<int64_t>(
        {engine_.rows, engine_.act_depth[0], engine_.act_depth[1], engine_.res_depth[0]});
    cmd_t c{.kind = CmdMatmul, .rows = r, .k_blocks = 1, .prologue = ProNorm};
    c.source = {.bank = 0, .split = 1, .base = 0, .base2 = 0, .stride = r};
    c.norm_identity = 1;
    c.back_bank = 1;
    c.back_stride = r;
    c.clamp = ClampS8;
    c.n_blocks = engine_.act_depth[0] / r;
    c.result = {.bank = 0, .split = c.n_blocks, .base = 0, .base2 = 0, .stride = r};
    parameter_stream(c);
    must_add(c);
    cmd_t d{.kind = CmdMatmul, .rows = r, .k_blocks = 1};
    d.source = {.bank = 0, .split = 1, .base = 0, .base2 = 0, .stride = r};
    d.clamp = ClampS8;
    d.n_blocks = engine_.act_depth[1] / r;
    d.result = {.bank = 1, .split = d.n_blocks, .base = 0, .base2 = 0, .stride = r};
    parameter_stream(d);
    must_add(d);
  }

  void add_random() {
    for (int attempt = 0; attempt < 10000; ++attempt) {
      const size_t before = program_.external.size();
      bool done = false;
      const int64_t kind = uniform(0, 19);
      if (kind == 0) {
        const bool exp = chance(0.7);
        add_table(exp, uniform(0, exp ? engine_.exp_tables - 1 : 1));
        done = true;
      } else if (kind <= 2) {
        done = random_load();
      } else if (kind <= 4) {
        done = random_store();
      } else {
        done = random_matmul();
      }
      if (done) return;
      program_.external.resize(before);
    }
    throw std::logic_error("random program: no further command found");
  }

  bool random_load() {
    cmd_t c{.kind = CmdLoad, .rows = rows(engine_.stat_rows), .n_blocks = blocks()};
    const auto region = target(true, c.rows, c.n_blocks);
    if (!region) return false;
    c.result = *region;
    c.stream_addr = open();
    for (int64_t i = 0; i < c.rows * c.n_blocks * m_; ++i)
      half(chance(0.1) ? uniform(-32768, 32767) : uniform(-800, 800));
    if (!legal(c) || !add(c)) return false;
    remember(residual_, {c.result, c.rows, c.n_blocks});
    return true;
  }

  bool norm_source(cmd_t& c, int64_t row_limit) {
    const auto from = source(true, row_limit);
    if (!from) return false;
    c.prologue = ProNorm;
    c.rows = from->rows;
    c.k_blocks = from->blocks;
    c.source = from->region;
    c.norm_identity = norms_.empty() || chance(0.4);
    if (c.norm_identity == 0) {
      const auto& [first, count] = any(norms_);
      const int64_t skip = uniform(0, count - 1);
      c.norm_in = first + skip;
      c.rows = std::min(c.rows, count - skip);
    }
    return true;
  }

  bool random_store() {
    cmd_t c{.kind = CmdStore};
    if (!norm_source(c, engine_.stat_rows)) return false;
    parameter_stream(c);
    c.store_addr = open() + StreamAlign;
    program_.external.insert(program_.external.end(),
                             static_cast<size_t>(StreamAlign + 2 * m_ * c.rows * c.k_blocks),
                             kGuard);
    return legal(c) && add(c);
  }

  bool exp_source(cmd_t& c) {
    if (scores_.empty() || exp_tables_.empty()) return false;
    Scores s = any(scores_);
    const int64_t skip = chance(0.7) ? 0 : uniform(0, s.area.rows - 1);
    c.prologue = ProExp;
    c.rows = chance(0.7) ? s.area.rows - skip : uniform(1, s.area.rows - skip);
    c.source = s.area.region;
    c.source.base = (c.source.base + skip) & 0xFFFF;
    c.source.base2 = (c.source.base2 + skip) & 0xFFFF;
    c.max_in = s.maxima + skip;
    c.keys = chance(0.6) ? s.keys : uniform(0, s.keys);
    c.k_blocks = chance(0.7) ? std::max<int64_t>(1, (c.keys + m_ - 1) / m_) : s.area.blocks;
    c.exp_table = any(exp_tables_);
    return true;
  }

  bool random_matmul() {
    cmd_t c{.kind = CmdMatmul};
    const int64_t pro = uniform(0, 9);
    if (pro < 4) {
      const auto from = source(false, engine_.rows);
      if (!from) return false;
      c.rows = from->rows;
      c.k_blocks = from->blocks;
      c.source = from->region;
      c.act_unsigned = engine_.act_bits == 8 && chance(0.4);
    } else if (pro < 7) {
      if (!exp_source(c)) return false;
      c.row_factor = chance(0.7);
    } else {
      if (!norm_source(c, engine_.rows)) return false;
      c.operand = {.nine = engine_.act_bits == 9 && chance(0.6), .shift_sel = uniform(0, 3)};
      const auto back = target(false, c.rows, c.k_blocks);
      if (!back) return false;
      c.back_bank = back->bank;
      c.back_base = back->base;
      c.back_stride = back->stride;
    }
    c.n_blocks = blocks();

    // Where the result goes.
    const int64_t dest = uniform(0, 9);
    c.dest = dest < 6 ? DestAct : dest < 8 ? DestAdd : DestResidual;
    const auto to = target(c.dest != DestAct, c.rows, c.n_blocks);
    if (!to) return false;
    c.result = *to;
    c.clamp = c.dest == DestAct ? narrow_clamp() : ClampS16;
    c.zero_point = chance(0.6) ? 0 : chance(0.8) ? uniform(-100, 100) : uniform(-32768, 32767);
    if (c.clamp == ClampS8) {
      if (chance(0.3)) {
        c.table_on = 1;
        c.table_sel = uniform(0, 1);
      } else if (chance(0.7)) {
        c.row_max = 1;
        c.max_out = uniform(0, engine_.stat_rows - c.rows);
      }
    }
    if (c.dest != DestAct && chance(0.7)) {
      c.norm_stats = 1;
      c.norm_out = uniform(0, engine_.stat_rows - c.rows);
      c.norm = random_norm(c.n_blocks * m_);
    }
    // Above its own rows, a command would write what it reads later.
    if (c.row_max != 0 && c.prologue == ProExp && c.max_out > c.max_in &&
        c.max_out < c.max_in + c.rows)
      return false;
    if (c.norm_stats != 0 && c.prologue == ProNorm && c.norm_identity == 0 &&
        c.norm_out > c.norm_in && c.norm_out < c.norm_in + c.rows)
      return false;

    // Weights.
    const int64_t weight = uniform(0, 9);
    c.weight = weight < 5 ? WeightStream : weight < 7 ? WeightKeys : WeightValues;
    if (c.prologue == ProExp && chance(0.6)) c.weight = WeightValues;
    int64_t most = 65535;
    if (c.weight == WeightValues || c.prologue == ProExp) most = std::min(most, c.k_blocks * m_);
    if (c.weight == WeightKeys || c.row_max != 0) most = std::min(most, c.n_blocks * m_);
    if (c.prologue == ProExp)
      c.keys = std::min(c.keys, most);
    else if (c.weight != WeightStream || c.row_max != 0)
      c.keys = chance(0.3) ? most : uniform(0, most);
    if (c.weight != WeightStream) {
      const int64_t need = c.weight == WeightKeys ? c.k_blocks : c.n_blocks;
      Area a;
      if (!activation_.empty() && chance(0.7)) {
        a = any(activation_);
        c.keys = std::min(c.keys, a.region.stride);
      } else {
        const int64_t count = std::max<int64_t>(1, c.keys);
        const auto region = place(false, count, need);
        if (!region) return false;
        a = {*region, count, need};
      }
      c.weight_bank = a.region.bank;
      c.weight_base = a.region.base;
      c.weight_stride = a.region.stride;
    }
    c.chan_shared = c.weight == WeightKeys ? chance(0.7) : chance(0.2);
    if (c.chan_shared != 0) multiplier(c.mult, c.shift_sel);
    parameter_stream(c);
    if (!legal(c) || !add(c)) return false;

    remember(areas(c.dest != DestAct), {c.result, c.rows, c.n_blocks});
    if (c.prologue == ProNorm)
      remember(activation_, {{.bank = c.back_bank,
                              .split = c.k_blocks,
                              .base = c.back_base,
                              .base2 = 0,
                              .stride = c.back_stride},
                             c.rows,
                             c.k_blocks});
    if (c.row_max != 0) {
      scores_.push_back({{c.result, c.rows, c.n_blocks}, c.keys, c.max_out});
      if (scores_.size() > 3) scores_.erase(scores_.begin());
    }
    if (c.norm_stats != 0) {
      norms_.emplace_back(c.norm_out, c.rows);
      if (norms_.size() > 3) norms_.erase(norms_.begin());
    }
    return true;
  }

  norm_job_t random_norm(int64_t lanes) {
    norm_job_t n{.columns = std::min<int64_t>(4096, lanes + (chance(0.8) ? 0 : uniform(0, 100)))};
    n.mean_shift = 32;
    while (std::nearbyint(std::ldexp(256.0 / static_cast<double>(n.columns),
                                     static_cast<int>(n.mean_shift))) >= 0x1p26)
      --n.mean_shift;
    n.mean_mult = static_cast<int64_t>(std::nearbyint(
        std::ldexp(256.0 / static_cast<double>(n.columns), static_cast<int>(n.mean_shift))));
    n.e = chance(0.3) ? 0 : uniform(0, int64_t{1} << uniform(1, 55));
    n.row_shift = uniform(8, 31);
    return n;
  }

  bool legal(const cmd_t& c) const { return check_command(engine_, c.pack()) == ErrNone; }

  const tb::EngineParameters engine_;
  const int64_t m_;
  std::mt19937_64 rng_;
  CommandInterpreter state_;
  RandomProgram program_;
  std::vector<Area> activation_, residual_;
  std::vector<Scores> scores_;
  std::vector<std::pair<int64_t, int64_t>> norms_;  // first row, rows
  std::vector<int64_t> exp_tables_;
};

// Members of cmd_t, nested ones flat.
struct FlatField {
  std::string name;
  int lsb, bits;
};
template <typename T>
void flatten(std::vector<FlatField>& out, const T& value, int lsb, const std::string& prefix) {
  T::each(value, [&](const words::Field& f, const auto& v) {
    using V = std::remove_cvref_t<decltype(v)>;
    if constexpr (std::is_enum_v<V> || std::is_integral_v<V> || std::is_same_v<V, words::Reserved>)
      out.push_back({prefix + f.name, lsb + f.lsb, f.bits});
    else
      flatten(out, v, lsb + f.lsb, prefix + f.name + ".");
  });
}

// What a fault is made of: names, or starts of names, of members.
std::vector<std::string_view> fields_of(error_e error) {
  switch (error) {
    case ErrKind: return {"kind"};
    case ErrReserved: return {""};  // any
    case ErrRows: return {"rows"};
    case ErrBlocks: return {"k_blocks", "n_blocks"};
    case ErrSource: return {"source."};
    case ErrResult: return {"result."};
    case ErrWeight: return {"weight_base", "weight_stride", "keys"};
    case ErrBack: return {"back_base", "back_stride"};
    case ErrRowMemory: return {"norm_in", "norm_out", "max_in", "max_out"};
    case ErrTable: return {"exp_table"};
    case ErrOption:
      return {"clamp", "dest", "table_on", "row_max", "row_factor",
              "norm",  "keys", "prologue", "operand"};
    case ErrOverlap: return {"result.", "back_", "weight_b"};
    case ErrAlign: return {"stream_addr", "store_addr"};
    default: throw InputError(fmt::format("no command has the fault {}", name(error)));
  }
}

}  // namespace

std::vector<CommandWords> RandomProgram::words() const {
  std::vector<CommandWords> out;
  for (const cmd_t& c : commands) out.push_back(c.pack());
  return out;
}

tb::EngineParameters random_engine(int m, int act_bits, uint64_t seed) {
  std::mt19937_64 rng(seed);
  const auto uniform = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(rng);
  };
  tb::EngineParameters e;
  e.m = m;
  e.act_bits = act_bits;
  e.rows = uniform(1, 3 * m + 2);
  e.stat_rows = e.rows + uniform(0, m);
  for (int& depth : e.act_depth) depth = uniform(6, 12) * e.rows + uniform(4 * m, 8 * m);
  for (int& depth : e.res_depth) depth = uniform(5, 8) * e.stat_rows + uniform(m, 4 * m);
  e.exp_tables = 1 << uniform(0, 5);
  return e;
}

RandomProgram random_program(const tb::EngineParameters& engine, int commands, uint64_t seed) {
  return Generator(engine, seed).generate(commands, true);
}

RandomProgram short_program(const tb::EngineParameters& engine, int commands, uint64_t seed) {
  return Generator(engine, seed).generate(commands, false);
}

CommandWords faulty_command(const RandomProgram& program, error_e error, uint64_t seed,
                            int attempts) {
  static const std::vector<FlatField> all = [] {
    std::vector<FlatField> fields;
    flatten(fields, cmd_t{}, 0, "");
    return fields;
  }();
  std::vector<FlatField> fields;
  for (const FlatField& f : all)
    for (const std::string_view start : fields_of(error))
      if (std::string_view(f.name).starts_with(start)) fields.push_back(f);
  std::mt19937_64 rng(seed);
  for (; attempts > 0; --attempts) {
    CommandWords words = program.commands[rng() % program.commands.size()].pack();
    for (uint64_t changes = rng() % 4 == 0 ? 2 : 1; changes > 0; --changes) {
      const FlatField& f = fields[rng() % fields.size()];
      if (rng() % 2 == 0) {  // a bit
        const auto bit = static_cast<size_t>(f.lsb) + rng() % static_cast<uint64_t>(f.bits);
        words[bit / 32] ^= 1U << (bit % 32);
      } else {  // the same value, a little more or less, or any
        const int bits = std::min(f.bits, 64);
        uint64_t value = tb::get_bits(words, f.lsb, bits);
        value = rng() % 2 == 0 ? rng() : value + rng() % 9 - 4;
        for (int i = 0; i < bits; ++i)
          words[static_cast<size_t>(f.lsb + i) / 32] &= ~(1U << ((f.lsb + i) % 32));
        tb::put_bits(words, f.lsb, bits, value);
      }
    }
    if (check_command(program.engine, words) == error) return words;
  }
  throw InputError(fmt::format("no command with the fault {} found", name(error)));
}

}  // namespace sb::test
