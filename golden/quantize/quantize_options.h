// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/quantize/calibrator.h"

namespace sb::golden {

/// Every choice of the whole-model quantization. The defaults are the contract; each step can be
/// taken out alone.
struct QuantizeOptions {
  int activation_bits = 8;  ///< 8 or 9: operands x and h and the GELU output

  bool split_outliers = true;  ///< copies of FFN neurons that leave the GELU's input range
  double split_threshold = 5;  ///< T: where a copy saturates
  bool smooth = true;  ///< SmoothQuant factors on the inputs of QKV, output projection and FFN1
  double smooth_alpha = 0.65;    ///< share of the range that moves into the weights
  bool equalize_heads = true;    ///< q and k channels of a head to the same range
  bool channel_ranges = true;    ///< v and context per channel; else one scale each
  bool gelu_zero_points = true;  ///< asymmetric GELU input and output; else symmetric
  double gelu_floor = -4;        ///< lower end of the GELU's input range
  bool per_channel = true;       ///< weight scale per output channel; else per tensor
  bool clip_weights = true;      ///< range of the weights by least squared error; else by maximum
  bool weigh_clip = true;        ///< that error weighed by the moment of the weight's input
  bool gptq = true;  ///< weights rounded for least output error (gptq.h); else to the nearest
  CalibrationOptions range;  ///< of every activation, its bits set for each; percentile above 50
  double margin_operand = 1.03;  ///< headroom of x, h, q, k and scores over calibration
  double margin_context = 1.4;   ///< of v and context
  double margin_residual = 2;    ///< of the int16 residual stream
};

/// The scheme without any fold: maximum ranges, symmetric, no headroom. For comparison.
inline QuantizeOptions plain_options() {
  QuantizeOptions o;
  o.split_outliers = o.smooth = o.equalize_heads = o.channel_ranges = o.gelu_zero_points = false;
  o.clip_weights = o.weigh_clip = o.gptq = false;
  o.margin_operand = o.margin_context = o.margin_residual = 1;
  return o;
}

}  // namespace sb::golden
