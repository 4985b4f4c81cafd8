// SPDX-License-Identifier: Apache-2.0
// sb_fc_layer: batches back to back, broken ones between, weights loaded again whenever the layer
// lets them in, resets at any cycle. Every result, tkeep, tlast, error_o and loaded_o are checked,
// and that no weight is taken while a batch is open.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>

#include "models/fc_layer_m4.h"
#include "models/fc_layer_m8.h"
#include "models/stress_fc_file.h"
#include "models/stress_fc_one.h"
#include "tb/devices/fc_model.h"
#include "tb/host/gemm_pack.h"
#include "tb/sim/error.h"
#include "tests/integration/expected.h"
#include "tests/stress/stress.h"

namespace sb::stress {
namespace {

using tb::SimError;
using FileModel = models::stress_fc_file;

template <class P>
std::unique_ptr<tb::FcLayer> make(uint64_t seed) {
  return std::make_unique<tb::FcModel<P>>("", seed, tb::TraceOptions{});
}
struct Model {
  const char* name;
  std::unique_ptr<tb::FcLayer> (*make)(uint64_t seed);
};
const Model kModels[] = {{"fc_layer_m4", make<models::fc_layer_m4>},
                         {"fc_layer_m8", make<models::fc_layer_m8>},
                         {"stress_fc_one", make<models::stress_fc_one>},
                         {"stress_fc_file", make<FileModel>}};

golden::Clamp draw_clamp(int out_bits, Rng& rng) {
  return out_bits >= 16 && chance(rng, 40) ? golden::Clamp::S16
         : chance(rng, 50)                 ? golden::Clamp::U8
                                           : golden::Clamp::S8;
}

/// What a layer holds: weights, bias, multipliers; the clamp and the zero point come with a batch.
tb::GemmProblem draw_weights(const tb::FcLayer& layer, const RealData* real, Rng& rng) {
  JobData data = draw_data(1, layer.k, layer.n, layer.geometry.act_bits, real, rng);
  return {std::move(data.a), std::move(data.w), draw_bias(layer.n, rng),
          draw_requantization(layer.k, layer.n, draw_clamp(layer.out_bits, rng), rng)};
}

/// The weights of the files. Every program writes the same, and nobody sees half of them.
tb::GemmProblem file_weights() {
  static const tb::GemmProblem kWeights = [] {
    tb::GemmProblem p = random_problem(1, FileModel::K, FileModel::N, Operands::Uniform,
                                       FileModel::ActBits, golden::Clamp::S8, 1);
    const auto part = [](const char* file) { return fmt::format("{}.{}", file, ::getpid()); };
    tb::write_fc_files({FileModel::M, FileModel::Rows, FileModel::ActBits, FileModel::ChainLength},
                       p, part(FileModel::WeightFile), part(FileModel::ChanFile));
    for (const char* file : {FileModel::WeightFile, FileModel::ChanFile})
      std::filesystem::rename(part(file), file);
    return p;
  }();
  return kWeights;
}

struct Batch {
  enum class Flaw { None, Early, NoLast, NoRows } flaw = Flaw::None;
  sb_pkg::job_t options;  ///< rows: what rows_i says
  std::optional<golden::Clamp> clamp;
  golden::MatrixI16 a;
  std::vector<uint32_t> beats;
  std::size_t count = 0;    ///< beats sent
  std::vector<bool> whole;  ///< rows of which every beat is sent
  std::vector<int> chunk_rows;
  golden::MatrixI32 expected = {};  ///< once its first beat is in
};

Batch draw_batch(const tb::FcLayer& layer, Episode& e) {
  Rng& rng = e.rng;
  const auto& g = layer.geometry;
  Batch b;
  if (chance(rng, 15))
    b.flaw = one_of(rng, std::vector{Batch::Flaw::Early, Batch::Flaw::NoLast, Batch::Flaw::NoRows});
  int rows = std::vector{1,
                         2,
                         3,
                         g.m + g.chain - 1,
                         g.rows,
                         g.rows + 2,
                         2 * g.rows + 1,
                         1 + below(rng, 3 * g.rows)}[static_cast<std::size_t>(below(rng, 8))];
  if (chance(rng, 20)) rows = 2;
  if (b.flaw == Batch::Flaw::NoRows) rows = 1;
  b.a = draw_data(rows, layer.k, 1, g.act_bits, e.real, rng).a;
  if (layer.out_bits != 32 || chance(rng, 70)) b.clamp = draw_clamp(layer.out_bits, rng);
  tb::GemmProblem p{b.a, golden::MatrixI8::Zero(layer.n, layer.k), {}, {}};
  const tb::PackedGemm packed = tb::pack_gemm(g, p);
  b.beats = packed.act;
  b.chunk_rows = packed.chunk_rows;
  b.options = packed.jobs[0];
  b.options.rows = b.flaw == Batch::Flaw::NoRows ? 0 : rows;
  b.options.clamp = b.clamp ? tb::clamp_code(*b.clamp) : sb_pkg::ClampRaw;
  b.options.zero_point = static_cast<int>(rng() % 65536) - 32768;
  if (!b.clamp || chance(rng, 50)) b.options.zero_point = below(rng, 21) - 10;

  const std::size_t total =
      static_cast<std::size_t>(rows) * static_cast<std::size_t>(packed.k_blocks);
  if (b.flaw == Batch::Flaw::Early && total == 1) b.flaw = Batch::Flaw::NoLast;
  b.count = b.flaw == Batch::Flaw::Early ? 1 + rng() % (total - 1) : total;
  std::size_t start = 0;
  for (const int chunk : b.chunk_rows) {
    for (int r = 0; r < chunk; ++r)
      b.whole.push_back(start + static_cast<std::size_t>((packed.k_blocks - 1) * chunk + r) <
                        b.count);
    start += static_cast<std::size_t>(chunk * packed.k_blocks);
  }
  // Lanes past K: anything.
  const int lane = g.act_lane_bits(), used = layer.k % g.m;
  const std::size_t size = layer.in.data.words();
  std::size_t at = 0;
  for (const int chunk : b.chunk_rows)
    for (int kb = 0; kb < packed.k_blocks; ++kb)
      for (int r = 0; r < chunk; ++r, at += size)
        for (int c = used; used != 0 && kb == packed.k_blocks - 1 && c < g.m; ++c)
          tb::put_lane(std::span(b.beats).subspan(at, size), c, lane, rng() & ((1U << lane) - 1));
  return b;
}

/// What the layer was given and what must come of it.
class FcCheck : public tb::Component {
 public:
  FcCheck(tb::FcLayer& layer, std::vector<Batch>& batches, std::vector<tb::GemmProblem>& sets,
          std::optional<tb::GemmProblem> held, bool had_error, Episode& e)
      : layer_(layer),
        batches_(batches),
        sets_(sets),
        held_(std::move(held)),
        set_words_(static_cast<uint64_t>(tb::block_count(layer.n, layer.geometry.m)) *
                   static_cast<uint64_t>(
                       tb::block_count(layer.k, layer.geometry.m) * layer.geometry.m + 8)),
        had_error_(had_error),
        error_(had_error),
        e_(e) {}

