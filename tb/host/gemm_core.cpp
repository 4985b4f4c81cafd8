#include "tb/host/gemm_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "tb/host/lanes.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

int blocks(Eigen::Index size, int m) { return static_cast<int>((size + m - 1) / m); }

bool any_over_s8(const MatrixI16& a) { return a.size() > 0 && a.maxCoeff() > 127; }

/// The words of one problem, packed once; rows beyond the accumulators become several jobs (chunks).
struct Packed {
  int k_blocks = 0, n_blocks = 0;
  std::vector<int> chunk_rows;
  std::vector<uint32_t> w;     // (nb, kb, channel) words
  std::vector<uint32_t> chan;  // nb words
  std::vector<uint32_t> act;   // (chunk, kb, row) words
  std::vector<uint32_t> job;   // one word per chunk
};

Packed pack(const GemmCore& core, const GemmProblem& p) {
  const int m = core.m;
  Packed out;
  out.k_blocks = blocks(p.a.cols(), m);
  out.n_blocks = blocks(p.w.rows(), m);
  const std::size_t w_words = lane_words(m, 8), chan_words = lane_words(m, 64),
                    act_words = lane_words(m, core.act_bits);
  out.w.assign(w_words * static_cast<std::size_t>(out.n_blocks) * out.k_blocks * m, 0);
  for (Eigen::Index n = 0; n < p.w.rows(); ++n)
    for (Eigen::Index k = 0; k < p.w.cols(); ++k) {
      const std::size_t word =
          (static_cast<std::size_t>(n / m) * out.k_blocks + static_cast<std::size_t>(k / m)) * m +
          static_cast<std::size_t>(n % m);
      put_lane(std::span(out.w).subspan(word * w_words, w_words), static_cast<int>(k % m), 8,
               static_cast<uint8_t>(p.w(n, k)));
    }
  out.chan.assign(chan_words * static_cast<std::size_t>(out.n_blocks), 0);
  for (Eigen::Index n = 0; n < p.w.rows(); ++n) {
    const auto i = static_cast<std::size_t>(n);
    const MultiplierCode code = p.requantization
                                    ? encode_multiplier(p.requantization->mult[i], p.requantization->shift[i])
                                    : MultiplierCode{};
    put_lane(std::span(out.chan).subspan(static_cast<std::size_t>(n / m) * chan_words, chan_words),
             static_cast<int>(n % m), 64, channel_word(p.bias.empty() ? 0 : p.bias[i], code));
  }
  const auto total = static_cast<int>(p.a.rows());
  const bool is_unsigned = core.act_bits == 8 && any_over_s8(p.a);
  out.act.assign(act_words * static_cast<std::size_t>(total) * out.k_blocks, 0);
  std::size_t word = 0;
  for (int start = 0; start < total; start += core.rows) {
    const int rows = std::min(core.rows, total - start);
    out.chunk_rows.push_back(rows);
    for (int kb = 0; kb < out.k_blocks; ++kb)
      for (int r = 0; r < rows; ++r, ++word)
        for (int lane = 0; lane < m && kb * m + lane < p.a.cols(); ++lane)
          put_lane(std::span(out.act).subspan(word * act_words, act_words), lane, core.act_bits,
                   static_cast<uint16_t>(p.a(start + r, kb * m + lane)));
    // job_t, least significant first: n_blocks, k_blocks, rows, zero point, clamp, act_unsigned.
    const uint64_t low =
        static_cast<uint64_t>(out.n_blocks) | static_cast<uint64_t>(out.k_blocks) << 16 |
        static_cast<uint64_t>(rows) << 32 |
        static_cast<uint64_t>(static_cast<uint16_t>(p.requantization ? p.requantization->zero_point : 0))
            << 48;
    const auto clamp = static_cast<uint32_t>(p.requantization ? p.requantization->clamp : Clamp::Raw);
    out.job.insert(out.job.end(), {static_cast<uint32_t>(low), static_cast<uint32_t>(low >> 32),
                                   clamp | (is_unsigned ? 8U : 0U)});
  }
  return out;
}

/// One level of a nested loop over packed words.
struct Cursor {
  std::size_t problem = 0, chunk = 0, nb = 0, index = 0;
};

}  // namespace

