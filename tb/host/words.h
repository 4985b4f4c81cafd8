// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "golden/base/error.h"
#include "tb/host/lanes.h"

/// What the headers that scripts/words makes are built on. A packed struct of SystemVerilog is a
/// plain struct here; its bits lie in 32-bit words, bit 0 of the struct in bit 0 of word 0.
namespace sb::words {

template <int Bits>
using Word = std::array<uint32_t, static_cast<std::size_t>((Bits + 31) / 32)>;

/// Where a member lies in its struct.
struct Field {
  const char* name;
  int lsb, bits;
  bool is_signed;
};

/// Stands for members named reserved...: always 0.
struct Reserved {};

/// Writes a struct to the bits from `lsb` of a word that was zero there. Throws InputError naming
/// the first member whose value it cannot hold.
template <typename T>
void put(std::span<uint32_t> word, int lsb, const T& value) {
  T::each(value, [&](const Field& f, const auto& v) {
    using V = std::remove_cvref_t<decltype(v)>;
    const auto write = [&](uint64_t bits) { tb::put_bits(word, lsb + f.lsb, f.bits, bits); };
    if constexpr (std::is_enum_v<V>) {
      if (name(v).empty())
        throw golden::InputError(
            fmt::format("{}.{} = {} has no name", T::kName, f.name, static_cast<int64_t>(v)));
      write(static_cast<uint64_t>(v));
    } else if constexpr (std::is_integral_v<V>) {
      const uint64_t top = ~uint64_t{0} >> (64 - f.bits);
      const int64_t low = f.is_signed ? -static_cast<int64_t>(top >> 1) - 1 : 0;
      const uint64_t high = f.is_signed ? top >> 1 : top;
      if (std::cmp_less(v, low) || std::cmp_greater(v, high))
        throw golden::InputError(
            fmt::format("{}.{} = {} is not in {}..{}", T::kName, f.name, v, low, high));
      write(static_cast<uint64_t>(v));
    } else if constexpr (!std::is_same_v<V, Reserved>) {
      put(word, lsb + f.lsb, v);
    }
  });
}

/// Reads a struct from the bits from `lsb` of a word. Throws InputError when a code of an enum has
/// no name or a reserved bit is set.
template <typename T>
T get(std::span<const uint32_t> word, int lsb) {
  T value;
  T::each(value, [&](const Field& f, auto&& v) {
    using V = std::remove_cvref_t<decltype(v)>;
    const int first = lsb + f.lsb;
    if constexpr (std::is_same_v<V, Reserved>) {
      for (int i = 0; i < f.bits; ++i)
        if (tb::get_bits(word, first + i, 1) != 0)
          throw golden::InputError(fmt::format("{}.{} is not 0", T::kName, f.name));
    } else if constexpr (std::is_enum_v<V> || std::is_integral_v<V>) {
      const uint64_t bits = tb::get_bits(word, first, f.bits);
      v = static_cast<V>(f.is_signed ? static_cast<uint64_t>(tb::sign_extend(bits, f.bits)) : bits);
      if constexpr (std::is_enum_v<V>)
        if (name(v).empty())
          throw golden::InputError(
              fmt::format("{}.{} = {} has no name", T::kName, f.name, static_cast<int64_t>(v)));
    } else {
      v = get<V>(word, first);
    }
  });
  return value;
}

template <typename T>
Word<T::kBits> pack(const T& value) {
  Word<T::kBits> word{};
  put(std::span<uint32_t>(word), 0, value);
  return word;
}

/// Throws InputError as well when the word is too short; longer ones may carry more behind.
template <typename T>
T unpack(std::span<const uint32_t> word) {
  if (word.size() * 32 < T::kBits)
    throw golden::InputError(fmt::format("{}: {} bits, must be {}", T::kName, word.size() * 32,
                                         static_cast<int>(T::kBits)));
  return get<T>(word, 0);
}

}  // namespace sb::words
