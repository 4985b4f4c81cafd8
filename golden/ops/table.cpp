// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "golden/base/error.h"

namespace sb::golden {

Table make_table(const std::function<double(double)>& f, const TableFormat& format) {
  if (!(format.in_scale > 0) || !(format.out_scale > 0) || !std::isfinite(format.in_scale) ||
      !std::isfinite(format.out_scale))
    throw InputError(
        fmt::format("table: scales {} and {} must be above 0", format.in_scale, format.out_scale));
  if (format.clamp == Clamp::S16)
    throw InputError("table: entries have 9 bits, the clamp cannot be s16");
  Table table;
  for (int x = -128; x <= 127; ++x) {
    const double y = f((x - format.in_zero) * format.in_scale) / format.out_scale;
    if (!std::isfinite(y))
      throw InputError(fmt::format("table: the value for code {} is {}", x, y));
    const double code = std::nearbyint(y) + format.out_zero;
    table[x + 128] = saturate(code, format.clamp);
  }
  return table;
}

double gelu(double x) { return 0.5 * x * std::erfc(-x / std::numbers::sqrt2); }

double relu(double x) { return std::max(0.0, x); }

std::function<double(double)> leaky_relu(double slope) {
  return [slope](double x) { return x > 0 ? x : slope * x; };
}

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

MatrixI16 apply_table(const MatrixI16& x, const Table& table) {
  MatrixI16 y(x.rows(), x.cols());
  for (Eigen::Index r = 0; r < x.rows(); ++r)
    for (Eigen::Index c = 0; c < x.cols(); ++c) {
      const int code = x(r, c);
      if (code < -128 || code > 127)
        throw InputError(fmt::format("table: code {} is not int8", code));
      y(r, c) = table[code + 128];
    }
  return y;
}

}  // namespace sb::golden
