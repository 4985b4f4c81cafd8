// SPDX-License-Identifier: Apache-2.0
// Cycles of encoder layers on sb_encoder_core: `core_perf M [S D H HEAD FFN LAYERS BYTES LATENCY]`,
// BERT-base without more. Data are zero, only the schedule counts. Prints the period from the first
// issue of a layer to that of the next, the cycles that the array was not fed, by reason, and the
// rate of the simulation.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>

#include "tests/engine/core_bench.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_pkg;

struct Shape {
  int64_t m = 32, s = 128, d = 768, heads = 12, head = 64, ffn = 3072, layers = 3;
  double bytes = 16;
  int latency = 64;
};

struct Layers {
  explicit Layers(const Shape& shape) : q(shape) {
    const int64_t m = q.m;
    db = (q.d + m - 1) / m, hb = (q.head + m - 1) / m, fb = (q.ffn + m - 1) / m;
    sb = (q.s + m - 1) / m;
  }
  Shape q;
  int64_t db, hb, fb, sb;
  std::vector<CommandWords> commands;
  std::vector<std::string> names;
  std::vector<int64_t> ideal;
  std::vector<size_t> layer_first;

  void add(std::string name, cmd_t c) {
    commands.push_back(c.pack());
    names.push_back(std::move(name));
    ideal.push_back(c.kind == CmdMatmul ? c.rows * c.k_blocks * c.n_blocks : 0);
  }
  region_t act(int64_t bank, int64_t base) const {
    return {.bank = bank, .split = 65535, .base = base, .base2 = 0, .stride = q.s};
  }
  region_t res() const {
    return {.bank = 0, .split = db / 2 + db % 2, .base = 0, .base2 = 0, .stride = q.s};
  }
  // Places: bank 0: x, q (context over it), scores of two heads; bank 1: k, v. FFN: two thirds in
  // bank 1 over k and v, the rest behind x.
  int64_t x() const { return 0; }
  int64_t qq() const { return db * q.s; }
  int64_t scores(int64_t h) const { return (2 * db + h % 2 * sb) * q.s; }
  int64_t k() const { return 0; }
  int64_t v() const { return db * q.s; }

  cmd_t product(int64_t kb, int64_t nb) const {
    cmd_t c;
    c.kind = CmdMatmul;
    c.rows = q.s;
    c.k_blocks = kb;
    c.n_blocks = nb;
    c.clamp = ClampS8;
    return c;
  }
  void layernorm(cmd_t& c, bool identity) const {
    c.prologue = ProNorm;
    c.source = res();
    c.back_bank = 0;
    c.back_base = x();
    c.back_stride = q.s;
    c.norm_identity = identity;
    c.operand.shift_sel = 1;
  }
  void residual(cmd_t& c) const {
    c.dest = DestAdd;
    c.clamp = ClampS16;
    c.result = res();
    c.norm_stats = 1;
    c.norm = {.columns = q.d, .mean_mult = 1 << 20, .mean_shift = 20, .e = 1000, .row_shift = 15};
  }
  void build() {
    cmd_t c;
    c.kind = CmdTable;
    add("table", c);
    for (int64_t h = 0; h < q.heads; ++h) {
      c = {};
      c.kind = CmdTable;
      c.exp_load = 1;
      c.exp_table = h;
      add("exp table", c);
    }
    c = {};
    c.kind = CmdLoad;
    c.rows = q.s;
    c.n_blocks = db;
    c.result = res();
    add("load", c);
    for (int64_t layer = 0; layer < q.layers; ++layer) {
      layer_first.push_back(commands.size());
      c = product(db, db);
      layernorm(c, layer == 0);
      c.result = act(1, k());
      add("K", c);
      c = product(db, db);
      c.source = act(0, x());
      c.result = act(0, qq());
      add("Q", c);
      c.result = act(1, v());
      add("V", c);
      const auto score = [&](int64_t h) {
        cmd_t p = product(hb, sb);
        p.source = act(0, qq() + h * hb * q.s);
        p.weight = WeightKeys;
        p.weight_bank = 1;
        p.weight_base = k() + h * hb * q.s;
        p.weight_stride = q.s;
        p.keys = q.s;
        p.chan_shared = 1;
        p.mult = 1000;
        p.result = act(0, scores(h));
        p.row_max = 1;
        p.max_out = h % 2 * q.s;
        add("scores", p);
      };
      score(0);
      for (int64_t h = 0; h < q.heads; ++h) {
        if (h + 1 < q.heads) score(h + 1);
        c = product(sb, hb);
        c.prologue = ProExp;
        c.source = act(0, scores(h));
        c.exp_table = h;
        c.max_in = h % 2 * q.s;
        c.keys = q.s;
        c.weight = WeightValues;
        c.weight_bank = 1;
        c.weight_base = v() + h * hb * q.s;
        c.weight_stride = q.s;
        c.row_factor = 1;
        c.result = act(0, qq() + h * hb * q.s);
        add("P.V", c);
      }
      c = product(db, db);
      c.source = act(0, qq());
      residual(c);
      add("output", c);
      c = product(db, fb);
      layernorm(c, false);
      c.table_on = 1;
      const int64_t lower = fb * 2 / 3;
      c.result = {.bank = 1, .split = lower, .base = 0, .base2 = qq(), .stride = q.s};
      add("FFN1", c);
      cmd_t f = product(fb, db);
      f.source = c.result;
      residual(f);
      add("FFN2", f);
    }
    c = {};
    c.kind = CmdStore;
    c.prologue = ProNorm;
    c.rows = q.s;
    c.k_blocks = db;
    c.source = res();
    add("store", c);
    add("end", {});
  }
};

