// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/int_linear.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/base/error.h"
#include "golden/base/parallel.h"
#include "golden/ops/gemm.h"
#include "golden/ops/requantize.h"
#include "golden/quantize/gptq.h"

namespace sb::golden {
namespace {

double squared_error(const double* values, Eigen::Index count, double scale,
                     const Eigen::VectorXd& importance) {
  double sum = 0;
  for (Eigen::Index i = 0; i < count; ++i) {
    const double code = std::clamp(std::nearbyint(values[i] / scale), -127.0, 127.0);
    const double error = values[i] - code * scale;
    sum += error * error * (importance.size() > 0 ? importance[i] : 1);
  }
  return sum;
}

MatrixI8 nearest_codes(const MatrixD& weight, const std::vector<double>& scale) {
  MatrixI8 codes(weight.rows(), weight.cols());
  for (Eigen::Index n = 0; n < weight.rows(); ++n)
    for (Eigen::Index k = 0; k < weight.cols(); ++k)
      codes(n, k) = static_cast<int8_t>(
          std::clamp(std::nearbyint(weight(n, k) / scale[static_cast<size_t>(n)]), -127.0, 127.0));
  return codes;
}

}  // namespace

double weight_scale(const double* values, Eigen::Index count, bool clip,
                    const Eigen::VectorXd& importance) {
  double max = 0;
  for (Eigen::Index i = 0; i < count; ++i) max = std::max(max, std::abs(values[i]));
  if (!clip || max == 0) return max / 127;
  double best = max / 127, best_error = std::numeric_limits<double>::infinity();
  for (int step = 25; step >= 0; --step) {
    const double scale = max * (0.5 + 0.02 * step) / 127;
    const double error = squared_error(values, count, scale, importance);
    if (error < best_error) {
      best_error = error;
      best = scale;
    }
  }
  return best;
}

IntLinear make_int_linear(const FoldedLinear& linear, const IntLinearOptions& plan) {
  const Eigen::Index outputs = linear.weight.rows(), inputs = linear.weight.cols();
  IntLinear result;
  result.zero = plan.out_zero;
  result.clamp = plan.clamp;
  std::vector<double> scale(static_cast<size_t>(outputs));
  Eigen::VectorXd importance;
  if (plan.moments != nullptr && plan.weigh_clip) importance = plan.moments->diagonal();
  if (plan.per_channel)
    parallel_for(scale.size(), [&](size_t n) {
      scale[n] = weight_scale(linear.weight.row(static_cast<Eigen::Index>(n)).data(), inputs,
                              plan.clip, importance);
    });
  else
    // One scale for all rows: each of them meets the same inputs.
    std::fill(scale.begin(), scale.end(),
              weight_scale(linear.weight.data(), linear.weight.size(), plan.clip,
                           importance.replicate(importance.size() > 0 ? outputs : 1, 1)));

  std::vector<int32_t> bias(scale.size());
  for (size_t n = 0; n < scale.size(); ++n) {
    const auto row = static_cast<Eigen::Index>(n);
    if (!std::isfinite(scale[n]) || !std::isfinite(linear.bias[row]))
      throw InputError(
          fmt::format("{}: weights or bias of output {} are not finite", plan.name, n));
    // A channel without weights, or with next to none beside its bias, takes its unit from output
    // and bias.
    scale[n] =
        std::max({scale[n], plan.out_scale[row] * 0x1p-24, std::abs(linear.bias[row]) * 0x1p-29});
    bias[n] = static_cast<int32_t>(std::nearbyint(linear.bias[row] / scale[n]));
    append_requant(result.requant, scale[n] / plan.out_scale[row],
                   fmt::format("{}, output {}", plan.name, n));
    result.out_scale.push_back(plan.out_scale[row]);
  }
  result.weight = plan.gptq && plan.moments != nullptr
                      ? gptq_round(linear.weight, scale, *plan.moments)
                      : nearest_codes(linear.weight, scale);
  result.acc_scale = std::move(scale);
  result.bias = fold_zero_point(bias, result.weight, plan.in_zero);
  return result;
}

}  // namespace sb::golden
