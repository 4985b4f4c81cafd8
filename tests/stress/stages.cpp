// SPDX-License-Identifier: Apache-2.0
// The stand-alone stages: rows of random lengths, tables and channel words loaded anew, resets with
// words under way.
#include <fmt/format.h>

#include <array>
#include <numeric>

#include "golden/ops/exp.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/residual.h"
#include "golden/ops/softmax.h"
#include "golden/ops/table.h"
#include "tb/devices/stage_ops.h"
#include "tb/sim/error.h"
#include "tests/stress/stress.h"
#include "tests/unit/stages/stage_cases.h"

namespace sb::stress {
namespace {

using tb::SimError;

/// Ends a run in the middle.
struct Stop {};

/// One operation on a stage: runs it and throws when what comes out is not what golden says.
using Operation = std::function<void(tb::Stage&, const tb::StageOptions&, tb::StageRun*)>;

/// Drawn anew: an operation and its rows.
struct Drawn {
  Operation run;
  int rows;
};

void expect(bool equal, const char* what) {
  if (!equal) throw SimError(fmt::format("{} differs from golden", what));
}

/// Operations on a fresh stage, some of which end in a reset: what had come until then must be the
/// beginning of what the same operation gives after it.
void run_stage_episode(Episode& e, const std::string& name,
                       const std::function<Drawn(const tb::Stage&, Episode&)>& draw) {
  Rng& rng = e.rng;
  const auto sizes = tb::stage_sizes(name);
  const int m = sizes[rng() % sizes.size()];
  auto stage = tb::make_stage(name, m, e.seed);
  const int segments = 1 + below(rng, 6);
  for (int segment = 0; segment < segments; ++segment) {
    const Drawn drawn = draw(*stage, e);
    const auto stalls = draw_stalls(std::array<Starved, 2>{{{3, 40}, {3, 40}}}, rng);
    e.where = fmt::format("{} of {} lanes, segment {}, stalls of in out: {}", name, m, segment,
                          names(stalls));
    tb::StageOptions options{stalls[0], stalls[1], e.seed * 8 + static_cast<uint64_t>(segment), {}};
    tb::StageRun run;
    std::vector<uint32_t> before;
    if (chance(rng, 60)) {
      uint64_t left = 1 + rng() % 64;
      options.tamper = [&](bool out, uint64_t, std::span<uint32_t> word) {
        if (out) before.insert(before.end(), word.begin(), word.end());
        if (--left == 0) throw Stop{};
        return true;
      };
      try {
        drawn.run(*stage, options, nullptr);
      } catch (const Stop&) {
        e.counts.reset_jobs += static_cast<uint64_t>(drawn.rows);
      }
      // A stop may have left the clock high: the first of the idle cycles brings it down.
      const int idle = 1 + below(rng, 16), cycles = 1 + (chance(rng, 50) ? 0 : below(rng, 5));
      *stage->in.valid = 0;
      *stage->out.ready = 0;
      for (int i = 0; i < idle; ++i) stage->clock().tick();
      NoiseInReset noise({stage->in}, cycles, rng);
      stage->clock().add(noise);
      stage->reset(cycles);
      stage->clock().clear();
      ++e.counts.resets;
    }
    options.tamper = [&e](bool out, uint64_t, std::span<uint32_t> word) {
      if (out && e.strikes(Fault::Result)) word[0] ^= 1;
      return !out || !e.strikes(Fault::Lost);
    };
    drawn.run(*stage, options, &run);
    if (before.size() > run.words.size() ||
        !std::equal(before.begin(), before.end(), run.words.begin()))
      throw SimError("words before the reset differ from those after it");
    e.counts.jobs += static_cast<uint64_t>(drawn.rows);
    if (unequal(stalls)) e.counts.two_rows += drawn.rows == 2 ? 2 : 0;
    e.counts.elements += run.words.size() / stage->out.data.words() * static_cast<uint64_t>(m);
  }
}

golden::MatrixI16 draw_rows(int rows, int columns, int low, int high, Rng& rng) {
  golden::MatrixI16 x(rows, columns);
  for (int r = 0; r < rows; ++r) {
    const auto row =
        make_row(one_of(rng, row_kinds()), static_cast<std::size_t>(columns), low, high, rng);
    std::copy(row.begin(), row.end(), x.row(r).data());
  }
  return x;
}

/// Mostly rows of one to three words.
int draw_columns(const tb::Stage& stage, Rng& rng) {
  const int most = stage.max_words == 0 ? 64 : stage.max_words;
  const int words = chance(rng, 3)    ? most
                    : chance(rng, 15) ? 1 + below(rng, std::min(most, 24))
                                      : 1 + below(rng, 3);
  return (words - 1) * stage.m + 1 + below(rng, stage.m);
}

int draw_count(Rng& rng) { return chance(rng, 30) ? 2 : 1 + below(rng, 12); }

Drawn draw_softmax(const tb::Stage& stage, Episode& e) {
  Rng& rng = e.rng;
  std::vector<tb::ScoreRow> rows(static_cast<std::size_t>(draw_count(rng)));
  for (tb::ScoreRow& row : rows) {
    const auto keys = static_cast<std::size_t>(draw_columns(stage, rng));
    row.scores = make_row(one_of(rng, row_kinds()), keys, -128, 127, rng);
    if (chance(rng, 50)) continue;
    const int kept = below(rng, 101);
    for (std::size_t i = 0; i < keys; ++i) row.keep.push_back(chance(rng, kept));
  }
  golden::SoftmaxTable table =
      golden::make_softmax_table(std::exp(std::uniform_real_distribution<double>(-6, 0)(rng)));
  if (chance(rng, 20))
    for (uint32_t& entry : table)
      entry = chance(rng, 50) ? 262143 : static_cast<uint32_t>(rng()) >> 14;
  table[0] = std::max<uint32_t>(table[0], 1);
  const auto format = chance(rng, 50) ? golden::SoftmaxFormat::S8 : golden::SoftmaxFormat::U8;
  const int count = static_cast<int>(rows.size());
  return {[rows, table, format](tb::Stage& s, const tb::StageOptions& options, tb::StageRun* run) {
            const auto y =
                tb::softmax_op(s, rows, table, format == golden::SoftmaxFormat::S8, options, run);
            for (std::size_t r = 0; r < rows.size(); ++r) {
              const auto scores = golden::MatrixI16::Map(
                  rows[r].scores.data(), 1, static_cast<Eigen::Index>(rows[r].scores.size()));
              const golden::MatrixI16 wanted =
                  golden::softmax_rows(scores, rows[r].keep, table, format);
              expect(std::equal(y[r].begin(), y[r].end(), wanted.data()), "a row");
            }
          },
          count};
}

Drawn draw_layernorm(const tb::Stage& stage, Episode& e) {
  Rng& rng = e.rng;
  const int columns = draw_columns(stage, rng), rows = draw_count(rng);
  const auto n = static_cast<std::size_t>(columns);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<float> gamma, beta;
  std::vector<double> ratio;
  const int bits = chance(rng, 50) ? 8 : 9;
  for (std::size_t c = 0; c < n; ++c) {
    gamma.push_back(static_cast<float>(std::exp(2 * uniform(rng)) * (chance(rng, 20) ? -1 : 1)));
    beta.push_back(static_cast<float>(uniform(rng)));
    ratio.push_back((bits == 9 ? 255.0 : 127.0) / 32767 * std::exp(uniform(rng)));
  }
  const std::vector<double> eps{0.0, 1e-12, 1e-5, 1e-2};
  auto norm = golden::make_layernorm(gamma, beta, one_of(rng, eps), 2e-4 * std::exp(uniform(rng)),
                                     20.0 / 32767);
  auto operand = golden::make_operand(ratio, bits);
  if (chance(rng, 20)) {  // what no calibration would choose
    norm.row_shift = 8 + below(rng, 24);
    operand.shift = 16 + 4 * below(rng, 4);
    for (std::size_t c = 0; c < n; ++c) {
      norm.gain[c] = below(rng, 262143) - 131071;
      norm.bias[c] = chance(rng, 50) ? 33554431 : -33554431;
      operand.k[c] = static_cast<uint16_t>(rng());
    }
  }
  const int high = 1 << (4 + below(rng, 12));
  const golden::MatrixI16 s = draw_rows(rows, columns, -high, std::min(high, 32767), rng);
  return {[=](tb::Stage& stage_used, const tb::StageOptions& options, tb::StageRun* run) {
            const auto y = tb::layernorm_op(stage_used, s, norm, operand, options, run);
            const golden::MatrixI16 y16 = golden::layernorm(s, norm);
            expect(y.y16 == y16, "y16");
            expect(y.y8 == golden::narrow_operand(y16, operand), "y8");
          },
          rows};
}

Drawn draw_requant(const tb::Stage& stage, Episode& e) {
  Rng& rng = e.rng;
  const int columns = draw_columns(stage, rng), rows = draw_count(rng);
  const auto clamp = golden::kClamps[rng() % golden::kClamps.size()].clamp;
  const tb::Requantization q = draw_requantization(64, columns, clamp, rng);
  std::vector<uint32_t> factor;
  golden::MatrixI32 acc(rows, columns);
  const bool with_factor = chance(rng, 50);
  for (int r = 0; r < rows; ++r) {
    const auto sum = static_cast<uint32_t>(255 + below(rng, 255 * 2047));
    const int limit = with_factor ? static_cast<int>(std::min<uint32_t>(128 * sum, (1U << 26) - 1))
                                  : 1 << (1 + below(rng, 30));
    if (with_factor) factor.push_back(chance(rng, 5) ? 0 : golden::reciprocal(sum));
    for (int c = 0; c < columns; ++c)
      acc(r, c) = chance(rng, 5) ? (chance(rng, 50) ? limit : -limit)
                                 : std::uniform_int_distribution<int>(-limit, limit)(rng);
  }
  return {[=](tb::Stage& stage_used, const tb::StageOptions& options, tb::StageRun* run) {
            const auto y = tb::requantize_op(stage_used, acc, q.mult, q.shift, q.zero_point,
                                             q.clamp, factor, options, run);
            const golden::MatrixI32 scaled = factor.empty() ? acc : golden::row_factor(acc, factor);
            expect(y == golden::requantize(scaled, q.mult, q.shift, q.zero_point, q.clamp),
                   "a row");
          },
          rows};
}

Drawn draw_table(const tb::Stage& stage, Episode& e) {
  Rng& rng = e.rng;
  const int columns = draw_columns(stage, rng), rows = draw_count(rng);
  golden::Table table;
  for (int16_t& entry : table) entry = static_cast<int16_t>(below(rng, 512) - 256);
  const golden::MatrixI16 x = draw_rows(rows, columns, -128, 127, rng);
  return {[=](tb::Stage& stage_used, const tb::StageOptions& options, tb::StageRun* run) {
            expect(
                tb::table_op(stage_used, x, table, options, run) == golden::apply_table(x, table),
                "a row");
          },
          rows};
}

Drawn draw_residual(const tb::Stage& stage, Episode& e) {
  Rng& rng = e.rng;
  const int columns = draw_columns(stage, rng), rows = draw_count(rng);
  const golden::MatrixI16 h = draw_rows(rows, columns, -32768, 32767, rng),
                          d = draw_rows(rows, columns, -32768, 32767, rng);
  return {[=](tb::Stage& stage_used, const tb::StageOptions& options, tb::StageRun* run) {
            const auto y = tb::residual_op(stage_used, h, d, options, run);
            const golden::MatrixI16 s = golden::residual_add(h, d);
            expect(y.s == s, "the sum");
            for (Eigen::Index r = 0; r < s.rows(); ++r) {
              const auto wanted =
                  golden::row_statistics({s.row(r).data(), static_cast<std::size_t>(s.cols())});
              expect(y.sum[static_cast<std::size_t>(r)] == wanted.sum &&
                         y.sumsq[static_cast<std::size_t>(r)] == wanted.sumsq,
                     "the statistics");
            }
          },
          rows};
}

}  // namespace

void run_softmax(Episode& e) { run_stage_episode(e, "softmax", draw_softmax); }
void run_layernorm(Episode& e) { run_stage_episode(e, "layernorm", draw_layernorm); }
void run_requant(Episode& e) { run_stage_episode(e, "requant", draw_requant); }
void run_table(Episode& e) { run_stage_episode(e, "table", draw_table); }
void run_residual(Episode& e) { run_stage_episode(e, "residual", draw_residual); }

}  // namespace sb::stress
