// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/base/operator_params.h"
#include "tb/devices/stage.h"
#include "tb/host/requant_code.h"

namespace sb::tb {

// Whole operators on the stand-alone stages. Each packs rows into words, loads what the stage
// needs, and unpacks. `run`, if not null, receives the words and their times. All throw InputError
// when the stage cannot hold the data (row length, code range), SimError when the simulation does
// not do what it must.

/// y = table[x + 128]. x: any shape, int8 codes. table: 256 codes of 9 bits, signed. Stage "table".
golden::MatrixI16 table_op(Stage& stage, const golden::MatrixI16& x, std::span<const int16_t> table,
                           const StageOptions& options = {}, StageRun* run = nullptr);

/// Requantization. acc: (rows, N). mult, shift: N values. factor: one per row (17 bits), or empty.
/// Stage "requant".
golden::MatrixI16 requantize_op(Stage& stage, const golden::MatrixI32& acc,
                                std::span<const uint32_t> mult, std::span<const uint8_t> shift,
                                int zero_point, golden::Clamp clamp,
                                std::span<const uint32_t> factor = {},
                                const StageOptions& options = {}, StageRun* run = nullptr);

struct ResidualResult {
  golden::MatrixI16 s;
  std::vector<int64_t> sum, sumsq;  ///< per row
};
/// Saturating sum of two (rows, N) matrices with the row statistics. Stage "residual".
ResidualResult residual_op(Stage& stage, const golden::MatrixI16& h, const golden::MatrixI16& d,
                           const StageOptions& options = {}, StageRun* run = nullptr);

/// One row of scores; keep: one flag per score, or empty: all are keys.
struct ScoreRow {
  std::vector<int16_t> scores;
  std::vector<uint8_t> keep;
};
/// Softmax of rows of any lengths, one after the other; one vector of codes per row. table: 256
/// entries of 18 bits. int8: unit 1/127.5, else 1/256. Stage "softmax".
std::vector<std::vector<int16_t>> softmax_op(Stage& stage, std::span<const ScoreRow> rows,
                                             std::span<const uint32_t> table, bool int8,
                                             const StageOptions& options = {},
                                             StageRun* run = nullptr);

struct LayerNormResult {
  golden::MatrixI16 y16, y8;
};
/// s: (rows, N) int16. Stage "layernorm".
LayerNormResult layernorm_op(Stage& stage, const golden::MatrixI16& s,
                             const golden::LayerNormParams& norm,
                             const golden::OperandParams& operand, const StageOptions& options = {},
                             StageRun* run = nullptr);

}  // namespace sb::tb
