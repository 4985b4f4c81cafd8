// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/formats/float_format.h"
#include "golden/formats/int_format.h"
#include "golden/quantize/calibrator.h"

namespace sb::golden {

/// Float32 as it is.
struct Unquantized {
  bool operator==(const Unquantized&) const = default;
};

/// Any format a tensor can be fake-quantized to.
using NumberFormat = std::variant<Unquantized, IntFormat, FloatFormat>;

/// FP32, INT<bits> (narrow), UINT<bits>, or a name of named_float_format. Throws InputError.
NumberFormat parse_number_format(std::string_view name);

/// Integer formats, and float formats of at most 8 bits, are scaled so that their largest value is
/// amax; wider float formats are used as they are.
bool is_scaled(const NumberFormat& format);

/// Quantizer of one tensor: format, what shares a scale, and the static amax.
struct TensorQuantizer {
  NumberFormat format;
  Axis axis = Axis::Tensor;
  bool fixed_grid = false;   ///< a float format is used on its own grid, not scaled to amax
  std::vector<double> amax;  ///< one per group of `axis`; empty: the largest |x| of each tensor
                             ///< that comes (dynamic)

  bool operator==(const TensorQuantizer&) const = default;
  bool needs_amax() const {
    return is_scaled(format) && !(fixed_grid && std::holds_alternative<FloatFormat>(format));
  }
};

/// Fake quantization: each value replaced by the nearest representable one. A group whose amax is 0
/// becomes zeros. Throws InputError for an empty tensor, NaN, Inf, or an amax whose count does not
/// fit the tensor.
MatrixF fake_quantize(const MatrixF& x, const TensorQuantizer& quantizer);

}  // namespace sb::golden
