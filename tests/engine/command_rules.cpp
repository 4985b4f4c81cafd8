// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/command_rules.h"

#include <algorithm>

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_pkg;

constexpr int kEntryWords = 8;     // words of M bytes in a channel or LayerNorm word
constexpr int kMaxColumns = 4096;  // of LayerNorm
constexpr int kMaxKeys = 2048;     // of exp
constexpr int64_t kMaxLanes = 65536;

bool is_norm(const cmd_t& c) {
  return (c.kind == CmdMatmul || c.kind == CmdStore) && c.prologue == ProNorm;
}
bool is_exp(const cmd_t& c) { return c.kind == CmdMatmul && c.prologue == ProExp; }
bool weights_from_memory(const cmd_t& c) { return c.kind == CmdMatmul && c.weight != WeightStream; }
bool uses_keys(const cmd_t& c) {
  return is_exp(c) || weights_from_memory(c) || (c.kind == CmdMatmul && c.row_max != 0);
}
bool to_residual(const cmd_t& c) { return c.kind == CmdLoad || c.dest != DestAct; }

// The command with every field that has a function in it set to 0: what is left must be 0.
cmd_t unused_fields(cmd_t c, int act_bits) {
  const cmd_t all = c;
  const bool matmul = c.kind == CmdMatmul, load = c.kind == CmdLoad, store = c.kind == CmdStore,
             table = c.kind == CmdTable;
  c.kind = CmdEnd;
  if (matmul || load || store) c.rows = 0;
  if (matmul || store) {
    c.k_blocks = 0;
    c.prologue = ProBypass;
    c.source = {};
  }
  if (matmul || load) {
    c.n_blocks = 0;
    c.result = {};
  }
  if (is_norm(all)) {
    c.norm_identity = 0;
    if (all.norm_identity == 0) c.norm_in = 0;
  }
  if (matmul) {
    if (all.prologue == ProNorm) {
      c.back_bank = c.back_base = c.back_stride = 0;
      c.operand = {};
    }
    if (all.prologue == ProBypass && act_bits == 8) c.act_unsigned = 0;
    if (all.prologue == ProExp) c.exp_table = c.max_in = 0;
    c.weight = WeightStream;
    if (weights_from_memory(all)) c.weight_bank = c.weight_base = c.weight_stride = 0;
    c.chan_shared = 0;
    if (all.chan_shared != 0) c.shift_sel = c.mult = 0;
    c.clamp = ClampRaw;
    c.zero_point = c.row_factor = c.table_on = 0;
    if (all.table_on != 0) c.table_sel = 0;
    c.dest = DestAct;
    c.row_max = c.norm_stats = 0;
    if (all.row_max != 0) c.max_out = 0;
    if (all.norm_stats != 0) {
      c.norm_out = 0;
      c.norm = {};
    }
  }
  if (uses_keys(all)) c.keys = 0;
  if (table) {
    c.exp_load = 0;
    (all.exp_load != 0 ? c.exp_table : c.table_sel) = 0;
  }
  if (reads_stream(all)) c.stream_addr = 0;
  if (store) c.store_addr = 0;
  return c;
}

void add_region(std::vector<WordRange>& ranges, bool residual, const region_t& region,
                int64_t blocks, int64_t rows) {
  const int64_t below = std::min(region.split, blocks);
  const auto add = [&](int64_t bank, int64_t base, int64_t count) {
    if (count > 0)
      ranges.push_back(
          {residual, static_cast<int>(bank), base, base + (count - 1) * region.stride + rows - 1});
  };
  add(region.bank, region.base, below);
  add(1 - region.bank, region.base2, blocks - below);
}

bool outside(const tb::EngineParameters& engine, const std::vector<WordRange>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const WordRange& r) {
    const auto& depth = r.residual ? engine.res_depth : engine.act_depth;
    return r.last >= depth[static_cast<size_t>(r.bank)];
  });
}

bool overlap(const std::vector<WordRange>& a, const std::vector<WordRange>& b) {
  for (const WordRange& x : a)
    for (const WordRange& y : b)
      if (x.overlaps(y)) return true;
  return false;
}

bool bad_option(const tb::EngineParameters& engine, const cmd_t& c) {
  if (c.kind == CmdStore) return c.prologue != ProNorm;
  if (c.kind != CmdMatmul) return false;
  const int64_t k_lanes = c.k_blocks * engine.m, n_lanes = c.n_blocks * engine.m;
  const bool act = c.dest == DestAct;
  if (c.clamp == ClampRaw || (c.clamp == ClampS16) == act) return true;
  if (act && c.clamp == ClampS9 && engine.act_bits == 8) return true;
  const bool int8_codes = act && c.clamp == ClampS8;
  if (c.table_on != 0 && !int8_codes) return true;
  if (c.row_max != 0 && (!int8_codes || c.table_on != 0)) return true;
  if (c.row_factor != 0 && c.prologue != ProExp) return true;
  if (c.norm_stats != 0) {
    const norm_job_t& n = c.norm;
    if (act || n.columns < 1 || n.columns > kMaxColumns || n.mean_shift < 16 || n.mean_shift > 32 ||
        n.row_shift < 8 || n_lanes > kMaxColumns)
      return true;
  }
  if (c.prologue == ProNorm && c.operand.nine != 0 && engine.act_bits == 8) return true;
  const bool keys_in = c.prologue == ProExp || c.weight == WeightValues;
  const bool keys_out = c.row_max != 0 || c.weight == WeightKeys;
  if (keys_in && c.keys > k_lanes) return true;
  if (keys_out && c.keys > n_lanes) return true;
  return c.prologue == ProExp && c.keys > kMaxKeys;
}

}  // namespace

