// SPDX-License-Identifier: Apache-2.0
// The models of netlist_tests and netlist_fault_tests: netlists (CMakeLists.txt here) in place of
// the RTL.
#include "Varray_cells_m4.h"
#include "models/requant_m4.h"
#include "models/residual_m4.h"
#include "models/table_m4.h"
#include "tb/devices/stage_model.h"
#include "tests/unit/array/array_pins.h"
#include "words/sb_stage_latency_pkg.h"

namespace sb::test {

std::vector<ArrayKind> arrays() { return {{4, true}}; }

ArrayPins make_array(const ArrayKind& /*kind*/, uint64_t seed) {
  return make_pins<Varray_cells_m4>(seed);
}

}  // namespace sb::test

namespace sb::tb {

namespace latency = sb_stage_latency_pkg;

const std::vector<StageEntry>& stage_entries() {
  static const std::vector<StageEntry> kEntries{
      stage_entry<models::table_m4>("table", latency::Table),
      stage_entry<models::requant_m4>("requant", latency::Requant),
      stage_entry<models::residual_m4>("residual", latency::Residual),
  };
  return kEntries;
}

}  // namespace sb::tb
