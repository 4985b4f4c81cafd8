// SPDX-License-Identifier: Apache-2.0
#include "tb/host/engine_image.h"

namespace sb::tb {

uint64_t EngineImage::open() {
  constexpr auto kAlign = static_cast<size_t>(sb_engine_pkg::StreamAlign);
  bytes_.resize((bytes_.size() + kAlign - 1) / kAlign * kAlign);
  return end();
}

void EngineImage::words(std::span<const uint32_t> words) {
  for (const uint32_t word : words)
    for (int shift = 0; shift < 32; shift += 8)
      bytes_.push_back(static_cast<uint8_t>(word >> shift));
}

void EngineImage::channels(const std::function<sb_pkg::chan_t(int)>& entry) {
  for (int lane = 0; lane < m_; ++lane) words(entry(lane).pack());
}

void EngineImage::norm_channels(const std::function<sb_pkg::norm_chan_t(int)>& entry) {
  for (int lane = 0; lane < m_; ++lane) words(entry(lane).pack());
}

void EngineImage::tile(const std::function<int8_t(int, int)>& weight) {
  for (int channel = 0; channel < m_; ++channel)
    for (int input = 0; input < m_; ++input)
      bytes_.push_back(static_cast<uint8_t>(weight(channel, input)));
}

void EngineImage::table(const std::function<int(int)>& entry) {
  for (int i = 0; i < static_cast<int>(sb_engine_pkg::TableEntries); ++i) {
    const auto value = static_cast<uint16_t>(entry(i));
    bytes_.push_back(static_cast<uint8_t>(value));
    bytes_.push_back(static_cast<uint8_t>(value >> 8));
  }
}

}  // namespace sb::tb
