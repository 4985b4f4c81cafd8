// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sb::tb {

/// Something that watches or drives the pins of a model. Every cycle the clock calls sample() of
/// all components before the rising edge, when the signals are settled, and drive() of all of them
/// after it.
class Component {
 public:
  Component() = default;
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;
  virtual ~Component() = default;
  virtual void sample() {}
  virtual void drive() {}
  /// True when nothing is left to do; run() ends when all components say so.
  virtual bool done() const { return true; }
  /// What it still waits for: printed when the time limit strikes.
  virtual std::string pending() const { return {}; }
};

/// One clock of a model, its components and the time limit.
class Clock {
 public:
  /// clk: the clock pin. eval: evaluates the model. dump: called after each half cycle with the
  /// time in half cycles.
  Clock(uint8_t& clk, std::function<void()> eval, std::function<void(uint64_t)> dump = {});

  void add(Component& component) { components_.push_back(&component); }
  void clear() { components_.clear(); }
  /// Lets outputs follow inputs that were changed between two cycles.
  void settle() { eval_(); }
  /// One cycle.
  void tick();
  /// Cycles until all components are done. Throws SimError, saying what was pending, after `limit`
  /// cycles.
  void run(uint64_t limit);
  uint64_t cycles() const { return cycles_; }

 private:
  uint8_t& clk_;
  std::function<void()> eval_;
  std::function<void(uint64_t)> dump_;
  std::vector<Component*> components_;
  uint64_t cycles_ = 0;
};

}  // namespace sb::tb
