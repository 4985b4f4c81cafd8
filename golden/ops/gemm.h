// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <vector>

#include "golden/base/matrix.h"

namespace sb::golden {

/// Matrix product, numerics.md section 1: acc[r][n] = bias[n] + sum_k a[r][k] * w[n][k].
/// a: (rows, K), codes in -256..255 (int8, uint8 and 9-bit codes alike). w: (N, K) int8. bias: N
/// values or none. Throws InputError when K differs, a code is out of range, or a sum could leave
/// int32.
MatrixI32 gemm(const MatrixI16& a, const MatrixI8& w, std::span<const int32_t> bias = {});

/// Bias that absorbs the activation zero point: bias[n] - zp_a * sum_k w[n][k]. Throws InputError
/// when a result leaves int32.
std::vector<int32_t> fold_zero_point(std::span<const int32_t> bias, const MatrixI8& w, int zp_a);

/// Test matrix of seed 000 ("genmat"): element (i, j) is (i * ld + j) % mod. ld: leading dimension.
MatrixI16 genmat(int rows, int cols, int ld, int mod);

}  // namespace sb::golden
