// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "tb/sim/port.h"

namespace sb::tb {

/// Pins of sb_core_view.svh: what a simulated core writes, of each kind, and issues in a cycle.
struct CoreView {
  enum Kind { Result, Operand, Sum, Norm, Load, Maximum, Constant };
  static constexpr int kKinds = 7;
  uint8_t *write, *bank;  ///< a bit per kind
  Port index, addr;       ///< per kind 32 bits, 16 bits
  std::array<Port, kKinds> data;
  uint8_t* issue;
  uint32_t* issue_index;
};

template <class Model>
CoreView core_view(Model& d) {
  return {.write = &d.view_write_o,
          .bank = &d.view_bank_o,
          .index = Port(d.view_index_o),
          .addr = Port(d.view_addr_o),
          .data = {Port(d.view_act_o), Port(d.view_back_o), Port(d.view_res_o), Port(d.view_norm_o),
                   Port(d.view_load_o), Port(d.view_max_o), Port(d.view_stats_o)},
          .issue = &d.view_issue_o,
          .issue_index = &d.view_issue_index_o};
}

}  // namespace sb::tb
