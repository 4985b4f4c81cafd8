// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golden/model/int_model.h"
#include "tb/host/engine_program.h"
#include "tb/host/requant_code.h"

namespace sb::tb {

/// An integer BERT encoder in the form that the encoder engine reads: every parameter once, in one
/// memory image, and a program for each batch of sequences.
///
/// A batch is split into passes: whole sequences, together at most Rows rows, balanced; or one
/// longer sequence in several row blocks. Where a pass keeps what (R rows, P rows of its largest
/// row block, D blocks of the hidden size, A blocks of all heads, each padded to a multiple of M, B
/// blocks of as many heads to a block as fit):
///
///   activation bank 0   x or h (D * R) | q, then the context (A * R) | scores of two heads
///                       afterwards        | FFN blocks that bank 1 has no room for (stride P)
///   activation bank 1   k (B * R) | v (B * R);   afterwards the lower FFN blocks (stride P)
///   residual banks      blocks below ceil(D / 2) | the others; twice if they fit, so that the next
///                       pass is loaded while this one is computed
///   row maxima          two heads in turn, if they fit
///   row constants       row of the pass
///   exp tables          in turn; as far ahead as there are free ones, between attention and FFN
///
/// Small heads share blocks of k and v: q has zeros in the lanes of the others, and the context,
/// whose multipliers are zero there, too.
///
/// Every constructor and method throws InputError for what the engine cannot hold: the limit, what
/// is needed, and the parameter that would lift it.
class EngineEncoder {
 public:
  /// base: where the image lies in external memory, a multiple of StreamAlign.
  EngineEncoder(const golden::IntBert& model, const EngineParameters& engine, uint64_t base = 0);

  /// Throws what the constructor and compile() would for an encoder of this shape and a batch of
  /// these lengths, whatever its weights: before there is a model.
  static void check_shape(const golden::BertConfig& config, const EngineParameters& engine,
                          std::span<const int> lengths);

  const EngineParameters& engine() const { return engine_; }
  const EngineImage& image() const { return image_; }
  /// Bytes of weights that the model holds, without padding.
  uint64_t weight_bytes() const { return weight_bytes_; }

  /// Commands, input and output regions for a batch, from `base` on (a multiple of StreamAlign).
  /// lengths: tokens of each sequence, 1 or more.
  EngineProgram compile(std::span<const int> lengths, uint64_t base) const;

 private:
  friend class PassCompiler;

  struct Head {
    MultiplierCode score;
    uint64_t table = 0;    // address
    uint64_t context = 0;  // address of its channel words
  };
  // Streams of a layer by address, and what its commands say beside them.
  struct Layer {
    uint64_t query = 0, key = 0, value = 0, dense = 0, ffn1 = 0, ffn2 = 0, gelu = 0;
    std::vector<Head> heads;
    int ffn = 0;
    bool gelu_unsigned = false;
    int ffn1_zero = 0;
    sb_pkg::operand_t input_operand, ffn_operand;
    sb_pkg::norm_job_t attention_norm, output_norm;
  };

  // The shape alone: no parameters, no layers yet.
  EngineEncoder(int layers, int hidden, int heads, const EngineParameters& engine, uint64_t base);
  void check_ffn(int layer, int neurons) const;

  int blocks(int columns) const { return (columns + engine_.m - 1) / engine_.m; }
  // The stream of a linear layer, `norm` (LayerNorm's words) woven in.
  uint64_t linear(const golden::IntLinear& linear, const Columns& in, const Columns& out,
                  const golden::IntNorm* norm);
  // Throws InputError if the lanes cannot hold it.
  sb_pkg::operand_t operand(const golden::OperandParams& operand, const std::string& what) const;
  void check_linear(const golden::IntLinear& linear, int inputs, int outputs, int max_code,
                    const std::string& what) const;

  EngineParameters engine_;
  EngineImage image_;
  // First block of a head in k and v, and how many it lies in.
  int shared_block(int head) const { return head / heads_.shares * head_blocks(); }
  int head_blocks() const { return heads_.padded() / engine_.m; }
  Columns hidden_, heads_;
  Columns shared_heads_;  // k and v
  int head_count_ = 0;
  std::vector<Layer> layers_;
  uint64_t output_norm_ = 0;  // address of the last LayerNorm's words
  uint64_t weight_bytes_ = 0;
};

}  // namespace sb::tb
