// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tb/sim/bench.h"

namespace sb::test {

/// A bench of tests/unit/*/*_cells: the modules that a test does not drive stay idle, whatever the
/// random initial values.
template <typename Model>
class IdleBench : public tb::Bench<Model> {
 public:
  explicit IdleBench(uint64_t seed = 1, const tb::TraceOptions& trace = {})
      : tb::Bench<Model>(seed, trace) {
    Model& d = **this;
    if constexpr (requires { d.fifo_valid_i; }) {
      d.fifo_valid_i = d.fifo_ready_i = d.ram_fifo_valid_i = d.ram_fifo_ready_i = d.ram_write_i =
          d.ram_read_i = d.replay_frame_valid_i = d.replay_valid_i = d.replay_ready_i =
              d.rom_run_i = d.rom_write_i = d.rom_ready_i = d.file_run_i = d.file_ready_i =
                  d.words_load_i = d.words_next_i = 0;
    } else {
      d.acc_valid_i = d.requant_valid_i = 0;
    }
    this->reset();
  }
};

}  // namespace sb::test
