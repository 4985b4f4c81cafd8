// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "tests/engine/command_rules.h"

namespace sb::test {

/// Sizes of an encoder layer, of the array and of the bus.
struct LayerShape {
  int64_t m = 32, s = 128, d = 768, heads = 12, head = 64, ffn = 3072, layers = 3;
  double bytes = 16;
  int latency = 64;
};

/// Tables, load, layers, store, end, of data that do not matter: only the schedule counts.
struct LayerProgram {
  std::vector<CommandWords> commands;
  std::vector<std::string> names;
  std::vector<int64_t> ideal;       ///< words that the array is fed, by command
  std::vector<size_t> layer_first;  ///< first command of each layer
  int64_t weight_bytes = 0;         ///< of one layer: tiles, channel words and LayerNorm words
  size_t external_bytes = 0;        ///< that it reads and writes, from 0 on
};
LayerProgram layer_program(const LayerShape& shape);

}  // namespace sb::test
