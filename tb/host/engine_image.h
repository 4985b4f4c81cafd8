// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "words/sb_engine_pkg.h"

namespace sb::tb {

/// Bytes of external memory from an address on, put together region by region. Every region starts
/// at a multiple of sb_engine_pkg::StreamAlign.
class EngineImage {
 public:
  /// base: a multiple of StreamAlign. m: lanes of the engine.
  EngineImage(uint64_t base, int m) : base_(base), m_(m) {}

  uint64_t base() const { return base_; }
  uint64_t end() const { return base_ + bytes_.size(); }
  std::span<const uint8_t> bytes() const { return bytes_; }

  /// Starts a region: its address.
  uint64_t open();
  /// Bytes of zero: a region that something else fills.
  void reserve(uint64_t count) { bytes_.resize(bytes_.size() + count); }

  /// One word of M chan_t (norm_chan_t): `entry` of each lane.
  void channels(const std::function<sb_pkg::chan_t(int lane)>& entry);
  void norm_channels(const std::function<sb_pkg::norm_chan_t(int lane)>& entry);
  /// One tile: M words of M weights.
  void tile(const std::function<int8_t(int channel, int input)>& weight);
  /// A table of 256 entries, 16 bits each.
  void table(const std::function<int(int index)>& entry);
  /// A packed struct.
  void words(std::span<const uint32_t> words);

 private:
  uint64_t base_;
  int m_;
  std::vector<uint8_t> bytes_;
};

}  // namespace sb::tb
