// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

namespace sb::tb {

/// What software must know of an encoder engine: parameters of sb_encoder, read from its identity
/// registers on a real machine.
struct EngineParameters {
  int m = 8;           ///< rows and columns of the array: 4 .. 64, a power of two
  int rows = 32;       ///< depth of the accumulators: rows of a matrix product
  int stat_rows = 32;  ///< row maxima, row constants: rows of a batch; at least `rows`
  int act_bits = 8;    ///< lanes of the activation memories: 8 (either sign) or 9 (signed)
  std::array<int, 2> act_depth{1024, 1024};  ///< words of M lanes in each activation bank
  std::array<int, 2> res_depth{512, 512};    ///< words of M int16 lanes in each residual bank
  int exp_tables = 32;                       ///< tables of exp: a power of two up to 64
  int chain = 4;                             ///< products per chain of the array
  int addr_bits = 40;                        ///< of external memory
  int data_bytes = 16;                       ///< that the bus moves per cycle
  int max_burst = 32;                        ///< beats
  int prefetch_tiles = 8;                    ///< tiles of weights that are read ahead
  bool packed = true;                        ///< two products per multiplier

  bool operator==(const EngineParameters&) const = default;
};

}  // namespace sb::tb
