// SPDX-License-Identifier: Apache-2.0
#include "tb/devices/gemm_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>

#include "tb/host/gemm_pack.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

/// One level of a nested loop over packed words.
struct Cursor {
  std::size_t problem = 0, chunk = 0, nb = 0, index = 0;
};

}  // namespace

GemmRun run_gemm(GemmCore& core, std::span<const GemmProblem> problems,
                 const GemmOptions& options) {
  GemmRun run;
  std::vector<PackedGemm> packed;
  uint64_t job_words = 0, expected = 0, tile_cycles = 0;
  for (const auto& p : problems) {
    check_problem(core.geometry(), p);
    packed.push_back(pack_gemm(core.geometry(), p));
    const auto& q = packed.back();
    const auto tiles = static_cast<uint64_t>(q.k_blocks) * static_cast<uint64_t>(q.n_blocks);
    job_words += q.chunk_rows.size();
    expected += static_cast<uint64_t>(p.a.rows()) * static_cast<uint64_t>(q.n_blocks);
    run.ideal += static_cast<uint64_t>(p.a.rows()) * tiles;
    run.macs += static_cast<uint64_t>(p.a.rows()) * static_cast<uint64_t>(p.a.cols()) *
                static_cast<uint64_t>(p.w.rows());
    for (const int rows : q.chunk_rows)
      tile_cycles +=
          tiles * static_cast<uint64_t>(std::max(rows, core.geometry().m + core.geometry().chain));
    run.results.emplace_back(golden::MatrixI32::Zero(p.a.rows(), p.w.rows()));
    run.arrived.emplace_back(golden::Matrix<uint64_t>::Zero(p.a.rows(), q.n_blocks));
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
  words::Word<sb_pkg::job_t::kBits> job_word;
  const auto next_job = [&](Cursor& c) -> const uint32_t* {
    if (c.problem == packed.size()) return nullptr;
    job_word = packed[c.problem].jobs[c.chunk].pack();
    step_chunk(c);
    return job_word.data();
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
    const std::size_t before = c.chunk * static_cast<std::size_t>(core.geometry().rows) *
                               static_cast<std::size_t>(p.k_blocks);
    const uint32_t* word = p.act.data() + act_words * (before + c.index);
    if (++c.index ==
        static_cast<std::size_t>(p.chunk_rows[c.chunk]) * static_cast<std::size_t>(p.k_blocks)) {
      c.index = 0;
      if (++c.nb == static_cast<std::size_t>(p.n_blocks)) step_chunk(c);
    }
    return word;
  };

  // Results come per chunk as (nb, row) words.
  Cursor at;
  std::optional<BlockRowWalk> walk;
  uint64_t out_index = 0;
  std::vector<uint32_t> copy(core.out.data.words());
  const uint64_t progress_step = std::max<uint64_t>(expected / 100, 1);
  const auto keep = [&](std::span<const uint32_t> word, bool last) {
    std::copy(word.begin(), word.end(), copy.begin());
    const uint64_t index = out_index++;
    if (options.tamper && !options.tamper(GemmStream::Out, index, copy)) return;
    const auto& p = packed[at.problem];
    auto& result = run.results[at.problem];
    if (!walk) walk.emplace(p.chunk_rows[at.chunk], p.n_blocks);
    const auto row = static_cast<Eigen::Index>(at.chunk) * core.geometry().rows + walk->row();
    get_block(copy, result, row, walk->block(), core.geometry().m, 32);
    run.arrived[at.problem](row, walk->block()) = core.clock().cycles();
    const bool job_end = walk->step();
    if (job_end != last)
      throw SimError(
          fmt::format("out: last is {} at word {}, where it must be {}", last, index, job_end));
    if (job_end) walk.reset(), step_chunk(at);
    if (options.progress && out_index % progress_step == 0)
      options.progress(static_cast<double>(out_index) / static_cast<double>(expected));
  };

  const auto seed = options.seed * 16;
  double slow = 1;
  const auto stall_of = [&](GemmStream stream) {
    const auto own = options.stall.find(stream);
    const StallPolicy policy = own != options.stall.end()  ? own->second
                               : stream == GemmStream::Out ? options.output_stall
                                                           : options.input_stall;
    slow = std::max(slow, policy.slowdown());
    return policy;
  };
  StreamDriver job(core.job, source(GemmStream::Job, job_word.size(), next_job),
                   stall_of(GemmStream::Job), seed + 1);
  StreamDriver w(core.w, source(GemmStream::W, w_words, next_w), stall_of(GemmStream::W), seed + 2);
  StreamDriver chan(core.chan, source(GemmStream::Chan, chan_words, next_chan),
                    stall_of(GemmStream::Chan), seed + 3);
  StreamDriver act(core.act, source(GemmStream::Act, act_words, next_act),
                   stall_of(GemmStream::Act), seed + 4);
  StreamSink out(core.out, expected, keep, stall_of(GemmStream::Out), seed + 5);
  StreamMonitor monitor(core.out);
  auto& clock = core.clock();
  clock.clear();
  // However the run ends: the components above end with it.
  const auto leave = [](Clock* c) { c->clear(); };
  const std::unique_ptr<Clock, decltype(leave)> guard(&clock, leave);
  for (Component* c : std::initializer_list<Component*>{&job, &w, &chan, &act, &out, &monitor})
    clock.add(*c);

  const auto started = std::chrono::steady_clock::now();
  const std::clock_t cpu_started = std::clock();
  const uint64_t first_cycle = clock.cycles();
  clock.run(
      static_cast<uint64_t>(static_cast<double>(2000 + 2 * tile_cycles + 4 * expected) * slow * 2));
  run.cycles = clock.cycles() - first_cycle;
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  run.cpu_seconds = static_cast<double>(std::clock() - cpu_started) / CLOCKS_PER_SEC;
  if (core.error()) throw SimError("the core refused a job");
  return run;
}

}  // namespace sb::tb
