// SPDX-License-Identifier: Apache-2.0
#include "tb/host/engine_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "golden/base/error.h"
#include "tb/host/norm_code.h"
#include "tb/host/requant_code.h"

namespace sb::tb {

using namespace sb_engine_pkg;
using namespace sb_pkg;
using golden::InputError;
using golden::IntLinear;
using golden::IntNorm;

namespace {

constexpr int kMaxHidden = 4096;  // LayerNorm, numerics.md section 8
constexpr int kMaxKeys = 2048;    // row factor, section 3

// LayerNorm that changes nothing, with the operand of the quantized embeddings.
IntNorm identity_norm(const golden::OperandParams& operand) {
  IntNorm norm;
  norm.norm.gain.assign(operand.k.size(), 16384);
  norm.norm.bias.assign(operand.k.size(), 0);
  norm.operand = operand;
  return norm;
}

[[noreturn]] void refuse(const std::string& what, const std::string& has, const std::string& lift) {
  throw InputError(fmt::format("{}; the engine has {}: {}", what, has, lift));
}

// What LayerNorm is told of a column; -1: padding.
norm_chan_t norm_entry(const IntNorm& n, int column) {
  if (column < 0) return {};
  return norm_channel(n.norm, n.operand, static_cast<size_t>(column));
}

region_t region(int bank, int64_t base, int64_t stride) {
  return {.bank = bank, .split = 65535, .base = base, .base2 = 0, .stride = stride};
}

}  // namespace

void EngineEncoder::check_linear(const IntLinear& l, int inputs, int outputs, int max_code,
                                 const std::string& what) const {
  if (l.weight.rows() != outputs || l.weight.cols() != inputs ||
      l.bias.size() != static_cast<size_t>(outputs) ||
      l.requant.mult.size() != static_cast<size_t>(outputs) ||
      l.requant.shift.size() != static_cast<size_t>(outputs))
    throw InputError(
        fmt::format("{}: {} x {} weights, {} biases, {} multipliers, {} shifts; must be {} x {}",
                    what, l.weight.rows(), l.weight.cols(), l.bias.size(), l.requant.mult.size(),
                    l.requant.shift.size(), outputs, inputs));
  golden::check_accumulator(l, max_code, what);
}

operand_t EngineEncoder::operand(const golden::OperandParams& p, const std::string& what) const {
  if (p.bits > engine_.act_bits)
    refuse(fmt::format("{} has {} bits", what, p.bits),
           fmt::format("lanes of ActBits = {}", engine_.act_bits), "take ActBits = 9");
  return operand_code(p);
}

uint64_t EngineEncoder::linear(const IntLinear& l, const Columns& in, const Columns& out,
                               const IntNorm* norm) {
  const uint64_t address = image_.open();
  for (int nb = 0; nb < out.blocks(); ++nb) {
    image_.channels([&](int lane) -> chan_t {
      const int n = out.column(nb, lane);
      if (n < 0) return {};
      const auto i = static_cast<size_t>(n);
      return channel_code(l.bias[i], encode_multiplier(l.requant.mult[i], l.requant.shift[i]));
    });
    for (int kb = 0; kb < in.blocks(); ++kb) {
      if (nb == 0 && norm != nullptr)
        image_.norm_channels([&](int lane) { return norm_entry(*norm, in.column(kb, lane)); });
      image_.tile([&](int channel, int input) -> int8_t {
        const int n = out.column(nb, channel), k = in.column(kb, input);
        return n < 0 || k < 0 ? int8_t{0} : l.weight(n, k);
      });
    }
  }
  weight_bytes_ += static_cast<uint64_t>(l.weight.size());
  return address;
}

EngineEncoder::EngineEncoder(int layers, int hidden, int heads, const EngineParameters& engine,
                             uint64_t base)
    : engine_(engine), image_(base, engine.m), head_count_(heads) {
  if (layers < 1 || hidden < 1 || heads < 1 || hidden % heads != 0)
    throw InputError(fmt::format("encoder of {} layers, {} wide, {} heads", layers, hidden, heads));
  if (hidden > kMaxHidden)
    throw InputError(
        fmt::format("hidden size {}: LayerNorm takes at most {} columns", hidden, kMaxHidden));
  hidden_ = {.part = hidden, .total = hidden, .m = engine.m};
  const int head = hidden / heads, shares = std::max(1, engine.m / head);
  heads_ = {.part = head, .total = hidden, .m = engine.m, .shares = shares};
  shared_heads_ = {.part = shares * head, .total = hidden, .m = engine.m};
}

void EngineEncoder::check_ffn(int layer, int neurons) const {
  if (blocks(neurons) > 65536 / engine_.m)
    throw InputError(fmt::format("layer.{}: FFN of {} neurons, at most {} blocks of M", layer,
                                 neurons, 65536 / engine_.m));
}

EngineEncoder::EngineEncoder(const golden::IntBert& model, const EngineParameters& engine,
                             uint64_t base)
    : EngineEncoder(static_cast<int>(model.layers.size()), model.config.hidden, model.config.heads,
                    engine, base) {
  const int hidden = model.config.hidden, heads = model.config.heads, m = engine.m;
  IntNorm input = identity_norm(model.input_operand);
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const golden::IntLayer& l = model.layers[i];
    const std::string name = fmt::format("layer.{}", i);
    const bool last = i + 1 == model.layers.size();
    if (l.heads.size() != static_cast<size_t>(heads) ||
        l.context.mult.size() != static_cast<size_t>(hidden) ||
        l.context.shift.size() != static_cast<size_t>(hidden))
      throw InputError(fmt::format("{}: {} heads, {} context multipliers", name, l.heads.size(),
                                   l.context.mult.size()));
    for (const IntNorm* n : {&l.attention_norm, &l.output_norm})
      if (n->norm.gain.size() != static_cast<size_t>(hidden) ||
          n->norm.bias.size() != static_cast<size_t>(hidden) ||
          (n->operand.k.size() != static_cast<size_t>(hidden) && !(last && n == &l.output_norm)))
        throw InputError(fmt::format("{}: a LayerNorm of {} columns", name, n->norm.gain.size()));
    Layer layer;
    layer.ffn = static_cast<int>(l.intermediate.weight.rows());
    check_ffn(static_cast<int>(i), layer.ffn);
    const auto [low, high] = std::minmax_element(l.gelu.begin(), l.gelu.end());
    layer.gelu_unsigned = engine.act_bits == 8 && *high > 127;
    if (engine.act_bits == 8 && !((*low >= -128 && *high <= 127) || (*low >= 0 && *high <= 255)))
      refuse(fmt::format("{}: GELU codes are {}..{}", name, *low, *high), "lanes of ActBits = 8",
             "take ActBits = 9");
    const IntNorm& before = i == 0 ? input : model.layers[i - 1].output_norm;
    const int operand_max = 1 << (before.operand.bits - 1);
    const int h_max = 1 << (l.attention_norm.operand.bits - 1);
    check_linear(l.query, hidden, hidden, operand_max, name + ".attention.q");
    check_linear(l.key, hidden, hidden, operand_max, name + ".attention.k");
    check_linear(l.value, hidden, hidden, operand_max, name + ".attention.v");
    check_linear(l.attention_output, hidden, hidden, 128, name + ".attention.dense");
    check_linear(l.intermediate, hidden, layer.ffn, h_max, name + ".ffn1");
    check_linear(l.output, layer.ffn, hidden, std::max(-*low, int{*high}), name + ".ffn2");
    for (const auto& [linear, zero, clamp, what] :
         {std::tuple{&l.query, 0, golden::Clamp::S8, "attention.q"},
          {&l.key, 0, golden::Clamp::S8, "attention.k"},
          {&l.value, 0, golden::Clamp::S8, "attention.v"},
          {&l.attention_output, 0, golden::Clamp::S16, "attention.dense"},
          {&l.intermediate, l.intermediate.zero, golden::Clamp::S8, "ffn1"},
          {&l.output, 0, golden::Clamp::S16, "ffn2"}})
      if (linear->clamp != clamp || linear->zero != zero)
        throw InputError(
            fmt::format("{}.{}: clamp {} or zero point {} is not what the engine's program has",
                        name, what, static_cast<int>(linear->clamp), linear->zero));

    const Columns ffn{.part = layer.ffn, .total = layer.ffn, .m = m};
    layer.key = linear(l.key, hidden_, shared_heads_, &before);
    layer.query = linear(l.query, hidden_, heads_, nullptr);
    layer.value = linear(l.value, hidden_, shared_heads_, nullptr);
    layer.input_operand = operand(before.operand, name + ".attention.input");
    for (int h = 0; h < heads; ++h) {
      const golden::IntHead& in = l.heads[static_cast<size_t>(h)];
      Head head;
      head.score = encode_multiplier(in.mult, in.shift);
      head.table = image_.open();
      image_.table([&](int k) { return in.table[static_cast<size_t>(k)]; });
      head.context = image_.open();
      for (int b = 0; b < head_blocks(); ++b)
        image_.channels([&](int lane) -> chan_t {
          const int n = heads_.column(h * head_blocks() + b, lane);
          if (n < 0) return {};
          const auto k = static_cast<size_t>(n);
          return channel_code(0, encode_multiplier(l.context.mult[k], l.context.shift[k]));
        });
      layer.heads.push_back(head);
    }
    layer.dense = linear(l.attention_output, heads_, hidden_, nullptr);
    layer.attention_norm = norm_job(l.attention_norm.norm);
    layer.ffn1 = linear(l.intermediate, hidden_, ffn, &l.attention_norm);
    layer.ffn1_zero = l.intermediate.zero;
    layer.ffn_operand = operand(l.attention_norm.operand, name + ".ffn1.input");
    layer.gelu = image_.open();
    image_.table([&](int k) { return l.gelu[static_cast<size_t>(k)]; });
    layer.ffn2 = linear(l.output, ffn, hidden_, nullptr);
    layer.output_norm = norm_job(l.output_norm.norm);
    layers_.push_back(layer);
  }
  output_norm_ = image_.open();
  IntNorm last = model.layers.back().output_norm;
  last.operand.k.assign(static_cast<size_t>(hidden), 0);
  for (int b = 0; b < hidden_.blocks(); ++b)
    image_.norm_channels([&](int lane) { return norm_entry(last, hidden_.column(b, lane)); });
  if (image_.end() >> 40 != 0) throw InputError("the parameters do not fit 40 address bits");
}

