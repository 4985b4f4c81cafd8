// The Verilated stand-alone stages of this build (tb/CMakeLists.txt).
#include "Vlayernorm_m16.h"
#include "Vlayernorm_m8.h"
#include "Vrequant_m8.h"
#include "Vresidual_m8.h"
#include "Vsoftmax_m16.h"
#include "Vsoftmax_m8.h"
#include "Vtable_m8.h"
#include "tb/devices/stage_model.h"

namespace sb::tb {

const std::vector<StageEntry>& stage_entries() {
  static const std::vector<StageEntry> kEntries{
      {"table", 8, 0, 3, make_model<Vtable_m8>},
      {"requant", 8, 128, 9, make_model<Vrequant_m8>},
      {"residual", 8, 0, 2, make_model<Vresidual_m8>},
      {"softmax", 8, 64, 0, make_model<Vsoftmax_m8>},
      {"softmax", 16, 256, 0, make_model<Vsoftmax_m16>},
      {"layernorm", 8, 128, 0, make_model<Vlayernorm_m8>},
      {"layernorm", 16, 256, 0, make_model<Vlayernorm_m16>},
  };
  return kEntries;
}

}  // namespace sb::tb
