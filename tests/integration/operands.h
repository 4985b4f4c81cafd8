// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tb/host/gemm_pack.h"

namespace sb {

/// Distributions of test operands.
enum class Operands { Uniform, Gaussian, AllMin, AllMax, Alternating, Sparse, Unsigned };

inline const std::vector<std::pair<Operands, const char*>>& operand_names() {
  static const std::vector<std::pair<Operands, const char*>> names{
      {Operands::Uniform, "Uniform"},         {Operands::Gaussian, "Gaussian"},
      {Operands::AllMin, "AllMin"},           {Operands::AllMax, "AllMax"},
      {Operands::Alternating, "Alternating"}, {Operands::Sparse, "Sparse"},
      {Operands::Unsigned, "Unsigned"}};
  return names;
}

inline std::string operand_name(Operands kind) {
  for (const auto& [k, name] : operand_names())
    if (k == kind) return name;
  return "unknown";
}

/// One code of a distribution over low..high.
inline int draw(Operands kind, int low, int high, std::mt19937& rng) {
  switch (kind) {
    case Operands::Uniform:
    case Operands::Unsigned: return std::uniform_int_distribution<int>(low, high)(rng);
    case Operands::Gaussian:
      return std::clamp(static_cast<int>(std::normal_distribution<double>(0, high / 3.0)(rng)), low,
                        high);
    case Operands::AllMin: return low;
    case Operands::AllMax: return high;
    case Operands::Alternating: return rng() % 2 ? low : high;
    case Operands::Sparse:
      return rng() % 10 ? 0 : std::uniform_int_distribution<int>(low, high)(rng);
  }
  return 0;
}

/// A random problem: (rows, k) codes of `act_bits`, (n, k) weights, bias, and, with a clamp, a
/// requantization that spreads the results over its range and beyond.
inline tb::GemmProblem random_problem(int rows, int k, int n, Operands kind, int act_bits,
                                      std::optional<golden::Clamp> clamp, uint64_t seed) {
  std::mt19937 rng(static_cast<unsigned>(seed));
  tb::GemmProblem p;
  p.a.resize(rows, k);
  p.w.resize(n, k);
  const bool is_unsigned = kind == Operands::Unsigned;
  const int low = is_unsigned ? 0 : act_bits == 9 ? -256 : -128;
  const int high = is_unsigned || act_bits == 9 ? 255 : 127;
  for (auto& v : p.a.reshaped()) v = static_cast<int16_t>(draw(kind, low, high, rng));
  for (auto& v : p.w.reshaped()) v = static_cast<int8_t>(draw(kind, -128, 127, rng));
  for (int c = 0; c < n; ++c)
    p.bias.push_back(std::uniform_int_distribution<int>(-100000, 100000)(rng));
  if (!clamp) return p;
  tb::Requantization q;
  q.clamp = *clamp;
  q.zero_point = std::uniform_int_distribution<int>(-20, 20)(rng);
  // Typical sums are about sqrt(K) * 74 * 74; 2^-shift * mult brings them near the range of the
  // clamp.
  const int range_bits = clamp == golden::Clamp::S16 ? 15 : 7;
  const int sum_bits = 13 + static_cast<int>(std::log2(k) / 2);
  for (int c = 0; c < n; ++c) {
    const int shift =
        std::clamp(16 + sum_bits - range_bits + static_cast<int>(rng() % 5) - 2, 7, 46);
    q.mult.push_back(std::uniform_int_distribution<uint32_t>(1, 65535)(rng));
    q.shift.push_back(static_cast<uint8_t>(shift));
  }
  p.requantization = q;
  return p;
}

}  // namespace sb
