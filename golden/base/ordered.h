// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include "golden/base/matrix.h"

// Sums in an order of their own. Eigen adds in the order that suits the processor: as many partial
// sums as a register has lanes, blocks as large as the cache. What decides codes of an integer
// model is summed here instead, so that every processor gives the same file.

namespace sb::golden {

/// a * b, each element summed from its first product to its last.
template <typename T>
Matrix<T> ordered_product(const Matrix<T>& a, const Matrix<T>& b) {
  // A tile of results stays in registers while the products go by; the compiler vectorizes over its
  // columns, which do not meet in any sum.
  constexpr Eigen::Index kRows = 4, kColumns = 64 / sizeof(T);
  Matrix<T> y(a.rows(), b.cols());
  for (Eigen::Index c = 0; c < y.cols(); c += kColumns)
    for (Eigen::Index r = 0; r < y.rows(); r += kRows) {
      const Eigen::Index rows = std::min(kRows, y.rows() - r);
      const Eigen::Index columns = std::min(kColumns, y.cols() - c);
      std::array<std::array<T, kColumns>, kRows> sum{};
      if (rows == kRows && columns == kColumns) {
        for (Eigen::Index k = 0; k < a.cols(); ++k) {
          const T* const from = &b(k, c);
          for (size_t i = 0; i < kRows; ++i) {
            const T factor = a(r + static_cast<Eigen::Index>(i), k);
            for (size_t j = 0; j < kColumns; ++j) sum[i][j] += factor * from[j];
          }
        }
      } else {
        for (Eigen::Index k = 0; k < a.cols(); ++k)
          for (Eigen::Index i = 0; i < rows; ++i)
            for (Eigen::Index j = 0; j < columns; ++j)
              sum[static_cast<size_t>(i)][static_cast<size_t>(j)] += a(r + i, k) * b(k, c + j);
      }
      for (Eigen::Index i = 0; i < rows; ++i)
        for (Eigen::Index j = 0; j < columns; ++j)
          y(r + i, c + j) = sum[static_cast<size_t>(i)][static_cast<size_t>(j)];
    }
  return y;
}

/// Lower triangular L of a symmetric h = L LT, which `h` becomes. False if h is not positive
/// definite.
inline bool ordered_cholesky(MatrixD& h) {
  constexpr Eigen::Index kBlock = 64;
  const Eigen::Index size = h.rows();
  for (Eigen::Index first = 0; first < size; first += kBlock) {
    const Eigen::Index block = std::min(kBlock, size - first), rest = size - first;
    // What the columns before take away from this block of columns.
    if (first > 0)
      h.block(first, first, rest, block) -= ordered_product<double>(
          h.block(first, 0, rest, first), h.block(first, 0, block, first).transpose());
    for (Eigen::Index j = first; j < first + block; ++j) {
      for (Eigen::Index i = j; i < size; ++i) {
        double value = h(i, j);
        for (Eigen::Index k = first; k < j; ++k) value -= h(i, k) * h(j, k);
        if (i == j && !(value > 0)) return false;
        h(i, j) = i == j ? std::sqrt(value) : value / h(j, j);
      }
    }
  }
  for (Eigen::Index i = 0; i < size; ++i) h.row(i).tail(size - 1 - i).setZero();
  return true;
}

}  // namespace sb::golden
