// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "tb/bfm/stream.h"

namespace sb::test {

/// Sends stored words to an input stream, up to a limit that the test moves while it runs. Between
/// words the data pins carry noise.
class WordFeed : public tb::Component {
 public:
  WordFeed(tb::StreamPins pins, std::vector<uint32_t> words, tb::StallPolicy stall = {},
           uint64_t seed = 1)
      : pins_(std::move(pins)),
        words_(std::move(words)),
        stall_(stall, seed),
        rng_(static_cast<unsigned>(seed)),
        noise_(pins_.data.words()) {
    *pins_.valid = 0;
  }
  ~WordFeed() override { *pins_.valid = 0; }

  /// Words that may be sent in all; all of them unless this says less. A word on offer stays.
  void limit(uint64_t words) { limit_ = words; }
  /// Words to send in all.
  uint64_t size() const { return words_.size() / noise_.size(); }
  uint64_t sent() const { return sent_; }
  /// Called with the index of a word: when it is offered, and after it was taken.
  std::function<void(uint64_t)> on_offer, on_taken;

  void sample() override { fired_ = offering_ && *pins_.ready; }
  void drive() override {
    if (fired_) {
      offering_ = false;
      if (on_taken) on_taken(sent_);
      ++sent_;
    }
    fired_ = false;
    if (offering_) return;
    offering_ = sent_ < std::min(limit_, size()) && !stall_.next();
    *pins_.valid = offering_;
    if (offering_) {
      if (on_offer) on_offer(sent_);
      pins_.data.write(std::span(words_).subspan(sent_ * noise_.size(), noise_.size()));
    } else {
      for (auto& word : noise_) word = static_cast<uint32_t>(rng_());
      pins_.data.write(noise_);
    }
  }
  bool done() const override { return sent_ >= std::min(limit_, size()); }
  std::string pending() const override {
    return pins_.name + ": " + std::to_string(sent_) + " of " + std::to_string(size()) + " sent";
  }

 private:
  tb::StreamPins pins_;
  std::vector<uint32_t> words_;
  tb::Stall stall_;
  std::mt19937 rng_;
  std::vector<uint32_t> noise_;
  uint64_t limit_ = std::numeric_limits<uint64_t>::max(), sent_ = 0;
  bool offering_ = false, fired_ = false;
};

/// Takes the words of an output stream while it is open. Each goes to `take`, which says what is
/// wrong with it.
class WordGate : public tb::Component {
 public:
  WordGate(tb::StreamPins pins, tb::WordTarget take, uint64_t expected, tb::StallPolicy stall = {},
           uint64_t seed = 1)
      : pins_(std::move(pins)),
        take_(std::move(take)),
        expected_(expected),
        stall_(stall, seed),
        word_(pins_.data.words()) {
    *pins_.ready = 0;
  }
  ~WordGate() override { *pins_.ready = 0; }

  /// Words that may be taken in all; no limit at first.
  void limit(uint64_t words) { limit_ = words; }
  uint64_t taken() const { return taken_; }

  void sample() override {
    if (!*pins_.valid || !*pins_.ready) return;
    pins_.data.read(word_);
    take_(word_, pins_.last != nullptr && *pins_.last);
    ++taken_;
  }
  void drive() override { *pins_.ready = taken_ < limit_ && !stall_.next(); }
  bool done() const override { return taken_ >= expected_; }
  std::string pending() const override {
    return pins_.name + ": " + std::to_string(taken_) + " of " + std::to_string(expected_) +
           " taken";
  }

 private:
  tb::StreamPins pins_;
  tb::WordTarget take_;
  uint64_t expected_;
  tb::Stall stall_;
  std::vector<uint32_t> word_;
  uint64_t limit_ = std::numeric_limits<uint64_t>::max(), taken_ = 0;
};

}  // namespace sb::test
