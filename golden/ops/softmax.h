// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "golden/base/matrix.h"

namespace sb::golden {

/// exp(-d * scale) as unsigned 18 bit for a score d codes below the row's maximum.
using SoftmaxTable = std::array<uint32_t, 256>;

/// numerics.md section 6: table[d] = rhe(262143 * exp(-d * scale)). scale: what one score code is
/// worth in the exponent. Throws InputError unless scale is finite and above 0.
SoftmaxTable make_softmax_table(double scale);

/// What one code of a probability is worth: 1/256, 0 .. 255; or 1/127.5, 0 .. 127, as seed 000 has
/// it.
enum class SoftmaxFormat { U8, S8 };

/// How many codes a probability of 1 is: 256 or 127.5.
double softmax_unit(SoftmaxFormat format);

/// The stand-alone softmax. scores: (rows, keys), int8 codes, 1 .. 4096 keys. valid: as for
/// exp_rows: one flag per key (0 = masked), or empty: all valid. A masked key gives 0, a row
/// without a valid key zeros. Throws InputError when a code is not int8, a table entry not 18 bit
/// or a size is wrong.
MatrixI16 softmax_rows(const MatrixI16& scores, std::span<const uint8_t> valid,
                       const SoftmaxTable& table, SoftmaxFormat format);

}  // namespace sb::golden
