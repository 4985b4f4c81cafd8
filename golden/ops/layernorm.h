// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

#include "golden/base/matrix.h"
#include "golden/base/operator_params.h"

namespace sb::golden {

/// Parameters from float values. gamma, beta: N values, 1 <= N <= 4096, finite. scale_s, scale_y:
/// what one code of the input and of the 16-bit output is worth. Throws InputError, with the value,
/// when something does not fit the widths.
LayerNormParams make_layernorm(std::span<const float> gamma, std::span<const float> beta,
                               double eps, double scale_s, double scale_y);

/// Operand parameters from the wanted ratios (output codes per 16-bit code, one per channel, above
/// 0), with the finest shift that holds the largest. Throws InputError when a ratio is not in 2^-28
/// .. just below 1.
OperandParams make_operand(std::span<const double> ratio, int bits);

/// The ratio that `k` and `shift` really give: what a fold into the weights must use.
inline double operand_ratio(const OperandParams& p, size_t channel) {
  return static_cast<double>(p.k[channel]) / static_cast<double>(uint64_t{1} << p.shift);
}

struct RowStatistics {
  int64_t sum = 0;    ///< of the row's codes
  int64_t sumsq = 0;  ///< of their squares
};
RowStatistics row_statistics(std::span<const int16_t> row);

/// Mean of a row with 8 fraction bits: rhe(sum * mean_mult * 2^-mean_shift). |sum| at most 2^27, as
/// 4096 values of 16 bits give.
int32_t row_mean8(const LayerNormParams& p, int64_t sum);

/// N * sumsq - sum^2 + E, exact.
uint64_t row_w(const LayerNormParams& p, const RowStatistics& statistics);

/// 1 / sqrt(W) is about m * 2^-(32 + h); m below 2^17, h in -15 .. 13. W = 0 gives 0, 0.
struct Rsqrt {
  uint32_t m = 0;
  int h = 0;
};
/// Throws InputError for 2^57 and more.
Rsqrt rsqrt(uint64_t w);

/// The whole operator: s (rows, N) int16 to y16 (rows, N) int16. Throws InputError when a size or
/// width is wrong.
MatrixI16 layernorm(const MatrixI16& s, const LayerNormParams& p);

/// y16 (rows, N) to the array operand.
MatrixI16 narrow_operand(const MatrixI16& y16, const OperandParams& p);

}  // namespace sb::golden
