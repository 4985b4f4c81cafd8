// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/layer_program.h"

#include <utility>

#include "words/sb_engine_pkg.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_pkg;

struct Builder : LayerProgram {
  explicit Builder(const LayerShape& shape) : q(shape) {
    const int64_t m = q.m;
    db = (q.d + m - 1) / m, hb = (q.head + m - 1) / m, fb = (q.ffn + m - 1) / m;
    sb = (q.s + m - 1) / m;
  }
  LayerShape q;
  int64_t db, hb, fb, sb;

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

}  // namespace

LayerProgram layer_program(const LayerShape& shape) {
  Builder builder(shape);
  builder.build();
  const int64_t d = builder.db * shape.m, f = builder.fb * shape.m;
  const int64_t entries = 8 * shape.m;  // bytes of a channel or LayerNorm word
  builder.weight_bytes = 4 * d * d + 2 * d * f +
                         entries * (5 * builder.db + builder.fb + shape.heads * builder.hb) +
                         entries * 2 * builder.db;
  builder.external_bytes = static_cast<size_t>(2 * d * shape.s + d * f + (1 << 20));
  return builder;
}

}  // namespace sb::test