/// Where a pass keeps its matrices; see EngineEncoder.
struct PassPlan {
  int rows = 0, block_rows = 0;                // R, P
  int64_t q = 0, scores = 0, slot = 0, v = 0;  // word addresses; words of a slot of scores
  int slots = 2;                               // heads whose scores are kept
  int maxima = 0;                              // rows between the maxima of the slots
  std::vector<int64_t> ffn_lower;              // FFN blocks in bank 1, per layer
  std::array<int64_t, 2> residual{};           // words in each bank
};

/// Plans passes and emits their commands.
class PassCompiler {
 public:
  PassCompiler(const EngineEncoder& encoder, std::span<const int> lengths, uint64_t base)
      : e_(encoder), engine_(encoder.engine_) {
    program_.engine = engine_;
    program_.lengths.assign(lengths.begin(), lengths.end());
    program_.input = program_.output = e_.hidden_;
    program_.memory = EngineImage(base, engine_.m);
  }

  void check() { make_passes(); }

  EngineProgram compile() {
    make_passes();
    // Input and output follow the list of commands, whose length shows only when it is made.
    lay_out(1);
    emit();
    lay_out(program_.commands.size());
    program_.commands.clear();
    program_.notes.clear();
    emit();
    finish();
    return std::move(program_);
  }

