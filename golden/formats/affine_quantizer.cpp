// SPDX-License-Identifier: Apache-2.0
#include "golden/formats/affine_quantizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/base/error.h"
#include "golden/base/finite.h"

namespace sb::golden {
namespace {

struct Group {
  double scale;
  double zero_point;
  double code_min, code_max;  // the clamp; infinite where the seed does not clamp
  bool round_with_zero_point;
};

Group symmetric_group(double absmax, const AffineQuantizer& spec) {
  const double top = std::ldexp(1.0, spec.bits - 1) - 1;
  return {std::max(absmax, spec.range_floor) / top, 0, -top, top, false};
}

Group asymmetric_group(double min, double max, const AffineQuantizer& spec) {
  const double top = std::ldexp(1.0, spec.bits) - 1;
  const bool compat = spec.mode == AffineMode::SeedCompat;
  if (!compat) {
    min = std::min(min, 0.0);
    max = std::max(max, 0.0);
  }
  const double scale = std::max(max - min, spec.range_floor) / top;
  double zero_point = -std::nearbyint(min / scale);
  if (!compat || spec.axis != Axis::Channel) zero_point = std::clamp(zero_point, 0.0, top);
  const bool clamp_codes = !compat || spec.axis == Axis::Tensor;
  return {scale, zero_point, clamp_codes ? 0 : -HUGE_VAL, clamp_codes ? top : HUGE_VAL,
          compat && spec.axis == Axis::Tensor};
}

void check_spec(const AffineQuantizer& spec) {
  const int least = spec.symmetric ? 2 : 1;
  if (spec.bits < least || spec.bits > 24)
    throw InputError(fmt::format("quantizer: {} bits, must be {}..24", spec.bits, least));
  if (!(spec.range_floor > 0) || !std::isfinite(spec.range_floor))
    throw InputError(fmt::format("quantizer: range floor {}, must be above 0", spec.range_floor));
}

}  // namespace

Quantized quantize(const MatrixF& x, const AffineQuantizer& spec) {
  check_spec(spec);
  require_finite(x, "quantizer input");
  const bool by_row = spec.axis == Axis::Channel || spec.axis == Axis::Token;
  const bool by_column = spec.axis == Axis::Column || spec.axis == Axis::ActivationChannel;
  const Eigen::Index groups = by_row ? x.rows() : by_column ? x.cols() : 1;

  Quantized y{Matrix<int64_t>(x.rows(), x.cols()), {}, {}, MatrixD(x.rows(), x.cols())};
  for (Eigen::Index g = 0; g < groups; ++g) {
    const Eigen::Index row = by_row ? g : 0, column = by_column ? g : 0;
    const Eigen::Index rows = by_row ? 1 : x.rows(), columns = by_column ? 1 : x.cols();
    const MatrixD block = x.block(row, column, rows, columns).cast<double>();
    const Group group = spec.symmetric ? symmetric_group(block.cwiseAbs().maxCoeff(), spec)
                                       : asymmetric_group(block.minCoeff(), block.maxCoeff(), spec);
    const double most_steps = block.cwiseAbs().maxCoeff() / group.scale;
    if (most_steps > 0x1p52)
      throw InputError(
          fmt::format("quantizer: a value of {} steps of {}, more than a code can count",
                      most_steps, group.scale));
    y.scale.push_back(group.scale);
    y.zero_point.push_back(static_cast<int64_t>(group.zero_point));
    for (Eigen::Index r = 0; r < rows; ++r)
      for (Eigen::Index c = 0; c < columns; ++c) {
        const double steps = block(r, c) / group.scale;
        const double code =
            std::clamp(group.round_with_zero_point ? std::nearbyint(steps + group.zero_point)
                                                   : std::nearbyint(steps) + group.zero_point,
                       group.code_min, group.code_max);
        y.codes(row + r, column + c) = static_cast<int64_t>(code);
        y.dequantized(row + r, column + c) = (code - group.zero_point) * group.scale;
      }
  }
  y.l2 = (x.cast<double>() - y.dequantized).norm();
  return y;
}

}  // namespace sb::golden
