// SPDX-License-Identifier: Apache-2.0
#include "golden/base/finite.h"

#include <fmt/format.h>

#include <cmath>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

template <typename T>
void check(const Matrix<T>& x, std::string_view name) {
  if (x.size() == 0)
    throw InputError(fmt::format("{}: empty tensor ({} x {})", name, x.rows(), x.cols()));
  for (Eigen::Index r = 0; r < x.rows(); ++r)
    for (Eigen::Index c = 0; c < x.cols(); ++c)
      if (!std::isfinite(x(r, c)))
        throw InputError(fmt::format("{}: {} at row {} column {} of {} x {}", name, x(r, c), r, c,
                                     x.rows(), x.cols()));
}

}  // namespace

void require_finite(const MatrixF& x, std::string_view name) { check(x, name); }
void require_finite(const MatrixD& x, std::string_view name) { check(x, name); }

}  // namespace sb::golden