 private:
  struct Item {  // rows of a sequence in one row block, for attention
    int row0, rows, key0, keys;
  };

  std::vector<Item> items(const EnginePass& p) const {
    std::vector<Item> out;
    for (size_t i = 0; i < p.sequences.size(); ++i) {
      const int length = program_.lengths[static_cast<size_t>(p.sequences[i])];
      for (const auto& [first, rows] : p.blocks) {
        const int low = std::max(first, p.row0[i]);
        const int high = std::min(first + rows, p.row0[i] + length);
        if (low < high) out.push_back({low, high - low, p.row0[i], length});
      }
    }
    return out;
  }
  int64_t score_words(const Item& i) const { return int64_t{i.rows} * e_.blocks(i.keys); }

  // The plan of a pass; a sentence why there is none.
  std::optional<PassPlan> plan(const EnginePass& p, std::string* why) const {
    PassPlan plan;
    const auto no = [&](const std::string& what, const std::string& has, const std::string& lift) {
      if (why != nullptr) *why = fmt::format("{}; the engine has {}: {}", what, has, lift);
      return std::optional<PassPlan>{};
    };
    const int64_t r = p.rows, d = e_.hidden_.blocks(), a = e_.heads_.blocks();
    const int64_t b = e_.shared_heads_.blocks();
    plan.rows = p.rows;
    for (const auto& block : p.blocks) plan.block_rows = std::max(plan.block_rows, block.second);
    if (plan.rows > engine_.stat_rows)
      return no(fmt::format("{} rows at a time need as many row constants", plan.rows),
                fmt::format("StatRows = {}", engine_.stat_rows),
                fmt::format("take StatRows = {}", plan.rows));
    // Residual.
    const int64_t lower = (d + 1) / 2;
    plan.residual = {lower * r, (d - lower) * r};
    for (size_t i = 0; i < 2; ++i)
      if (plan.residual[i] > engine_.res_depth[i])
        return no(fmt::format("{} rows of hidden size {} need {} words of residual bank {}", r,
                              e_.hidden_.total, plan.residual[i], i),
                  fmt::format("ResDepth{} = {}", i, engine_.res_depth[i]),
                  fmt::format("take ResDepth{} = {}", i, plan.residual[i]));
    // Activations of attention.
    int item_rows = 0;
    for (const Item& i : items(p)) {
      plan.slot = std::max(plan.slot, score_words(i));
      item_rows = std::max(item_rows, i.rows);
    }
    plan.q = d * r;
    plan.scores = plan.q + a * r;
    plan.v = b * r;
    const int64_t one = plan.scores + plan.slot;
    if (one > engine_.act_depth[0])
      return no(fmt::format("{} rows need {} words of activation bank 0 for attention", r, one),
                fmt::format("ActDepth0 = {}", engine_.act_depth[0]),
                fmt::format("take ActDepth0 = {}", one));
    if (2 * b * r > engine_.act_depth[1])
      return no(fmt::format("{} rows need {} words of activation bank 1 for K and V", r, 2 * b * r),
                fmt::format("ActDepth1 = {}", engine_.act_depth[1]),
                fmt::format("take ActDepth1 = {}", 2 * b * r));
    plan.slots =
        one + plan.slot <= engine_.act_depth[0] && 2 * item_rows <= engine_.stat_rows ? 2 : 1;
    plan.maxima = item_rows;
    // FFN: lower blocks over k and v, the rest over q and scores.
    const int64_t rows = plan.block_rows;
    for (const auto& layer : e_.layers_) {
      const int64_t f = e_.blocks(layer.ffn);
      const int64_t below = std::min<int64_t>(f, engine_.act_depth[1] / rows);
      const int64_t above = (engine_.act_depth[0] - plan.q) / rows;
      if (f - below > above)
        return no(fmt::format("{} rows of {} FFN neurons need {} words of activation memory beside "
                              "the hidden state",
                              rows, layer.ffn, f * rows),
                  fmt::format("{} in ActDepth0 and {} in ActDepth1", above * rows, below * rows),
                  fmt::format("take ActDepth1 = {}", (f - above) * rows));
      plan.ffn_lower.push_back(below);
    }
    return plan;
  }

