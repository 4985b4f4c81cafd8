// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tb/bfm/stall.h"

namespace sb::test {

/// How the two sides of a module stall.
struct StallPair {
  tb::StallPolicy in, out;
};

/// Never, every third cycle and half of the cycles on each side, and each side alone nearly always
/// stalled.
inline std::vector<StallPair> stall_pairs() {
  using tb::StallPolicy;
  std::vector<StallPair> pairs{{StallPolicy::random(0.9), StallPolicy::never()},
                               {StallPolicy::never(), StallPolicy::random(0.9)}};
  for (const auto& in : {StallPolicy::never(), StallPolicy::every(3), StallPolicy::random(0.5)})
    for (const auto& out : {StallPolicy::never(), StallPolicy::every(3), StallPolicy::random(0.5)})
      pairs.push_back({in, out});
  return pairs;
}

inline std::string stall_pair_name(const testing::TestParamInfo<StallPair>& info) {
  return "In_" + info.param.in.name() + "_Out_" + info.param.out.name();
}

}  // namespace sb::test
