// SPDX-License-Identifier: Apache-2.0
#include "tb/host/engine_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "golden/base/accumulator.h"
#include "golden/base/error.h"
#include "tb/host/requant_code.h"

namespace sb::tb {

using namespace sb_engine_pkg;
using namespace sb_pkg;
using golden::InputError;

namespace {

// LayerNorm that changes nothing; its operand is half of the 16-bit code.
norm_chan_t identity(int column) {
  return column < 0 ? norm_chan_t{} : norm_chan_t{.k = 32768, .bias = 0, .gain = 16384};
}

region_t region(int bank, int64_t stride) {
  return {.bank = bank, .split = 65535, .base = 0, .base2 = 0, .stride = stride};
}

// Codes that a layer can give.
std::pair<int, int> codes(const ChainLayer& l) {
  if (!l.table) return {golden::clamp_min(l.clamp), golden::clamp_max(l.clamp)};
  const auto [low, high] = std::minmax_element(l.table->begin(), l.table->end());
  return {*low, *high};
}

ChainLayer unit_layer(int width) {
  ChainLayer l;
  l.weight = golden::MatrixI8::Identity(width, width);
  l.bias.assign(static_cast<size_t>(width), 0);
  l.requant.mult.assign(static_cast<size_t>(width), 1);
  l.requant.shift.assign(static_cast<size_t>(width), 0);
  l.clamp = golden::Clamp::S16;
  return l;
}

}  // namespace

// low, high: codes of the input.
void EngineChain::add(const ChainLayer& l, const std::string& name, int low, int high) {
  const auto outputs = static_cast<size_t>(l.weight.rows());
  if (l.weight.size() == 0) throw InputError(fmt::format("{}: no weights", name));
  if (!steps_.empty() && steps_.back().out.total != l.weight.cols())
    throw InputError(fmt::format("{}: {} inputs, the layer before has {} outputs", name,
                                 l.weight.cols(), steps_.back().out.total));
  if (l.bias.size() != outputs || l.requant.mult.size() != outputs ||
      l.requant.shift.size() != outputs)
    throw InputError(fmt::format("{}: {} biases, {} multipliers, {} shifts for {} outputs", name,
                                 l.bias.size(), l.requant.mult.size(), l.requant.shift.size(),
                                 outputs));
  if (l.zero < std::numeric_limits<int16_t>::min() || l.zero > std::numeric_limits<int16_t>::max())
    throw InputError(fmt::format("{}: zero point {} is not int16", name, l.zero));
  if (l.table && l.clamp != golden::Clamp::S8)
    throw InputError(fmt::format("{}: a table takes int8 codes", name));
  for (Eigen::Index n = 0; n < l.weight.rows(); ++n)
    if (const int64_t bound = golden::accumulator_bound(
            {l.weight.row(n).data(), static_cast<size_t>(l.weight.cols())},
            l.bias[static_cast<size_t>(n)], std::max(-low, high));
        bound > golden::kAccumulatorMax)
      throw InputError(
          fmt::format("{}: the accumulator of output {} could reach {}, more than int32 holds",
                      name, n, bound));
  const int most = std::min(65535, 65536 / engine_.m) * engine_.m;
  for (const Eigen::Index size : {l.weight.rows(), l.weight.cols()})
    if (size > most) throw InputError(fmt::format("{}: {} channels, at most {}", name, size, most));

  Step s;
  s.in = {.part = static_cast<int>(l.weight.cols()),
          .total = static_cast<int>(l.weight.cols()),
          .m = engine_.m};
  s.out = {.part = static_cast<int>(l.weight.rows()),
           .total = static_cast<int>(l.weight.rows()),
           .m = engine_.m};
  s.clamp = clamp_code(l.clamp);
  s.zero = l.zero;
  s.source_unsigned = engine_.act_bits == 8 && high > 127;
  if (l.table) {
    s.has_table = true;
    s.table = image_.open();
    image_.table([&](int i) { return (*l.table)[static_cast<size_t>(i)]; });
  }
  s.stream = image_.open();
  for (int nb = 0; nb < s.out.blocks(); ++nb) {
    image_.channels([&](int lane) -> chan_t {
      const int n = s.out.column(nb, lane);
      if (n < 0) return {};
      const auto i = static_cast<size_t>(n);
      return channel_code(l.bias[i], encode_multiplier(l.requant.mult[i], l.requant.shift[i]));
    });
    for (int kb = 0; kb < s.in.blocks(); ++kb) {
      if (steps_.empty() && nb == 0)
        image_.norm_channels([&](int lane) { return identity(s.in.column(kb, lane)); });
      image_.tile([&](int channel, int input) -> int8_t {
        const int n = s.out.column(nb, channel), k = s.in.column(kb, input);
        return n < 0 || k < 0 ? int8_t{0} : l.weight(n, k);
      });
    }
  }
  steps_.push_back(s);
}

EngineChain::EngineChain(std::vector<ChainLayer> layers, const EngineParameters& engine,
                         uint64_t base)
    : engine_(engine), image_(base, engine.m) {
  if (layers.empty()) throw InputError("a chain without layers");
  if (layers.back().clamp != golden::Clamp::S16)
    layers.push_back(unit_layer(static_cast<int>(layers.back().weight.rows())));
  int low = engine.act_bits == 9 ? -256 : -128, high = -low - 1;
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string name = fmt::format("layer.{}", i);
    add(layers[i], name, low, high);
    std::tie(low, high) = codes(layers[i]);
    if (i + 1 == layers.size()) break;
    if (layers[i].clamp == golden::Clamp::S16)
      throw InputError(fmt::format("{}: 16-bit results, which only the last layer can have", name));
    const bool fits = engine.act_bits == 9
                          ? low >= -256 && high <= 255
                          : (low >= -128 && high <= 127) || (low >= 0 && high <= 255);
    if (!fits)
      throw InputError(
          fmt::format("{}: codes {}..{}; the engine has lanes of ActBits = 8: take ActBits = 9",
                      name, low, high));
  }
  output_norm_ = image_.open();
  const Columns& out = steps_.back().out;
  for (int b = 0; b < out.blocks(); ++b)
    image_.norm_channels([&](int lane) { return identity(out.column(b, lane)); });
}