  // A pass of whole sequences in one row block.
  EnginePass one_block(const std::vector<int>& sequences) const {
    EnginePass p;
    for (const int s : sequences) {
      p.sequences.push_back(s);
      p.row0.push_back(p.rows);
      p.rows += program_.lengths[static_cast<size_t>(s)];
    }
    p.blocks = {{0, p.rows}};
    return p;
  }
  bool fits(const std::vector<int>& sequences) const {
    const EnginePass p = one_block(sequences);
    return p.rows <= engine_.rows && plan(p, nullptr).has_value();
  }

  // A sequence of its own, in the fewest row blocks that the memories hold.
  EnginePass long_sequence(int s) const {
    EnginePass p = one_block({s});
    std::string why;
    for (int count = (p.rows + engine_.rows - 1) / engine_.rows; count <= p.rows; ++count) {
      p.blocks.clear();
      for (int b = 0; b < count; ++b) {
        const int first = static_cast<int>(int64_t{p.rows} * b / count);
        p.blocks.emplace_back(first, static_cast<int>(int64_t{p.rows} * (b + 1) / count) - first);
      }
      if (plan(p, &why)) return p;
    }
    throw InputError(fmt::format("sequence {} of {} tokens: {}", s, p.rows, why));
  }

  void make_passes() {
    if (program_.lengths.empty()) throw InputError("a batch without sequences");
    std::vector<int> order;
    for (size_t s = 0; s < program_.lengths.size(); ++s) {
      const int length = program_.lengths[s];
      if (length < 1) throw InputError(fmt::format("sequence {} has {} tokens", s, length));
      if (length > kMaxKeys)
        throw InputError(fmt::format(
            "sequence {} of {} tokens: the row factor takes at most {} keys", s, length, kMaxKeys));
      if (fits({static_cast<int>(s)}))
        order.push_back(static_cast<int>(s));
      else
        program_.passes.push_back(long_sequence(static_cast<int>(s)));
    }
    // The longest first, each to the pass with the fewest rows: passes of nearly equal rows. As few
    // passes as the rows allow, more if they do not come out.
    std::stable_sort(order.begin(), order.end(), [&](int x, int y) {
      return program_.lengths[static_cast<size_t>(x)] > program_.lengths[static_cast<size_t>(y)];
    });
    int rows = 0;
    for (const int s : order) rows += program_.lengths[static_cast<size_t>(s)];
    for (size_t count = static_cast<size_t>((rows + engine_.rows - 1) / engine_.rows);
         !order.empty(); ++count) {
      std::vector<std::vector<int>> bins(count);
      std::vector<int> filled(count, 0);
      for (const int s : order) {
        const auto b =
            static_cast<size_t>(std::min_element(filled.begin(), filled.end()) - filled.begin());
        bins[b].push_back(s);
        filled[b] += program_.lengths[static_cast<size_t>(s)];
      }
      if (!std::all_of(bins.begin(), bins.end(), [&](const auto& bin) { return fits(bin); }))
        continue;
      for (auto& bin : bins) {
        std::sort(bin.begin(), bin.end());
        program_.passes.push_back(one_block(bin));
      }
      break;
    }
    for (const EnginePass& p : program_.passes) plans_.push_back(*plan(p, nullptr));
    // Room for two passes in the residual banks?
    std::array<int64_t, 2> most{};
    for (const PassPlan& p : plans_)
      for (size_t b = 0; b < 2; ++b) most[b] = std::max(most[b], p.residual[b]);
    twice_ = plans_.size() > 1 && 2 * most[0] <= engine_.res_depth[0] &&
             2 * most[1] <= engine_.res_depth[1];
    residual_step_ = twice_ ? most : std::array<int64_t, 2>{};
  }

