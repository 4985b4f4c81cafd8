#pragma once
#include <cstdint>

namespace sb::tb {

/// Clamp of a result as the job word codes it (clamp_e of sb_pkg).
enum class Clamp : uint8_t { Raw = 0, S8 = 1, U8 = 2, S9 = 3, S16 = 4 };

/// A multiplier as the requantizer takes it: mult * 2^-shift == code_mult * 2^-(16 + 10 * select),
/// code_mult below 2^26.
struct MultiplierCode {
  uint32_t mult = 0;
  uint8_t select = 0;
};

/// Throws InputError when the hardware has no such multiplier: 2^10 and more, finer than 2^-46, or
/// more bits than the 26 of a code hold at any select. A shift outside 0 .. 46 is refused as well.
MultiplierCode encode_multiplier(uint32_t mult, int shift);

/// The chan_t word of one output channel.
uint64_t channel_word(int32_t bias, MultiplierCode multiplier);

}  // namespace sb::tb
