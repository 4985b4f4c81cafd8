// SPDX-License-Identifier: Apache-2.0
#include "tb/host/gemm_pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace sb::tb {

void check_problem(const ArrayGeometry& array, const GemmProblem& p) {
  const auto limit = [](Eigen::Index size, const char* what) {
    if (size < 1) throw golden::InputError(fmt::format("{} is 0: nothing to multiply", what));
  };
  limit(p.a.rows(), "rows");
  limit(p.a.cols(), "K");
  limit(p.w.rows(), "N");
  if (p.a.cols() != p.w.cols())
    throw golden::InputError(
        fmt::format("K differs: A has {} columns, W has {} inputs", p.a.cols(), p.w.cols()));
  for (const auto& [size, what] : {std::pair{p.a.cols(), "K"}, {p.w.rows(), "N"}})
    if (block_count(size, array.m) > 65535)
      throw golden::InputError(fmt::format("{} = {} is over the limit of {} at M = {}", what, size,
                                           65535 * array.m, array.m));
  const auto n = static_cast<std::size_t>(p.w.rows());
  if (!p.bias.empty() && p.bias.size() != n)
    throw golden::InputError(fmt::format("{} bias values for {} outputs", p.bias.size(), n));
  const int low = p.a.minCoeff(), high = p.a.maxCoeff();
  const bool fits = array.act_bits == 9 ? low >= -256 && high <= 255
                                        : (low >= -128 && high <= 127) || (low >= 0 && high <= 255);
  if (!fits)
    throw golden::InputError(fmt::format("activation codes {}..{} do not fit lanes of {} bits", low,
                                         high, array.act_bits));
  const int64_t max_a = std::max(-low, high);
  for (std::size_t c = 0; c < n; ++c) {
    const int64_t bias = p.bias.empty() ? 0 : p.bias[c];
    int64_t bound = std::abs(bias);
    for (Eigen::Index k = 0; k < p.w.cols(); ++k)
      bound += max_a * std::abs(int{p.w(static_cast<Eigen::Index>(c), k)});
    if (bound > INT32_MAX)
      throw golden::InputError(
          fmt::format("output {} could reach {}, more than a 32-bit accumulator holds", c, bound));
  }
  if (p.requantization) {
    const auto& q = *p.requantization;
    if (q.mult.size() != n || q.shift.size() != n)
      throw golden::InputError(fmt::format("{} multipliers and {} shifts for {} outputs",
                                           q.mult.size(), q.shift.size(), n));
    if (q.zero_point < -32768 || q.zero_point > 32767)
      throw golden::InputError(fmt::format("zero point {} is not int16", q.zero_point));
    for (std::size_t c = 0; c < n; ++c) {
      try {
        encode_multiplier(q.mult[c], q.shift[c]);
      } catch (const golden::InputError& error) {
        throw golden::InputError(fmt::format("channel {}: {}", c, error.what()));
      }
    }
  }
}

PackedGemm pack_gemm(const ArrayGeometry& array, const GemmProblem& p) {
  const int m = array.m;
  PackedGemm out;
  out.k_blocks = block_count(p.a.cols(), m);
  out.n_blocks = block_count(p.w.rows(), m);
  out.w = weight_words(p.w, m);
  const auto& q = p.requantization;
  out.chan = channel_words(static_cast<std::size_t>(p.w.rows()), m, [&](std::size_t n) {
    return channel_code(p.bias.empty() ? 0 : p.bias[n],
                        q ? encode_multiplier(q->mult[n], q->shift[n]) : MultiplierCode{});
  });
  const auto total = static_cast<int>(p.a.rows());
  const bool act_unsigned = array.act_bits == 8 && p.a.maxCoeff() > 127;
  for (int start = 0; start < total; start += array.rows) {
    const int rows = std::min(array.rows, total - start);
    out.chunk_rows.push_back(rows);
    const auto words = block_row_words(p.a, m, array.act_lane_bits(), start, rows);
    out.act.insert(out.act.end(), words.begin(), words.end());
    out.jobs.push_back({.act_unsigned = act_unsigned,
                        .clamp = q ? clamp_code(q->clamp) : sb_pkg::ClampRaw,
                        .zero_point = q ? q->zero_point : 0,
                        .rows = rows,
                        .k_blocks = out.k_blocks,
                        .n_blocks = out.n_blocks});
  }
  return out;
}

}  // namespace sb::tb