  void lay_out(size_t commands) {
    program_.memory = EngineImage(program_.memory.base(), engine_.m);
    program_.memory.reserve(commands * static_cast<size_t>(CmdBytes));
    for (size_t p = 0; p < program_.passes.size(); ++p) {
      program_.passes[p].input = program_.memory.open();
      program_.memory.reserve(program_.input_bytes(static_cast<int>(p)));
      program_.passes[p].output = program_.memory.open();
      program_.memory.reserve(program_.output_bytes(static_cast<int>(p)));
    }
    if (program_.memory.end() >> 40 != 0)
      throw InputError("commands, inputs and outputs do not fit 40 address bits");
  }
  void finish() {
    EngineImage image(program_.memory.base(), engine_.m);
    for (const cmd_t& c : program_.commands) image.words(c.pack());
    image.reserve(program_.memory.end() - image.end());
    program_.memory = std::move(image);
  }

  // ---- commands
  using Memory = TensorPart::Memory;
  void add(const cmd_t& c, std::string label, std::vector<TensorPart> tensors = {}) {
    program_.commands.push_back(c);
    program_.notes.push_back({std::move(label), std::move(tensors)});
  }
  TensorPart tensor(std::string name, Memory memory, const region_t& region, int rows, int blocks,
                    int row0, const Columns& columns, int block0 = 0) const {
    return {std::move(name), memory, region, rows, blocks, pass_, row0, block0, columns};
  }
  const EnginePass& pass() const { return program_.passes[static_cast<size_t>(pass_)]; }
  const PassPlan& plan() const { return plans_[static_cast<size_t>(pass_)]; }
  region_t residual(int pass, int row0) const {
    const int64_t slot = twice_ ? pass % 2 : 0;
    return {.bank = 0,
            .split = (e_.hidden_.blocks() + 1) / 2,
            .base = slot * residual_step_[0] + row0,
            .base2 = slot * residual_step_[1] + row0,
            .stride = plans_[static_cast<size_t>(pass)].rows};
  }

  void emit() {
    loaded_heads_ = 0;
    const int passes = static_cast<int>(program_.passes.size());
    for (pass_ = 0; pass_ < passes; ++pass_) {
      if (pass_ == 0 || !twice_) load(pass_);
      if (pass_ == 0) {
        exp_tables(0, 0);
        gelu_table(0);
      }
      for (int l = 0; l < layer_count(); ++l) layer(l);
      store();
    }
    add({.kind = CmdEnd}, "end");
  }
  int layer_count() const { return static_cast<int>(e_.layers_.size()); }

  void load(int pass) {
    const EnginePass& p = program_.passes[static_cast<size_t>(pass)];
    cmd_t c{.kind = CmdLoad, .rows = p.rows, .n_blocks = e_.hidden_.blocks()};
    c.result = residual(pass, 0);
    c.stream_addr = static_cast<int64_t>(p.input);
    const int current = std::exchange(pass_, pass);
    add(c, fmt::format("input of pass {}", pass),
        {tensor("input", Memory::Residual, c.result, p.rows, e_.hidden_.blocks(), 0, e_.hidden_)});
    pass_ = current;
  }

