// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/softmax.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/base/error.h"
#include "golden/ops/rounding.h"

namespace sb::golden {
namespace {

constexpr uint64_t kFull = (1 << 18) - 1;  // table entry of the maximum
constexpr uint64_t kRecipMax = (1 << 26) - 1;

// Codes of a probability of 1, times 2^35.
uint64_t numerator(SoftmaxFormat format) {
  return format == SoftmaxFormat::U8 ? uint64_t{256} << 35 : uint64_t{255} << 34;
}

}  // namespace

SoftmaxTable make_softmax_table(double scale) {
  if (!std::isfinite(scale) || scale <= 0)
    throw InputError(fmt::format("softmax table: scale {} is not finite and above 0", scale));
  SoftmaxTable table;
  for (size_t d = 0; d < table.size(); ++d)
    table[d] = static_cast<uint32_t>(
        std::nearbyint(static_cast<double>(kFull) * std::exp(-scale * static_cast<double>(d))));
  return table;
}

double softmax_unit(SoftmaxFormat format) { return format == SoftmaxFormat::U8 ? 256.0 : 127.5; }

MatrixI16 softmax_rows(const MatrixI16& scores, std::span<const uint8_t> valid,
                       const SoftmaxTable& table, SoftmaxFormat format) {
  const auto keys = static_cast<size_t>(scores.cols());
  if (keys < 1 || keys > 4096)
    throw InputError(fmt::format("softmax: {} keys, must be 1..4096", keys));
  if (!valid.empty() && valid.size() != keys)
    throw InputError(fmt::format("softmax: {} key flags for {} keys", valid.size(), keys));
  for (uint32_t entry : table)
    if (entry > kFull)
      throw InputError(fmt::format("softmax: table entry {} is not below 2^18", entry));
  const auto masked = [&](Eigen::Index j) {
    return !valid.empty() && valid[static_cast<size_t>(j)] == 0;
  };
  MatrixI16 y = MatrixI16::Zero(scores.rows(), scores.cols());
  for (Eigen::Index r = 0; r < scores.rows(); ++r) {
    int row_max = -128;
    for (Eigen::Index j = 0; j < scores.cols(); ++j) {
      const int s = scores(r, j);
      if (s < -128 || s > 127)
        throw InputError(fmt::format("softmax: score code {} is not int8", s));
      if (!masked(j)) row_max = std::max(row_max, s);
    }
    uint64_t sum = 0;
    for (Eigen::Index j = 0; j < scores.cols(); ++j)
      if (!masked(j)) sum += table[static_cast<size_t>(row_max - scores(r, j))];
    if (sum == 0) continue;
    const uint64_t recip = std::min(kRecipMax, (numerator(format) + sum / 2) / sum);
    for (Eigen::Index j = 0; j < scores.cols(); ++j) {
      if (masked(j)) continue;
      const uint64_t e = table[static_cast<size_t>(row_max - scores(r, j))];
      const uint64_t fixed = (e * recip + (uint64_t{1} << 18)) >> 19;  // 16 fraction bits
      const int64_t code = round_half_even_shift(static_cast<int64_t>(fixed), 16);
      y(r, j) =
          static_cast<int16_t>(std::min<int64_t>(code, format == SoftmaxFormat::U8 ? 255 : 127));
    }
  }
  return y;
}

}  // namespace sb::golden
