// The models of netlist_tests and netlist_fault_tests: netlists (CMakeLists.txt here) in place of
// the RTL.
#include "Varray_cells_m4.h"
#include "Vrequant_m4.h"
#include "Vresidual_m4.h"
#include "Vtable_m4.h"
#include "tb/devices/stage_model.h"
#include "tests/unit/array/array_pins.h"

namespace sb::test {

std::vector<ArrayKind> arrays() { return {{4, true}}; }

ArrayPins make_array(const ArrayKind& /*kind*/, uint64_t seed) {
  return make_pins<Varray_cells_m4>(seed);
}

}  // namespace sb::test

namespace sb::tb {

const std::vector<StageEntry>& stage_entries() {
  static const std::vector<StageEntry> kEntries{
      {"table", 4, 0, 3, make_model<Vtable_m4>},
      {"requant", 4, 64, 9, make_model<Vrequant_m4>},
      {"residual", 4, 0, 2, make_model<Vresidual_m4>},
  };
  return kEntries;
}

}  // namespace sb::tb
