// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>
#include <map>
#include <string>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/model/int_model.h"
#include "golden/quantize/progress.h"

namespace sb::golden {

/// Mean per output channel of every linear layer of the float model, in the folded units of the
/// integer model: over the texts, of each text's mean, since what counts is a text's mean.
using LinearMeans = std::map<std::string, Eigen::VectorXd>;

/// Bias correction: in layer order, runs the integer model so far over the texts and adds to each
/// bias the mean difference between `means` and what the integer layer gives. embeddings: float
/// embeddings of each text.
void correct_biases(IntBert& model, const std::vector<MatrixF>& embeddings,
                    const LinearMeans& means, const Progress& progress = {});

}  // namespace sb::golden
