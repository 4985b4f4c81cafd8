// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>

#include "golden/base/error.h"

namespace sb::golden {

/// Clamp of a requantized value: signed or unsigned 8 bit, signed 9 bit, signed 16 bit.
enum class Clamp { S8, U8, S9, S16 };

/// Smallest and largest code. InputError for a value that is none of the four.
constexpr int clamp_min(Clamp clamp) {
  switch (clamp) {
    case Clamp::S8: return -128;
    case Clamp::U8: return 0;
    case Clamp::S9: return -256;
    case Clamp::S16: return -32768;
  }
  throw InputError("requantize: unknown clamp");
}
constexpr int clamp_max(Clamp clamp) {
  switch (clamp) {
    case Clamp::S8: return 127;
    case Clamp::U8:
    case Clamp::S9: return 255;
    case Clamp::S16: return 32767;
  }
  throw InputError("requantize: unknown clamp");
}

/// sat and satu of numerics.md. Value: an integer, or a double that is already rounded (not NaN).
template <typename Value>
constexpr int16_t saturate(Value value, Clamp clamp) {
  return static_cast<int16_t>(std::clamp(value, static_cast<Value>(clamp_min(clamp)),
                                         static_cast<Value>(clamp_max(clamp))));
}

}  // namespace sb::golden
