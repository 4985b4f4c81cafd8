// SPDX-License-Identifier: Apache-2.0
// The Verilated cores of these tests (CMakeLists.txt) behind the Core interface.
#include <fmt/format.h>

#ifdef SB_CORE_PERF
#include "models/encoder_core_m32.h"
#include "models/encoder_core_m8.h"
#else
#include "models/encoder_core_m4.h"
#include "models/encoder_core_m4x9.h"
#endif
#include "tb/sim/error.h"
#include "tests/engine/core_bench.h"

namespace sb::test {
namespace {

template <class P>
class CoreModel : public Core {
 public:
  CoreModel(uint64_t seed, const tb::TraceOptions& trace)
      : Core({.m = P::M,
              .rows = P::Rows,
              .stat_rows = P::StatRows,
              .act_bits = P::ActBits,
              .act_depth = {P::ActDepth0, P::ActDepth1},
              .res_depth = {P::ResDepth0, P::ResDepth1},
              .exp_tables = P::ExpTables,
              .chain = P::ChainLength}),
        bench_(seed, trace) {
    typename P::Model& d = *bench_;
    pins = {
        .clear = &d.clear_i,
        .cmd = {"cmd", &d.cmd_valid_i, &d.cmd_ready_o, tb::Port(d.cmd_i)},
        .par = {"par", &d.par_valid_i, &d.par_ready_o, tb::Port(d.par_data_i)},
        .tab = {"tab", &d.tab_valid_i, &d.tab_ready_o, tb::Port(d.tab_data_i)},
        .ld = {"ld", &d.ld_valid_i, &d.ld_ready_o, tb::Port(d.ld_data_i)},
        .st = {"st", &d.st_valid_o, &d.st_ready_i, tb::Port(d.st_data_o)},
        .preq = {"preq", &d.preq_valid_o, &d.preq_ready_i, &d.preq_addr_o, &d.preq_words_o},
        .treq = {"treq", &d.treq_valid_o, &d.treq_ready_i, &d.treq_addr_o, nullptr},
        .lreq = {"lreq", &d.lreq_valid_o, &d.lreq_ready_i, &d.lreq_addr_o, &d.lreq_words_o},
        .sreq = {"sreq", &d.sreq_valid_o, &d.sreq_ready_i, &d.sreq_addr_o, &d.sreq_words_o},
        .st_done = &d.st_done_i,
        .error_valid = &d.error_valid_o,
        .error_code = &d.error_code_o,
        .end = &d.end_o,
        .why = &d.why_o,
        .idle = &d.idle_o,
        .error_index = &d.error_index_o,
        .oldest = &d.oldest_o,
        .view = tb::core_view(d),
    };
    reset();
  }
  tb::Clock& clock() override { return bench_.clock(); }
  void reset() override {
    for (uint8_t* pin :
         {pins.clear, pins.cmd.valid, pins.par.valid, pins.tab.valid, pins.ld.valid, pins.st.ready,
          pins.preq.ready, pins.treq.ready, pins.lreq.ready, pins.sreq.ready, pins.st_done})
      *pin = 0;
    bench_.reset();
  }

 private:
  tb::Bench<typename P::Model> bench_;
};

}  // namespace

std::unique_ptr<Core> make_core(const std::string& size, uint64_t seed,
                                const tb::TraceOptions& trace) {
#ifdef SB_CORE_PERF
  if (size == "m8") return std::make_unique<CoreModel<models::encoder_core_m8>>(seed, trace);
  if (size == "m32") return std::make_unique<CoreModel<models::encoder_core_m32>>(seed, trace);
#else
  if (size == "m4") return std::make_unique<CoreModel<models::encoder_core_m4>>(seed, trace);
  if (size == "m4x9") return std::make_unique<CoreModel<models::encoder_core_m4x9>>(seed, trace);
#endif
  throw tb::InputError(fmt::format("no core of size {}", size));
}

}  // namespace sb::test
