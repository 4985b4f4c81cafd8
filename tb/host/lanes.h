#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace sb::tb {

/// 32-bit words that hold `lanes` lanes of `bits` bits, lane 0 in the lowest bits.
constexpr std::size_t lane_words(int lanes, int bits) {
  return (static_cast<std::size_t>(lanes) * bits + 31) / 32;
}

/// Writes the low `bits` (1 .. 64) bits of a value to a lane of a word that was zero there.
inline void put_lane(std::span<uint32_t> word, int lane, int bits, uint64_t value) {
  const auto first = static_cast<std::size_t>(lane) * static_cast<std::size_t>(bits);
  for (int done = 0; done < bits;) {
    const std::size_t at = first + static_cast<std::size_t>(done);
    const int offset = static_cast<int>(at % 32);
    const int count = std::min(32 - offset, bits - done);
    const uint64_t part = (value >> done) & ((uint64_t{1} << count) - 1);
    word[at / 32] |= static_cast<uint32_t>(part << offset);
    done += count;
  }
}

/// Reads a lane of 1 .. 64 bits, without sign.
inline uint64_t get_lane(std::span<const uint32_t> word, int lane, int bits) {
  const auto first = static_cast<std::size_t>(lane) * static_cast<std::size_t>(bits);
  uint64_t value = 0;
  for (int done = 0; done < bits;) {
    const std::size_t at = first + static_cast<std::size_t>(done);
    const int offset = static_cast<int>(at % 32);
    const int count = std::min(32 - offset, bits - done);
    const uint64_t part = (word[at / 32] >> offset) & ((uint64_t{1} << count) - 1);
    value |= part << done;
    done += count;
  }
  return value;
}

/// The same with the sign of the lane's top bit.
inline int64_t get_signed_lane(std::span<const uint32_t> word, int lane, int bits) {
  const uint64_t value = get_lane(word, lane, bits);
  return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits);
}

}  // namespace sb::tb
