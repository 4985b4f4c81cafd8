#include "tb/host/requant_code.h"

#include <fmt/format.h>

#include <bit>

#include "tb/sim/error.h"

namespace sb::tb {

MultiplierCode encode_multiplier(uint32_t mult, int shift) {
  if (shift < 0 || shift > 46) throw InputError(fmt::format("shift {} is not in 0..46", shift));
  if (mult == 0) return {};
  // An odd number times a power of two has one code per select at most.
  const int zeros = std::countr_zero(mult);
  const uint32_t odd = mult >> zeros;
  for (uint8_t select = 0; select < 4; ++select) {
    const int up = 16 + 10 * select - shift + zeros;
    if (up >= 0 && std::bit_width(odd) + up <= 26) return {odd << up, select};
  }
  throw InputError(
      fmt::format("multiplier {} with shift {}: the requantizer holds 26 bits at shift 16, 26, 36 "
                  "or 46, and none fits",
                  mult, shift));
}

uint64_t channel_word(int32_t bias, MultiplierCode multiplier) {
  return uint64_t{static_cast<uint32_t>(bias)} | uint64_t{multiplier.mult} << 32 |
         uint64_t{multiplier.select} << 58;
}

}  // namespace sb::tb
