// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "golden/encoder/int_encoder.h"
#include "tb/host/engine_parameters.h"

namespace sb::test {

/// A quantized encoder of random weights, with outlier channels.
golden::IntBert random_encoder(const golden::BertConfig& config, int activation_bits,
                               uint64_t seed);

/// A small shape: 1 to 3 layers, head sizes about m, any number of FFN neurons.
golden::BertConfig random_shape(int m, uint64_t seed);

/// Random int16 rows of an encoder's input.
golden::MatrixI16 random_rows(const golden::IntBert& model, int tokens, uint64_t seed);

/// What golden computes of a sequence: the output, and every intermediate value under the names of
/// golden::IntObserver ("input" is x).
struct GoldenRun {
  golden::MatrixI16 output;
  std::map<std::string, golden::MatrixI16> values;
};
GoldenRun golden_run(const golden::IntBert& model, const golden::MatrixI16& x);

}  // namespace sb::test
