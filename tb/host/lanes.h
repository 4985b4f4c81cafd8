// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace sb::tb {

/// 32-bit words that hold `lanes` lanes of `bits` bits, lane 0 in the lowest bits.
constexpr std::size_t lane_words(int lanes, int bits) {
  return (static_cast<std::size_t>(lanes) * static_cast<std::size_t>(bits) + 31) / 32;
}

/// Writes the low `bits` (1 .. 64) bits of a value from bit `first` of a word that was zero there.
inline void put_bits(std::span<uint32_t> word, int first, int bits, uint64_t value) {
  for (int done = 0; done < bits;) {
    const std::size_t at = static_cast<std::size_t>(first) + static_cast<std::size_t>(done);
    const int offset = static_cast<int>(at % 32);
    const int count = std::min(32 - offset, bits - done);
    const uint64_t part = (value >> done) & ((uint64_t{1} << count) - 1);
    word[at / 32] |= static_cast<uint32_t>(part << offset);
    done += count;
  }
}

/// Reads 1 .. 64 bits from bit `first`, without sign.
inline uint64_t get_bits(std::span<const uint32_t> word, int first, int bits) {
  uint64_t value = 0;
  for (int done = 0; done < bits;) {
    const std::size_t at = static_cast<std::size_t>(first) + static_cast<std::size_t>(done);
    const int offset = static_cast<int>(at % 32);
    const int count = std::min(32 - offset, bits - done);
    const uint64_t part = (word[at / 32] >> offset) & ((uint64_t{1} << count) - 1);
    value |= part << done;
    done += count;
  }
  return value;
}

/// The low `bits` (1 .. 64) bits of a value with the sign of the top one.
inline int64_t sign_extend(uint64_t value, int bits) {
  return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits);
}

/// A lane: the bits from lane * bits.
inline void put_lane(std::span<uint32_t> word, int lane, int bits, uint64_t value) {
  put_bits(word, lane * bits, bits, value);
}
inline uint64_t get_lane(std::span<const uint32_t> word, int lane, int bits) {
  return get_bits(word, lane * bits, bits);
}
inline int64_t get_signed_lane(std::span<const uint32_t> word, int lane, int bits) {
  return sign_extend(get_lane(word, lane, bits), bits);
}

}  // namespace sb::tb
