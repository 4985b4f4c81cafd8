// SPDX-License-Identifier: Apache-2.0
#include "golden/quantize/calibrator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/base/error.h"
#include "golden/base/finite.h"
#include "golden/base/parallel.h"

namespace sb::golden {
namespace {

constexpr int kMseCandidates = 100;

void require_values(size_t count) {
  if (count == 0) throw InputError("calibrator: no calibration data");
}

double largest(std::span<const float> magnitudes) {
  require_values(magnitudes.size());
  return *std::max_element(magnitudes.begin(), magnitudes.end());
}

void require_bits(int bits, int most) {
  if (bits < 2 || bits > most)
    throw InputError(fmt::format("calibrator: {} bits, must be 2..{}", bits, most));
}

/// Kullback-Leibler divergence between the first `kept` bins with the rest added to their last, and
/// the same bins seen through `levels` groups. `outliers` = counts beyond `kept`.
double divergence(const std::vector<double>& counts, size_t kept, size_t levels, double outliers) {
  // Bin b belongs to group floor(b * levels / kept); groups are runs of neighbours.
  const auto group_of = [&](size_t bin) { return bin * levels / kept; };
  std::vector<double> sum(levels, 0), members(levels, 0);
  double inside = 0;
  for (size_t b = 0; b < kept; ++b) {
    sum[group_of(b)] += counts[b];
    members[group_of(b)] += counts[b] > 0 ? 1 : 0;
    inside += counts[b];
  }
  if (inside == 0) return HUGE_VAL;
  double total = 0;
  for (size_t b = 0; b < kept; ++b) {
    const double p = (counts[b] + (b + 1 == kept ? outliers : 0)) / (inside + outliers);
    if (p == 0) continue;
    if (counts[b] == 0) return HUGE_VAL;
    const double q = sum[group_of(b)] / members[group_of(b)] / inside;
    total += p * std::log(p / q);
  }
  return total;
}

double amax_of(const std::vector<float>& magnitudes, const CalibrationOptions& options) {
  switch (options.method) {
    case CalibrationMethod::Max: return largest(magnitudes);
    case CalibrationMethod::Percentile: return percentile_amax(magnitudes, options.percentile);
    case CalibrationMethod::Mse: return mse_amax(magnitudes, options.bits);
    case CalibrationMethod::Entropy: return entropy_amax(magnitudes, options.bits, options.bins);
  }
  throw InputError("calibrator: unknown method");
}

}  // namespace

double percentile_amax(std::vector<float> magnitudes, double percentile) {
  require_values(magnitudes.size());
  if (!(percentile >= 0 && percentile <= 100))
    throw InputError(fmt::format("calibrator: percentile {} is not in 0..100", percentile));
  std::sort(magnitudes.begin(), magnitudes.end());
  const double index = percentile / 100 * static_cast<double>(magnitudes.size() - 1);
  const auto below = static_cast<size_t>(std::floor(index)),
             above = static_cast<size_t>(std::ceil(index));
  return (double{magnitudes[below]} + magnitudes[above]) / 2;
}

double mse_amax(std::span<const float> magnitudes, int bits) {
  require_bits(bits, 24);
  const double max = largest(magnitudes);
  if (max == 0) return 0;
  const double levels = std::ldexp(1.0, bits - 1) - 1;
  double best = max, least = HUGE_VAL;
  for (int i = kMseCandidates; i >= 1; --i) {
    const double amax = max * i / kMseCandidates, scale = amax / levels;
    double error = 0;
    for (const float x : magnitudes) {
      const double difference = x - std::min(std::nearbyint(x / scale), levels) * scale;
      error += difference * difference;
    }
    if (error < least) {
      least = error;
      best = amax;
    }
  }
  return best;
}

double entropy_amax(std::span<const float> magnitudes, int bits, int bins) {
  require_bits(bits, 10);
  const auto levels = size_t{1} << (bits - 1), count = static_cast<size_t>(std::max(bins, 0));
  if (count <= levels || count > 65536)
    throw InputError(fmt::format("calibrator: {} histogram bins for {} levels, must be {}..65536",
                                 bins, levels, levels + 1));
  const double max = largest(magnitudes);
  if (max == 0) return 0;
  std::vector<double> counts(count, 0);
  for (const float x : magnitudes)
    ++counts[std::min(static_cast<size_t>(x / max * static_cast<double>(count)), count - 1)];
  counts[0] = counts[1];
  double outliers = 0, least = HUGE_VAL;
  size_t best = count;
  for (size_t kept = count; kept >= levels;
       --kept) {  // from the widest, so that a tie keeps the wider range
    const double kl = divergence(counts, kept, levels, outliers);
    if (kl < least) {
      least = kl;
      best = kept;
    }
    outliers += counts[kept - 1];
  }
  return max * static_cast<double>(best) / static_cast<double>(count);
}

Calibrator::Calibrator(Axis axis) : axis_(axis) {
  if (axis == Axis::Token)
    throw InputError("calibrator: tokens have no fixed scale; quantize them as they come");
}

void Calibrator::add(const MatrixF& batch) {
  require_finite(batch, "calibration batch");
  const bool by_row = axis_ == Axis::Channel;
  const Eigen::Index channels = axis_ == Axis::Tensor ? 1 : by_row ? batch.rows() : batch.cols();
  if (batches_ > 0 && magnitudes_.size() != static_cast<size_t>(channels))
    throw InputError(fmt::format("calibrator: batch of {} channels after batches of {}", channels,
                                 magnitudes_.size()));
  magnitudes_.resize(static_cast<size_t>(channels));
  for (Eigen::Index r = 0; r < batch.rows(); ++r)
    for (Eigen::Index c = 0; c < batch.cols(); ++c)
      magnitudes_[axis_ == Axis::Tensor ? 0 : static_cast<size_t>(by_row ? r : c)].push_back(
          std::abs(batch(r, c)));
  ++batches_;
}

std::vector<double> Calibrator::amax(const CalibrationOptions& options) const {
  require_values(magnitudes_.size());
  std::vector<double> result(magnitudes_.size());
  parallel_for(result.size(),
               [&](size_t channel) { result[channel] = amax_of(magnitudes_[channel], options); });
  return result;
}

}  // namespace sb::golden