int EngineChain::rows_of_a_pass() const {
  int rows = std::min(engine_.rows, engine_.stat_rows);
  const auto limit = [&](int blocks, int depth, const char* what, const char* parameter) {
    if (blocks > depth)
      throw InputError(
          fmt::format("a row of {} needs {} words; the engine has {} = {}: take {} = {}", what,
                      blocks, parameter, depth, parameter, blocks));
    rows = std::min(rows, depth / blocks);
  };
  limit(steps_.front().in.blocks(), engine_.res_depth[0], "the input", "ResDepth0");
  limit(steps_.back().out.blocks(), engine_.res_depth[1], "the output", "ResDepth1");
  for (size_t i = 0; i < steps_.size(); ++i)
    limit(steps_[i].in.blocks(), engine_.act_depth[i % 2], "activations",
          i % 2 == 0 ? "ActDepth0" : "ActDepth1");
  return rows;
}

EngineProgram EngineChain::compile(int rows, uint64_t base) const {
  if (rows < 1) throw InputError(fmt::format("{} rows", rows));
  EngineProgram p;
  p.engine = engine_;
  p.input = steps_.front().in;
  p.output = steps_.back().out;
  p.memory = EngineImage(base, engine_.m);
  const int most = rows_of_a_pass();
  const int count = (rows + most - 1) / most;
  const auto tables = static_cast<int>(
      std::count_if(steps_.begin(), steps_.end(), [](const Step& s) { return s.has_table; }));
  p.memory.reserve(
      static_cast<uint64_t>(CmdBytes) *
      static_cast<uint64_t>(count * (2 + static_cast<int>(steps_.size()) + tables) + 1));
  for (int i = 0; i < count; ++i) {
    EnginePass pass;
    pass.sequences = {i};
    pass.row0 = {0};
    pass.rows = static_cast<int>(int64_t{rows} * (i + 1) / count - int64_t{rows} * i / count);
    pass.blocks = {{0, pass.rows}};
    p.lengths.push_back(pass.rows);
    p.passes.push_back(pass);
    p.passes.back().input = p.memory.open();
    p.memory.reserve(p.input_bytes(i));
    p.passes.back().output = p.memory.open();
    p.memory.reserve(p.output_bytes(i));
  }

  const auto add = [&](const cmd_t& c, std::string label, std::vector<TensorPart> tensors = {}) {
    p.commands.push_back(c);
    p.notes.push_back({std::move(label), std::move(tensors)});
  };
  using Memory = TensorPart::Memory;
  for (int i = 0; i < count; ++i) {
    const int r = p.passes[static_cast<size_t>(i)].rows;
    const auto tensor = [&](std::string name, Memory memory, const region_t& at, const Columns& c) {
      return TensorPart{std::move(name), memory, at, r, c.blocks(), i, 0, 0, c};
    };
    // Tables in turn, one layer ahead.
    size_t next = 0;
    int loaded = 0;
    const auto load_table = [&] {
      while (next < steps_.size() && !steps_[next].has_table) ++next;
      if (next == steps_.size()) return;
      cmd_t c{.kind = CmdTable, .table_sel = loaded++ % 2};
      c.stream_addr = static_cast<int64_t>(steps_[next].table);
      add(c, fmt::format("layer.{} table", next++));
    };
    load_table();
    cmd_t load{.kind = CmdLoad, .rows = r, .n_blocks = p.input.blocks()};
    load.result = region(0, r);
    load.stream_addr = static_cast<int64_t>(p.passes[static_cast<size_t>(i)].input);
    add(load, fmt::format("input of pass {}", i),
        {tensor("input", Memory::Residual, load.result, p.input)});
    int used = 0;
    for (size_t l = 0; l < steps_.size(); ++l) {
      const Step& s = steps_[l];
      const bool last = l + 1 == steps_.size();
      cmd_t c{.kind = CmdMatmul, .rows = r, .k_blocks = s.in.blocks(), .n_blocks = s.out.blocks()};
      std::vector<TensorPart> tensors;
      const int bank = static_cast<int>(l % 2);
      c.source = region(bank, r);
      if (l == 0) {
        tensors.push_back(tensor("input", Memory::Residual, c.source, s.in));
        tensors.push_back(tensor("operand", Memory::Activation, c.source, s.in));
        c.prologue = ProNorm;
        c.back_stride = r;
        c.norm_identity = 1;
        c.operand.nine = engine_.act_bits == 9;
      } else {
        c.act_unsigned = s.source_unsigned;
      }
      c.clamp = s.clamp;
      c.zero_point = s.zero;
      if (s.has_table) {
        load_table();  // the one after: its slot has been free since the layer before
        c.table_on = 1;
        c.table_sel = used++ % 2;
      }
      c.dest = last ? DestResidual : DestAct;
      c.result = region(last ? 1 : 1 - bank, r);
      c.stream_addr = static_cast<int64_t>(s.stream);
      tensors.push_back(tensor(fmt::format("layer.{}", l),
                               last ? Memory::Residual : Memory::Activation, c.result, s.out));
      add(c, fmt::format("layer.{}", l), std::move(tensors));
    }
    cmd_t store{.kind = CmdStore, .rows = r, .k_blocks = p.output.blocks(), .prologue = ProNorm};
    store.source = region(1, r);
    store.norm_identity = 1;
    store.stream_addr = static_cast<int64_t>(output_norm_);
    store.store_addr = static_cast<int64_t>(p.passes[static_cast<size_t>(i)].output);
    add(store, fmt::format("output of pass {}", i),
        {tensor(fmt::format("layer.{}", steps_.size() - 1), Memory::External, {}, p.output)});
  }
  add({.kind = CmdEnd}, "end");
  EngineImage image(base, engine_.m);
  for (const cmd_t& c : p.commands) image.words(c.pack());
  image.reserve(p.memory.end() - image.end());
  p.memory = std::move(image);
  return p;
}

