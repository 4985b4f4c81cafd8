// SPDX-License-Identifier: Apache-2.0
#include "tb/host/norm_code.h"

#include <fmt/format.h>

#include "golden/base/error.h"

namespace sb::tb {

sb_pkg::norm_job_t norm_job(const golden::LayerNormParams& norm) {
  return {.columns = static_cast<int64_t>(norm.gain.size()),
          .mean_mult = norm.mean_mult,
          .mean_shift = norm.mean_shift,
          .e = static_cast<int64_t>(norm.e),
          .row_shift = norm.row_shift};
}

sb_pkg::norm_chan_t norm_channel(const golden::LayerNormParams& norm,
                                 const golden::OperandParams& operand, std::size_t channel) {
  return {.k = operand.k.at(channel), .bias = norm.bias.at(channel), .gain = norm.gain.at(channel)};
}

sb_pkg::operand_t operand_code(const golden::OperandParams& operand) {
  if (operand.shift % 4 != 0 || operand.shift < 16 || operand.shift > 28 ||
      (operand.bits != 8 && operand.bits != 9))
    throw golden::InputError(
        fmt::format("operand of {} bits with shift {}: must be 8 or 9 bits with 16, 20, 24 or 28",
                    operand.bits, operand.shift));
  return {.nine = operand.bits == 9, .shift_sel = (operand.shift - 16) / 4};
}

}  // namespace sb::tb
