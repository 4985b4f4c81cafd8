// SPDX-License-Identifier: Apache-2.0
#include "golden/formats/number_format.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "golden/base/error.h"
#include "golden/base/finite.h"

namespace sb::golden {
namespace {

constexpr double kLeastAmax = 0x1p-100;  // below it a group counts as all zeros

/// The format of a group: what remains once amax is known.
FloatFormat grid_of(const FloatFormat& format, double amax, const TensorQuantizer& quantizer) {
  return quantizer.needs_amax() ? float_format(format.exponent_bits, format.mantissa_bits, amax)
                                : format;
}

}  // namespace

NumberFormat parse_number_format(std::string_view name) {
  if (name == "FP32") return Unquantized{};
  const bool is_signed = name.starts_with("INT");
  if (!is_signed && !name.starts_with("UINT")) return named_float_format(name);
  const std::string_view digits = name.substr(is_signed ? 3 : 4);
  int bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size())
    throw InputError(fmt::format("number format '{}' is not INT<bits> or UINT<bits>", name));
  const IntFormat format{bits, is_signed};
  code_max(format);  // refuses a width out of range
  return format;
}

bool is_scaled(const NumberFormat& format) {
  if (const auto* f = std::get_if<FloatFormat>(&format))
    return 1 + f->exponent_bits + f->mantissa_bits <= 8;
  return std::holds_alternative<IntFormat>(format);
}

MatrixF fake_quantize(const MatrixF& x, const TensorQuantizer& quantizer) {
  require_finite(x, "fake quantizer input");
  if (std::holds_alternative<Unquantized>(quantizer.format)) return x;
  const bool by_row = quantizer.axis == Axis::Channel || quantizer.axis == Axis::Token;
  const Eigen::Index groups = quantizer.axis == Axis::Tensor ? 1 : by_row ? x.rows() : x.cols();
  if (!quantizer.amax.empty() && quantizer.amax.size() != static_cast<size_t>(groups))
    throw InputError(fmt::format("fake quantizer: {} ranges for {} groups of a {} x {} tensor",
                                 quantizer.amax.size(), groups, x.rows(), x.cols()));
  MatrixF y(x.rows(), x.cols());
  for (Eigen::Index g = 0; g < groups; ++g) {
    const bool whole = quantizer.axis == Axis::Tensor;
    const Eigen::Index row = !whole && by_row ? g : 0, column = !whole && !by_row ? g : 0;
    const auto block =
        x.block(row, column, !whole && by_row ? 1 : x.rows(), !whole && !by_row ? 1 : x.cols());
    auto out = y.block(row, column, block.rows(), block.cols());
    const double amax = quantizer.amax.empty() ? double{block.cwiseAbs().maxCoeff()}
                                               : quantizer.amax[static_cast<size_t>(g)];
    if (!(amax >= 0) || !std::isfinite(amax))
      throw InputError(fmt::format("fake quantizer: range {}, must be 0 or more", amax));
    if (quantizer.needs_amax() && amax < kLeastAmax) {
      out.setZero();
    } else if (const auto* format = std::get_if<FloatFormat>(&quantizer.format)) {
      const FloatFormat grid = grid_of(*format, amax, quantizer);
      out = block.unaryExpr([&](float v) { return static_cast<float>(quantize_value(v, grid)); });
    } else {
      const auto& integer = std::get<IntFormat>(quantizer.format);
      out = block.unaryExpr(
          [&](float v) { return static_cast<float>(quantize_value(v, amax, integer)); });
    }
  }
  return y;
}

}  // namespace sb::golden