bool reads_stream(const cmd_t& c) {
  switch (c.kind) {
    case CmdLoad:
    case CmdTable:
    case CmdStore: return true;
    case CmdMatmul: return c.weight == WeightStream || c.prologue == ProNorm || c.chan_shared == 0;
    case CmdEnd: break;
  }
  return false;
}

int64_t parameter_words(const tb::EngineParameters& engine, const cmd_t& c) {
  int64_t words = 0;
  if (is_norm(c)) words += kEntryWords * c.k_blocks;
  if (c.kind != CmdMatmul) return words;
  if (c.chan_shared == 0) words += kEntryWords * c.n_blocks;
  if (c.weight == WeightStream) words += c.n_blocks * c.k_blocks * engine.m;
  return words;
}

CommandRanges command_ranges(const cmd_t& c) {
  CommandRanges r;
  const bool matmul = c.kind == CmdMatmul;
  if (matmul || c.kind == CmdStore) add_region(r.source, is_norm(c), c.source, c.k_blocks, c.rows);
  if (matmul || c.kind == CmdLoad)
    add_region(r.result, to_residual(c), c.result, c.n_blocks, c.rows);
  if (weights_from_memory(c) && c.keys > 0) {
    const int64_t blocks = c.weight == WeightKeys ? c.k_blocks : c.n_blocks;
    r.weight.push_back({false, static_cast<int>(c.weight_bank), c.weight_base,
                        c.weight_base + (blocks - 1) * c.weight_stride + c.keys - 1});
  }
  if (matmul && c.prologue == ProNorm)
    r.back.push_back({false, static_cast<int>(c.back_bank), c.back_base,
                      c.back_base + (c.k_blocks - 1) * c.back_stride + c.rows - 1});
  return r;
}

error_e check_command(const tb::EngineParameters& engine, std::span<const uint32_t> bits) {
  cmd_t c;
  words::Field kind{};
  cmd_t::each(c, [&](const words::Field& f, const auto&) {
    if (f.name == std::string_view("kind")) kind = f;
  });
  if (name(static_cast<cmd_kind_e>(tb::get_bits(bits, kind.lsb, kind.bits))).empty())
    return ErrKind;
  try {
    c = cmd_t::unpack(bits);
  } catch (const golden::InputError&) {
    return ErrReserved;
  }
  if (unused_fields(c, engine.act_bits) != cmd_t{}) return ErrReserved;
  if (c.kind == CmdEnd) return ErrNone;
  const bool matmul = c.kind == CmdMatmul, has_source = matmul || c.kind == CmdStore,
             has_result = matmul || c.kind == CmdLoad;
  if (has_source || has_result)
    if (c.rows < 1 || c.rows > (matmul ? engine.rows : engine.stat_rows)) return ErrRows;
  if ((has_source && c.k_blocks < 1) || (has_result && c.n_blocks < 1) ||
      parameter_words(engine, c) > 0xFFFFFFFFLL || (matmul && c.k_blocks * engine.m > kMaxLanes))
    return ErrBlocks;
  const CommandRanges r = command_ranges(c);
  if (outside(engine, r.source) || (has_source && c.rows > c.source.stride)) return ErrSource;
  if (outside(engine, r.result) || (has_result && c.rows > c.result.stride)) return ErrResult;
  if (outside(engine, r.weight) || (!r.weight.empty() && c.keys > c.weight_stride))
    return ErrWeight;
  if (outside(engine, r.back) || (!r.back.empty() && c.rows > c.back_stride)) return ErrBack;
  const auto rows_outside = [&](bool on, int64_t base) {
    return on && base + c.rows > engine.stat_rows;
  };
  if (rows_outside(is_norm(c) && c.norm_identity == 0, c.norm_in) ||
      rows_outside(is_exp(c), c.max_in) || rows_outside(matmul && c.row_max != 0, c.max_out) ||
      rows_outside(matmul && c.norm_stats != 0, c.norm_out))
    return ErrRowMemory;
  if ((is_exp(c) || c.exp_load != 0) && c.exp_table >= engine.exp_tables) return ErrTable;
  if (bad_option(engine, c)) return ErrOption;
  if (overlap(r.result, r.source) || overlap(r.result, r.weight) || overlap(r.result, r.back) ||
      overlap(r.back, r.weight))
    return ErrOverlap;
  const auto rows_clash = [&](bool on, int64_t from, int64_t to) {
    return on && to > from && to < from + c.rows;
  };
  if (rows_clash(is_exp(c) && c.row_max != 0, c.max_in, c.max_out) ||
      rows_clash(is_norm(c) && c.norm_identity == 0 && c.norm_stats != 0, c.norm_in, c.norm_out))
    return ErrOverlap;
  if (c.stream_addr % StreamAlign != 0 || c.store_addr % StreamAlign != 0) return ErrAlign;
  return ErrNone;
}

}  // namespace sb::test
