// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/quantize/axis.h"

namespace sb::golden {

/// How the largest magnitude that a format must hold ("amax") is chosen from calibration data.
enum class CalibrationMethod {
  Max,         ///< the largest |x|
  Percentile,  ///< seed 003: sort |x|, index = k / 100 * (n - 1); a non-integer index takes the
               ///< mean of its neighbours
  Mse,  ///< least squared error of a signed integer format over 100 candidates, 1/100 .. 100/100 of
        ///< the largest
  Entropy  ///< least Kullback-Leibler divergence over a histogram, see entropy_amax
};

struct CalibrationOptions {
  CalibrationMethod method = CalibrationMethod::Max;
  double percentile = 99.99;  ///< Percentile: 0 .. 100
  int bits = 8;  ///< Mse, Entropy: width of the signed integer format; 2 .. 24, Entropy at most 10
  int bins = 2048;  ///< Entropy: histogram bins, at least 2^(bits-1) + 1, at most 65536
};

double percentile_amax(std::vector<float> magnitudes, double percentile);
double mse_amax(std::span<const float> magnitudes, int bits);

/// The entropy method of TensorRT (Migacz, "8-bit inference with TensorRT", GTC 2017; the zero bin
/// is treated as in NVIDIA's pytorch-quantization). A histogram of `bins` bins over 0 .. max is
/// made; its first bin, where exact zeros pile up, takes the count of the second. For every i from
/// L = 2^(bits-1) to `bins`: P is the first i bins with everything beyond added to the last of
/// them; Q is the same i bins without that addition, merged into L groups, each group's count
/// shared equally by its bins that are not empty. The i with the least sum P log(P / Q) wins (the
/// larger one on a tie), and its upper edge is the result. A P that is not 0 where Q is 0 rules i
/// out. All-zero data gives 0.
double entropy_amax(std::span<const float> magnitudes, int bits, int bins);

/// Collects |x| over any number of batches and gives amax per tensor or per channel. Every value is
/// kept (4 bytes), so that each method is exact and may be asked for in turn.
class Calibrator {
 public:
  /// Axis::Tensor: one result. Axis::Channel: one per row (weights). Axis::Column,
  /// ActivationChannel: one per column. Throws InputError for Axis::Token: rows of one batch are
  /// not those of the next.
  explicit Calibrator(Axis axis = Axis::Tensor);

  /// Throws InputError for an empty batch, NaN, Inf, or another number of channels than before.
  void add(const MatrixF& batch);

  int64_t batches() const { return batches_; }

  /// One value per channel, or one. Throws InputError when nothing was added, or for options out of
  /// range.
  std::vector<double> amax(const CalibrationOptions& options) const;

 private:
  Axis axis_;
  int64_t batches_ = 0;
  std::vector<std::vector<float>> magnitudes_;  // one list per channel
};

}  // namespace sb::golden