int main_of(int argc, char** argv) {
  Shape s;
  const auto arg = [&](int i, auto value) {
    return argc > i ? static_cast<decltype(value)>(std::atof(argv[i])) : value;
  };
  s.m = arg(1, s.m), s.s = arg(2, s.s), s.d = arg(3, s.d), s.heads = arg(4, s.heads);
  s.head = arg(5, s.head), s.ffn = arg(6, s.ffn), s.layers = arg(7, s.layers);
  s.bytes = arg(8, s.bytes), s.latency = arg(9, s.latency);
  Layers layers(s);
  layers.build();
  const auto core = make_core(fmt::format("m{}", s.m), 1);
  for (size_t i = 0; i < layers.commands.size(); ++i) {
    const auto e = check_command(core->parameters(), layers.commands[i]);
    if (e != ErrNone) {
      fmt::print("command {} ({}): code {}\n", i, layers.names[i], static_cast<int>(e));
      return 2;
    }
  }
  CoreSurroundings around;
  around.bytes_per_cycle = s.bytes;
  around.latency = s.latency;
  std::vector<uint8_t> external(
      static_cast<size_t>(s.m * 2 * s.s * layers.db + s.d * s.ffn * 2 + (1 << 20)));
  CoreBench bench(*core, around);
  const auto start = std::chrono::steady_clock::now();
  const auto cpu = std::clock();
  const CoreRun run = bench.run(layers.commands, external, nullptr, uint64_t{1} << 40);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  int64_t ideal = 0;
  for (size_t i = layers.layer_first[0]; i < layers.layer_first[1]; ++i) ideal += layers.ideal[i];
  for (size_t l = 0; l + 1 < layers.layer_first.size(); ++l) {
    const size_t first = layers.layer_first[l], next = layers.layer_first[l + 1];
    const auto period = static_cast<int64_t>(run.first_issue[next] - run.first_issue[first]);
    fmt::print("layer {}: period {}, ideal {}, lost {}\n", l, period, ideal, period - ideal);
    std::map<std::string, std::array<uint64_t, 16>> lost;
    for (size_t i = first + 1; i <= next; ++i)
      for (int w = 0; w < 16; ++w) lost[layers.names[i]][w] += run.lost[i][w];
    for (const auto& [what, reasons] : lost)
      for (int w = 0; w < 16; ++w)
        if (reasons[w] != 0)
          fmt::print("  {:8} {:12} {}\n", what, name(static_cast<why_e>(w)), reasons[w]);
  }
  fmt::print("run: {} cycles, code {}; by reason:", run.cycles, static_cast<int>(run.stop.error));
  for (int w = 0; w < 16; ++w)
    if (run.why[w] != 0) fmt::print(" {} {}", name(static_cast<why_e>(w)), run.why[w]);
  fmt::print(
      "\n{:.1f} s ({:.1f} s CPU), {:.0f} kcycles/s, {:.1f} M multiply-accumulates/s of CPU\n",
      seconds, cpu_seconds, static_cast<double>(run.cycles) / cpu_seconds / 1e3,
      static_cast<double>(run.issued) * static_cast<double>(s.m * s.m) / cpu_seconds / 1e6);
  return 0;
}

}  // namespace
}  // namespace sb::test

int main(int argc, char** argv) { return sb::test::main_of(argc, argv); }
