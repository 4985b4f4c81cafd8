// SPDX-License-Identifier: Apache-2.0
#include "tb/sim/clock.h"

#include <fmt/format.h>

#include <algorithm>

#include "tb/sim/error.h"

namespace sb::tb {

Clock::Clock(uint8_t& clk, std::function<void()> eval, std::function<void(uint64_t)> dump)
    : clk_(clk), eval_(std::move(eval)), dump_(std::move(dump)) {
  clk_ = 0;
}

void Clock::tick() {
  for (auto* component : components_) component->sample();
  clk_ = 1;
  eval_();
  if (dump_) dump_(2 * cycles_ + 1);
  for (auto* component : components_) component->drive();
  clk_ = 0;
  eval_();
  if (dump_) dump_(2 * cycles_ + 2);
  ++cycles_;
}

void Clock::run(uint64_t limit) {
  const auto all_done = [this] {
    return std::all_of(components_.begin(), components_.end(),
                       [](const Component* c) { return c->done(); });
  };
  for (uint64_t n = 0; !all_done(); ++n) {
    if (n == limit) {
      std::string pending;
      for (const auto* c : components_)
        if (!c->done()) pending += (pending.empty() ? "" : "; ") + c->pending();
      throw SimError(fmt::format("time limit of {} cycles reached at cycle {}; pending: {}", limit,
                                 cycles_, pending));
    }
    tick();
  }
}

}  // namespace sb::tb
