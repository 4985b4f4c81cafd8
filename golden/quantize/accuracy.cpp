// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/accuracy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

// The `count` nearest other rows of each row, nearest first; equal cosines in the order of the
// rows.
std::vector<std::vector<size_t>> nearest(const MatrixF& embeddings, size_t count) {
  const MatrixD rows = embeddings.cast<double>().rowwise().normalized();
  const MatrixD cosines = rows * rows.transpose();
  std::vector<std::vector<size_t>> result;
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    std::vector<size_t> order(static_cast<size_t>(rows.rows()));
    std::iota(order.begin(), order.end(), size_t{0});
    order.erase(order.begin() + i);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return cosines(i, static_cast<Eigen::Index>(a)) > cosines(i, static_cast<Eigen::Index>(b));
    });
    order.resize(std::min(count, order.size()));
    result.push_back(std::move(order));
  }
  return result;
}

}  // namespace

Accuracy compare_embeddings(const MatrixF& reference, const MatrixF& other) {
  if (reference.rows() < 1 || reference.rows() != other.rows() || reference.cols() != other.cols())
    throw InputError(fmt::format("accuracy: {} x {} embeddings against {} x {}", reference.rows(),
                                 reference.cols(), other.rows(), other.cols()));
  Accuracy accuracy;
  const auto texts = static_cast<size_t>(reference.rows());
  std::vector<double> cosines(texts);
  for (size_t i = 0; i < texts; ++i) {
    const Eigen::VectorXd a = reference.row(static_cast<Eigen::Index>(i)).cast<double>();
    const Eigen::VectorXd b = other.row(static_cast<Eigen::Index>(i)).cast<double>();
    cosines[i] = a.dot(b) / (a.norm() * b.norm());
  }
  accuracy.mean_cosine =
      std::accumulate(cosines.begin(), cosines.end(), 0.0) / static_cast<double>(texts);
  std::sort(cosines.begin(), cosines.end());
  accuracy.min_cosine = cosines.front();
  const double rank = 0.01 * static_cast<double>(texts - 1);
  const auto low = static_cast<size_t>(rank);
  const size_t high = std::min(low + 1, texts - 1);
  accuracy.percentile_cosine =
      cosines[low] + (rank - std::floor(rank)) * (cosines[high] - cosines[low]);

  if (texts < 2) {
    accuracy.top10_overlap = 1;
    return accuracy;
  }
  const auto a = nearest(reference, 10), b = nearest(other, 10);
  size_t same = 0, all = 0;
  for (size_t i = 0; i < texts; ++i)
    for (size_t j : a[i]) {
      same += std::find(b[i].begin(), b[i].end(), j) != b[i].end() ? 1 : 0;
      ++all;
    }
  accuracy.top10_overlap = static_cast<double>(same) / static_cast<double>(all);
  return accuracy;
}

double neighbour_accuracy(const MatrixF& embeddings, const std::vector<std::string>& labels,
                          int k) {
  if (labels.size() != static_cast<size_t>(embeddings.rows()) || k < 1)
    throw InputError(fmt::format("accuracy: {} labels for {} texts, {} neighbours", labels.size(),
                                 embeddings.rows(), k));
  const auto neighbours = nearest(embeddings, static_cast<size_t>(k));
  size_t right = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    std::map<std::string, int> votes;
    for (size_t j : neighbours[i]) ++votes[labels[j]];
    std::string best;
    for (size_t j : neighbours[i])  // nearest first, so a tie goes to the nearer
      if (best.empty() || votes[labels[j]] > votes[best]) best = labels[j];
    right += best == labels[i] ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace sb::golden
