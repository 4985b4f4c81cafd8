// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "golden/model/bert_model.h"
#include "golden/model/int_model.h"
#include "golden/quantize/progress.h"
#include "golden/quantize/quantize_options.h"

namespace sb::golden {

using TokenLists = std::vector<std::vector<int32_t>>;

/// What the quantization did, for the report.
struct QuantizeReport {
  int copies = 0;            ///< neurons added by the split, over all layers
  int accumulator_bits = 0;  ///< widest accumulator that any input could need, sign included
};

/// Float model to integer model: ranges, folds and weights as integer_model.md describes. texts:
/// token lists of the calibration texts, at least one. odd: of texts unlike those, whose values the
/// ranges of v and context shall hold, and which the rounding of weights shall serve, too.
/// Throws InputError for options out of range, texts the model refuses, values that are not finite
/// and anything that does not fit the integer formats.
IntBert quantize_model(const BertModel& model, const TokenLists& texts,
                       const QuantizeOptions& options, QuantizeReport* report = nullptr,
                       const Progress& progress = {}, const TokenLists& odd = {});

}  // namespace sb::golden
