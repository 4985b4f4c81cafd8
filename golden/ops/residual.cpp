// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/residual.h"

#include <fmt/format.h>

#include "golden/base/clamp.h"
#include "golden/base/error.h"

namespace sb::golden {

MatrixI16 residual_add(const MatrixI16& h, const MatrixI16& d) {
  if (h.rows() != d.rows() || h.cols() != d.cols())
    throw InputError(fmt::format("residual: {} x {} and {} x {} differ", h.rows(), h.cols(),
                                 d.rows(), d.cols()));
  MatrixI16 s(h.rows(), h.cols());
  for (Eigen::Index r = 0; r < h.rows(); ++r)
    for (Eigen::Index c = 0; c < h.cols(); ++c)
      s(r, c) = saturate(int{h(r, c)} + int{d(r, c)}, Clamp::S16);
  return s;
}

}  // namespace sb::golden
