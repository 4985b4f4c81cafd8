// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "golden/base/matrix.h"
#include "tb/host/layout.h"
#include "tb/host/requant_code.h"

namespace sb::tb {

/// What the host must know of an array: the parameters of sb_gemm_core.
struct ArrayGeometry {
  int m;             ///< rows and columns
  int rows;          ///< depth of the accumulators: rows of a job
  int act_bits = 8;  ///< activation lanes: 8 (signed or unsigned by job) or 9 (signed)
  int chain = 4;     ///< products per chain
  int act_lane = 0;  ///< bits of a lane on the activation stream; 0: act_bits

  int act_lane_bits() const { return act_lane == 0 ? act_bits : act_lane; }
};

/// How a product is requantized; without it the result is the accumulator plus bias.
struct Requantization {
  std::vector<uint32_t> mult;  ///< N values
  std::vector<uint8_t> shift;  ///< N values
  int zero_point = 0;          ///< int16
  golden::Clamp clamp = golden::Clamp::S8;
};

/// One matrix product: y (rows, N) = a (rows, K) * w^T (N, K) + bias, requantized if asked.
struct GemmProblem {
  golden::MatrixI16 a;  ///< codes: int8, uint8 or, with 9-bit lanes, -256..255
  golden::MatrixI8 w;
  std::vector<int32_t> bias;  ///< N values or none
  std::optional<Requantization> requantization;
};

/// Throws InputError when the array cannot compute the problem exactly: sizes, codes that do not
/// fit its lanes, sums that could leave int32, multipliers that it does not hold.
void check_problem(const ArrayGeometry& array, const GemmProblem& problem);

/// The stream words of one problem; rows beyond the accumulators become several jobs (chunks).
struct PackedGemm {
  int k_blocks = 0, n_blocks = 0;
  std::vector<int> chunk_rows;
  std::vector<uint32_t> w;          ///< (n-block, k-block, channel) words of M weights
  std::vector<uint32_t> chan;       ///< n-block words of M chan_t
  std::vector<uint32_t> act;        ///< (chunk, k-block, row) words
  std::vector<sb_pkg::job_t> jobs;  ///< one per chunk
};

PackedGemm pack_gemm(const ArrayGeometry& array, const GemmProblem& problem);

}  // namespace sb::tb
