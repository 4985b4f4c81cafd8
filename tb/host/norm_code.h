// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/base/operator_params.h"
#include "words/sb_pkg.h"

namespace sb::tb {

/// What LayerNorm is told of an operation, of one of its channels and of the narrow copy.
sb_pkg::norm_job_t norm_job(const golden::LayerNormParams& norm);
sb_pkg::norm_chan_t norm_channel(const golden::LayerNormParams& norm,
                                 const golden::OperandParams& operand, std::size_t channel);
/// Throws InputError if the shift is not 16, 20, 24 or 28 or there are not 8 or 9 bits.
sb_pkg::operand_t operand_code(const golden::OperandParams& operand);

}  // namespace sb::tb
