// SPDX-License-Identifier: Apache-2.0
// The Verilated sb_gemm_core models of this build (tb/CMakeLists.txt) behind the GemmCore
// interface.
#include <fmt/format.h>

#include "gemm_core_list.h"
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

#define SB_ENTRY(name) entry<models::name>(),
const Entry kEntries[] = {SB_GEMM_MODELS(SB_ENTRY)};
#undef SB_ENTRY

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
