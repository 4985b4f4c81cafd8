// SPDX-License-Identifier: Apache-2.0
// The Verilated sb_gemm_core models of this build (tb/CMakeLists.txt) behind the GemmCore
// interface.
#include <fmt/format.h>

#include "models/gemm_core_m16.h"
#include "models/gemm_core_m32.h"
#include "models/gemm_core_m4.h"
#include "models/gemm_core_m64.h"
#include "models/gemm_core_m8.h"
#include "tb/devices/gemm_model.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

struct Entry {
  ArrayGeometry geometry;
  std::unique_ptr<GemmCore> (*make)(uint64_t seed, const TraceOptions& trace);
};

template <class P>
Entry entry() {
  return {GemmModel<P>::kGeometry,
          [](uint64_t seed, const TraceOptions& trace) -> std::unique_ptr<GemmCore> {
            return std::make_unique<GemmModel<P>>(seed, trace);
          }};
}

const Entry kEntries[] = {entry<models::gemm_core_m4>(), entry<models::gemm_core_m8>(),
                          entry<models::gemm_core_m16>(), entry<models::gemm_core_m32>(),
                          entry<models::gemm_core_m64>()};

const Entry& entry_of(int m) {
  for (const Entry& e : kEntries)
    if (e.geometry.m == m) return e;
  throw InputError(
      fmt::format("M = {}: this build has arrays of {}", m, fmt::join(gemm_core_sizes(), ", ")));
}

}  // namespace

std::vector<int> gemm_core_sizes() {
  std::vector<int> sizes;
  for (const Entry& e : kEntries) sizes.push_back(e.geometry.m);
  return sizes;
}

std::unique_ptr<GemmCore> make_gemm_core(int m, uint64_t seed, const TraceOptions& trace) {
  return entry_of(m).make(seed, trace);
}

ArrayGeometry gemm_core_geometry(int m) { return entry_of(m).geometry; }

}  // namespace sb::tb
