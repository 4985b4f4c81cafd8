// SPDX-License-Identifier: Apache-2.0
#include "tb/bfm/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "tb/sim/error.h"

namespace sb::tb {

StreamDriver::StreamDriver(StreamPins pins, WordSource source, StallPolicy stall, uint64_t seed)
    : pins_(std::move(pins)),
      source_(std::move(source)),
      stall_(stall, seed),
      next_(pins_.data.words()),
      noise_(next_.size()) {
  std::mt19937 rng(static_cast<unsigned>(seed));
  std::generate(noise_.begin(), noise_.end(), [&rng] { return static_cast<uint32_t>(rng()); });
  // The first word is offered at once, the pauses begin behind it.
  offer();
}

void StreamDriver::offer() {
  if (!have_next_ && !exhausted_) {
    have_next_ = source_(next_);
    exhausted_ = !have_next_;
  }
  const bool offer_now = have_next_ && !stall_.next();
  if (offer_now) {
    pins_.data.write(next_);
    have_next_ = false;
  } else if (offering_) {
    pins_.data.write(noise_);
  }
  offering_ = offer_now;
  *pins_.valid = offer_now ? 1 : 0;
}

void StreamDriver::sample() {
  fired_ = offering_ && *pins_.ready;
  if (fired_) ++sent_;
  if (offering_ && !fired_) ++blocked_;
}

void StreamDriver::drive() {
  if (fired_ || !offering_) offer();
}

std::string StreamDriver::pending() const {
  return fmt::format("{}: {} words sent, {}", pins_.name, sent_,
                     offering_ ? "one waits for ready" : "more to send");
}

StreamSink::StreamSink(StreamPins pins, uint64_t expected, WordTarget target, StallPolicy stall,
                       uint64_t seed)
    : pins_(std::move(pins)),
      expected_(expected),
      target_(std::move(target)),
      stall_(stall, seed),
      word_(pins_.data.words()) {
  *pins_.ready = stall_.next() ? 0 : 1;
}

void StreamSink::sample() {
  if (!*pins_.valid || !*pins_.ready) return;
  if (received_ == expected_)
    throw SimError(fmt::format("{}: a word more than the {} expected", pins_.name, expected_));
  pins_.data.read(word_);
  ++received_;
  target_(word_, pins_.last != nullptr && *pins_.last);
}

void StreamSink::drive() { *pins_.ready = stall_.next() ? 0 : 1; }

std::string StreamSink::pending() const {
  return fmt::format("{}: {} of {} words received", pins_.name, received_, expected_);
}

StreamMonitor::StreamMonitor(StreamPins pins)
    : pins_(std::move(pins)), word_(pins_.data.words()), waiting_(word_.size()) {}

void StreamMonitor::sample() {
  ++cycle_;
  if (is_waiting_) {
    if (!*pins_.valid)
      throw SimError(fmt::format("{}: cycle {}: valid fell before ready", pins_.name, cycle_));
    pins_.data.read(word_);
    if (word_ != waiting_)
      throw SimError(fmt::format("{}: cycle {}: data changed before ready", pins_.name, cycle_));
  }
  is_waiting_ = *pins_.valid && !*pins_.ready;
  if (*pins_.valid && *pins_.ready) ++transfers_;
  if (is_waiting_) pins_.data.read(waiting_);
}

WordSource words_of(std::vector<uint32_t> words) {
  return [words = std::move(words), at = std::size_t{0}](std::span<uint32_t> word) mutable {
    if (at == words.size()) return false;
    std::copy_n(words.begin() + static_cast<std::ptrdiff_t>(at), word.size(), word.begin());
    at += word.size();
    return true;
  };
}

}  // namespace sb::tb
