// SPDX-License-Identifier: Apache-2.0
#include "golden/seed/ibert.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/base/error.h"

namespace sb::golden {

MatrixD ibert_softmax(const MatrixD& scores, SeedMode mode) {
  constexpr double kX0 = -0.6931, kA = 0.35815147, kB = 0.96963238 / kA, kC = 1.0 / kA;
  constexpr int kN = 30;
  SeedTensor x = tensor_quant_scale(scores, 32, mode);
  x.codes.colwise() -= x.codes.rowwise().maxCoeff().eval();

  const double x0 = std::floor(kX0 / x.scale), b = std::floor(kB / x.scale),
               c = std::floor(kC / (x.scale * x.scale));
  // A step wider than ln 2 leaves x0 = -1: the remainder is then always 0, as it should be.
  const MatrixD exp = x.codes.unaryExpr([&](double code) {
    const double clipped = std::max(code, kN * x0);
    const double q = std::floor(clipped / x0);
    const double r = clipped - x0 * q;
    return std::max(0.0, std::floor(std::ldexp((r + b) * r + c, kN - static_cast<int>(q))));
  });
  const double exp_scale = std::ldexp(kA * x.scale * x.scale, -kN);
  const MatrixD e = tensor_quant_scale(exp * exp_scale, 16, mode).codes;
  MatrixD y(e.rows(), e.cols());
  for (Eigen::Index r = 0; r < e.rows(); ++r) {
    const double factor = std::floor(0x1p32 / e.row(r).sum());
    for (Eigen::Index i = 0; i < e.cols(); ++i)
      y(r, i) = std::floor(e(r, i) * factor * 0x1p-24) / 256;
  }
  return y;
}

MatrixD ibert_gelu(const MatrixD& input, SeedMode mode) {
  constexpr double kRoot2 = 1.4142, kA = -0.2888, kB = -1.769, kC = 1.0 / kA;
  constexpr int kShift = 14;
  const SeedTensor x = tensor_quant_scale(input, 32, mode);
  const double s = x.scale / kRoot2;
  const double b = std::nearbyint(kB / s), c = std::nearbyint(kC / (s * s));
  const double erf_scale = std::ldexp(s * s * kA, kShift);
  const double one = std::nearbyint(1.0 / erf_scale);
  return x.codes.unaryExpr([&](double code) {
    const double magnitude = std::min(std::abs(code), -b);
    const double sign = code > 0 ? 1 : code < 0 ? -1 : 0;
    const double erf =
        std::nearbyint(std::ldexp(sign * ((magnitude + b) * (magnitude + b) + c), -kShift));
    return code * (erf + one) * (x.scale * erf_scale / 2);
  });
}

MatrixD ibert_layernorm(const MatrixD& input, const Vector<double>& gain,
                        const Vector<double>& bias, double eps, SeedMode mode) {
  if (gain.size() != input.cols() || bias.size() != input.cols())
    throw InputError(fmt::format("LayerNorm: {} gains and {} biases for {} columns", gain.size(),
                                 bias.size(), input.cols()));
  const SeedTensor x = tensor_quant_scale(input, 16, mode);
  const auto parameter = [&](const Vector<double>& v) {
    const bool own_scale = mode == SeedMode::Corrected;
    const SeedTensor q = tensor_quant_scale(MatrixD(v.transpose()), 16, mode,
                                            own_scale ? std::nullopt : std::optional(x.scale));
    return MatrixD(q.codes * q.scale);
  };
  const MatrixD g = parameter(gain), b = parameter(bias);
  const auto n = static_cast<double>(input.cols());
  const double eps_steps =
      std::floor(mode == SeedMode::Compat ? eps / x.scale : eps / (x.scale * x.scale));
  MatrixD y(input.rows(), input.cols());
  for (Eigen::Index r = 0; r < input.rows(); ++r) {
    const double mean = std::nearbyint(x.codes.row(r).sum() / n);
    double variance = 0;
    for (Eigen::Index i = 0; i < input.cols(); ++i) {
      const double centred = x.codes(r, i) - mean;
      variance += std::nearbyint(centred * centred / n);
    }
    double deviation = std::nearbyint(std::sqrt(variance + eps_steps));
    if (deviation == 0) deviation = 1;
    for (Eigen::Index i = 0; i < input.cols(); ++i)
      y(r, i) = (x.codes(r, i) - mean) / deviation * g(0, i) + b(0, i);
  }
  return y;
}

}  // namespace sb::golden
