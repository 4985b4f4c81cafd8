// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <verilated.h>

#include <cstdint>
#include <cstring>
#include <span>

namespace sb::tb {

/// A port of a Verilated model of any width, as 32-bit words, least significant first. It points
/// into the model.
class Port {
 public:
  Port() = default;
  explicit Port(CData& p) : data_(&p), bytes_(1) {}
  explicit Port(SData& p) : data_(&p), bytes_(2) {}
  explicit Port(IData& p) : data_(&p), bytes_(4) {}
  explicit Port(QData& p) : data_(&p), bytes_(8) {}
  template <std::size_t Words>
  explicit Port(VlWide<Words>& p) : data_(p.m_storage), bytes_(4 * Words) {}

  /// 32-bit words of a copy of this port.
  std::size_t words() const { return (bytes_ + 3) / 4; }
  void write(std::span<const uint32_t> words) const { std::memcpy(data_, words.data(), bytes_); }
  void read(std::span<uint32_t> words) const {
    words.back() = 0;
    std::memcpy(words.data(), data_, bytes_);
  }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace sb::tb
