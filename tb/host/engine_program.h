// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/base/matrix.h"
#include "tb/host/engine_image.h"
#include "tb/host/engine_parameters.h"
#include "words/sb_engine_pkg.h"

namespace sb::tb {

/// How the columns of a tensor lie in lanes: `part` columns, then zeros up to a multiple of M, and
/// again (heads); `total` columns in all. Each part begins at a block, and of `shares` parts that
/// would fit a block together each has the lanes that it would have there.
struct Columns {
  int part = 0, total = 0;
  int m = 0;
  int shares = 1;

  int padded() const { return (part + m - 1) / m * m; }
  int parts() const { return (total + part - 1) / part; }
  int blocks() const { return parts() * padded() / m; }
  /// Column of a lane; -1: padding.
  int column(int block, int lane) const {
    const int at = block * m + lane, n = at / padded();
    const int i = at % padded() - n % shares * part;
    return i >= 0 && i < part && n * part + i < total ? n * part + i : -1;
  }
};

/// A tensor that a command writes, in part: rows from `row0` of the batch pass.
struct TensorPart {
  enum class Memory { Activation, Residual, External };
  std::string name;  ///< as golden::IntObserver calls it
  Memory memory = Memory::Activation;
  sb_engine_pkg::region_t region;  ///< External: base is not used, words lie (block, row)
  int rows = 0, blocks = 0;
  int pass = 0, row0 = 0;
  int block0 = 0;  ///< of the tensor, in its first block here
  Columns columns;
};

/// One word of a tensor.
struct TensorWord {
  std::string name;
  int sequence = 0, row = 0;  ///< token of a sequence of the batch
  std::vector<int> columns;   ///< of each lane; -1: padding
};

/// What a command is for and what it costs.
struct CommandNote {
  std::string label;  ///< "layer.0.attention.scores.3 rows 0..25"
  std::vector<TensorPart> tensors;
};

/// Words of M bytes in a channel or LayerNorm word.
inline constexpr int64_t kEntryWords = 8;

/// Cycles that a command takes when nothing is late, and the bound that decides.
struct CyclePrediction {
  int64_t issue = 0;         ///< words that enter the array
  int64_t tile_load = 0;     ///< tiles times the cycles that loading one takes
  int64_t stream_bytes = 0;  ///< read (and, store, written) on the bus
  int64_t cycles = 0;        ///< the largest of the three, stream_bytes over the bytes per cycle
  const char* bound = "";    ///< "issue", "tile load" or "bus"
};
CyclePrediction predict(const EngineParameters& engine, const sb_engine_pkg::cmd_t& command);

/// What a schedule needs to know of external memory.
struct BusModel {
  double bytes_per_cycle = 16;  ///< more than 0
  int latency = 64;             ///< from a request to its first word
};

/// The rows that go through the engine together.
struct EnginePass {
  std::vector<int> sequences;  ///< of the batch
  std::vector<int> row0;       ///< first row of each
  int rows = 0;
  std::vector<std::pair<int, int>> blocks;  ///< row blocks: first row, rows
  uint64_t input = 0, output = 0;           ///< addresses of the int16 words (block, row)
};

/// Commands for a batch of sequences, with all that is needed to use them and to explain them.
struct EngineProgram {
  EngineParameters engine;
  std::vector<sb_engine_pkg::cmd_t> commands;  ///< the last is CmdEnd
  std::vector<CommandNote> notes;              ///< one per command
  std::vector<int> lengths;                    ///< rows of each sequence
  std::vector<EnginePass> passes;
  Columns input, output;     ///< of the int16 words
  EngineImage memory{0, 0};  ///< command list first, then inputs (zero) and outputs (zero)

  uint64_t command_address() const { return memory.base(); }

  /// Input bytes of a pass, for passes[pass].input. rows: (length, columns) of each sequence of the
  /// batch.
  std::vector<uint8_t> pack_input(int pass, std::span<const golden::MatrixI16> rows) const;
  /// Bytes of a pass' input or output.
  uint64_t input_bytes(int pass) const;
  uint64_t output_bytes(int pass) const;
  /// Takes the output of a pass apart, into results[sequence].
  void unpack_output(int pass, std::span<const uint8_t> bytes,
                     std::vector<golden::MatrixI16>& results) const;

  /// What word a command wrote: bank and word address, or the byte address of external memory.
  std::optional<TensorWord> locate(uint32_t command, TensorPart::Memory where, int bank,
                                   int64_t address) const;

  /// Cycles from the first word of each product to the first word of the next one, in a running
  /// program (engine_schedule.cpp). Exact where the array or its tiles are the bound and in most
  /// products that the bus bounds; off by a few per cent and more in the first product behind a
  /// load, and where a small engine's bus is full of commands and tables. 0: no product.
  std::vector<int64_t> predict_schedule(const BusModel& bus) const;

  /// One line per command.
  std::string listing() const;
  std::string line(uint32_t command) const;
};

}  // namespace sb::tb
