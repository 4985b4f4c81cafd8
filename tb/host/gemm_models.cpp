// The Verilated sb_gemm_core models of this build (tb/CMakeLists.txt) behind the GemmCore interface.
#include <fmt/format.h>

#include "Vgemm_core_m16.h"
#include "Vgemm_core_m32.h"
#include "Vgemm_core_m4.h"
#include "Vgemm_core_m64.h"
#include "Vgemm_core_m8.h"
#include "tb/host/gemm_core.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

template <class Model>
class GemmModel : public GemmCore {
 public:
  GemmModel(const ArrayGeometry& geometry, uint64_t seed, const TraceOptions& trace)
      : GemmCore(geometry), bench_(seed, trace) {
    Model& dut = *bench_;
    job = {"job", &dut.job_valid_i, &dut.job_ready_o, Port(dut.job_i)};
    w = {"w", &dut.w_valid_i, &dut.w_ready_o, Port(dut.w_data_i)};
    chan = {"chan", &dut.chan_valid_i, &dut.chan_ready_o, Port(dut.chan_data_i)};
    act = {"act", &dut.act_valid_i, &dut.act_ready_o, Port(dut.act_data_i)};
    out = {"out", &dut.out_valid_o, &dut.out_ready_i, Port(dut.out_data_o), &dut.out_last_o};
    reset();
  }
  Clock& clock() override { return bench_.clock(); }
  void reset() override {
    for (const auto* stream : {&job, &w, &chan, &act}) *stream->valid = 0;
    *out.ready = 0;
    bench_.reset();
  }
  bool error() const override { return const_cast<Bench<Model>&>(bench_)->error_o; }
  void close_trace() override { bench_.close_trace(); }

 private:
  Bench<Model> bench_;
};

template <class Model>
std::unique_ptr<GemmCore> make(const ArrayGeometry& geometry, uint64_t seed, const TraceOptions& trace) {
  return std::make_unique<GemmModel<Model>>(geometry, seed, trace);
}

}  // namespace

std::vector<int> gemm_core_sizes() { return {4, 8, 16, 32, 64}; }

std::unique_ptr<GemmCore> make_gemm_core(int m, uint64_t seed, const TraceOptions& trace) {
  // Rows, lane width and chain as in tb/CMakeLists.txt.
  switch (m) {
    case 4: return make<Vgemm_core_m4>({4, 8, 8, 2}, seed, trace);
    case 8: return make<Vgemm_core_m8>({8, 32, 9, 8}, seed, trace);
    case 16: return make<Vgemm_core_m16>({16, 128, 9, 4}, seed, trace);
    case 32: return make<Vgemm_core_m32>({32, 128, 8, 4}, seed, trace);
    case 64: return make<Vgemm_core_m64>({64, 128, 8, 4}, seed, trace);
    default: throw InputError(fmt::format("M = {}: this build has arrays of 4, 8, 16, 32 and 64", m));
  }
}

}  // namespace sb::tb
