// SPDX-License-Identifier: Apache-2.0
#include "tb/bfm/stall.h"

#include <fmt/format.h>

#include <cmath>

#include "tb/sim/error.h"

namespace sb::tb {

double StallPolicy::slowdown() const {
  switch (kind) {
    case Kind::Never: return 1;
    case Kind::EveryN: return 2;  // n of 2; less above
    case Kind::Random: return 1 / (1 - p);
    case Kind::Bursts: return 1 + static_cast<double>(n + 1) / (run + 1);
  }
  return 1;
}

std::string StallPolicy::name() const {
  switch (kind) {
    case Kind::Never: return "never";
    case Kind::EveryN: return fmt::format("every{}", n);
    case Kind::Random: return fmt::format("random{}", std::lround(100 * p));
    case Kind::Bursts: return fmt::format("run{}pause{}", run, n);
  }
  return "unknown";
}

Stall::Stall(StallPolicy policy, uint64_t seed) : policy_(policy), rng_(seed) {
  if (policy.kind == StallPolicy::Kind::Random && !(policy.p >= 0 && policy.p < 1))
    throw InputError(fmt::format("stall probability {} is not in 0 <= p < 1", policy.p));
  if (policy.kind == StallPolicy::Kind::EveryN && policy.n < 2)
    throw InputError(fmt::format("a stall in every {} cycles leaves none to move", policy.n));
  if (policy.kind == StallPolicy::Kind::Bursts && (policy.n < 1 || policy.run < 1))
    throw InputError(fmt::format("bursts of 1 to {} cycles and pauses of 1 to {} do not exist",
                                 policy.run, policy.n));
  threshold_ = static_cast<uint64_t>(std::ldexp(policy.p, 64));
}

bool Stall::next() {
  switch (policy_.kind) {
    case StallPolicy::Kind::Never: return false;
    case StallPolicy::Kind::EveryN: return ++count_ % policy_.n == 0;
    case StallPolicy::Kind::Random: return rng_() < threshold_;
    case StallPolicy::Kind::Bursts:
      if (count_ == 0) {
        paused_ = !paused_;
        count_ =
            1 + static_cast<int>(rng_() % static_cast<uint64_t>(paused_ ? policy_.n : policy_.run));
      }
      --count_;
      return paused_;
  }
  return false;
}

}  // namespace sb::tb
