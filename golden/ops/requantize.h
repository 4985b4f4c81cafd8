// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "golden/base/clamp.h"
#include "golden/base/matrix.h"
#include "golden/base/operator_params.h"

namespace sb::golden {

/// numerics.md section 2: sat(rhe(acc * mult * 2^-shift) + zp). mult below 2^26, shift 0 .. 46, zp
/// int16; throws InputError outside.
int32_t requantize(int32_t acc, uint32_t mult, int shift, int zp, Clamp clamp);

/// The same over a matrix (rows, N), with one multiplier and one shift per column.
MatrixI16 requantize(const MatrixI32& acc, std::span<const uint32_t> mult,
                     std::span<const uint8_t> shift, int zp, Clamp clamp);

/// acc * scale as multiplier and shift, with 16 significant bits. Throws InputError, naming `what`,
/// if a scale is not above 0 or needs a shift below 6, which begins at 1024.
void append_requant(Requant& requant, double scale, const std::string& what);

}  // namespace sb::golden
