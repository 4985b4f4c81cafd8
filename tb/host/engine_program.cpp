// SPDX-License-Identifier: Apache-2.0
#include "tb/host/engine_program.h"

#include <fmt/format.h>

#include <algorithm>

namespace sb::tb {

using namespace sb_engine_pkg;
using namespace sb_pkg;

namespace {

std::string region_text(const region_t& r, int64_t blocks) {
  if (blocks <= r.split) return fmt::format("{}:{}+{}", r.bank, r.base, r.stride);
  if (r.split == 0) return fmt::format("{}:{}+{}", 1 - r.bank, r.base2, r.stride);
  return fmt::format("{}:{}|{}:{}@{}+{}", r.bank, r.base, 1 - r.bank, r.base2, r.split, r.stride);
}

// Block and row of a word in a region.
std::optional<std::pair<int, int>> find(const region_t& r, int rows, int blocks, int bank,
                                        int64_t address) {
  const bool first = bank == r.bank;
  const int64_t below = std::min<int64_t>(r.split, blocks);
  const int64_t count = first ? below : blocks - below;
  const int64_t offset = address - (first ? r.base : r.base2);
  if (offset < 0 || r.stride == 0 || offset / r.stride >= count || offset % r.stride >= rows)
    return {};
  return std::pair(static_cast<int>(offset / r.stride + (first ? 0 : below)),
                   static_cast<int>(offset % r.stride));
}

}  // namespace

CyclePrediction predict(const EngineParameters& engine, const cmd_t& c) {
  CyclePrediction p;
  const int64_t m = engine.m;
  switch (c.kind) {
    case CmdEnd: break;
    case CmdTable: p.stream_bytes = 2 * TableEntries; break;
    case CmdLoad: p.stream_bytes = 2 * m * c.rows * c.n_blocks; break;
    case CmdStore:
      p.issue = c.rows * c.k_blocks;
      p.stream_bytes = std::max(2 * m * c.rows * c.k_blocks, kEntryWords * m * c.k_blocks);
      break;
    case CmdMatmul: {
      const int64_t tiles = c.k_blocks * c.n_blocks;
      p.issue = c.rows * tiles;
      p.tile_load = (m + engine.chain) * tiles;
      int64_t words = c.chan_shared == 0 ? kEntryWords * c.n_blocks : 0;
      if (c.prologue == ProNorm) words += kEntryWords * c.k_blocks;
      if (c.weight == WeightStream) words += m * tiles;
      p.stream_bytes = words * m;
      break;
    }
  }
  const int64_t bus = (p.stream_bytes + engine.data_bytes - 1) / engine.data_bytes;
  p.cycles = std::max({p.issue, p.tile_load, bus});
  p.bound = p.cycles == p.issue ? "issue" : p.cycles == p.tile_load ? "tile load" : "bus";
  return p;
}

uint64_t EngineProgram::input_bytes(int pass) const {
  return static_cast<uint64_t>(passes[static_cast<size_t>(pass)].rows) * 2 *
         static_cast<uint64_t>(engine.m) * static_cast<uint64_t>(input.blocks());
}

uint64_t EngineProgram::output_bytes(int pass) const {
  return static_cast<uint64_t>(passes[static_cast<size_t>(pass)].rows) * 2 *
         static_cast<uint64_t>(engine.m) * static_cast<uint64_t>(output.blocks());
}

std::vector<uint8_t> EngineProgram::pack_input(int pass,
                                               std::span<const golden::MatrixI16> rows) const {
  const EnginePass& p = passes[static_cast<size_t>(pass)];
  std::vector<uint8_t> bytes;
  bytes.reserve(input_bytes(pass));
  for (int block = 0; block < input.blocks(); ++block)
    for (const int s : p.sequences) {
      const golden::MatrixI16& x = rows[static_cast<size_t>(s)];
      for (Eigen::Index r = 0; r < x.rows(); ++r)
        for (int lane = 0; lane < engine.m; ++lane) {
          const int column = input.column(block, lane);
          const auto value = static_cast<uint16_t>(column < 0 ? 0 : x(r, column));
          bytes.push_back(static_cast<uint8_t>(value));
          bytes.push_back(static_cast<uint8_t>(value >> 8));
        }
    }
  return bytes;
}

void EngineProgram::unpack_output(int pass, std::span<const uint8_t> bytes,
                                  std::vector<golden::MatrixI16>& results) const {
  const EnginePass& p = passes[static_cast<size_t>(pass)];
  results.resize(lengths.size());
  size_t at = 0;
  for (int block = 0; block < output.blocks(); ++block)
    for (const int s : p.sequences) {
      golden::MatrixI16& y = results[static_cast<size_t>(s)];
      if (block == 0) y.resize(lengths[static_cast<size_t>(s)], output.total);
      for (Eigen::Index r = 0; r < y.rows(); ++r)
        for (int lane = 0; lane < engine.m; ++lane, at += 2)
          if (const int column = output.column(block, lane); column >= 0)
            y(r, column) = static_cast<int16_t>(bytes[at] | bytes[at + 1] << 8);
    }
}

std::optional<TensorWord> EngineProgram::locate(uint32_t command, TensorPart::Memory where,
                                                int bank, int64_t address) const {
  for (const TensorPart& t : notes.at(command).tensors) {
    if (t.memory != where) continue;
    std::optional<std::pair<int, int>> place;
    const EnginePass& pass = passes[static_cast<size_t>(t.pass)];
    if (where == TensorPart::Memory::External) {
      const int64_t word = (address - static_cast<int64_t>(pass.output)) / (2 * engine.m);
      if (address >= static_cast<int64_t>(pass.output) && word < int64_t{t.rows} * t.blocks)
        place = std::pair(static_cast<int>(word / t.rows), static_cast<int>(word % t.rows));
    } else {
      place = find(t.region, t.rows, t.blocks, bank, address);
    }
    if (!place) continue;
    const auto [block, row] = *place;
    TensorWord w;
    w.name = t.name;
    size_t i = 0;  // sequence of the row
    while (i + 1 < pass.row0.size() && pass.row0[i + 1] <= t.row0 + row) ++i;
    w.sequence = pass.sequences[i];
    w.row = t.row0 + row - pass.row0[i];
    for (int lane = 0; lane < engine.m; ++lane)
      w.columns.push_back(t.columns.column(t.block0 + block, lane));
    return w;
  }
  return {};
}

std::string EngineProgram::line(uint32_t command) const {
  const cmd_t& c = commands.at(command);
  std::string what;
  switch (c.kind) {
    case CmdEnd: what = "end"; break;
    case CmdLoad:
      what = fmt::format("load    {} rows, {} blocks, {:#x} -> res {}", c.rows, c.n_blocks,
                         c.stream_addr, region_text(c.result, c.n_blocks));
      break;
    case CmdStore:
      what =
          fmt::format("store   {} rows, {} blocks, norm res {}, parameters {:#x} -> {:#x}", c.rows,
                      c.k_blocks, region_text(c.source, c.k_blocks), c.stream_addr, c.store_addr);
      break;
    case CmdTable:
      what = fmt::format("table   {:#x} -> {} {}", c.stream_addr, c.exp_load != 0 ? "exp" : "table",
                         c.exp_load != 0 ? c.exp_table : c.table_sel);
      break;
    case CmdMatmul: {
      what = fmt::format("matmul  {} rows, {} x {} blocks, ", c.rows, c.k_blocks, c.n_blocks);
      const std::string source = region_text(c.source, c.k_blocks);
      if (c.prologue == ProBypass)
        what += fmt::format("{} {}", c.act_unsigned != 0 ? "uact" : "act", source);
      if (c.prologue == ProExp)
        what += fmt::format("exp {} of act {}, maxima {}", c.exp_table, source, c.max_in);
      if (c.prologue == ProNorm)
        what += fmt::format("norm {} of res {} (back {}:{}+{})",
                            c.norm_identity != 0 ? std::string("1") : fmt::format("{}", c.norm_in),
                            source, c.back_bank, c.back_base, c.back_stride);
      if (c.weight == WeightStream)
        what += fmt::format(" * {:#x}", c.stream_addr);
      else
        what += fmt::format(" * {} keys of {} {}:{}+{}", c.keys, c.weight == WeightKeys ? "K" : "V",
                            c.weight_bank, c.weight_base, c.weight_stride);
      if (c.row_factor != 0) what += " / row sum";
      if (c.table_on != 0) what += fmt::format(", table {}", c.table_sel);
      what += fmt::format(" -> {}{} {}", c.dest == DestAct ? "act" : "res",
                          c.dest == DestAdd ? " +=" : "", region_text(c.result, c.n_blocks));
      if (c.row_max != 0) what += fmt::format(", maxima {}", c.max_out);
      if (c.norm_stats != 0) what += fmt::format(", sums {}", c.norm_out);
      break;
    }
  }
  const CyclePrediction p = predict(engine, c);
  return fmt::format("{:>5}  {:<34} {:>9} {:<9}  {}", command, notes.at(command).label, p.cycles,
                     p.bound, what);
}

std::string EngineProgram::listing() const {
  std::string text =
      fmt::format("{:>5}  {:<34} {:>9} {:<9}  {}\n", "#", "what", "cycles", "bound", "command");
  for (uint32_t i = 0; i < commands.size(); ++i) text += line(i) + "\n";
  return text;
}

}  // namespace sb::tb
