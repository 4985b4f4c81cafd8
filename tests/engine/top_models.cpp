// SPDX-License-Identifier: Apache-2.0
// The Verilated sb_encoder of these tests (CMakeLists.txt) behind the Top interface.
#include <fmt/format.h>

#if defined(SB_CORE_PERF)
#include "models/encoder_m32.h"
#elif defined(SB_ENGINE_M4)
#include "models/engine_m4.h"
#else
#include "models/encoder_m4.h"
#include "models/encoder_m4_narrow.h"
#include "models/encoder_m4_wide.h"
#endif
#include "tb/sim/error.h"
#include "tests/engine/top_bench.h"

namespace sb::test {
namespace {

template <class P>
class TopModel : public Top {
 public:
  TopModel(uint64_t seed, const tb::TraceOptions& trace) : bench_(seed, trace) {
    parameters = {.m = P::M,
                  .rows = P::Rows,
                  .stat_rows = P::StatRows,
                  .act_bits = P::ActBits,
                  .act_depth = {P::ActDepth0, P::ActDepth1},
                  .res_depth = {P::ResDepth0, P::ResDepth1},
                  .exp_tables = P::ExpTables,
                  .chain = P::ChainLength,
                  .data_bytes = P::AxiDataBits / 8};
    if constexpr (requires { P::AxiAddrBits; }) parameters.addr_bits = P::AxiAddrBits;
    if constexpr (requires { P::MaxBurst; }) max_burst = P::MaxBurst;
    if constexpr (requires { P::PrefetchTiles; }) prefetch_tiles = P::PrefetchTiles;
    if constexpr (requires { P::MulStyle; }) mul_style = P::MulStyle;
    if constexpr (requires { P::Packed; }) packed = P::Packed;
    auto& d = *bench_;
    memory = tb::axi_pins(d, "m_axi", P::AxiDataBits / 8);
    registers = tb::axi_lite_pins(d, "s_axil");
    irq = &d.irq_o;
    arcache = &d.m_axi_arcache, awcache = &d.m_axi_awcache;
    arprot = &d.m_axi_arprot, awprot = &d.m_axi_awprot;
    for (uint8_t* pin : {memory.ar.ready, memory.aw.ready, memory.w.ready, memory.r.valid,
                         memory.b.valid, registers.aw.valid, registers.ar.valid, registers.w.valid,
                         registers.b.ready, registers.r.ready})
      *pin = 0;
    bench_.reset();
  }
  tb::Clock& clock() override { return bench_.clock(); }
  void reset(int cycles) override { bench_.reset(cycles); }

 private:
  tb::Bench<typename P::Model> bench_;
};

}  // namespace

std::unique_ptr<Top> make_top(const std::string& size, uint64_t seed,
                              const tb::TraceOptions& trace) {
#if defined(SB_CORE_PERF)
  if (size == "m32") return std::make_unique<TopModel<models::encoder_m32>>(seed, trace);
#elif defined(SB_ENGINE_M4)
  if (size == "m4") return std::make_unique<TopModel<models::engine_m4>>(seed, trace);
#else
  if (size == "m4") return std::make_unique<TopModel<models::encoder_m4>>(seed, trace);
  if (size == "m4_narrow")
    return std::make_unique<TopModel<models::encoder_m4_narrow>>(seed, trace);
  if (size == "m4_wide") return std::make_unique<TopModel<models::encoder_m4_wide>>(seed, trace);
#endif
  throw tb::InputError(fmt::format("no encoder of size {}", size));
}

}  // namespace sb::test