  void store() {
    cmd_t c{.kind = CmdStore,
            .rows = pass().rows,
            .k_blocks = e_.hidden_.blocks(),
            .prologue = ProNorm};
    c.source = residual(pass_, 0);
    c.stream_addr = static_cast<int64_t>(e_.output_norm_);
    c.store_addr = static_cast<int64_t>(pass().output);
    add(c, fmt::format("output of pass {}", pass_),
        {tensor(fmt::format("layer.{}.x", layer_count() - 1), Memory::External, {}, pass().rows,
                e_.hidden_.blocks(), 0, e_.hidden_)});
  }

  // Tables of heads are numbered through layers and passes; number n goes to slot n % ExpTables as
  // soon as the head that had the slot before, n - ExpTables, is done.
  int64_t head_number(int l, int head) const {
    return (int64_t{pass_} * layer_count() + l) * e_.head_count_ + head;
  }
  int64_t exp_slot(int l, int head) const { return head_number(l, head) % engine_.exp_tables; }
  // All that may be loaded when the heads below `head` of layer l are done, up to the end of the
  // next layer.
  void exp_tables(int l, int head) {
    const int64_t total =
        static_cast<int64_t>(program_.passes.size()) * layer_count() * e_.head_count_;
    const int64_t done = head_number(l, head);
    const int64_t next_layer = (done / e_.head_count_ + 1) * e_.head_count_;
    for (const int64_t end = std::min({total, done + engine_.exp_tables, next_layer});
         loaded_heads_ < end; ++loaded_heads_) {
      const auto in_layer = static_cast<size_t>(loaded_heads_ / e_.head_count_ % layer_count());
      const auto number = static_cast<size_t>(loaded_heads_ % e_.head_count_);
      cmd_t c{.kind = CmdTable, .exp_table = loaded_heads_ % engine_.exp_tables, .exp_load = 1};
      c.stream_addr = static_cast<int64_t>(e_.layers_[in_layer].heads[number].table);
      add(c, fmt::format("layer.{} exp of head {}", in_layer, number));
    }
  }
  void gelu_table(int64_t number) {  // layer, counted through the passes
    const auto in_layer = static_cast<size_t>(number % layer_count());
    cmd_t c{.kind = CmdTable, .table_sel = number % 2};
    c.stream_addr = static_cast<int64_t>(e_.layers_[in_layer].gelu);
    add(c, fmt::format("layer.{} gelu", in_layer));
  }

  std::string rows_text(int row0, int rows) const {
    return plan().rows == rows ? "" : fmt::format(" rows {}..{}", row0, row0 + rows - 1);
  }

  // q, k or v: bypass of x, or (operand given) x from the residual through LayerNorm.
  void projection(int l, const char* name, uint64_t stream, const region_t& to,
                  const Columns& columns, int row0, int rows, const operand_t* operand) {
    const EngineEncoder::Layer& layer = e_.layers_[static_cast<size_t>(l)];
    const std::string full = fmt::format("layer.{}.attention.{}", l, name);
    cmd_t c{.kind = CmdMatmul,
            .rows = rows,
            .k_blocks = e_.hidden_.blocks(),
            .n_blocks = columns.blocks()};
    std::vector<TensorPart> tensors;
    c.source = region(0, row0, plan().rows);
    if (operand != nullptr) {
      tensors.push_back(tensor(fmt::format("layer.{}.attention.input", l), Memory::Activation,
                               c.source, rows, e_.hidden_.blocks(), row0, e_.hidden_));
      norm_source(c, row0, layer.input_operand);
      c.norm_identity = l == 0;
      if (l == 0) c.norm_in = 0;
      tensors.push_back(tensor(l == 0 ? "input" : fmt::format("layer.{}.x", l - 1),
                               Memory::Residual, c.source, rows, e_.hidden_.blocks(), row0,
                               e_.hidden_));
    }
    c.clamp = ClampS8;
    c.result = to;
    c.stream_addr = static_cast<int64_t>(stream);
    tensors.push_back(tensor(full, Memory::Activation, to, rows, columns.blocks(), row0, columns));
    add(c, full + rows_text(row0, rows), std::move(tensors));
  }
  void norm_source(cmd_t& c, int row0, const operand_t& operand) {
    c.prologue = ProNorm;
    c.source = residual(pass_, row0);
    c.back_bank = 0;
    c.back_base = row0;
    c.back_stride = plan().rows;
    c.norm_in = row0;
    c.operand = operand;
  }