void check_problem(const GemmCore& core, const GemmProblem& p) {
  const auto limit = [](Eigen::Index size, const char* what) {
    if (size < 1) throw InputError(fmt::format("{} is 0: nothing to multiply", what));
  };
  limit(p.a.rows(), "rows");
  limit(p.a.cols(), "K");
  limit(p.w.rows(), "N");
  if (p.a.cols() != p.w.cols())
    throw InputError(fmt::format("K differs: A has {} columns, W has {} inputs", p.a.cols(), p.w.cols()));
  for (const auto& [size, what] : {std::pair{p.a.cols(), "K"}, {p.w.rows(), "N"}})
    if (blocks(size, core.m) > 65535)
      throw InputError(
          fmt::format("{} = {} is over the limit of {} at M = {}", what, size, 65535 * core.m, core.m));
  const auto n = static_cast<std::size_t>(p.w.rows());
  if (!p.bias.empty() && p.bias.size() != n)
    throw InputError(fmt::format("{} bias values for {} outputs", p.bias.size(), n));
  const int low = p.a.minCoeff(), high = p.a.maxCoeff();
  const bool fits = core.act_bits == 9 ? low >= -256 && high <= 255
                                       : (low >= -128 && high <= 127) || (low >= 0 && high <= 255);
  if (!fits)
    throw InputError(
        fmt::format("activation codes {}..{} do not fit lanes of {} bits", low, high, core.act_bits));
  const int64_t max_a = std::max(-low, high);
  for (std::size_t c = 0; c < n; ++c) {
    const int64_t bias = p.bias.empty() ? 0 : p.bias[c];
    int64_t bound = std::abs(bias);
    for (Eigen::Index k = 0; k < p.w.cols(); ++k)
      bound += max_a * std::abs(int{p.w(static_cast<Eigen::Index>(c), k)});
    if (bound > INT32_MAX)
      throw InputError(
          fmt::format("output {} could reach {}, more than a 32-bit accumulator holds", c, bound));
  }
  if (p.requantization) {
    const auto& q = *p.requantization;
    if (q.mult.size() != n || q.shift.size() != n)
      throw InputError(
          fmt::format("{} multipliers and {} shifts for {} outputs", q.mult.size(), q.shift.size(), n));
    if (q.zero_point < -32768 || q.zero_point > 32767)
      throw InputError(fmt::format("zero point {} is not int16", q.zero_point));
    for (std::size_t c = 0; c < n; ++c) encode_multiplier(q.mult[c], q.shift[c]);
  }
}

