// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "golden/model/bert_model.h"
#include "golden/model/int_model.h"
#include "golden/quantize/quantize_options.h"

namespace sb::golden {

using TokenLists = std::vector<std::vector<int32_t>>;

/// What the quantization did, for the report.
struct QuantizeReport {
  int copies = 0;            ///< neurons added by the split, over all layers
  int accumulator_bits = 0;  ///< widest accumulator that any input could need, sign included
};

/// Called as work goes on, with a line that says what is being done.
using Progress = std::function<void(const std::string&)>;

/// Float model to integer model: ranges, folds, weights and bias correction as integer_model.md
/// describes. texts: token lists of the calibration texts, at least one. Throws InputError for
/// options out of range, texts the model refuses, values that are not finite and anything that does
/// not fit the integer formats.
IntBert quantize_model(const BertModel& model, const TokenLists& texts,
                       const QuantizeOptions& options, QuantizeReport* report = nullptr,
                       const Progress& progress = {});

/// Mean per output channel of every linear layer of the float model, in the folded units of the
/// integer model.
using LinearMeans = std::map<std::string, Eigen::VectorXd>;

/// Bias correction: in layer order, runs the integer model so far over the texts and adds to each
/// bias the mean difference between `means` and what the integer layer gives. embeddings: float
/// embeddings of each text.
void correct_biases(IntBert& model, const std::vector<MatrixF>& embeddings,
                    const LinearMeans& means, const Progress& progress = {});

}  // namespace sb::golden
