// SPDX-License-Identifier: Apache-2.0
// In bertsim_demo, which has the encoder engine alone: what gemm_models.cpp and stage_models.cpp
// say in bertsim.
#include "tb/devices/gemm_model.h"
#include "tb/devices/stage_model.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

[[noreturn]] void refuse() {
  throw InputError("this build has the encoder engine alone: scripts/bertsim has all models");
}

}  // namespace

std::vector<int> gemm_core_sizes() { return {}; }
std::unique_ptr<GemmCore> make_gemm_core(int, uint64_t, const TraceOptions&) { refuse(); }
ArrayGeometry gemm_core_geometry(int) { refuse(); }

const std::vector<StageEntry>& stage_entries() {
  static const std::vector<StageEntry> kNone;
  return kNone;
}

}  // namespace sb::tb