  void scores(int l, int head, const Item& i, int slot) {
    const EngineEncoder::Head& h =
        e_.layers_[static_cast<size_t>(l)].heads[static_cast<size_t>(head)];
    const int head_blocks = e_.head_blocks();
    const int64_t first = int64_t{head} * head_blocks * plan().rows;
    const int64_t shared = int64_t{e_.shared_block(head)} * plan().rows;
    cmd_t c{
        .kind = CmdMatmul, .rows = i.rows, .k_blocks = head_blocks, .n_blocks = e_.blocks(i.keys)};
    c.source = region(0, plan().q + first + i.row0, plan().rows);
    c.keys = i.keys;
    c.weight = WeightKeys;
    c.weight_bank = 1;
    c.weight_base = shared + i.key0;
    c.weight_stride = plan().rows;
    c.chan_shared = 1;
    c.mult = h.score.mult;
    c.shift_sel = h.score.select;
    c.clamp = ClampS8;
    c.result = region(0, plan().scores + slot * plan().slot, i.rows);
    c.row_max = 1;
    c.max_out = int64_t{slot} * plan().maxima;
    const std::string name = fmt::format("layer.{}.attention.scores.{}", l, head);
    add(c, name + rows_text(i.row0, i.rows),
        {tensor(name, Memory::Activation, c.result, i.rows, e_.blocks(i.keys), i.row0,
                {.part = i.keys, .total = i.keys, .m = engine_.m})});
  }

  void context(int l, int head, const Item& i, int slot) {
    const EngineEncoder::Head& h =
        e_.layers_[static_cast<size_t>(l)].heads[static_cast<size_t>(head)];
    const int head_blocks = e_.head_blocks();
    const int64_t first = int64_t{head} * head_blocks * plan().rows;
    const int64_t shared = int64_t{e_.shared_block(head)} * plan().rows;
    cmd_t c{.kind = CmdMatmul,
            .rows = i.rows,
            .k_blocks = e_.blocks(i.keys),
            .n_blocks = head_blocks,
            .prologue = ProExp};
    c.source = region(0, plan().scores + slot * plan().slot, i.rows);
    c.exp_table = exp_slot(l, head);
    c.max_in = int64_t{slot} * plan().maxima;
    c.keys = i.keys;
    c.weight = WeightValues;
    c.weight_bank = 1;
    c.weight_base = plan().v + shared + i.key0;
    c.weight_stride = plan().rows;
    c.clamp = ClampS8;
    c.row_factor = 1;
    c.result = region(0, plan().q + first + i.row0, plan().rows);
    c.stream_addr = static_cast<int64_t>(h.context);
    add(c, fmt::format("layer.{}.attention.context.{}", l, head) + rows_text(i.row0, i.rows),
        {tensor(fmt::format("layer.{}.attention.context", l), Memory::Activation, c.result, i.rows,
                head_blocks, i.row0, e_.heads_, head * head_blocks)});
  }

  void attention(int l) {
    const std::vector<Item> all = items(pass());
    const int count = e_.head_count_ * static_cast<int>(all.size());
    const auto head_of = [&](int n) { return n / static_cast<int>(all.size()); };
    const auto item_of = [&](int n) -> const Item& {
      return all[static_cast<size_t>(n) % all.size()];
    };
    const int ahead = plan().slots - 1;
    for (int n = 0; n < ahead; ++n) scores(l, head_of(n), item_of(n), n);
    for (int n = 0; n < count; ++n) {
      if (n + ahead < count)
        scores(l, head_of(n + ahead), item_of(n + ahead), (n + ahead) % plan().slots);
      exp_tables(l, head_of(n));
      context(l, head_of(n), item_of(n), n % plan().slots);
    }
  }

  // Into the residual, with the row constants of the LayerNorm that follows.
  cmd_t residual_product(int row0, int rows, int k_blocks, uint64_t stream,
                         const norm_job_t& norm) const {
    cmd_t c{.kind = CmdMatmul, .rows = rows, .k_blocks = k_blocks, .n_blocks = e_.hidden_.blocks()};
    c.clamp = ClampS16;
    c.dest = DestAdd;
    c.result = residual(pass_, row0);
    c.norm_stats = 1;
    c.norm_out = row0;
    c.norm = norm;
    c.stream_addr = static_cast<int64_t>(stream);
    return c;
  }

