// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "golden/base/matrix.h"

namespace sb::golden {

/// Throws InputError "<name>: ..." when the matrix is empty or holds NaN or Inf (the message gives
/// the first place).
void require_finite(const MatrixF& x, std::string_view name);
void require_finite(const MatrixD& x, std::string_view name);

}  // namespace sb::golden
