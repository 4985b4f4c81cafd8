// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "golden/base/matrix.h"

namespace sb::golden {

/// How close two sets of sentence embeddings are, row by row.
struct Accuracy {
  double mean_cosine = 0;
  double percentile_cosine = 0;  ///< 1st percentile: linear between the two nearest ranks
  double min_cosine = 0;
  double top10_overlap =
      0;  ///< mean share of the ten nearest other texts (all, if fewer) that are the same
  double same_nearest = 0;  ///< share of texts whose nearest other text is the same
  double spearman = 0;  ///< rank correlation of the cosines of all pairs of texts, ties at the mean
                        ///< of their ranks; 1 where there is nothing to order
  std::vector<double> cosines;  ///< of each text
};

/// reference, other: (texts, width), at least one text, rows of length 1. Cosines in double.
Accuracy compare_embeddings(const MatrixF& reference, const MatrixF& other);

/// Share of texts whose label is that of the majority of their k nearest other texts (largest
/// cosine; the label whose nearest text comes first wins a tie). labels: one per text.
double neighbour_accuracy(const MatrixF& embeddings, const std::vector<std::string>& labels, int k);

}  // namespace sb::golden
