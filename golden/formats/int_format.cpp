// SPDX-License-Identifier: Apache-2.0
#include "golden/formats/int_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/base/error.h"

namespace sb::golden {
namespace {

void check(const IntFormat& format) {
  const int least = format.is_signed ? 2 : 1;
  if (format.bits < least || format.bits > 24)
    throw InputError(fmt::format("integer format of {} bits, must be {}..24", format.bits, least));
}

}  // namespace

int64_t code_max(const IntFormat& format) {
  check(format);
  return (int64_t{1} << (format.is_signed ? format.bits - 1 : format.bits)) - 1;
}

int64_t code_min(const IntFormat& format) {
  if (!format.is_signed) return check(format), 0;
  return -code_max(format) - (format.narrow ? 0 : 1);
}

int64_t quantize_code(double x, double amax, const IntFormat& format) {
  if (!(amax > 0) || !std::isfinite(amax))
    throw InputError(fmt::format("integer format: range {}, must be above 0", amax));
  if (std::isnan(x)) throw InputError("integer format: the value is NaN");
  const auto low = static_cast<double>(code_min(format)),
             high = static_cast<double>(code_max(format));
  return static_cast<int64_t>(std::nearbyint(std::clamp(x / (amax / high), low, high)));
}

double quantize_value(double x, double amax, const IntFormat& format) {
  return static_cast<double>(quantize_code(x, amax, format)) *
         (amax / static_cast<double>(code_max(format)));
}

}  // namespace sb::golden
