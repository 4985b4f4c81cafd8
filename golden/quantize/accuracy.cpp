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

MatrixD pair_cosines(const MatrixF& embeddings) {
  const MatrixD rows = embeddings.cast<double>().rowwise().normalized();
  return rows * rows.transpose();
}

// Ranks of the cosines above the diagonal, less their mean.
std::vector<double> centred_ranks(const MatrixD& cosines) {
  std::vector<double> values;
  for (Eigen::Index i = 0; i < cosines.rows(); ++i)
    for (Eigen::Index j = i + 1; j < cosines.cols(); ++j) values.push_back(cosines(i, j));
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    const auto mean = static_cast<double>(first + last - 1) / 2;
    for (size_t i = first; i < last; ++i)
      ranks[order[i]] = mean - static_cast<double>(order.size() - 1) / 2;
  }
  return ranks;
}

double rank_correlation(const MatrixD& a, const MatrixD& b) {
  const std::vector<double> x = centred_ranks(a), y = centred_ranks(b);
  const double both = std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  const double xx = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
  const double yy = std::inner_product(y.begin(), y.end(), y.begin(), 0.0);
  if (xx == 0 && yy == 0) return 1;
  return xx == 0 || yy == 0 ? 0 : both / std::sqrt(xx * yy);
}

// The `count` nearest other rows of each row, nearest first; equal cosines in the order of the
// rows.
std::vector<std::vector<size_t>> nearest(const MatrixF& embeddings, size_t count) {
  const MatrixD cosines = pair_cosines(embeddings);
  std::vector<std::vector<size_t>> result;
  for (Eigen::Index i = 0; i < cosines.rows(); ++i) {
    std::vector<size_t> order(static_cast<size_t>(cosines.rows()));
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
  accuracy.cosines = cosines;
  std::sort(cosines.begin(), cosines.end());
  accuracy.min_cosine = cosines.front();
  const double rank = 0.01 * static_cast<double>(texts - 1);
  const auto low = static_cast<size_t>(rank);
  const size_t high = std::min(low + 1, texts - 1);
  accuracy.percentile_cosine =
      cosines[low] + (rank - std::floor(rank)) * (cosines[high] - cosines[low]);

  if (texts < 2) {
    accuracy.top10_overlap = accuracy.same_nearest = accuracy.spearman = 1;
    return accuracy;
  }
  const auto a = nearest(reference, 10), b = nearest(other, 10);
  size_t same = 0, all = 0, first = 0;
  for (size_t i = 0; i < texts; ++i) {
    first += a[i].front() == b[i].front() ? 1 : 0;
    for (size_t j : a[i]) {
      same += std::find(b[i].begin(), b[i].end(), j) != b[i].end() ? 1 : 0;
      ++all;
    }
  }
  accuracy.same_nearest = static_cast<double>(first) / static_cast<double>(texts);
  accuracy.spearman = rank_correlation(pair_cosines(reference), pair_cosines(other));
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
