// SPDX-License-Identifier: Apache-2.0
// The Verilated stand-alone stages of this build (tb/CMakeLists.txt).
#include "models/layernorm_m16.h"
#include "models/layernorm_m8.h"
#include "models/requant_m8.h"
#include "models/residual_m8.h"
#include "models/softmax_m16.h"
#include "models/softmax_m8.h"
#include "models/table_m8.h"
#include "tb/devices/stage_model.h"

namespace sb::tb {

const std::vector<StageEntry>& stage_entries() {
  static const std::vector<StageEntry> kEntries{
      stage_entry<models::table_m8>("table", 3),
      stage_entry<models::requant_m8>("requant", 10),
      stage_entry<models::residual_m8>("residual", 2),
      stage_entry<models::softmax_m8>("softmax", 0),
      stage_entry<models::softmax_m16>("softmax", 0),
      stage_entry<models::layernorm_m8>("layernorm", 0),
      stage_entry<models::layernorm_m16>("layernorm", 0),
  };
  return kEntries;
}

}  // namespace sb::tb
