// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/base/matrix.h"

namespace sb::golden {

/// numerics.md section 7: sat_16(h + d), element by element. Same shape; throws InputError
/// otherwise.
MatrixI16 residual_add(const MatrixI16& h, const MatrixI16& d);

}  // namespace sb::golden