  /// The weights that the layer holds; none while it is loaded.
  const std::optional<tb::GemmProblem>& held() const { return held_; }
  bool error() const { return error_; }
  bool loading() const { return loaded_words_ % set_words_ != 0; }
  /// Batches begun whose results have not all come.
  uint64_t open() const { return begun_ - done_; }
  uint64_t begun() const { return begun_; }
  uint64_t done_batches() const { return done_; }

  void sample() override {
    check_status();
    if (*layer_.load.valid && *layer_.load.ready) {
      if (open() > 0 || beat_ > 0) throw SimError("a weight is taken while a batch is open");
      held_.reset();
      if (++loaded_words_ % set_words_ == 0) held_ = sets_[loaded_words_ / set_words_ - 1];
    }
    if (!*layer_.in.valid) return;
    if (begun_ < batches_.size() && beat_ == 0 && batches_[begun_].flaw == Batch::Flaw::NoRows)
      may_ = true;
    if (!*layer_.in.ready) return;
    if (beat_ == 0) {
      if (!held_) throw SimError("a beat is taken without weights");
      Batch& b = batches_[begun_++];
      tb::GemmProblem p{b.a, held_->w, held_->bias, {}};
      if (b.clamp) {
        p.requantization = held_->requantization;
        p.requantization->clamp = *b.clamp;
        p.requantization->zero_point = static_cast<int>(b.options.zero_point);
      }
      b.expected = expected_result(p);
      must_ = must_ || b.flaw == Batch::Flaw::NoRows;
    }
    const Batch& b = batches_[begun_ - 1];
    if (++beat_ < b.count) return;
    beat_ = 0;
    must_ = must_ || b.flaw != Batch::Flaw::None;
    may_ = may_ || must_;
  }

