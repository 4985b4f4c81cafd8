// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "golden/base/matrix.h"

namespace sb::golden {

// Rounding of weights by what it does to the layer's output on the calibration texts, not to the
// weights. For an input x with second moments H = E[x xT], a row's error e = w - q costs E[(e x)^2]
// = e H eT.

/// Second moments about zero (K, K) of the rows of x (S, K), S at least 1.
MatrixD input_moments(const MatrixF& x);

/// The same, and a quarter of the mean over odd texts of each text's moments: few tokens count as
/// much as many, and the usual ones more. first: row of each text in odd, and their number; without
/// odd texts, {0}.
MatrixD mixed_moments(const MatrixF& x, const MatrixF& odd, const std::vector<Eigen::Index>& first);

/// Integer codes, -127 .. 127, of weight (N, K) in units of scale (N values above 0), rounded as
/// GPTQ does (Frantar et al., "GPTQ", 2023): one input after the other, those with the largest
/// moment first; each rounding error is made good by the weights that are not rounded yet. With H =
/// R RT, R upper triangular, that is
///   q_j = round((w_j + sum_{k<j} e_k R_kj / R_jj) / scale),  e_k = w_k - scale q_k,
/// as each column of e R can be brought to zero by its own e_j. 1 % of the mean moment is added to
/// the diagonal, as published. moments: (K, K), symmetric; a diagonal matrix gives plain rounding.
/// Throws InputError for moments that are not finite or of another size.
MatrixI8 gptq_round(const MatrixD& weight, const std::vector<double>& scale,
                    const MatrixD& moments);

}  // namespace sb::golden
