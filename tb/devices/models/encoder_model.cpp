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

// Parameters that a size does not set are those of sb_encoder, and of EngineParameters.
template <typename Size>
EngineParameters parameters() {
  EngineParameters e{.m = Size::M,
                     .rows = Size::Rows,
                     .stat_rows = Size::StatRows,
                     .act_bits = Size::ActBits,
                     .act_depth = {Size::ActDepth0, Size::ActDepth1},
                     .res_depth = {Size::ResDepth0, Size::ResDepth1},
                     .exp_tables = Size::ExpTables,
                     .chain = Size::ChainLength,
                     .data_bytes = Size::AxiDataBits / 8};
  if constexpr (requires { Size::MaxBurst; }) e.max_burst = Size::MaxBurst;
  if constexpr (requires { Size::PrefetchTiles; }) e.prefetch_tiles = Size::PrefetchTiles;
  if constexpr (requires { Size::Packed; }) e.packed = Size::Packed != 0;
  return e;
}

const EncoderRegistration kRegistration{
    {SB_ENCODER_NAME, parameters<P>()},
    [](uint64_t seed, const TraceOptions& trace) -> std::unique_ptr<Encoder> {
      return std::make_unique<EncoderModel>(seed, trace);
    }};

}  // namespace
}  // namespace sb::tb
