#include "tb/bfm/stall.h"

#include <fmt/format.h>

#include <cmath>

#include "tb/sim/error.h"

namespace sb::tb {

std::string StallPolicy::name() const {
  switch (kind) {
    case Kind::Never: return "never";
    case Kind::EveryN: return fmt::format("every{}", n);
    case Kind::Random: return fmt::format("random{}", std::lround(100 * p));
  }
  return "unknown";
}

Stall::Stall(StallPolicy policy, uint64_t seed) : policy_(policy), rng_(seed) {
  if (policy.kind == StallPolicy::Kind::Random && !(policy.p >= 0 && policy.p < 1))
    throw InputError(fmt::format("stall probability {} is not in 0 <= p < 1", policy.p));
  if (policy.kind == StallPolicy::Kind::EveryN && policy.n < 2)
    throw InputError(fmt::format("a stall in every {} cycles leaves none to move", policy.n));
  threshold_ = static_cast<uint64_t>(std::ldexp(policy.p, 64));
}

bool Stall::next() {
  switch (policy_.kind) {
    case StallPolicy::Kind::Never: return false;
    case StallPolicy::Kind::EveryN: return ++count_ % policy_.n == 0;
    case StallPolicy::Kind::Random: return rng_() < threshold_;
  }
  return false;
}

}  // namespace sb::tb
