// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tb/devices/fc_layer.h"
#include "tb/sim/bench.h"

namespace sb::tb {

/// Lanes of 9 bits are 16 bits wide on the stream.
template <class P>
constexpr ArrayGeometry fc_geometry() {
  return {P::M, P::Rows, P::ActBits, P::ChainLength, (P::ActBits + 7) / 8 * 8};
}

/// A Verilated sb_fc_layer behind the FcLayer interface. P: its struct of sb::models.
template <class P>
class FcModel : public FcLayer {
 public:
  using Model = typename P::Model;
  FcModel(const std::string& layer_name, uint64_t seed, const TraceOptions& trace)
      : FcLayer(layer_name, fc_geometry<P>(), P::K, P::N, P::OutBits), bench_(seed, trace) {
    Model& dut = *bench_;
    in = {"s_axis", &dut.s_axis_tvalid, &dut.s_axis_tready, Port(dut.s_axis_tdata),
          &dut.s_axis_tlast};
    load = {"s_axis_w", &dut.s_axis_w_tvalid, &dut.s_axis_w_tready, Port(dut.s_axis_w_tdata)};
    out = {"m_axis", &dut.m_axis_tvalid, &dut.m_axis_tready, Port(dut.m_axis_tdata),
           &dut.m_axis_tlast};
    keep = Port(dut.m_axis_tkeep);
    FcModel::reset(3);
  }
  Clock& clock() override { return bench_.clock(); }
  void reset(int cycles) override {
    *in.valid = *load.valid = *out.ready = 0;
    bench_.reset(cycles);
  }
  bool error() const override { return const_cast<Bench<Model>&>(bench_)->error_o; }
  bool loaded() const override { return const_cast<Bench<Model>&>(bench_)->loaded_o; }
  void set_options(const sb_pkg::job_t& job) override {
    bench_->rows_i = static_cast<uint32_t>(job.rows);
    bench_->act_unsigned_i = static_cast<uint8_t>(job.act_unsigned);
    bench_->clamp_i = static_cast<uint8_t>(job.clamp);
    bench_->zero_point_i = static_cast<uint16_t>(job.zero_point);
  }

 private:
  Bench<Model> bench_;
};

}  // namespace sb::tb
