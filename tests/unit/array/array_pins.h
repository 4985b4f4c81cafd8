// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "tb/sim/port.h"
#include "tests/support/seeds.h"

namespace sb::test {

/// The pins of a model of sb_array_forms, whichever its size.
struct ArrayPins {
  std::shared_ptr<void> owner;
  tb::Clock* clock = nullptr;
  tb::Port act, swap, tag, load, channel, w, dot, tag_out;
};

template <typename Model>
ArrayPins make_pins(uint64_t seed) {
  auto bench = std::make_shared<tb::Bench<Model>>(seed, trace_options(seed));
  Model& d = **bench;
  return {bench,
          &bench->clock(),
          tb::Port(d.act_i),
          tb::Port(d.swap_i),
          tb::Port(d.tag_i),
          tb::Port(d.load_i),
          tb::Port(d.load_channel_i),
          tb::Port(d.w_i),
          tb::Port(d.dot_o),
          tb::Port(d.tag_o)};
}

/// A model of sb_array_forms: its size, and whether it is made of multiplier cells (MulStyle = 1).
struct ArrayKind {
  int m = 0;
  bool cells = false;
};

/// The arrays that this program tests, RTL or netlists: each test program defines both.
std::vector<ArrayKind> arrays();
ArrayPins make_array(const ArrayKind& kind, uint64_t seed);

}  // namespace sb::test
