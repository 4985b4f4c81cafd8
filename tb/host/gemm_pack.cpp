#include "tb/host/gemm_pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "tb/host/lanes.h"
#include "tb/sim/error.h"

namespace sb::tb {

int block_count(Eigen::Index size, int m) { return static_cast<int>((size + m - 1) / m); }

void check_problem(const ArrayGeometry& array, const GemmProblem& p) {
  const auto limit = [](Eigen::Index size, const char* what) {
    if (size < 1) throw InputError(fmt::format("{} is 0: nothing to multiply", what));
  };
  limit(p.a.rows(), "rows");
  limit(p.a.cols(), "K");
  limit(p.w.rows(), "N");
  if (p.a.cols() != p.w.cols())
    throw InputError(
        fmt::format("K differs: A has {} columns, W has {} inputs", p.a.cols(), p.w.cols()));
  for (const auto& [size, what] : {std::pair{p.a.cols(), "K"}, {p.w.rows(), "N"}})
    if (block_count(size, array.m) > 65535)
      throw InputError(fmt::format("{} = {} is over the limit of {} at M = {}", what, size,
                                   65535 * array.m, array.m));
  const auto n = static_cast<std::size_t>(p.w.rows());
  if (!p.bias.empty() && p.bias.size() != n)
    throw InputError(fmt::format("{} bias values for {} outputs", p.bias.size(), n));
  const int low = p.a.minCoeff(), high = p.a.maxCoeff();
  const bool fits = array.act_bits == 9 ? low >= -256 && high <= 255
                                        : (low >= -128 && high <= 127) || (low >= 0 && high <= 255);
  if (!fits)
    throw InputError(fmt::format("activation codes {}..{} do not fit lanes of {} bits", low, high,
                                 array.act_bits));
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
      throw InputError(fmt::format("{} multipliers and {} shifts for {} outputs", q.mult.size(),
                                   q.shift.size(), n));
    if (q.zero_point < -32768 || q.zero_point > 32767)
      throw InputError(fmt::format("zero point {} is not int16", q.zero_point));
    for (std::size_t c = 0; c < n; ++c) encode_multiplier(q.mult[c], q.shift[c]);
  }
}

PackedGemm pack_gemm(const ArrayGeometry& array, const GemmProblem& p) {
  const int m = array.m;
  PackedGemm out;
  out.k_blocks = block_count(p.a.cols(), m);
  out.n_blocks = block_count(p.w.rows(), m);
  const std::size_t w_words = lane_words(m, 8), chan_words = lane_words(m, 64),
                    act_words = lane_words(m, array.act_lane_bits());
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
    const MultiplierCode code =
        p.requantization ? encode_multiplier(p.requantization->mult[i], p.requantization->shift[i])
                         : MultiplierCode{};
    put_lane(std::span(out.chan).subspan(static_cast<std::size_t>(n / m) * chan_words, chan_words),
             static_cast<int>(n % m), 64, channel_word(p.bias.empty() ? 0 : p.bias[i], code));
  }
  const auto total = static_cast<int>(p.a.rows());
  out.act_unsigned = array.act_bits == 8 && p.a.maxCoeff() > 127;
  out.act.assign(act_words * static_cast<std::size_t>(total) * out.k_blocks, 0);
  std::size_t word = 0;
  for (int start = 0; start < total; start += array.rows) {
    const int rows = std::min(array.rows, total - start);
    out.chunk_rows.push_back(rows);
    for (int kb = 0; kb < out.k_blocks; ++kb)
      for (int r = 0; r < rows; ++r, ++word)
        for (int lane = 0; lane < m && kb * m + lane < p.a.cols(); ++lane)
          put_lane(std::span(out.act).subspan(word * act_words, act_words), lane,
                   array.act_lane_bits(), static_cast<uint16_t>(p.a(start + r, kb * m + lane)));
    // job_t, least significant first: n_blocks, k_blocks, rows, zero point, clamp, act_unsigned.
    const uint64_t low =
        static_cast<uint64_t>(out.n_blocks) | static_cast<uint64_t>(out.k_blocks) << 16 |
        static_cast<uint64_t>(rows) << 32 |
        static_cast<uint64_t>(
            static_cast<uint16_t>(p.requantization ? p.requantization->zero_point : 0))
            << 48;
    const auto clamp =
        static_cast<uint32_t>(p.requantization ? p.requantization->clamp : Clamp::Raw);
    out.job.insert(out.job.end(), {static_cast<uint32_t>(low), static_cast<uint32_t>(low >> 32),
                                   clamp | (out.act_unsigned ? 8U : 0U)});
  }
  return out;
}

}  // namespace sb::tb