GemmRun run_gemm(GemmCore& core, std::span<const GemmProblem> problems, const GemmOptions& options) {
  GemmRun run;
  std::vector<Packed> packed;
  uint64_t job_words = 0, expected = 0, tile_cycles = 0;
  for (const auto& p : problems) {
    check_problem(core, p);
    packed.push_back(pack(core, p));
    const auto& q = packed.back();
    const auto tiles = static_cast<uint64_t>(q.k_blocks) * static_cast<uint64_t>(q.n_blocks);
    job_words += q.chunk_rows.size();
    expected += static_cast<uint64_t>(p.a.rows()) * static_cast<uint64_t>(q.n_blocks);
    run.ideal += static_cast<uint64_t>(p.a.rows()) * tiles;
    run.macs += static_cast<uint64_t>(p.a.rows()) * static_cast<uint64_t>(p.a.cols()) *
                static_cast<uint64_t>(p.w.rows());
    for (const int rows : q.chunk_rows)
      tile_cycles += tiles * static_cast<uint64_t>(std::max(rows, core.m + core.chain));
    run.results.emplace_back(MatrixI32::Zero(p.a.rows(), p.w.rows()));
  }

  // Sources walk (problem, chunk, ...) in the order in which the core wants the words.
  const auto source = [&](GemmStream stream, std::size_t words, auto&& next) -> WordSource {
    return [&options, stream, words, next, cursor = Cursor{},
            index = uint64_t{0}](std::span<uint32_t> word) mutable {
      for (;;) {
        const uint32_t* from = next(cursor);
        if (from == nullptr) return false;
        std::copy_n(from, words, word.begin());
        if (!options.tamper || options.tamper(stream, index++, word)) return true;
      }
    };
  };
  const auto step_chunk = [&packed](Cursor& c) {
    c.nb = c.index = 0;
    if (++c.chunk == packed[c.problem].chunk_rows.size()) c.chunk = 0, ++c.problem;
  };
  const std::size_t w_words = core.w.data.words(), act_words = core.act.data.words(),
                    chan_words = core.chan.data.words();
  const auto next_job = [&](Cursor& c) -> const uint32_t* {
    if (c.problem == packed.size()) return nullptr;
    const uint32_t* word = packed[c.problem].job.data() + 3 * c.chunk;
    step_chunk(c);
    return word;
  };
  const auto next_w = [&](Cursor& c) -> const uint32_t* {
    if (c.problem == packed.size()) return nullptr;
    const auto& p = packed[c.problem];
    const uint32_t* word = p.w.data() + w_words * c.index;
    if (++c.index * w_words == p.w.size()) step_chunk(c);
    return word;
  };
  const auto next_chan = [&](Cursor& c) -> const uint32_t* {
    if (c.problem == packed.size()) return nullptr;
    const auto& p = packed[c.problem];
    const uint32_t* word = p.chan.data() + chan_words * c.nb;
    if (++c.nb == static_cast<std::size_t>(p.n_blocks)) step_chunk(c);
    return word;
  };
  const auto next_act = [&](Cursor& c) -> const uint32_t* {
    if (c.problem == packed.size()) return nullptr;
    const auto& p = packed[c.problem];
    const std::size_t before =
        c.chunk * static_cast<std::size_t>(core.rows) * static_cast<std::size_t>(p.k_blocks);
    const uint32_t* word = p.act.data() + act_words * (before + c.index);
    if (++c.index == static_cast<std::size_t>(p.chunk_rows[c.chunk]) * static_cast<std::size_t>(p.k_blocks)) {
      c.index = 0;
      if (++c.nb == static_cast<std::size_t>(p.n_blocks)) step_chunk(c);
    }
    return word;
  };

  // Results come per chunk as (nb, row) words.
  Cursor at;
  uint64_t out_index = 0;
  std::vector<uint32_t> copy(core.out.data.words());
  const uint64_t progress_step = std::max<uint64_t>(expected / 100, 1);
  const auto keep = [&](std::span<const uint32_t> word, bool last) {
    std::copy(word.begin(), word.end(), copy.begin());
    if (options.tamper && !options.tamper(GemmStream::Out, out_index, copy)) return;
    const auto& p = packed[at.problem];
    auto& result = run.results[at.problem];
    const auto row = static_cast<Eigen::Index>(at.chunk) * core.rows + static_cast<Eigen::Index>(at.index);
    const auto first = static_cast<Eigen::Index>(at.nb) * core.m;
    const auto lanes = std::min<Eigen::Index>(core.m, result.cols() - first);
    std::memcpy(&result(row, first), copy.data(), static_cast<std::size_t>(lanes) * sizeof(int32_t));
    bool job_end = false;
    if (++at.index == static_cast<std::size_t>(p.chunk_rows[at.chunk])) {
      at.index = 0;
      if (++at.nb == static_cast<std::size_t>(p.n_blocks)) job_end = true;
    }
    if (job_end != last)
      throw SimError(
          fmt::format("out: last is {} at word {}, where it must be {}", last, out_index, job_end));
    if (job_end) step_chunk(at);
    ++out_index;
    if (options.progress && out_index % progress_step == 0)
      options.progress(static_cast<double>(out_index) / static_cast<double>(expected));
  };

  const auto seed = options.seed * 16;
  StreamDriver job(core.job, source(GemmStream::Job, 3, next_job), options.input_stall, seed + 1);
  StreamDriver w(core.w, source(GemmStream::W, w_words, next_w), options.input_stall, seed + 2);
  StreamDriver chan(core.chan, source(GemmStream::Chan, chan_words, next_chan), options.input_stall,
                    seed + 3);
  StreamDriver act(core.act, source(GemmStream::Act, act_words, next_act), options.input_stall, seed + 4);
  StreamSink out(core.out, expected, keep, options.output_stall, seed + 5);
  StreamMonitor monitor(core.out);
  auto& clock = core.clock();
  clock.clear();
  for (Component* c : std::initializer_list<Component*>{&job, &w, &chan, &act, &out, &monitor}) clock.add(*c);

  const auto started = std::chrono::steady_clock::now();
  const uint64_t first_cycle = clock.cycles();
  const double slow = options.input_stall.kind == StallPolicy::Kind::Random ||
                              options.output_stall.kind == StallPolicy::Kind::Random
                          ? 1 / (1 - std::max(options.input_stall.p, options.output_stall.p))
                          : 2;
  clock.run(static_cast<uint64_t>(static_cast<double>(2000 + 2 * tile_cycles + 4 * expected) * slow * 2));
  run.cycles = clock.cycles() - first_cycle;
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  clock.clear();
  if (core.error()) throw SimError("the core refused a job");
  return run;
}

}  // namespace sb::tb
