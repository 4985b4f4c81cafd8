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
#include "words/sb_stage_latency_pkg.h"

namespace sb::tb {

namespace latency = sb_stage_latency_pkg;

const std::vector<StageEntry>& stage_entries() {
  static const std::vector<StageEntry> kEntries{
      stage_entry<models::table_m8>("table", latency::Table),
      stage_entry<models::requant_m8>("requant", latency::Requant),
      stage_entry<models::residual_m8>("residual", latency::Residual),
      stage_entry<models::softmax_m8>("softmax", latency::SoftmaxM8),
      stage_entry<models::softmax_m16>("softmax", latency::SoftmaxM16),
      stage_entry<models::layernorm_m8>("layernorm", latency::LayerNormM8),
      stage_entry<models::layernorm_m16>("layernorm", latency::LayerNormM16),
  };
  return kEntries;
}

}  // namespace sb::tb
