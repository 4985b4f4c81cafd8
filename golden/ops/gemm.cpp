// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "golden/base/accumulator.h"
#include "golden/base/error.h"

namespace sb::golden {

MatrixI32 gemm(const MatrixI16& a, const MatrixI8& w, std::span<const int32_t> bias) {
  if (a.cols() != w.cols())
    throw InputError(fmt::format("gemm: K differs: {} columns in A, {} in W", a.cols(), w.cols()));
  if (!bias.empty() && static_cast<Eigen::Index>(bias.size()) != w.rows())
    throw InputError(fmt::format("gemm: {} bias values for {} outputs", bias.size(), w.rows()));
  int max_a = 0;
  for (Eigen::Index i = 0; i < a.size(); ++i) {
    const int code = a.data()[i];
    if (code < -256 || code > 255)
      throw InputError(fmt::format("gemm: activation code {} is not in -256..255", code));
    max_a = std::max(max_a, std::abs(code));
  }
  MatrixI32 acc(a.rows(), w.rows());
  for (Eigen::Index n = 0; n < w.rows(); ++n) {
    const Vector<int16_t> weights =
        w.row(n).cast<int16_t>();  // products of 16-bit values vectorize well
    const int64_t b = bias.empty() ? 0 : bias[static_cast<size_t>(n)];
    const int64_t bound =
        accumulator_bound({w.row(n).data(), static_cast<size_t>(w.cols())}, b, max_a);
    if (bound > kAccumulatorMax)
      throw InputError(
          fmt::format("gemm: output {} could reach {}, more than int32 holds", n, bound));
    // Inside the bound every partial sum fits int32.
    for (Eigen::Index r = 0; r < a.rows(); ++r) {
      const int16_t* row = a.row(r).data();
      int32_t sum = 0;
      for (Eigen::Index k = 0; k < w.cols(); ++k) sum += int{row[k]} * int{weights[k]};
      acc(r, n) = sum + static_cast<int32_t>(b);
    }
  }
  return acc;
}

std::vector<int32_t> fold_zero_point(std::span<const int32_t> bias, const MatrixI8& w, int zp_a) {
  std::vector<int32_t> folded(static_cast<size_t>(w.rows()));
  for (Eigen::Index n = 0; n < w.rows(); ++n) {
    int64_t sum = 0;
    for (Eigen::Index k = 0; k < w.cols(); ++k) sum += w(n, k);
    const int64_t value = (bias.empty() ? 0 : int64_t{bias[static_cast<size_t>(n)]}) - zp_a * sum;
    if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max())
      throw InputError(fmt::format(
          "gemm: bias {} with the zero point folded in is {}, more than int32 holds", n, value));
    folded[static_cast<size_t>(n)] = static_cast<int32_t>(value);
  }
  return folded;
}

MatrixI16 genmat(int rows, int cols, int ld, int mod) {
  MatrixI16 m(rows, cols);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < cols; ++j) m(i, j) = static_cast<int16_t>((i * ld + j) % mod);
  return m;
}

}  // namespace sb::golden
