// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/gemm.h"  // golden/model may not include golden/ops
