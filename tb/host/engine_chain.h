// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/base/clamp.h"
#include "golden/base/matrix.h"
#include "golden/base/operator_params.h"
#include "tb/host/engine_program.h"

namespace sb::tb {

/// A fully-connected layer: y = table[requantize(x * w^T + bias)].
struct ChainLayer {
  golden::MatrixI8 weight;    ///< (outputs, inputs)
  std::vector<int32_t> bias;  ///< zero point of the input folded in
  golden::Requant requant;    ///< per output
  int zero = 0;               ///< zero point of the output
  golden::Clamp clamp = golden::Clamp::S8;
  std::optional<golden::Table> table;  ///< activation; the clamp is then S8
};

/// Fully-connected layers one after the other in the form that the encoder engine reads: parameters
/// once, and a program for any number of rows, in passes of at most Rows rows.
///
/// The input comes as int16 words of twice its codes, since LayerNorm's identity makes operands of
/// 32768 * 2^-16 of them: int8 codes, with ActBits = 9 also -256 .. 255. The activations go from
/// one activation bank to the other and back. The last layer ends in the residual memory as int16;
/// where its codes are narrower or come from a table, a product with the unit matrix brings them
/// there.
///
/// InputError as in EngineEncoder.
class EngineChain {
 public:
  EngineChain(std::vector<ChainLayer> layers, const EngineParameters& engine, uint64_t base = 0);

  const EngineParameters& engine() const { return engine_; }
  const EngineImage& image() const { return image_; }

  /// Commands for `rows` rows; each pass is a "sequence" of the program.
  EngineProgram compile(int rows, uint64_t base) const;
  /// Codes as the input of the passes of a program.
  std::vector<golden::MatrixI16> inputs(const EngineProgram& program,
                                        const golden::MatrixI16& x) const;
  /// The results of the passes together.
  static golden::MatrixI16 join(std::span<const golden::MatrixI16> outputs);

 private:
  struct Step {
    uint64_t stream = 0, table = 0;
    Columns in, out;
    sb_pkg::clamp_e clamp{};
    int zero = 0;
    bool has_table = false, source_unsigned = false;
  };

  void add(const ChainLayer& layer, const std::string& name, int low, int high);
  int rows_of_a_pass() const;

  EngineParameters engine_;
  EngineImage image_;
  std::vector<Step> steps_;
  uint64_t output_norm_ = 0;  // address of LayerNorm's identity for the output
};

}  // namespace sb::tb
