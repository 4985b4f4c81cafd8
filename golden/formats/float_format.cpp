// SPDX-License-Identifier: Apache-2.0
#include "golden/formats/float_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "golden/base/error.h"
#include "golden/base/finite.h"

namespace sb::golden {
namespace {

void check_widths(int exponent_bits, int mantissa_bits, int least_exponent_bits) {
  if (exponent_bits < least_exponent_bits || exponent_bits > 8 || mantissa_bits < 1 ||
      mantissa_bits > 23)
    throw InputError(fmt::format("float format E{}M{}: E must be {}..8 and M 1..23", exponent_bits,
                                 mantissa_bits, least_exponent_bits));
}

/// 2 - 2^-M, the largest significand.
double top_significand(int mantissa_bits) { return 2 - std::ldexp(1.0, -mantissa_bits); }

/// The number after `letter` at the start of `text`, which it takes off.
std::optional<int> take_number(std::string_view& text, char letter) {
  if (text.empty() || text.front() != letter) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

}  // namespace

FloatFormat float_format(int exponent_bits, int mantissa_bits, double max) {
  check_widths(exponent_bits, mantissa_bits, 1);
  if (!(max >= 0x1p-100) || max > 0x1p128)
    throw InputError(fmt::format("float format E{}M{}: maximum {} is not in 2^-100 .. 2^128",
                                 exponent_bits, mantissa_bits, max));
  const double bias = std::ldexp(1.0, exponent_bits) - std::log2(max) +
                      std::log2(top_significand(mantissa_bits)) - 1;
  return {exponent_bits, mantissa_bits, bias, max};
}

FloatFormat ieee_format(int exponent_bits, int mantissa_bits) {
  check_widths(exponent_bits, mantissa_bits, 2);
  const int bias = (1 << (exponent_bits - 1)) - 1;
  return {exponent_bits, mantissa_bits, static_cast<double>(bias),
          std::ldexp(top_significand(mantissa_bits), bias)};
}

FloatFormat named_float_format(std::string_view name) {
  if (name == "FP16") return ieee_format(5, 10);
  if (name == "BF16") return ieee_format(8, 7);
  if (name == "E5M2") return ieee_format(5, 2);
  if (name == "E4M3") return {4, 3, 7, 448};
  std::string_view rest = name;
  const std::optional<int> e = take_number(rest, 'E');
  const std::optional<int> m = take_number(rest, 'M');
  if (!e || !m || !rest.empty())
    throw InputError(fmt::format("float format '{}' is not FP16, BF16 or E<bits>M<bits>", name));
  check_widths(*e, *m, 1);
  const int bias = (1 << (*e - 1)) - 1, top_code = (1 << *e) - 1;
  return {*e, *m, static_cast<double>(bias), std::ldexp(top_significand(*m), top_code - bias)};
}

double quantize_value(double x, const FloatFormat& format) {
  const double clipped = std::clamp(x, -format.max, format.max);
  // With units of 2^-B the exponent code is plain floor(log2), taken exactly from the binary
  // representation.
  const double unit = std::exp2(-format.bias);
  const double scaled = clipped / unit;
  if (scaled == 0) return 0;
  const int code = std::max(1, std::ilogb(scaled));
  const double step = std::ldexp(1.0, code - format.mantissa_bits);
  const double rounded = std::nearbyint(scaled / step) * step * unit;
  return std::clamp(rounded, -format.max, format.max);
}

MatrixF quantize(const MatrixF& x, const FloatFormat& format) {
  require_finite(x, "float quantizer input");
  return x.unaryExpr([&](float v) { return static_cast<float>(quantize_value(v, format)); });
}

std::vector<double> representable_values(const FloatFormat& format) {
  if (format.exponent_bits + format.mantissa_bits > 16)
    throw InputError(fmt::format("float format E{}M{}: too many values to list",
                                 format.exponent_bits, format.mantissa_bits));
  const int mantissas = 1 << format.mantissa_bits;
  const double unit = std::exp2(-format.bias);
  std::vector<double> values;
  for (int e = 0; e < (1 << format.exponent_bits); ++e)
    for (int m = 0; m < mantissas; ++m) {
      const double value =
          std::ldexp(e == 0 ? m : mantissas + m, std::max(e, 1) - format.mantissa_bits) * unit;
      if (value <= format.max * (1 + 1e-12)) values.push_back(std::min(value, format.max));
    }
  return values;
}

}  // namespace sb::golden
