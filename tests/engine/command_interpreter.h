// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "golden/base/matrix.h"
#include "golden/base/operator_params.h"
#include "tb/host/engine_parameters.h"
#include "tests/engine/command_rules.h"
#include "words/sb_engine_pkg.h"

namespace sb::test {

/// Memories that commands write.
enum class Place { Activation, Residual, RowMaximum, RowConstant, ExpTable, Table, External };
const char* name(Place place);

/// A word that a command wrote.
struct WordWrite {
  uint32_t command;  ///< index in the program
  Place place;
  int bank;         ///< memory bank or number of the table
  int64_t address;  ///< word; row of the row memories; byte of external memory; 0 of a table
  int block, row;   ///< within the command; 0 of a table
  /// Lanes as signed numbers (activation lanes sign-extended from ActBits), {mean8, m, q}, entries.
  std::span<const int32_t> values;
};

/// How a run ended: ErrNone: at CmdEnd, which was number `index`.
struct Stop {
  sb_engine_pkg::error_e error = sb_engine_pkg::ErrNone;
  uint32_t index = 0;
  bool operator==(const Stop&) const = default;
};

/// What an encoder engine does, one command after the other, with golden's operators: the oracle of
/// the RTL and of the compiler. Knows neither latencies nor hazards.
///
/// Throws InputError, before the command has changed anything, where golden's operators are not
/// defined (a sum that leaves int32, a score above its row maximum, row sums that `columns` cannot
/// have ...), where a word is read that nothing has written, and beyond external memory.
class CommandInterpreter {
 public:
  explicit CommandInterpreter(const tb::EngineParameters& engine);

  /// Sees every word written, per command in the order of rows within blocks for each memory.
  std::function<void(const WordWrite&)> on_write;
  /// External memory, byte 0 first.
  std::vector<uint8_t> external;

  /// One command, checked.
  sb_engine_pkg::error_e execute(std::span<const uint32_t> bits, uint32_t index = 0);
  sb_engine_pkg::error_e execute(const sb_engine_pkg::cmd_t& command, uint32_t index = 0);
  /// A program up to its CmdEnd, or its first fault: ErrProgram if it has no end.
  Stop run(std::span<const CommandWords> program);
  Stop run(std::span<const sb_engine_pkg::cmd_t> program);
  /// `count` commands from external memory.
  Stop run_at(uint64_t address, uint32_t count);

  // Contents; empty if never written.
  std::optional<std::vector<int16_t>> activation(int bank, int64_t address) const;
  std::optional<std::vector<int16_t>> residual(int bank, int64_t address) const;
  std::optional<int> row_maximum(int64_t row) const;
  std::optional<sb_pkg::norm_row_t> row_constant(int64_t row) const;

  const tb::EngineParameters& engine() const { return engine_; }

 private:
  // A memory of words of M lanes.
  struct Bank {
    Bank(int depth, int lanes) : m(lanes), data(static_cast<size_t>(depth) * lanes), set(depth) {}
    int m;
    std::vector<int16_t> data;
    std::vector<uint8_t> set;  // bool per word
    std::span<const int16_t> word(int64_t address) const {
      return std::span(data).subspan(static_cast<size_t>(address) * m, m);
    }
  };
  using Banks = std::array<Bank, 2>;
  struct Parameters;

  // Place of word (block, row) of a region.
  struct Slot {
    int bank;
    int64_t address;
  };
  static Slot slot(const sb_engine_pkg::region_t& region, int64_t block, int64_t row);

  std::span<const int16_t> read(const Banks& banks, Slot at, const char* what) const;
  void write(Place place, Slot at, int block, int row, std::span<const int16_t> lanes,
             int lane_bits);
  void report(Place place, Slot at, int block, int row, std::span<const int32_t> values) const;
  std::span<const uint8_t> bytes(uint64_t address, uint64_t count) const;

  golden::MatrixI16 read_region(const Banks& banks, const sb_engine_pkg::region_t& region,
                                int64_t rows, int64_t blocks, const char* what) const;
  Parameters parameters(const sb_engine_pkg::cmd_t& c) const;
  golden::MatrixI8 memory_weights(const sb_engine_pkg::cmd_t& c) const;
  golden::MatrixI16 layernorm(const sb_engine_pkg::cmd_t& c, const golden::MatrixI16& s,
                              const std::vector<sb_pkg::norm_chan_t>& channels) const;
  void matmul(const sb_engine_pkg::cmd_t& c);
  void load(const sb_engine_pkg::cmd_t& c);
  void store(const sb_engine_pkg::cmd_t& c);
  void load_table(const sb_engine_pkg::cmd_t& c);

  tb::EngineParameters engine_;
  uint32_t index_ = 0;  // of the command under way
  Banks activation_, residual_;
  std::vector<std::optional<int>> row_maximum_;
  std::vector<std::optional<sb_pkg::norm_row_t>> row_constant_;
  std::vector<std::optional<golden::ExpTable>> exp_table_;
  std::array<std::optional<golden::Table>, 2> table_;
};

}  // namespace sb::test
