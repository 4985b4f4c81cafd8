// SPDX-License-Identifier: Apache-2.0
// One Verilated sb_encoder of this build (sb_add_encoder in tb/CMakeLists.txt) behind the Encoder
// interface. SB_ENCODER_HEADER: its header; SB_ENCODER: its struct of sb::models; SB_ENCODER_NAME.
#include SB_ENCODER_HEADER
#include "tb/devices/encoder.h"

namespace sb::tb {
namespace {

using P = models::SB_ENCODER;

class EncoderModel : public Encoder {
 public:
  EncoderModel(uint64_t seed, const TraceOptions& trace) : bench_(seed, trace) {
    P::Model& d = *bench_;
    memory = axi_pins(d, "m_axi", P::AxiDataBits / 8);
    registers = axi_lite_pins(d, "s_axil");
    irq = &d.irq_o;
    why = &d.view_why_o;
    view = core_view(d);
    EncoderModel::reset();
  }
  Clock& clock() override { return bench_.clock(); }
  void reset() override {
    for (uint8_t* pin : {memory.ar.ready, memory.aw.ready, memory.w.ready, memory.r.valid,
                         memory.b.valid, registers.ar.valid, registers.aw.valid, registers.w.valid,
                         registers.r.ready, registers.b.ready})
      *pin = 0;
    bench_.reset();
  }
  void close_trace() override { bench_.close_trace(); }

 private:
  Bench<P::Model> bench_;
};

const EncoderRegistration kRegistration{
    {SB_ENCODER_NAME,
     {.m = P::M,
      .rows = P::Rows,
      .stat_rows = P::StatRows,
      .act_bits = P::ActBits,
      .act_depth = {P::ActDepth0, P::ActDepth1},
      .res_depth = {P::ResDepth0, P::ResDepth1},
      .exp_tables = P::ExpTables,
      .chain = P::ChainLength,
      .data_bytes = P::AxiDataBits / 8}},
    [](uint64_t seed, const TraceOptions& trace) -> std::unique_ptr<Encoder> {
      return std::make_unique<EncoderModel>(seed, trace);
    }};

}  // namespace
}  // namespace sb::tb
