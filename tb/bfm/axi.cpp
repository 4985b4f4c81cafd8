// SPDX-License-Identifier: Apache-2.0
#include "tb/bfm/axi.h"

#include <fmt/format.h>

#include <algorithm>

#include "tb/sim/error.h"

namespace sb::tb {

void AxiStability::check(uint64_t cycle, bool valid, std::span<const uint32_t> now) const {
  if (!waits_) return;
  if (!valid) throw SimError(fmt::format("{}: cycle {}: valid fell before ready", name_, cycle));
  if (!std::equal(now.begin(), now.end(), waiting_.begin(), waiting_.end()))
    throw SimError(fmt::format("{}: cycle {}: payload changed before ready", name_, cycle));
}

}  // namespace sb::tb
