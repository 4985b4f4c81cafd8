// SPDX-License-Identifier: Apache-2.0
#include "tb/bfm/axi_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "tb/sim/error.h"

namespace sb::tb {
namespace {

constexpr uint64_t kBoundary = 4096;
constexpr uint8_t kIncrementing = 1;

uint64_t address_of(const Port& port) {
  std::array<uint32_t, 2> words{};
  port.read(std::span(words).first(port.words()));
  return uint64_t{words[1]} << 32 | words[0];
}

}  // namespace

void AxiTiming::check(int data_bytes) const {
  if (latency < 1) throw InputError(fmt::format("latency of {} cycles, at least 1", latency));
  if (jitter < 0) throw InputError(fmt::format("jitter of {} cycles", jitter));
  if (!(bytes_per_cycle >= 0 && bytes_per_cycle <= data_bytes))
    throw InputError(
        fmt::format("{} bytes a cycle on a bus of {} bytes", bytes_per_cycle, data_bytes));
  if (outstanding < 1) throw InputError(fmt::format("{} bursts outstanding", outstanding));
}

AxiMemory::AxiMemory(AxiPins pins, const AxiTiming& timing, uint64_t seed)
    : pins_(std::move(pins)),
      rng_(seed),
      ar_stable_(pins_.name + " ar"),
      aw_stable_(pins_.name + " aw"),
      w_stable_(pins_.name + " w"),
      read_word_(pins_.r.data.words()),
      seed_(seed) {
  set_timing(timing);
  reset();
}

void AxiMemory::set_timing(const AxiTiming& timing) {
  timing.check(pins_.data_bytes);
  timing_ = timing;
  if (timing_.bytes_per_cycle == 0) timing_.bytes_per_cycle = pins_.data_bytes;
  ar_stall_ = Stall(timing.ar, seed_ * 8 + 1);
  r_stall_ = Stall(timing.r, seed_ * 8 + 2);
  aw_stall_ = Stall(timing.aw, seed_ * 8 + 3);
  w_stall_ = Stall(timing.w, seed_ * 8 + 4);
  b_stall_ = Stall(timing.b, seed_ * 8 + 5);
}

void AxiMemory::resize(uint64_t bytes, uint8_t fill) { bytes_.resize(bytes, fill); }

std::span<uint8_t> AxiMemory::bytes(uint64_t address, uint64_t count) {
  if (address > bytes_.size() || count > bytes_.size() - address)
    throw InputError(
        fmt::format("{} bytes from {:#x} on, the memory has {}", count, address, bytes_.size()));
  return std::span(bytes_).subspan(address, count);
}

void AxiMemory::allow_writes(std::vector<AxiRegion> regions) {
  writable_ = std::move(regions);
  guarded_ = true;
}

void AxiMemory::reset() {
  reads_.clear(), writes_.clear(), beats_.clear();
  r_offered_ = b_offered_ = r_fired_ = b_fired_ = false;
  *pins_.r.valid = *pins_.b.valid = 0;
  *pins_.ar.ready = *pins_.aw.ready = *pins_.w.ready = 0;
  ar_stable_.reset(), aw_stable_.reset(), w_stable_.reset();
}

bool AxiMemory::covered(uint64_t address) const {
  return std::any_of(writable_.begin(), writable_.end(), [&](const AxiRegion& r) {
    return address >= r.first && address - r.first < r.count;
  });
}

void AxiMemory::apply_faults(bool write, uint64_t number, Burst& burst) {
  const uint64_t size =
      static_cast<uint64_t>(burst.beats) * static_cast<uint64_t>(pins_.data_bytes);
  for (const AxiFault& f : faults_) {
    const bool touches = f.address >= burst.address && f.address - burst.address < size;
    if (f.write != write || (f.burst != number && !touches)) continue;
    switch (f.kind) {
      case AxiFault::Kind::Slverr: burst.response = AxiResponse::Slverr; break;
      case AxiFault::Kind::Decerr: burst.response = AxiResponse::Decerr; break;
      case AxiFault::Kind::Silent: burst.silent = true; break;
      case AxiFault::Kind::Foreign: burst.foreign = true; break;
      case AxiFault::Kind::Refused: continue;
    }
    ++struck_;
  }
}

bool AxiMemory::refused(bool write, uint64_t number) const {
  return std::any_of(faults_.begin(), faults_.end(), [&](const AxiFault& f) {
    return f.kind == AxiFault::Kind::Refused && f.write == write && number >= f.burst;
  });
}

// Takes a burst that is offered and accepted in this cycle.
template <typename B>
void AxiMemory::request(const AxiPins::Address& pins, bool write, std::deque<B>& queue) {
  if (!*pins.valid || !*pins.ready) return;
  const char* channel = write ? "aw" : "ar";
  B burst;
  burst.id = *pins.id;
  burst.address = address_of(pins.addr);
  burst.beats = *pins.len + 1;
  const auto width = static_cast<uint64_t>(pins_.data_bytes);
  const uint64_t size = static_cast<uint64_t>(burst.beats) * width;
  const auto breach = [&](const std::string& what) {
    throw SimError(fmt::format("{} {}: cycle {}: burst of {} words at {:#x}: {}", pins_.name,
                               channel, cycle_, burst.beats, burst.address, what));
  };
  if (*pins.burst != kIncrementing) breach(fmt::format("type {}", *pins.burst));
  if (1U << *pins.size != width) breach(fmt::format("words of {} bytes", 1U << *pins.size));
  if (burst.address % width != 0) breach("not aligned to its words");
  if (burst.address / kBoundary != (burst.address + size - 1) / kBoundary) breach("crosses 4 KiB");
  if (burst.address + size > bytes_.size()) burst.response = AxiResponse::Decerr;
  apply_faults(write, write ? write_count_ : read_count_, burst);
  burst.ready_cycle = cycle_ + static_cast<uint64_t>(timing_.latency) - 1;
  if (timing_.jitter > 0) burst.ready_cycle += rng_() % (static_cast<uint64_t>(timing_.jitter) + 1);
  ++(write ? write_count_ : read_count_);
  if (!write) {
    bytes_read_ += size;
    if (on_read) on_read(burst.address, size);
  }
  queue.push_back(std::move(burst));
}

// Words of write data to the bursts that they belong to.
void AxiMemory::take_beats() {
  for (Write& w : writes_) {
    while (w.done < w.beats && !beats_.empty()) {
      Beat& beat = beats_.front();
      if (beat.last != (w.done + 1 == w.beats))
        throw SimError(fmt::format("{} w: cycle {}: word {} of {} at {:#x} {} last", pins_.name,
                                   cycle_, w.done, w.beats, w.address,
                                   beat.last ? "says" : "does not say"));
      w.words.push_back(std::move(beat));
      beats_.pop_front();
      if (++w.done == w.beats) w.ready_cycle = std::max(w.ready_cycle, cycle_);
    }
    if (w.done < w.beats) break;
  }
}

void AxiMemory::commit(const Write& write) {
  const auto width = static_cast<uint64_t>(pins_.data_bytes);
  uint64_t address = write.address;
  for (const Beat& beat : write.words) {
    for (uint64_t i = 0; i < width; ++i) {
      if ((beat.strobes[i / 32] >> i % 32 & 1) == 0) continue;
      if (guarded_ && !covered(address + i))
        throw SimError(fmt::format("{} w: cycle {}: writes byte {:#x}, which it must not",
                                   pins_.name, cycle_, address + i));
      if (write.response != AxiResponse::Okay) continue;
      bytes_[address + i] = static_cast<uint8_t>(beat.data[i / 4] >> 8 * (i % 4));
      ++bytes_written_;
    }
    address += width;
  }
}

void AxiMemory::sample() {
  const auto address = [](const AxiPins::Address& a) {
    return [&a] {
      const uint64_t at = address_of(a.addr);
      return std::vector<uint32_t>{static_cast<uint32_t>(at),
                                   static_cast<uint32_t>(at >> 32),
                                   *a.id,
                                   *a.len,
                                   *a.size,
                                   *a.burst};
    };
  };
  ar_stable_.sample(cycle_, *pins_.ar.valid, *pins_.ar.ready, address(pins_.ar));
  aw_stable_.sample(cycle_, *pins_.aw.valid, *pins_.aw.ready, address(pins_.aw));
  const auto beat = [&] {
    Beat b{std::vector<uint32_t>(pins_.w.data.words()), std::vector<uint32_t>(pins_.w.strb.words()),
           *pins_.w.last != 0};
    pins_.w.data.read(b.data);
    pins_.w.strb.read(b.strobes);
    return b;
  };
  w_stable_.sample(cycle_, *pins_.w.valid, *pins_.w.ready, [&] {
    Beat b = beat();
    b.data.insert(b.data.end(), b.strobes.begin(), b.strobes.end());
    b.data.push_back(b.last);
    return b.data;
  });
  ++cycle_;
  request(pins_.ar, false, reads_);
  request(pins_.aw, true, writes_);
  if (*pins_.w.valid && *pins_.w.ready) {
    beats_.push_back(beat());
    write_credit_ -= pins_.data_bytes;
    take_beats();
  } else if (!beats_.empty()) {
    take_beats();
  }
  r_fired_ = r_offered_ && *pins_.r.ready;
  b_fired_ = b_offered_ && *pins_.b.ready;
}

// The burst to answer next: the oldest if it may be, or with `reorder` any that is the oldest of
// its ID. queue.end(): none.
template <typename B>
typename std::deque<B>::iterator AxiMemory::pick(std::deque<B>& queue) {
  const auto ready = [&](const B& b) {
    bool whole = true;  // all data of a write has come
    if constexpr (std::is_same_v<B, Write>) whole = b.done == b.beats;
    return whole && !b.silent && b.ready_cycle <= cycle_;
  };
  if (!timing_.reorder) return !queue.empty() && ready(queue.front()) ? queue.begin() : queue.end();
  auto chosen = queue.end();
  uint64_t count = 0;
  std::array<bool, 256> seen{};
  for (auto b = queue.begin(); b != queue.end(); ++b) {
    if (std::exchange(seen[b->id], true) || !ready(*b)) continue;
    if (rng_() % ++count == 0) chosen = b;
  }
  return chosen;
}

uint8_t AxiMemory::id_of(const Burst& burst, bool write) const {
  if (!burst.foreign) return burst.id;
  for (unsigned id = 0;; ++id) {
    const auto has = [&](const Burst& b) { return b.id == id; };
    if (write ? std::none_of(writes_.begin(), writes_.end(), has)
              : std::none_of(reads_.begin(), reads_.end(), has))
      return static_cast<uint8_t>(id);
  }
}

bool AxiMemory::offer_read() {
  if (r_stall_.next() || read_credit_ < 0) return false;
  const auto b = pick(reads_);
  if (b == reads_.end()) return false;
  const auto width = static_cast<uint64_t>(pins_.data_bytes);
  const uint64_t at = b->address + static_cast<uint64_t>(b->done) * width;
  if (at + width <= bytes_.size())
    std::memcpy(read_word_.data(), bytes_.data() + at, width);
  else
    std::fill(read_word_.begin(), read_word_.end(), 0xDEADBEEF);
  pins_.r.data.write(read_word_);
  *pins_.r.id = id_of(*b, false);
  *pins_.r.resp = static_cast<uint8_t>(b->response);
  *pins_.r.last = ++b->done == b->beats;
  if (b->done == b->beats) reads_.erase(b);
  read_credit_ -= pins_.data_bytes;
  return true;
}

bool AxiMemory::offer_response() {
  if (b_stall_.next()) return false;
  const auto w = pick(writes_);
  if (w == writes_.end()) return false;
  commit(*w);
  *pins_.b.id = id_of(*w, true);
  *pins_.b.resp = static_cast<uint8_t>(w->response);
  writes_.erase(w);
  return true;
}

std::string AxiMemory::pending() const {
  return fmt::format("{}: {} of {} read bursts and {} of {} write bursts not answered{}{}",
                     pins_.name, reads_.size(), read_count_, writes_.size(), write_count_,
                     r_offered_ ? ", a word waits for rready" : "",
                     b_offered_ ? ", an answer waits for bready" : "");
}

void AxiMemory::drive() {
  // A word may be offered, or taken, while the credit is not negative: on average the rate.
  read_credit_ = std::min(read_credit_ + timing_.bytes_per_cycle, timing_.bytes_per_cycle);
  write_credit_ = std::min(write_credit_ + timing_.bytes_per_cycle, timing_.bytes_per_cycle);
  if (r_fired_ || !r_offered_) r_offered_ = offer_read();
  *pins_.r.valid = r_offered_;
  if (b_fired_ || !b_offered_) b_offered_ = offer_response();
  *pins_.b.valid = b_offered_;
  const auto most = static_cast<size_t>(timing_.outstanding);
  *pins_.ar.ready = !ar_stall_.next() && reads_.size() < most && !refused(false, read_count_);
  *pins_.aw.ready = !aw_stall_.next() && writes_.size() < most && !refused(true, write_count_);
  *pins_.w.ready = !w_stall_.next() && write_credit_ >= 0 && beats_.size() < most;
}

}  // namespace sb::tb
