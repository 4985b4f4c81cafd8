// SPDX-License-Identifier: Apache-2.0
#include "tb/host/requant_code.h"

#include <fmt/format.h>

#include <bit>

namespace sb::tb {
namespace {

int code_shift(int select) {
  return static_cast<int>(sb_pkg::ShiftBase + sb_pkg::ShiftStep * select);
}

}  // namespace

sb_pkg::clamp_e clamp_code(golden::Clamp clamp) {
  switch (clamp) {
    case golden::Clamp::S8: return sb_pkg::ClampS8;
    case golden::Clamp::U8: return sb_pkg::ClampU8;
    case golden::Clamp::S9: return sb_pkg::ClampS9;
    case golden::Clamp::S16: return sb_pkg::ClampS16;
  }
  throw golden::InputError("unknown clamp");
}

MultiplierCode encode_multiplier(uint32_t mult, int shift) {
  if (shift < 0 || shift > 46)
    throw golden::InputError(fmt::format("shift {} is not in 0..46", shift));
  if (mult == 0) return {};
  // An odd number times a power of two has one code per select at most.
  const int zeros = std::countr_zero(mult);
  const uint32_t odd = mult >> zeros;
  for (uint8_t select = 0; select < 4; ++select) {
    const int up = code_shift(select) - shift + zeros;
    if (up >= 0 && std::bit_width(odd) + up <= sb_pkg::MultBits) return {odd << up, select};
  }
  throw golden::InputError(
      fmt::format("multiplier {} with shift {}: the requantizer holds 26 bits at shift 16, 26, 36 "
                  "or 46, and none fits",
                  mult, shift));
}

sb_pkg::chan_t channel_code(int32_t bias, MultiplierCode multiplier) {
  return {.shift_sel = multiplier.select, .mult = multiplier.mult, .bias = bias};
}

}  // namespace sb::tb