  void layer(int l) {
    const EngineEncoder::Layer& layer = e_.layers_[static_cast<size_t>(l)];
    const PassPlan& p = plan();
    for (const auto& [row0, rows] : pass().blocks)
      projection(l, "k", layer.key, region(1, row0, p.rows), e_.shared_heads_, row0, rows,
                 &layer.input_operand);
    for (const auto& [row0, rows] : pass().blocks)
      projection(l, "q", layer.query, region(0, p.q + row0, p.rows), e_.heads_, row0, rows,
                 nullptr);
    for (const auto& [row0, rows] : pass().blocks)
      projection(l, "v", layer.value, region(1, p.v + row0, p.rows), e_.shared_heads_, row0, rows,
                 nullptr);
    attention(l);
    for (const auto& [row0, rows] : pass().blocks) {
      cmd_t c = residual_product(row0, rows, e_.heads_.blocks(), layer.dense, layer.attention_norm);
      c.source = region(0, p.q + row0, p.rows);
      add(c, fmt::format("layer.{}.attention.dense", l) + rows_text(row0, rows),
          {tensor(fmt::format("layer.{}.attention.sum", l), Memory::Residual, c.result, rows,
                  e_.hidden_.blocks(), row0, e_.hidden_)});
    }
    // What the next layer, or the next pass, needs.
    const int64_t number = int64_t{pass_} * layer_count() + l;
    exp_tables(l + 1, 0);
    if (number + 1 < static_cast<int64_t>(program_.passes.size()) * layer_count())
      gelu_table(number + 1);
    if (twice_ && l + 1 == layer_count() && pass_ + 1 < static_cast<int>(program_.passes.size()))
      load(pass_ + 1);
    const int ffn_blocks = e_.blocks(layer.ffn);
    const Columns ffn{.part = layer.ffn, .total = layer.ffn, .m = engine_.m};
    const region_t between{.bank = 1,
                           .split = p.ffn_lower[static_cast<size_t>(l)],
                           .base = 0,
                           .base2 = p.q,
                           .stride = p.block_rows};
    for (const auto& [row0, rows] : pass().blocks) {
      cmd_t c{
          .kind = CmdMatmul, .rows = rows, .k_blocks = e_.hidden_.blocks(), .n_blocks = ffn_blocks};
      norm_source(c, row0, layer.ffn_operand);
      c.clamp = ClampS8;
      c.zero_point = layer.ffn1_zero;
      c.table_on = 1;
      c.table_sel = number % 2;
      c.result = between;
      c.stream_addr = static_cast<int64_t>(layer.ffn1);
      add(c, fmt::format("layer.{}.ffn1", l) + rows_text(row0, rows),
          {tensor(fmt::format("layer.{}.h", l), Memory::Residual, c.source, rows,
                  e_.hidden_.blocks(), row0, e_.hidden_),
           tensor(fmt::format("layer.{}.ffn1.input", l), Memory::Activation,
                  region(0, row0, p.rows), rows, e_.hidden_.blocks(), row0, e_.hidden_),
           tensor(fmt::format("layer.{}.gelu", l), Memory::Activation, between, rows, ffn_blocks,
                  row0, ffn)});
      cmd_t d = residual_product(row0, rows, ffn_blocks, layer.ffn2, layer.output_norm);
      d.source = between;
      d.act_unsigned = layer.gelu_unsigned;
      add(d, fmt::format("layer.{}.ffn2", l) + rows_text(row0, rows),
          {tensor(fmt::format("layer.{}.sum", l), Memory::Residual, d.result, rows,
                  e_.hidden_.blocks(), row0, e_.hidden_)});
    }
  }

  const EngineEncoder& e_;
  const EngineParameters& engine_;
  EngineProgram program_;
  std::vector<PassPlan> plans_;
  bool twice_ = false;  // the residual banks hold two passes
  std::array<int64_t, 2> residual_step_{};
  int pass_ = 0;
  int64_t loaded_heads_ = 0;  // tables loaded so far
};

void EngineEncoder::check_shape(const golden::BertConfig& config, const EngineParameters& engine,
                                std::span<const int> lengths) {
  EngineEncoder encoder(config.layers, config.hidden, config.heads, engine, 0);
  for (int i = 0; i < config.layers; ++i) {
    encoder.check_ffn(i, config.ffn);
    encoder.layers_.emplace_back().ffn = config.ffn;
  }
  PassCompiler(encoder, lengths, 0).check();
}

EngineProgram EngineEncoder::compile(std::span<const int> lengths, uint64_t base) const {
  return PassCompiler(*this, lengths, base).compile();
}

}  // namespace sb::tb