std::vector<golden::MatrixI16> EngineChain::inputs(const EngineProgram& program,
                                                   const golden::MatrixI16& x) const {
  if (x.cols() != steps_.front().in.total)
    throw InputError(fmt::format("input of {} columns, the first layer has {}", x.cols(),
                                 steps_.front().in.total));
  const int limit = engine_.act_bits == 9 ? 256 : 128;
  for (Eigen::Index i = 0; i < x.size(); ++i)
    if (const int code = x.data()[i]; code < -limit || code >= limit)
      throw InputError(fmt::format(
          "input code {} is not in {}..{}{}", code, -limit, limit - 1,
          limit == 128 ? ": take ActBits = 9, or fold a zero point of 128 into the biases" : ""));
  std::vector<golden::MatrixI16> parts;
  Eigen::Index row = 0;
  for (const int length : program.lengths) {
    parts.push_back(x.middleRows(row, length) * int16_t{2});
    row += length;
  }
  return parts;
}

golden::MatrixI16 EngineChain::join(std::span<const golden::MatrixI16> outputs) {
  Eigen::Index rows = 0;
  for (const auto& y : outputs) rows += y.rows();
  golden::MatrixI16 all(rows, outputs.empty() ? 0 : outputs[0].cols());
  rows = 0;
  for (const auto& y : outputs) {
    all.middleRows(rows, y.rows()) = y;
    rows += y.rows();
  }
  return all;
}

}  // namespace sb::tb
