// The Verilated sb_gemm_core models of this build (tb/CMakeLists.txt) behind the GemmCore
// interface.
#include <fmt/format.h>

#include "Vgemm_core_m16.h"
#include "Vgemm_core_m32.h"
#include "Vgemm_core_m4.h"
#include "Vgemm_core_m64.h"
#include "Vgemm_core_m8.h"
#include "tb/devices/gemm_model.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

template <class Model>
std::unique_ptr<GemmCore> make(const ArrayGeometry& geometry, uint64_t seed,
                               const TraceOptions& trace) {
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
    default:
      throw InputError(fmt::format("M = {}: this build has arrays of 4, 8, 16, 32 and 64", m));
  }
}

}  // namespace sb::tb