  void take(std::span<const uint32_t> word, bool last) {
    if (e_.strikes(Fault::Lost)) return;
    if (done_ == begun_) throw SimError("a result without a batch");
    const Batch& b = batches_[done_];
    const int m = layer_.geometry.m, bits = layer_.out_bits;
    if (!walk_) walk_.emplace(b.chunk_rows[chunk_], tb::block_count(layer_.n, m));
    const Eigen::Index row =
                           static_cast<Eigen::Index>(chunk_) * layer_.geometry.rows + walk_->row(),
                       first = Eigen::Index{walk_->block()} * m;
    std::vector<uint32_t> keep(layer_.keep.words());
    layer_.keep.read(keep);
    for (int c = 0; c < m; ++c) {
      const bool is_output = first + c < layer_.n;
      if ((tb::get_bits(keep, c * bits / 8, bits / 8) != 0) != is_output)
        throw SimError(fmt::format("tkeep of lane {} in n-block {}", c, walk_->block()));
      if (!is_output || !b.whole[static_cast<std::size_t>(row)]) continue;
      uint64_t got = tb::get_bits(word, c * bits, bits);
      if (e_.strikes(Fault::Result)) got ^= 1;
      const int32_t expected = b.expected(row, first + c);
      if ((static_cast<uint64_t>(expected) & ((uint64_t{1} << bits) - 1)) != got)
        throw SimError(fmt::format("batch {} of {} rows, row {}, output {}: {:#x} for {}", done_,
                                   b.a.rows(), row, first + c, got, expected));
      ++e_.counts.elements;
    }
    bool end = false;
    if (walk_->step()) {
      walk_.reset();
      end = ++chunk_ == b.chunk_rows.size();
    }
    if (end != last) throw SimError(fmt::format("batch {}, row {}: tlast is {}", done_, row, last));
    if (end) chunk_ = 0, ++done_;
  }

 private:
  void check_status() {
    constexpr int kSettled = 4;
    const bool loaded = layer_.loaded() != e_.strikes(Fault::Status);
    const bool error = layer_.error() != e_.strikes(Fault::Status);
    wrong_loaded_ = loaded == held_.has_value() ? 0 : wrong_loaded_ + 1;
    if (wrong_loaded_ > kSettled) throw SimError(fmt::format("loaded_o is {}", loaded));
    if (error && !had_error_ && !may_) throw SimError("error_o without a fault");
    if (error_ && !error) throw SimError("error_o fell");
    error_ = error;
    missing_error_ = must_ && !error ? missing_error_ + 1 : 0;
    if (missing_error_ > kSettled) throw SimError("no error_o after a broken batch");
  }

  tb::FcLayer& layer_;
  std::vector<Batch>& batches_;
  std::vector<tb::GemmProblem>& sets_;
  std::optional<tb::GemmProblem> held_;
  uint64_t set_words_, loaded_words_ = 0;
  bool had_error_, error_, may_ = false, must_ = false;
  Episode& e_;
  std::size_t begun_ = 0, done_ = 0, beat_ = 0, chunk_ = 0;
  std::optional<tb::BlockRowWalk> walk_;
  int wrong_loaded_ = 0, missing_error_ = 0;
};

/// Sends beats; the options of a batch hold while its first beat waits and are anything else else.
class Beats {
 public:
  Beats(tb::FcLayer& layer, const std::vector<Batch>& batches) : layer_(layer), batches_(batches) {}
  bool operator()(std::span<uint32_t> word) {
    first_ = false;
    if (batch_ == batches_.size()) return false;
    const Batch& b = batches_[batch_];
    const std::size_t size = word.size();
    std::copy_n(b.beats.begin() + static_cast<std::ptrdiff_t>(at_ * size), size, word.begin());
    first_ = at_ == 0;
    options_ = &b.options;
    last_ = ++at_ == b.count;
    if (last_) at_ = 0, ++batch_;
    last_ = last_ && b.flaw != Batch::Flaw::NoLast;
    return true;
  }
  bool first() const { return first_; }
  bool last() const { return last_; }
  const sb_pkg::job_t& options() const { return *options_; }

 private:
  tb::FcLayer& layer_;
  const std::vector<Batch>& batches_;
  std::size_t batch_ = 0, at_ = 0;
  bool first_ = false, last_ = false;
  const sb_pkg::job_t* options_ = nullptr;
};

/// Drives tlast and the options behind the driver of the beats.
class SideInputs : public tb::Component {
 public:
  SideInputs(tb::FcLayer& layer, const Beats& beats, Rng& rng)
      : layer_(layer), beats_(beats), rng_(rng) {
    drive();
  }
  void drive() override {
    const bool offered = *layer_.in.valid != 0;
    *layer_.in.last = offered ? beats_.last() : (rng_() & 1) != 0;
    if (offered && beats_.first()) {
      layer_.set_options(beats_.options());
    } else {
      layer_.set_options({.act_unsigned = (rng_() & 1) != 0,
                          .clamp = static_cast<sb_pkg::clamp_e>(rng_() % 5),
                          .zero_point = static_cast<int>(rng_() % 65536) - 32768,
                          .rows = static_cast<int>(rng_() % 16)});
    }
  }

