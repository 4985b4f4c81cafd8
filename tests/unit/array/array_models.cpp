// SPDX-License-Identifier: Apache-2.0
// The arrays of unit_tests: the RTL.
#include "Varray_cells_m8.h"
#include "Varray_forms_m4.h"
#include "Varray_forms_m8.h"
#include "tests/unit/array/array_pins.h"

namespace sb::test {

std::vector<ArrayKind> arrays() { return {{4, false}, {8, false}, {8, true}}; }

ArrayPins make_array(const ArrayKind& kind, uint64_t seed) {
  if (kind.cells) return make_pins<Varray_cells_m8>(seed);
  return kind.m == 4 ? make_pins<Varray_forms_m4>(seed) : make_pins<Varray_forms_m8>(seed);
}

}  // namespace sb::test
