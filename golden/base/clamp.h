// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "golden/base/error.h"

namespace sb::golden {

/// Clamp of a requantized value: signed or unsigned 8 bit, signed 9 bit, signed 16 bit.
enum class Clamp { S8, U8, S9, S16 };

/// A clamp, its name in files and on the command line, its smallest and largest code.
struct ClampRange {
  Clamp clamp;
  const char* name;
  int min, max;
};
/// All clamps, in the order of the enum.
inline constexpr std::array kClamps{
    ClampRange{Clamp::S8, "s8", -128, 127}, ClampRange{Clamp::U8, "u8", 0, 255},
    ClampRange{Clamp::S9, "s9", -256, 255}, ClampRange{Clamp::S16, "s16", -32768, 32767}};

/// InputError for a value that is none of them.
constexpr const ClampRange& range_of(Clamp clamp) {
  const auto index = static_cast<size_t>(clamp);
  if (index >= kClamps.size()) throw InputError("requantize: unknown clamp");
  return kClamps[index];
}
constexpr int clamp_min(Clamp clamp) { return range_of(clamp).min; }
constexpr int clamp_max(Clamp clamp) { return range_of(clamp).max; }

/// The clamp of a name. InputError for another.
inline Clamp clamp_named(std::string_view name) {
  std::string known;
  for (const ClampRange& range : kClamps) {
    if (name == range.name) return range.clamp;
    known += std::string(known.empty() ? "" : ", ") + range.name;
  }
  throw InputError("not one of " + known);
}

/// sat and satu of numerics.md. Value: an integer, or a double that is already rounded (not NaN).
template <typename Value>
constexpr int16_t saturate(Value value, Clamp clamp) {
  return static_cast<int16_t>(std::clamp(value, static_cast<Value>(clamp_min(clamp)),
                                         static_cast<Value>(clamp_max(clamp))));
}

}  // namespace sb::golden
