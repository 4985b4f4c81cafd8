// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/layernorm.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "golden/base/clamp.h"
#include "golden/base/error.h"
#include "golden/ops/rounding.h"

namespace sb::golden {
namespace {

constexpr int kGainFraction = 22;  // G: fraction bits of z * g
constexpr int kBiasFraction = 8;

int32_t fit(double value, int bits, const char* what, size_t channel) {
  const double limit = std::ldexp(1.0, bits - 1);
  const double rounded = std::nearbyint(value);
  if (!(rounded >= -limit && rounded < limit))
    throw InputError(fmt::format("LayerNorm: {} of channel {} is {}, more than {} bits hold", what,
                                 channel, value, bits));
  return static_cast<int32_t>(rounded);
}

// floor(2^33 / sqrt(w)): the largest q with q^2 * w <= 2^66.
uint64_t inverse_root(uint64_t w) {
  uint64_t q = 0;
  for (uint64_t bit = uint64_t{1} << 33; bit != 0; bit >>= 1) {
    const unsigned __int128 next = q | bit;
    if (next * next * w <= static_cast<unsigned __int128>(1) << 66) q |= bit;
  }
  return q;
}

void check(const LayerNormParams& p, Eigen::Index columns) {
  if (columns < 1 || columns > 4096 || p.gain.size() != static_cast<size_t>(columns) ||
      p.bias.size() != p.gain.size())
    throw InputError(
        fmt::format("LayerNorm: {} columns, {} gains, {} biases (1..4096, all the same)", columns,
                    p.gain.size(), p.bias.size()));
  if (p.mean_mult >= (1U << 26) || p.mean_shift < 16 || p.mean_shift > 32)
    throw InputError(fmt::format("LayerNorm: mean multiplier {} or shift {} is out of range",
                                 p.mean_mult, p.mean_shift));
  if (p.e >= (uint64_t{1} << 56))
    throw InputError(fmt::format("LayerNorm: E {} is not below 2^56", p.e));
  if (p.row_shift < 8 || p.row_shift > 31)
    throw InputError(fmt::format("LayerNorm: row shift {} is not in 8..31", p.row_shift));
  for (size_t c = 0; c < p.gain.size(); ++c)
    if (std::abs(p.gain[c]) > 131071 || std::abs(p.bias[c]) > 33554431)
      throw InputError(fmt::format("LayerNorm: gain {} or bias {} of channel {} is too wide",
                                   p.gain[c], p.bias[c], c));
}

}  // namespace

LayerNormParams make_layernorm(std::span<const float> gamma, std::span<const float> beta,
                               double eps, double scale_s, double scale_y) {
  const size_t n = gamma.size();
  if (n < 1 || n > 4096 || beta.size() != n)
    throw InputError(
        fmt::format("LayerNorm: {} gains and {} biases (1..4096, the same)", n, beta.size()));
  if (!(scale_s > 0) || !(scale_y > 0) || !std::isfinite(scale_s) || !std::isfinite(scale_y))
    throw InputError(fmt::format("LayerNorm: scales {} and {} must be above 0", scale_s, scale_y));
  if (!(eps >= 0)) throw InputError(fmt::format("LayerNorm: eps {} is below 0", eps));
  const auto columns = static_cast<double>(n);
  LayerNormParams p;
  p.mean_shift = 32;
  while (std::nearbyint(std::ldexp(256.0 / columns, p.mean_shift)) >= 0x1p26) --p.mean_shift;
  p.mean_mult = static_cast<uint32_t>(std::nearbyint(std::ldexp(256.0 / columns, p.mean_shift)));
  const double e = std::nearbyint(columns * columns * eps / scale_s / scale_s);
  if (!(e < 0x1p56))
    throw InputError(fmt::format("LayerNorm: eps {} gives E = {}, not below 2^56", eps, e));
  p.e = static_cast<uint64_t>(e);

  // z is 2^(40 - row_shift) / N of a standard deviation. The largest row shift whose gains fit 18
  // bits keeps the most of them; z then still resolves 1/32 of an output code or better.
  double largest = 0;
  for (float v : gamma) largest = std::max(largest, std::abs(static_cast<double>(v)));
  if (!std::isfinite(largest)) throw InputError("LayerNorm: a gain is not finite");
  const auto gain = [&](double g) {
    return g / scale_y * columns * std::ldexp(1.0, kGainFraction - 40 + p.row_shift);
  };
  int least = 8;  // z of the largest deviation a row can have, sqrt(N - 1), stays inside 27 bits
  while (std::ldexp(std::sqrt(columns - 1) / columns, 40 - least) > 0x1.ep25) ++least;
  p.row_shift = 31;
  while (p.row_shift > least && std::nearbyint(gain(largest)) > 131071) --p.row_shift;
  for (size_t c = 0; c < n; ++c) {
    p.gain.push_back(fit(gain(gamma[c]), 18, "gain", c));
    p.bias.push_back(
        fit(std::ldexp(static_cast<double>(beta[c]) / scale_y, kBiasFraction), 26, "bias", c));
  }
  return p;
}

OperandParams make_operand(std::span<const double> ratio, int bits) {
  if (bits != 8 && bits != 9)
    throw InputError(fmt::format("operand: {} bits, must be 8 or 9", bits));
  double largest = 0;
  for (double r : ratio) {
    if (!(r >= 0x1p-28) || !std::isfinite(r))
      throw InputError(fmt::format("operand: ratio {} is not in 2^-28 .. 1", r));
    largest = std::max(largest, r);
  }
  OperandParams p;
  p.bits = bits;
  p.shift = 28;
  while (p.shift > 16 && std::nearbyint(std::ldexp(largest, p.shift)) > 65535) p.shift -= 4;
  if (std::nearbyint(std::ldexp(largest, p.shift)) > 65535)
    throw InputError(fmt::format("operand: ratio {} is not in 2^-28 .. 1", largest));
  for (double r : ratio)
    p.k.push_back(static_cast<uint16_t>(std::max(1.0, std::nearbyint(std::ldexp(r, p.shift)))));
  return p;
}

RowStatistics row_statistics(std::span<const int16_t> row) {
  RowStatistics statistics;
  for (int64_t s : row) {
    statistics.sum += s;
    statistics.sumsq += s * s;
  }
  return statistics;
}

int32_t row_mean8(const LayerNormParams& p, int64_t sum) {
  return static_cast<int32_t>(round_half_even_shift(sum * p.mean_mult, p.mean_shift));
}

uint64_t row_w(const LayerNormParams& p, const RowStatistics& statistics) {
  const auto n = static_cast<int64_t>(p.gain.size());
  return static_cast<uint64_t>(n * statistics.sumsq - statistics.sum * statistics.sum) + p.e;
}

Rsqrt rsqrt(uint64_t w) {
  if (w >= (uint64_t{1} << 57)) throw InputError(fmt::format("rsqrt: {} is not below 2^57", w));
  if (w == 0) return {};
  // The top bit of w * 2^(-2h) is bit 30 or 31.
  const int top = 63 - std::countl_zero(w);
  const int h = (top - 30 - (top & 1)) / 2;
  const uint64_t normal = h >= 0 ? w >> (2 * h) : w << (-2 * h);
  const uint64_t m = (inverse_root(normal) + 1) / 2;
  return {static_cast<uint32_t>(std::min<uint64_t>(131071, m)), h};
}

MatrixI16 layernorm(const MatrixI16& s, const LayerNormParams& p) {
  check(p, s.cols());
  MatrixI16 y(s.rows(), s.cols());
  for (Eigen::Index r = 0; r < s.rows(); ++r) {
    const RowStatistics statistics =
        row_statistics({s.row(r).data(), static_cast<size_t>(s.cols())});
    const int64_t mean8 = row_mean8(p, statistics.sum);
    const Rsqrt root = rsqrt(row_w(p, statistics));
    const int shift = root.h + p.row_shift;  // -7 .. 44
    for (Eigen::Index c = 0; c < s.cols(); ++c) {
      const int64_t t = 256 * int64_t{s(r, c)} - mean8;
      const int64_t product = t * root.m;
      const int64_t scaled = shift >= 0 ? product >> shift : product * (int64_t{1} << -shift);
      const int64_t z = std::clamp<int64_t>(scaled, -(1 << 26), (1 << 26) - 1);
      const int64_t g = p.gain[static_cast<size_t>(c)];
      const int64_t b = int64_t{p.bias[static_cast<size_t>(c)]} << (kGainFraction - kBiasFraction);
      y(r, c) = saturate(round_half_even_shift(z * g + b, kGainFraction), Clamp::S16);
    }
  }
  return y;
}

MatrixI16 narrow_operand(const MatrixI16& y16, const OperandParams& p) {
  if (p.k.size() != static_cast<size_t>(y16.cols()) || (p.bits != 8 && p.bits != 9) ||
      p.shift < 16 || p.shift > 28 || p.shift % 4 != 0)
    throw InputError(fmt::format("operand: {} multipliers for {} columns, shift {}, {} bits",
                                 p.k.size(), y16.cols(), p.shift, p.bits));
  const Clamp clamp = p.bits == 8 ? Clamp::S8 : Clamp::S9;
  MatrixI16 y(y16.rows(), y16.cols());
  for (Eigen::Index r = 0; r < y16.rows(); ++r)
    for (Eigen::Index c = 0; c < y16.cols(); ++c) {
      const int64_t product = int64_t{y16(r, c)} * p.k[static_cast<size_t>(c)];
      y(r, c) = saturate(round_half_even_shift(product, p.shift), clamp);
    }
  return y;
}

}  // namespace sb::golden
