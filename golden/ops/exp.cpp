// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/exp.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/base/error.h"

namespace sb::golden {

ExpTable make_exp_table(double scale) {
  if (!std::isfinite(scale) || scale <= 0)
    throw InputError(fmt::format("exp table: scale {} is not finite and above 0", scale));
  ExpTable table;
  double exact = 0, given = 0;
  for (size_t d = 0; d < table.size(); ++d) {
    exact += 255.0 * std::exp(-scale * static_cast<double>(d));
    const double entry = std::nearbyint(exact) - given;
    table[d] = static_cast<uint8_t>(entry);
    given += entry;
  }
  return table;
}

ExpRows exp_rows(const MatrixI16& scores, std::span<const uint8_t> valid, const ExpTable& table) {
  const auto keys = static_cast<size_t>(scores.cols());
  if (keys < 1 || keys > 4096) throw InputError(fmt::format("exp: {} keys, must be 1..4096", keys));
  if (!valid.empty() && valid.size() != keys)
    throw InputError(fmt::format("exp: {} key flags for {} keys", valid.size(), keys));
  ExpRows out{MatrixI16::Zero(scores.rows(), scores.cols()),
              std::vector<uint32_t>(scores.rows(), 0)};
  const auto masked = [&](size_t j) { return !valid.empty() && valid[j] == 0; };
  for (Eigen::Index r = 0; r < scores.rows(); ++r) {
    int row_max = -128;
    for (size_t j = 0; j < keys; ++j) {
      const int s = scores(r, static_cast<Eigen::Index>(j));
      if (s < -128 || s > 127) throw InputError(fmt::format("exp: score code {} is not int8", s));
      if (!masked(j)) row_max = std::max(row_max, s);
    }
    for (size_t j = 0; j < keys; ++j) {
      if (masked(j)) continue;
      const int distance = row_max - scores(r, static_cast<Eigen::Index>(j));  // 0 .. 255
      const uint8_t u = table[static_cast<size_t>(distance)];
      out.u(r, static_cast<Eigen::Index>(j)) = u;
      out.sum[static_cast<size_t>(r)] += u;
    }
  }
  return out;
}

uint32_t reciprocal(uint32_t sum) {
  if (sum >= (1U << 20)) throw InputError(fmt::format("reciprocal: sum {} is not below 2^20", sum));
  if (sum == 0) return 0;
  return std::min(131071U, ((1U << 24) + sum / 2) / sum);
}

int32_t row_factor(int32_t acc, uint32_t r) {
  if (acc <= -(1 << 26) || acc >= (1 << 26))
    throw InputError(fmt::format("row factor: accumulator {} is not below 2^26", acc));
  if (r >= (1U << 17))
    throw InputError(fmt::format("row factor: reciprocal {} is not below 2^17", r));
  const int64_t product = (int64_t{acc} * r) >> 8;  // arithmetic, towards minus infinity
  if (product < std::numeric_limits<int32_t>::min() ||
      product > std::numeric_limits<int32_t>::max())
    throw InputError(fmt::format("row factor: {} * {} leaves int32", acc, r));
  return static_cast<int32_t>(product);
}

MatrixI32 row_factor(const MatrixI32& acc, std::span<const uint32_t> r) {
  if (r.size() != static_cast<size_t>(acc.rows()))
    throw InputError(fmt::format("row factor: {} reciprocals for {} rows", r.size(), acc.rows()));
  MatrixI32 out(acc.rows(), acc.cols());
  for (Eigen::Index i = 0; i < acc.rows(); ++i)
    for (Eigen::Index n = 0; n < acc.cols(); ++n)
      out(i, n) = row_factor(acc(i, n), r[static_cast<size_t>(i)]);
  return out;
}

}  // namespace sb::golden