 private:
  tb::FcLayer& layer_;
  const Beats& beats_;
  Rng& rng_;
};

}  // namespace

void run_fc_layer(Episode& e) {
  Rng& rng = e.rng;
  const Model& model = kModels[below(rng, 4)];
  const bool from_file = model.make == make<FileModel>;
  std::optional<tb::GemmProblem> held;
  if (from_file) held = file_weights();
  auto layer = model.make(e.seed);
  const tb::ArrayGeometry g = layer->geometry;
  const int segments = 1 + below(rng, 6);
  bool error = false;
  for (int segment = 0; segment < segments; ++segment) {
    std::vector<Batch> batches;
    std::vector<tb::GemmProblem> sets;
    const int count = 1 + below(rng, 12);
    uint64_t results = 0, tile_cycles = 0;
    for (int i = 0; i < count; ++i) {
      batches.push_back(draw_batch(*layer, e));
      const auto rows = static_cast<uint64_t>(batches.back().a.rows());
      results += rows * static_cast<uint64_t>(tb::block_count(layer->n, g.m));
      tile_cycles +=
          (rows + static_cast<uint64_t>(g.m + g.chain)) *
          static_cast<uint64_t>(tb::block_count(layer->n, g.m) * tb::block_count(layer->k, g.m));
    }
    const int loads = (held ? 0 : 1) + below(rng, 3);
    std::vector<uint32_t> load_words;
    for (int i = 0; i < loads; ++i) {
      sets.push_back(draw_weights(*layer, e.real, rng));
      const tb::PackedGemm packed = tb::pack_gemm(g, sets.back());
      load_words.insert(load_words.end(), packed.w.begin(), packed.w.end());
      load_words.insert(load_words.end(), packed.chan.begin(), packed.chan.end());
    }
    const int pause = 8 * (g.m + g.chain);
    const auto stalls =
        draw_stalls(std::array<Starved, 3>{{{3, pause}, {8, pause}, {3, pause}}}, rng);
    const bool reset = chance(rng, 60);
    const uint64_t limit =
        reset ? 1 + rng() % (2 * tile_cycles + load_words.size() / layer->load.data.words() + 40)
              : 0;
    e.where = fmt::format("{}, segment {}, stalls of s_axis s_axis_w m_axis: {}", model.name,
                          segment, names(stalls));

    const uint64_t seed = e.seed * 64 + static_cast<uint64_t>(segment) * 8;
    FcCheck check(*layer, batches, sets, held, error, e);
    Beats beats(*layer, batches);
    tb::StreamDriver in(layer->in, std::ref(beats), stalls[0], seed + 1);
    SideInputs side(*layer, beats, rng);
    tb::StreamDriver load(layer->load, tb::words_of(load_words), stalls[1], seed + 2);
    tb::StreamSink out(
        layer->out, results, [&](auto word, bool last) { check.take(word, last); }, stalls[2],
        seed + 3);
    tb::StreamMonitor monitor(layer->out);
    const std::array<tb::Component*, 6> components{&check, &in, &side, &load, &out, &monitor};
    if (run_until(layer->clock(), components, limit)) {
      const int more = below(rng, 40);
      for (int i = 0; i < more; ++i) layer->clock().tick();
      if (check.done_batches() != batches.size()) throw SimError("not all batches have ended");
    }
    e.counts.jobs += check.begun();
    for (std::size_t i = 0; i < check.begun(); ++i) {
      e.counts.refused += batches[i].flaw != Batch::Flaw::None;
      e.counts.two_rows += batches[i].a.rows() % g.rows == 2 && unequal(stalls);
    }
    error = check.error();
    held = check.held();
    layer->clock().clear();
    if (reset) {
      e.counts.reset_jobs += check.open();
      ++e.counts.resets;
      const int cycles = 1 + (chance(rng, 50) ? 0 : below(rng, 5));
      // AXI4-Stream: tvalid is low in a reset.
      layer->reset(cycles);
      error = false;
      if (!from_file) {
        held.reset();
      } else if (!held) {  // half of other weights: the memory is as it was only in a new layer
        layer = model.make(e.seed + 1);
        held = file_weights();
      }
    }
  }
}

}  // namespace sb::stress
