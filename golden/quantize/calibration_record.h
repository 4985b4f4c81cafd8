// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "golden/model/bert_model.h"
#include "golden/quantize/quantize_options.h"

namespace sb::golden {

/// What one encoder layer computed over all calibration texts, rows of all texts one below the
/// other.
struct LayerRecord {
  std::map<std::string, MatrixF>
      values;  ///< under the names of the float model's observer, without "layer.N."
  std::vector<std::vector<float>> scores;  ///< per head, all rows and keys
  std::vector<Eigen::Index> first{0};      ///< row of each text, and their number

  const MatrixF& at(const std::string& name) const { return values.at(name); }
};

/// Runs one float layer over every text on all processors. states: x of each text; replaced by the
/// layer's output. with_scores: without, none are recorded.
LayerRecord record_layer(const BertModel& model, int layer, std::vector<MatrixF>& states,
                         bool with_scores = true);

/// Range of the absolute values by the calibrator. Throws InputError for no values, NaN and Inf.
double abs_range(std::span<const float> values, const CalibrationOptions& options);

/// The same for each column of a matrix.
Eigen::VectorXd column_ranges(const MatrixF& values, const CalibrationOptions& options);

/// Largest value of each column, with its sign.
Eigen::VectorXd column_max(const MatrixF& values);

}  // namespace sb::golden
