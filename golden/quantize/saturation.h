// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "golden/model/int_model.h"

namespace sb::golden {

/// How often one tensor of the integer model sits at an end of its range. A value that was clamped
/// is at an end; one that reached it exactly is counted too.
struct TensorSaturation {
  std::string name;  ///< as the integer encoder's observer says it, heads taken together
  int64_t values = 0;
  int64_t saturated = 0;
  int64_t texts = 0;  ///< in which at least one value is at an end

  double share() const { return static_cast<double>(saturated) / static_cast<double>(values); }
};

/// Every tensor that is clamped, by name, over all token lists. ffn1 saturates by design: below the
/// GELU's range, and in the copies of split neurons.
std::vector<TensorSaturation> saturation(const IntModel& model,
                                         const std::vector<std::vector<int32_t>>& texts);

}  // namespace sb::golden
