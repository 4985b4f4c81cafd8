// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/gptq.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "golden/base/error.h"
#include "golden/base/ordered.h"
#include "golden/base/parallel.h"

namespace sb::golden {
namespace {

constexpr double kDamping = 0.01;  // of the mean of the diagonal
constexpr double kOddShare = 0.25;
constexpr Eigen::Index kSlice =
    32;  // columns of moments, or rows of weights, that a thread takes at a time

// R of H = R RT, upper triangular, H being the damped moments in the given order of inputs. The
// Cholesky factor L of H with both its orders reversed is R reversed.
Eigen::MatrixXd upper_factor(const MatrixD& moments, const std::vector<Eigen::Index>& order) {
  const Eigen::Index inputs = moments.rows();
  // Without any input (all moments zero) nothing prefers one rounding to another.
  double trace = 0;
  for (Eigen::Index i = 0; i < inputs; ++i) trace += moments(i, i);
  const double mean = trace / static_cast<double>(inputs);
  const double damping = mean > 0 ? kDamping * mean : 1;
  const std::vector<Eigen::Index> reversed(order.rbegin(), order.rend());
  MatrixD h = moments(reversed, reversed);
  h.diagonal().array() += damping;
  if (!ordered_cholesky(h)) throw InputError("gptq: the input moments are not positive definite");
  return h.reverse();
}

}  // namespace

MatrixD input_moments(const MatrixF& x) {
  MatrixD moments(x.cols(), x.cols());
  parallel_for(static_cast<size_t>((x.cols() + kSlice - 1) / kSlice), [&](size_t slice) {
    const Eigen::Index first = static_cast<Eigen::Index>(slice) * kSlice;
    const Eigen::Index count = std::min(kSlice, x.cols() - first);
    const MatrixF product = ordered_product<float>(x.middleCols(first, count).transpose(), x);
    moments.middleRows(first, count) = product.cast<double>() / static_cast<double>(x.rows());
  });
  return moments;
}

MatrixD mixed_moments(const MatrixF& x, const MatrixF& odd,
                      const std::vector<Eigen::Index>& first) {
  MatrixD moments = input_moments(x);
  const size_t texts = first.size() - 1;
  if (texts == 0) return moments;
  MatrixF rows = odd;  // each text as if it had as many rows as any other
  for (size_t t = 0; t < texts; ++t) {
    const Eigen::Index count = first[t + 1] - first[t];
    const double share =
        static_cast<double>(odd.rows()) / static_cast<double>(count) / static_cast<double>(texts);
    rows.middleRows(first[t], count) *= static_cast<float>(std::sqrt(share));
  }
  return moments + kOddShare * input_moments(rows);
}

MatrixI8 gptq_round(const MatrixD& weight, const std::vector<double>& scale,
                    const MatrixD& moments) {
  const Eigen::Index inputs = weight.cols();
  if (moments.rows() != inputs || moments.cols() != inputs || !moments.allFinite())
    throw InputError(
        fmt::format("gptq: moments of {} x {} for {} inputs, or a value that is not finite",
                    moments.rows(), moments.cols(), inputs));
  std::vector<Eigen::Index> order(static_cast<size_t>(inputs));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Eigen::Index a, Eigen::Index b) { return moments(a, a) > moments(b, b); });
  const Eigen::MatrixXd factor = upper_factor(moments, order);
  MatrixI8 codes(weight.rows(), inputs);
  const auto slices = static_cast<size_t>((weight.rows() + kSlice - 1) / kSlice);
  parallel_for(slices, [&](size_t slice) {
    const Eigen::Index first = static_cast<Eigen::Index>(slice) * kSlice;
    const Eigen::Index rows = std::min(kSlice, weight.rows() - first);
    MatrixD error(inputs, rows);  // of an input in a row
    Eigen::RowVectorXd carried(rows);
    for (Eigen::Index j = 0; j < inputs; ++j) {
      const Eigen::Index input = order[static_cast<size_t>(j)];
      carried.setZero();  // summed from the first input to the one before
      for (Eigen::Index i = 0; i < j; ++i) carried += factor(i, j) * error.row(i);
      for (Eigen::Index n = 0; n < rows; ++n) {
        const double step = scale[static_cast<size_t>(first + n)], w = weight(first + n, input);
        const double code =
            std::clamp(std::nearbyint((w + carried[n] / factor(j, j)) / step), -127.0, 127.0);
        error(j, n) = w - code * step;
        codes(first + n, input) = static_cast<int8_t>(code);
      }
    }
  });
  return codes;
}

}  // namespace sb::golden
