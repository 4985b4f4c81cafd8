#include "tb/host/requant_code.h"

#include <fmt/format.h>

#include "tb/sim/error.h"

namespace sb::tb {

MultiplierCode encode_multiplier(uint32_t mult, int shift) {
  if (shift < 0 || shift > 46) throw InputError(fmt::format("shift {} is not in 0..46", shift));
  for (uint8_t select = 0; select < 4; ++select) {
    const int code_shift = 16 + 10 * select;
    if (code_shift < shift) continue;
    const uint64_t shifted = uint64_t{mult} << (code_shift - shift);
    if (shifted < (uint64_t{1} << 26)) return {static_cast<uint32_t>(shifted), select};
  }
  throw InputError(fmt::format(
      "multiplier {} with shift {}: the requantizer holds 26 bits at shift 16, so this is too large", mult,
      shift));
}

uint64_t channel_word(int32_t bias, MultiplierCode multiplier) {
  return uint64_t{static_cast<uint32_t>(bias)} | uint64_t{multiplier.mult} << 32 |
         uint64_t{multiplier.select} << 58;
}

}  // namespace sb::tb
