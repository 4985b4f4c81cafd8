// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/base/operator_params.h"

namespace sb::golden {

/// numerics.md section 4: 255 * exp(-d * scale), rounded so that every sum of neighbouring entries
/// is less than 1 off. scale: what one score code is worth in the exponent (1/sqrt(d_head)
/// included). Throws InputError unless scale is finite and above 0.
ExpTable make_exp_table(double scale);

/// Unnormalized softmax of a block of score rows.
struct ExpRows {
  MatrixI16 u;                ///< (rows, keys), 0 .. 255
  std::vector<uint32_t> sum;  ///< per row: sum of u over the keys, 20 bit
};

/// numerics.md section 4. scores: (rows, keys), int8 codes, 1 .. 4096 keys. valid: one flag per key
/// (0 = masked), or empty: all valid. A masked key gives 0 and takes no part in the maximum. Throws
/// InputError when a code is not int8 or a size is wrong.
ExpRows exp_rows(const MatrixI16& scores, std::span<const uint8_t> valid, const ExpTable& table);

/// numerics.md section 5: 2^24 / sum rounded half up, at most 131071; 0 for 0. Throws InputError
/// for 2^20 and more.
uint32_t reciprocal(uint32_t sum);

/// numerics.md section 3: floor(acc * r * 2^-8). Throws InputError when |acc| is not below 2^26, r
/// not below 2^17, or the result leaves int32.
int32_t row_factor(int32_t acc, uint32_t r);

/// The same over a matrix (rows, N), with one reciprocal per row.
MatrixI32 row_factor(const MatrixI32& acc, std::span<const uint32_t> r);

}  // namespace sb::golden
