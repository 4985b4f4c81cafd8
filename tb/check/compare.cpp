// SPDX-License-Identifier: Apache-2.0
#include "tb/check/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace sb::tb {
namespace {

bool same_shape(const golden::MatrixI32& a, const golden::MatrixI32& b) {
  return a.rows() == b.rows() && a.cols() == b.cols();
}

/// A row of operands; of a long one both ends.
template <typename M>
std::string shortened(const M& matrix, Eigen::Index row) {
  constexpr Eigen::Index head = 12, tail = 4;
  std::string text;
  for (Eigen::Index k = 0; k < matrix.cols(); ++k) {
    if (matrix.cols() > head + tail && k == head) {
      k = matrix.cols() - tail;
      text += " ..";
    }
    text += fmt::format(" {}", int{matrix(row, k)});
  }
  return text + fmt::format(" ({} values)", matrix.cols());
}

}  // namespace

std::string shell_quoted(const std::string& argument) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./=:,+%@";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) return argument;
  std::string quoted = "'";
  for (const char c : argument) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

uint64_t count_mismatches(const golden::MatrixI32& expected, const golden::MatrixI32& got) {
  if (!same_shape(expected, got))
    return static_cast<uint64_t>(std::max<Eigen::Index>(expected.size(), 1));
  return static_cast<uint64_t>((expected.array() != got.array()).count());
}

std::optional<std::string> describe_mismatch(const golden::MatrixI32& expected,
                                             const golden::MatrixI32& got,
                                             const MismatchContext& context) {
  const uint64_t wrong = count_mismatches(expected, got);
  if (wrong == 0) return std::nullopt;
  const auto rerun = [&](uint64_t cycle) {
    return context.rerun ? "\n  rerun: " + context.rerun(cycle) : std::string();
  };
  if (!same_shape(expected, got))
    return fmt::format("the result is {} x {}, expected {} x {}{}", got.rows(), got.cols(),
                       expected.rows(), expected.cols(), rerun(0));

  Eigen::Index row = 0, column = 0;
  while (expected(row, column) == got(row, column))
    if (++column == expected.cols()) column = 0, ++row;
  std::string text = fmt::format("{} of {} elements are wrong; first at row {}, column {}", wrong,
                                 expected.size(), row, column);
  if (context.m > 0)
    text += fmt::format(", n-block {}, lane {}", column / context.m, column % context.m);
  if (context.chunk_rows > 0)
    text +=
        fmt::format(", job {}, row {} in it", row / context.chunk_rows, row % context.chunk_rows);
  text += fmt::format("\n  expected {}, got {}", expected(row, column), got(row, column));
  if (context.a != nullptr && row < context.a->rows())
    text += fmt::format("\n  row {} of a:{}", row, shortened(*context.a, row));
  if (context.w != nullptr && column < context.w->rows())
    text += fmt::format("\n  weights of output {}:{}", column, shortened(*context.w, column));
  if (context.arrived == nullptr || context.m == 0) return text + rerun(0);
  const uint64_t cycle = (*context.arrived)(row, column / context.m);
  return text + fmt::format("\n  handed over in cycle {}", cycle) + rerun(cycle);
}

}  // namespace sb::tb
