// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/base/matrix.h"

namespace sb::tb {

using golden::Matrix;
using golden::MatrixI16;
using golden::MatrixI32;
using golden::MatrixI8;

}  // namespace sb::tb
