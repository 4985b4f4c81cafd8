// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "golden/base/clamp.h"
#include "words/sb_pkg.h"

namespace sb::tb {

/// The code of a clamp in job words.
sb_pkg::clamp_e clamp_code(golden::Clamp clamp);

/// A multiplier as the requantizer takes it: mult * 2^-shift == code_mult * 2^-(16 + 10 * select),
/// code_mult below 2^26.
struct MultiplierCode {
  uint32_t mult = 0;
  uint8_t select = 0;
};

/// Throws InputError when the hardware has no such multiplier: 2^10 and more, finer than 2^-46, or
/// more bits than the 26 of a code hold at any select. A shift outside 0 .. 46 is refused as well.
MultiplierCode encode_multiplier(uint32_t mult, int shift);

/// What the requantizer is told of one output channel.
sb_pkg::chan_t channel_code(int32_t bias, MultiplierCode multiplier);

}  // namespace sb::tb
