// SPDX-License-Identifier: Apache-2.0
#include "tb/devices/fc_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>

#include "tb/host/lanes.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

void write_hex(const std::string& file, std::span<const uint32_t> words, std::size_t per_line) {
  std::ofstream out(file);
  for (std::size_t i = 0; i < words.size(); i += per_line) {
    for (std::size_t j = per_line; j-- > 0;) out << fmt::format("{:08x}", words[i + j]);
    out << '\n';
  }
  if (!out) throw InputError("cannot write " + file);
}

GemmProblem with_rows(const GemmProblem& problem, const golden::MatrixI16& a) {
  return {a, problem.w, problem.bias, problem.requantization};
}

}  // namespace

void load_fc(FcLayer& layer, const GemmProblem& problem, const FcOptions& options) {
  const golden::MatrixI16 row = golden::MatrixI16::Zero(1, problem.w.cols());
  const GemmProblem one = with_rows(problem, row);
  check_problem(layer.geometry, one);
  if (problem.w.cols() != layer.k || problem.w.rows() != layer.n)
    throw InputError(fmt::format("weights are {} x {}, the layer holds {} x {}", problem.w.rows(),
                                 problem.w.cols(), layer.n, layer.k));
  PackedGemm packed = pack_gemm(layer.geometry, one);
  std::vector<uint32_t> words = std::move(packed.w);
  words.insert(words.end(), packed.chan.begin(), packed.chan.end());
  const uint64_t count = words.size() / layer.load.data.words();
  StreamDriver driver(layer.load, words_of(std::move(words)), options.input_stall, options.seed);
  auto& clock = layer.clock();
  clock.clear();
  clock.add(driver);
  clock.run(1000 + 20 * count);
  clock.tick();
  clock.clear();
  if (!layer.loaded()) throw SimError("the layer does not say that its weights are loaded");
}

void write_fc_files(const ArrayGeometry& array, const GemmProblem& problem,
                    const std::string& weight_file, const std::string& chan_file) {
  const PackedGemm packed =
      pack_gemm(array, with_rows(problem, golden::MatrixI16::Zero(1, problem.w.cols())));
  write_hex(weight_file, packed.w, lane_words(array.m, 8));
  write_hex(chan_file, packed.chan, lane_words(array.m, 64));
}

FcRun run_fc(FcLayer& layer, const GemmProblem& problem, std::span<const golden::MatrixI16> batches,
             const FcOptions& options) {
  FcRun run;
  const int m = layer.geometry.m;
  const auto& q = problem.requantization;
  if (!q && layer.out_bits != 32)
    throw InputError(
        fmt::format("raw accumulators need lanes of 32 bits, this layer has {}", layer.out_bits));
  std::vector<PackedGemm> packed;
  uint64_t expected = 0, tile_cycles = 0;
  for (const auto& a : batches) {
    const GemmProblem p = with_rows(problem, a);
    check_problem(layer.geometry, p);
    packed.push_back(pack_gemm(layer.geometry, p));
    const auto& last = packed.back();
    const auto tiles = static_cast<uint64_t>(last.k_blocks) * static_cast<uint64_t>(last.n_blocks);
    expected += static_cast<uint64_t>(a.rows()) * static_cast<uint64_t>(last.n_blocks);
    run.ideal += static_cast<uint64_t>(a.rows()) * tiles;
    for (const int rows : last.chunk_rows)
      tile_cycles += tiles * static_cast<uint64_t>(std::max(rows, m + layer.geometry.chain));
    run.results.emplace_back(golden::MatrixI32::Zero(a.rows(), layer.n));
    run.arrived.emplace_back(golden::Matrix<uint64_t>::Zero(a.rows(), last.n_blocks));
  }

  const std::size_t words = layer.in.data.words();
  std::size_t batch = 0, at = 0;
  const WordSource beats = [&](std::span<uint32_t> word) {
    if (batch == packed.size()) return false;
    const auto& act = packed[batch].act;
    if (at == 0) {
      sb_pkg::job_t job = packed[batch].jobs[0];
      job.rows = batches[batch].rows();
      layer.set_options(job);
    }
    std::copy_n(act.begin() + static_cast<std::ptrdiff_t>(at), words, word.begin());
    at += words;
    *layer.in.last = at == act.size();
    if (*layer.in.last) at = 0, ++batch;
    return true;
  };

  std::size_t out_batch = 0, chunk = 0;
  std::optional<BlockRowWalk> walk;
  std::vector<uint32_t> keep(layer.keep.words());
  const auto take = [&](std::span<const uint32_t> word, bool last) {
    const auto& p = packed[out_batch];
    auto& result = run.results[out_batch];
    if (!walk) walk.emplace(p.chunk_rows[chunk], p.n_blocks);
    const auto lanes = result.cols() - Eigen::Index{walk->block()} * m;
    layer.keep.read(keep);
    for (int lane = 0; lane < m; ++lane) {
      const bool kept = get_bits(keep, lane * layer.out_bits / 8, 1) != 0;
      if (kept != (lane < lanes))
        throw SimError(
            fmt::format("tkeep of lane {} is {} in n-block {}", lane, kept, walk->block()));
    }
    const auto row = static_cast<Eigen::Index>(chunk) * layer.geometry.rows + walk->row();
    get_block(word, result, row, walk->block(), m, layer.out_bits, 0,
              !q || q->clamp != golden::Clamp::U8);
    run.arrived[out_batch](row, walk->block()) = layer.clock().cycles();
    bool end = false;
    if (walk->step()) {
      walk.reset();
      end = ++chunk == p.chunk_rows.size();
    }
    if (end != last) throw SimError(fmt::format("tlast is {} where it must be {}", last, end));
    if (end) chunk = 0, ++out_batch;
  };

  StreamDriver in(layer.in, beats, options.input_stall, 2 * options.seed + 1);
  StreamSink out(layer.out, expected, take, options.output_stall, 2 * options.seed + 2);
  StreamMonitor monitor(layer.out);
  auto& clock = layer.clock();
  clock.clear();
  for (Component* c : std::initializer_list<Component*>{&in, &out, &monitor}) clock.add(*c);
  // The count starts with the cycle that takes the first beat.
  uint64_t before = clock.cycles();
  const uint64_t limit = before + 4000 + 20 * (tile_cycles + 2 * expected);
  while (in.sent() == 0 && clock.cycles() < limit) {
    before = clock.cycles();
    clock.tick();
  }
  clock.run(limit - before);
  run.cycles = clock.cycles() - before;
  clock.clear();
  return run;
}

}  // namespace sb::tb
