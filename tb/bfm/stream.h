// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tb/bfm/stall.h"
#include "tb/sim/clock.h"
#include "tb/sim/port.h"

namespace sb::tb {

/// The pins of one valid / ready stream, from the model's side an input or an output. `last` may be
/// null.
struct StreamPins {
  std::string name;
  uint8_t* valid = nullptr;
  uint8_t* ready = nullptr;
  Port data;
  uint8_t* last = nullptr;
};

/// Fills the next word; returns false when there is none.
using WordSource = std::function<bool(std::span<uint32_t> word)>;
/// Takes a word that was handed over.
using WordTarget = std::function<void(std::span<const uint32_t> word, bool last)>;

/// Sends the words of a source to an input stream of the model. valid never waits for ready; a word
/// that waits stays. While it has nothing to offer the data pins carry noise, so that a model that
/// looks at them too early is caught.
class StreamDriver : public Component {
 public:
  StreamDriver(StreamPins pins, WordSource source, StallPolicy stall = {}, uint64_t seed = 1);
  void sample() override;
  void drive() override;
  bool done() const override { return exhausted_ && !offering_; }
  std::string pending() const override;
  uint64_t sent() const { return sent_; }
  /// Cycles in which a word was offered and not taken.
  uint64_t blocked() const { return blocked_; }

 private:
  void offer();

  StreamPins pins_;
  WordSource source_;
  Stall stall_;
  std::vector<uint32_t> next_, noise_;
  bool have_next_ = false, offering_ = false, exhausted_ = false, fired_ = false;
  uint64_t sent_ = 0, blocked_ = 0;
};

/// Takes the words of an output stream of the model.
class StreamSink : public Component {
 public:
  /// Done once `expected` words have come; more than that is an error at once.
  StreamSink(StreamPins pins, uint64_t expected, WordTarget target, StallPolicy stall = {},
             uint64_t seed = 1);
  void sample() override;
  void drive() override;
  bool done() const override { return received_ == expected_; }
  std::string pending() const override;
  uint64_t received() const { return received_; }

 private:
  StreamPins pins_;
  uint64_t expected_;
  WordTarget target_;
  Stall stall_;
  std::vector<uint32_t> word_;
  uint64_t received_ = 0;
};

/// Watches one stream and throws SimError when the contract breaks: a word that was offered and not
/// taken must stay valid and unchanged.
class StreamMonitor : public Component {
 public:
  explicit StreamMonitor(StreamPins pins);
  void sample() override;
  uint64_t transfers() const { return transfers_; }

 private:
  StreamPins pins_;
  std::vector<uint32_t> word_, waiting_;
  bool is_waiting_ = false;
  uint64_t transfers_ = 0, cycle_ = 0;
};

/// Source over words stored one after the other.
WordSource words_of(std::vector<uint32_t> words);

}  // namespace sb::tb
