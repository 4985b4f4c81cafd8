// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tb/devices/gemm_core.h"
#include "tb/sim/bench.h"

namespace sb::tb {

/// A Verilated sb_gemm_core behind the GemmCore interface. P: its struct of sb::models.
template <class P>
class GemmModel : public GemmCore {
 public:
  using Model = typename P::Model;
  static constexpr ArrayGeometry kGeometry{P::M, P::Rows, P::ActBits, P::ChainLength};
  explicit GemmModel(uint64_t seed, const TraceOptions& trace = {})
      : GemmCore(kGeometry, out_bits_of()), bench_(seed, trace) {
    Model& dut = *bench_;
    job = {"job", &dut.job_valid_i, &dut.job_ready_o, Port(dut.job_i)};
    w = {"w", &dut.w_valid_i, &dut.w_ready_o, Port(dut.w_data_i)};
    chan = {"chan", &dut.chan_valid_i, &dut.chan_ready_o, Port(dut.chan_data_i)};
    act = {"act", &dut.act_valid_i, &dut.act_ready_o, Port(dut.act_data_i)};
    out = {"out", &dut.out_valid_o, &dut.out_ready_i, Port(dut.out_data_o), &dut.out_last_o};
    GemmModel::reset(3);
  }
  Clock& clock() override { return bench_.clock(); }
  void reset(int cycles) override {
    for (const auto* stream : {&job, &w, &chan, &act}) *stream->valid = 0;
    *out.ready = 0;
    bench_.reset(cycles);
  }
  bool error() const override { return const_cast<Bench<Model>&>(bench_)->error_o; }
  bool idle() const override { return const_cast<Bench<Model>&>(bench_)->idle_o; }
  void close_trace() override { bench_.close_trace(); }

 private:
  static constexpr int out_bits_of() {
    if constexpr (requires { P::OutBits; }) return P::OutBits;
    return 32;
  }

  Bench<Model> bench_;
};

}  // namespace sb::tb
