// SPDX-License-Identifier: Apache-2.0
#include "golden/model/int_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "golden/base/accumulator.h"
#include "golden/base/error.h"
#include "golden/io/file.h"

namespace sb::golden {

int check_accumulator(const IntLinear& linear, int max_code, const std::string& name) {
  int64_t largest = 0;
  for (Eigen::Index n = 0; n < linear.weight.rows(); ++n) {
    const std::span weights(linear.weight.row(n).data(), static_cast<size_t>(linear.weight.cols()));
    const int64_t bound = accumulator_bound(weights, linear.bias[static_cast<size_t>(n)], max_code);
    if (bound > kAccumulatorMax)
      throw InputError(
          fmt::format("{}: the accumulator of output {} could reach {}, more than int32 holds",
                      name, n, bound));
    largest = std::max(largest, bound);
  }
  return static_cast<int>(std::bit_width(static_cast<uint64_t>(largest))) + 1;
}

bool is_int_model(const std::filesystem::path& path) { return !is_folder(path); }

}  // namespace sb::golden
