// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/command_interpreter.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "golden/base/error.h"
#include "golden/ops/exp.h"
#include "golden/ops/gemm.h"
#include "golden/ops/layernorm.h"
#include "golden/ops/requantize.h"
#include "golden/ops/residual.h"
#include "golden/ops/rounding.h"
#include "golden/ops/table.h"
#include "tb/host/lanes.h"

namespace sb::test {
namespace {

using namespace sb_engine_pkg;
using namespace sb_pkg;
using golden::InputError;
using golden::MatrixI16;
using golden::MatrixI32;
using golden::MatrixI8;

constexpr uint64_t kEntryBytes = 8;  // chan_t, norm_chan_t

golden::Clamp golden_clamp(clamp_e clamp) {
  switch (clamp) {
    case ClampS8: return golden::Clamp::S8;
    case ClampU8: return golden::Clamp::U8;
    case ClampS9: return golden::Clamp::S9;
    case ClampS16: return golden::Clamp::S16;
    case ClampRaw: break;
  }
  throw InputError("interpreter: no such clamp");
}

uint64_t little_endian(std::span<const uint8_t> bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

// M entries of 8 bytes, appended.
template <typename T>
void append_entries(std::vector<T>& out, std::span<const uint8_t> bytes) {
  for (size_t i = 0; i < bytes.size(); i += kEntryBytes) {
    const std::array<uint32_t, 2> words{
        static_cast<uint32_t>(little_endian(bytes.subspan(i, 4))),
        static_cast<uint32_t>(little_endian(bytes.subspan(i + 4, 4)))};
    out.push_back(T::unpack(words));
  }
}

// Row constants of the rows of s, as sb_norm_row makes them.
std::vector<norm_row_t> row_constants(const MatrixI16& s, const norm_job_t& job) {
  golden::LayerNormParams p;
  p.mean_mult = static_cast<uint32_t>(job.mean_mult);
  p.mean_shift = static_cast<int>(job.mean_shift);
  p.e = static_cast<uint64_t>(job.e);
  p.row_shift = static_cast<int>(job.row_shift);
  p.gain.resize(static_cast<size_t>(job.columns));  // row_w takes its size alone
  std::vector<norm_row_t> rows;
  for (Eigen::Index r = 0; r < s.rows(); ++r) {
    const golden::RowStatistics sums =
        golden::row_statistics({s.row(r).data(), static_cast<size_t>(s.cols())});
    if (job.columns * sums.sumsq < sums.sum * sums.sum)
      throw InputError(fmt::format("interpreter: sums of {} columns cannot be {} and {}",
                                   job.columns, sums.sum, sums.sumsq));
    const int32_t mean8 = golden::row_mean8(p, sums.sum);
    const golden::Rsqrt root = golden::rsqrt(golden::row_w(p, sums));
    if (std::abs(int64_t{mean8}) > 32768 * 256)
      throw InputError(fmt::format("interpreter: the mean of a row is {} / 256", mean8));
    rows.push_back({.mean8 = mean8, .m = root.m, .q = root.h + p.row_shift});
  }
  return rows;
}

// Rows of a matrix from row-major words.
std::vector<int16_t> lanes_of(const MatrixI16& matrix, Eigen::Index row, int block, int m) {
  const int16_t* first = matrix.row(row).data() + static_cast<ptrdiff_t>(block) * m;
  return {first, first + m};
}

}  // namespace

const char* name(Place place) {
  switch (place) {
    case Place::Activation: return "activation memory";
    case Place::Residual: return "residual memory";
    case Place::RowMaximum: return "row maxima";
    case Place::RowConstant: return "row constants";
    case Place::ExpTable: return "exp table";
    case Place::Table: return "table";
    case Place::External: return "external memory";
  }
  return "";
}

// The parameter stream of a matmul or store.
struct CommandInterpreter::Parameters {
  std::vector<norm_chan_t> norm;  // k_blocks * M
  std::vector<chan_t> chan;       // n_blocks * M
  MatrixI8 weight;                // of WeightStream
};

CommandInterpreter::CommandInterpreter(const tb::EngineParameters& engine)
    : engine_(engine),
      activation_{Bank(engine.act_depth[0], engine.m), Bank(engine.act_depth[1], engine.m)},
      residual_{Bank(engine.res_depth[0], engine.m), Bank(engine.res_depth[1], engine.m)},
      row_maximum_(static_cast<size_t>(engine.stat_rows)),
      row_constant_(static_cast<size_t>(engine.stat_rows)),
      exp_table_(static_cast<size_t>(engine.exp_tables)) {}

CommandInterpreter::Slot CommandInterpreter::slot(const region_t& region, int64_t block,
                                                  int64_t row) {
  if (block < region.split)
    return {static_cast<int>(region.bank), region.base + block * region.stride + row};
  return {static_cast<int>(1 - region.bank),
          region.base2 + (block - region.split) * region.stride + row};
}

std::span<const int16_t> CommandInterpreter::read(const Banks& banks, Slot at,
                                                  const char* what) const {
  const Bank& bank = banks[static_cast<size_t>(at.bank)];
  if (!bank.set.at(static_cast<size_t>(at.address)))
    throw InputError(
        fmt::format("interpreter: command {} reads its {} from word {} of bank {} of {}, "
                    "which nothing has written",
                    index_, what, at.address, at.bank,
                    &banks == &residual_ ? "residual memory" : "activation memory"));
  return bank.word(at.address);
}

void CommandInterpreter::report(Place place, Slot at, int block, int row,
                                std::span<const int32_t> values) const {
  if (on_write) on_write({index_, place, at.bank, at.address, block, row, values});
}

void CommandInterpreter::write(Place place, Slot at, int block, int row,
                               std::span<const int16_t> lanes, int lane_bits) {
  Bank& bank = (place == Place::Residual ? residual_ : activation_)[static_cast<size_t>(at.bank)];
  bank.set.at(static_cast<size_t>(at.address)) = 1;
  int16_t* word = bank.data.data() + static_cast<size_t>(at.address) * bank.m;
  std::vector<int32_t> values;
  for (size_t i = 0; i < lanes.size(); ++i) {
    word[i] = static_cast<int16_t>(tb::sign_extend(static_cast<uint16_t>(lanes[i]), lane_bits));
    values.push_back(word[i]);
  }
  report(place, at, block, row, values);
}

std::span<const uint8_t> CommandInterpreter::bytes(uint64_t address, uint64_t count) const {
  if (address > external.size() || count > external.size() - address)
    throw InputError(
        fmt::format("interpreter: command {} touches bytes {}..{} of external memory, which has {}",
                    index_, address, address + count - 1, external.size()));
  return std::span(external).subspan(address, count);
}

MatrixI16 CommandInterpreter::read_region(const Banks& banks, const region_t& region, int64_t rows,
                                          int64_t blocks, const char* what) const {
  MatrixI16 matrix(rows, blocks * engine_.m);
  for (int64_t b = 0; b < blocks; ++b)
    for (int64_t r = 0; r < rows; ++r)
      std::ranges::copy(read(banks, slot(region, b, r), what),
                        matrix.row(r).data() + b * engine_.m);
  return matrix;
}

CommandInterpreter::Parameters CommandInterpreter::parameters(const cmd_t& c) const {
  Parameters p;
  const int64_t m = engine_.m;
  std::span<const uint8_t> stream;
  if (const auto words = static_cast<uint64_t>(parameter_words(engine_, c)); words > 0)
    stream = bytes(static_cast<uint64_t>(c.stream_addr), words * static_cast<uint64_t>(m));
  const auto take = [&](int64_t count) {
    const auto part = stream.first(static_cast<size_t>(count));
    stream = stream.subspan(static_cast<size_t>(count));
    return part;
  };
  const auto entries = static_cast<int64_t>(kEntryBytes) * m;
  if (c.kind == CmdStore) {
    append_entries(p.norm, take(c.k_blocks * entries));
    return p;
  }
  const bool tiles = c.weight == WeightStream;
  p.weight = MatrixI8::Zero(c.n_blocks * m, c.k_blocks * m);
  for (int64_t nb = 0; nb < c.n_blocks; ++nb) {
    if (c.chan_shared == 0) append_entries(p.chan, take(entries));
    for (int64_t kb = 0; kb < c.k_blocks; ++kb) {
      if (nb == 0 && c.prologue == ProNorm) append_entries(p.norm, take(entries));
      for (int64_t n = 0; tiles && n < m; ++n) {
        const auto word = take(m);
        for (int64_t i = 0; i < m; ++i)
          p.weight(nb * m + n, kb * m + i) = static_cast<int8_t>(word[static_cast<size_t>(i)]);
      }
    }
  }
  if (c.chan_shared != 0)
    p.chan.assign(static_cast<size_t>(c.n_blocks * m),
                  {.shift_sel = c.shift_sel, .mult = c.mult, .bias = 0});
  return p;
}

MatrixI8 CommandInterpreter::memory_weights(const cmd_t& c) const {
  const int64_t m = engine_.m;
  MatrixI8 w = MatrixI8::Zero(c.n_blocks * m, c.k_blocks * m);
  const int64_t blocks = c.weight == WeightKeys ? c.k_blocks : c.n_blocks;
  for (int64_t b = 0; b < blocks; ++b)
    for (int64_t key = 0; key < c.keys; ++key) {
      const auto word = read(
          activation_, {static_cast<int>(c.weight_bank), c.weight_base + b * c.weight_stride + key},
          "weights");
      for (int64_t lane = 0; lane < m; ++lane) {
        const auto code = static_cast<int8_t>(word[static_cast<size_t>(lane)]);
        if (c.weight == WeightKeys)
          w(key, b * m + lane) = code;
        else
          w(b * m + lane, key) = code;
      }
    }
  return w;
}

// numerics.md section 8, per element.
MatrixI16 CommandInterpreter::layernorm(const cmd_t& c, const MatrixI16& s,
                                        const std::vector<norm_chan_t>& channels) const {
  MatrixI16 y(s.rows(), s.cols());
  for (Eigen::Index r = 0; r < s.rows(); ++r) {
    norm_row_t row{.mean8 = 0, .m = 65536, .q = 16};
    if (c.norm_identity == 0) {
      const auto& constant = row_constant_.at(static_cast<size_t>(c.norm_in + r));
      if (!constant)
        throw InputError(
            fmt::format("interpreter: command {} reads row constant {}, which nothing has written",
                        index_, c.norm_in + r));
      row = *constant;
    }
    for (Eigen::Index i = 0; i < s.cols(); ++i) {
      const norm_chan_t& chan = channels[static_cast<size_t>(i)];
      const int64_t t = 256 * int64_t{s(r, i)} - row.mean8;
      const int64_t product = t * row.m;
      const int64_t scaled = row.q >= 0 ? product >> row.q : product * (int64_t{1} << -row.q);
      const int64_t z = std::clamp<int64_t>(scaled, -(1 << 26), (1 << 26) - 1);
      const int64_t value =
          golden::round_half_even_shift(z * chan.gain + chan.bias * (1 << 14), 22);
      y(r, i) = static_cast<int16_t>(std::clamp<int64_t>(value, -32768, 32767));
    }
  }
  return y;
}

void CommandInterpreter::matmul(const cmd_t& c) {
  const int m = engine_.m;
  const auto rows = c.rows;
  const Parameters p = parameters(c);
  const MatrixI8 w = c.weight == WeightStream ? p.weight : memory_weights(c);

  // Operand.
  MatrixI16 a, y16;
  std::vector<uint32_t> factor;
  switch (c.prologue) {
    case ProBypass: {
      a = read_region(activation_, c.source, rows, c.k_blocks, "source");
      if (c.act_unsigned != 0) a = a.unaryExpr([](int16_t x) { return int16_t(x & 0xFF); });
      break;
    }
    case ProExp: {
      const MatrixI16 s = read_region(activation_, c.source, rows, c.k_blocks, "source");
      const auto& table = exp_table_.at(static_cast<size_t>(c.exp_table));
      if (!table)
        throw InputError(
            fmt::format("interpreter: command {} uses exp table {}, which nothing has loaded",
                        index_, c.exp_table));
      a = MatrixI16::Zero(rows, s.cols());
      for (Eigen::Index r = 0; r < rows; ++r) {
        const auto& maximum = row_maximum_.at(static_cast<size_t>(c.max_in + r));
        if (!maximum)
          throw InputError(
              fmt::format("interpreter: command {} reads row maximum {}, which nothing has written",
                          index_, c.max_in + r));
        uint32_t sum = 0;
        for (Eigen::Index i = 0; i < c.keys; ++i) {
          const int score = static_cast<int8_t>(s(r, i));
          if (score > *maximum)
            throw InputError(
                fmt::format("interpreter: command {}: score {} of row {} is above the maximum {}",
                            index_, score, r, *maximum));
          a(r, i) = (*table)[static_cast<size_t>(*maximum - score)];
          sum += static_cast<uint32_t>(a(r, i));
        }
        factor.push_back(golden::reciprocal(sum));
      }
      break;
    }
    case ProNorm: {
      y16 = layernorm(c, read_region(residual_, c.source, rows, c.k_blocks, "source"), p.norm);
      golden::OperandParams operand;
      operand.shift = static_cast<int>(16 + 4 * c.operand.shift_sel);
      operand.bits = c.operand.nine != 0 ? 9 : 8;
      for (const norm_chan_t& chan : p.norm) operand.k.push_back(static_cast<uint16_t>(chan.k));
      a = golden::narrow_operand(y16, operand);
      break;
    }
  }

  // Product and epilogue.
  MatrixI32 acc = golden::gemm(a, w);
  if (c.row_factor != 0) acc = golden::row_factor(acc, factor);
  std::vector<uint32_t> mult;
  std::vector<uint8_t> shift;
  for (Eigen::Index n = 0; n < acc.cols(); ++n) {
    const chan_t& chan = p.chan[static_cast<size_t>(n)];
    mult.push_back(static_cast<uint32_t>(chan.mult));
    shift.push_back(static_cast<uint8_t>(16 + 10 * chan.shift_sel));
    for (Eigen::Index r = 0; r < rows; ++r) {
      const int64_t sum = acc(r, n) + chan.bias;
      if (sum < std::numeric_limits<int32_t>::min() || sum > std::numeric_limits<int32_t>::max())
        throw InputError(fmt::format("interpreter: command {}: {} with its bias leaves int32",
                                     index_, acc(r, n)));
      acc(r, n) = static_cast<int32_t>(sum);
    }
  }
  MatrixI16 y =
      golden::requantize(acc, mult, shift, static_cast<int>(c.zero_point), golden_clamp(c.clamp));
  if (c.table_on != 0) {
    const auto& table = table_[static_cast<size_t>(c.table_sel)];
    if (!table)
      throw InputError(fmt::format(
          "interpreter: command {} uses table {}, which nothing has loaded", index_, c.table_sel));
    y = golden::apply_table(y, *table);
  }
  if (c.dest == DestAdd)
    y = golden::residual_add(read_region(residual_, c.result, rows, c.n_blocks, "addend"), y);
  std::vector<norm_row_t> constants;
  if (c.norm_stats != 0) constants = row_constants(y, c.norm);

  // All has been read: now the writes.
  if (c.prologue == ProNorm)
    for (int64_t kb = 0; kb < c.k_blocks; ++kb)
      for (int64_t r = 0; r < rows; ++r) {
        const int block = static_cast<int>(kb), row = static_cast<int>(r);
        write(Place::Residual, slot(c.source, kb, r), block, row, lanes_of(y16, r, block, m), 16);
        write(Place::Activation,
              {static_cast<int>(c.back_bank), c.back_base + kb * c.back_stride + r}, block, row,
              lanes_of(a, r, block, m), engine_.act_bits);
      }
  const bool act = c.dest == DestAct;
  for (int64_t nb = 0; nb < c.n_blocks; ++nb)
    for (int64_t r = 0; r < rows; ++r) {
      const int block = static_cast<int>(nb);
      write(act ? Place::Activation : Place::Residual, slot(c.result, nb, r), block,
            static_cast<int>(r), lanes_of(y, r, block, m), act ? engine_.act_bits : 16);
    }
  for (int64_t r = 0; r < rows; ++r) {
    if (c.row_max != 0) {
      int maximum = -128;
      for (Eigen::Index i = 0; i < c.keys; ++i) maximum = std::max(maximum, int{y(r, i)});
      row_maximum_.at(static_cast<size_t>(c.max_out + r)) = maximum;
      report(Place::RowMaximum, {0, c.max_out + r}, 0, static_cast<int>(r), std::array{maximum});
    }
    if (c.norm_stats != 0) {
      const norm_row_t& k = constants[static_cast<size_t>(r)];
      row_constant_.at(static_cast<size_t>(c.norm_out + r)) = k;
      report(Place::RowConstant, {0, c.norm_out + r}, 0, static_cast<int>(r),
             std::array{static_cast<int32_t>(k.mean8), static_cast<int32_t>(k.m),
                        static_cast<int32_t>(k.q)});
    }
  }
}

void CommandInterpreter::load(const cmd_t& c) {
  const auto m = static_cast<size_t>(engine_.m);
  const auto stream = bytes(static_cast<uint64_t>(c.stream_addr),
                            static_cast<uint64_t>(c.n_blocks * c.rows) * 2 * m);
  size_t word = 0;
  for (int64_t b = 0; b < c.n_blocks; ++b)
    for (int64_t r = 0; r < c.rows; ++r, ++word) {
      std::vector<int16_t> lanes;
      for (size_t i = 0; i < m; ++i)
        lanes.push_back(static_cast<int16_t>(little_endian(stream.subspan(2 * (word * m + i), 2))));
      write(Place::Residual, slot(c.result, b, r), static_cast<int>(b), static_cast<int>(r), lanes,
            16);
    }
}

void CommandInterpreter::store(const cmd_t& c) {
  const Parameters p = parameters(c);
  const MatrixI16 y =
      layernorm(c, read_region(residual_, c.source, c.rows, c.k_blocks, "source"), p.norm);
  const auto word_bytes = static_cast<uint64_t>(2 * engine_.m);
  auto address = static_cast<uint64_t>(c.store_addr);
  bytes(address, static_cast<uint64_t>(c.k_blocks * c.rows) * word_bytes);
  for (int64_t b = 0; b < c.k_blocks; ++b)
    for (int64_t r = 0; r < c.rows; ++r, address += word_bytes) {
      const auto lanes = lanes_of(y, r, static_cast<int>(b), engine_.m);
      for (size_t i = 0; i < lanes.size(); ++i) {
        external[address + 2 * i] = static_cast<uint8_t>(lanes[i]);
        external[address + 2 * i + 1] = static_cast<uint8_t>(static_cast<uint16_t>(lanes[i]) >> 8);
      }
      const std::vector<int32_t> values(lanes.begin(), lanes.end());
      report(Place::External, {0, static_cast<int64_t>(address)}, static_cast<int>(b),
             static_cast<int>(r), values);
    }
}

void CommandInterpreter::load_table(const cmd_t& c) {
  const auto stream = bytes(static_cast<uint64_t>(c.stream_addr), 2 * TableEntries);
  std::vector<int32_t> values;
  golden::ExpTable exp{};
  golden::Table table{};
  for (size_t i = 0; i < static_cast<size_t>(TableEntries); ++i) {
    const uint64_t entry = little_endian(stream.subspan(2 * i, 2));
    exp[i] = static_cast<uint8_t>(entry);
    table[i] = static_cast<int16_t>(tb::sign_extend(entry, engine_.act_bits));
    values.push_back(c.exp_load != 0 ? exp[i] : table[i]);
  }
  if (c.exp_load != 0)
    exp_table_.at(static_cast<size_t>(c.exp_table)) = exp;
  else
    table_[static_cast<size_t>(c.table_sel)] = table;
  report(c.exp_load != 0 ? Place::ExpTable : Place::Table,
         {static_cast<int>(c.exp_load != 0 ? c.exp_table : c.table_sel), 0}, 0, 0, values);
}

error_e CommandInterpreter::execute(std::span<const uint32_t> bits, uint32_t index) {
  index_ = index;
  if (const error_e error = check_command(engine_, bits); error != ErrNone) return error;
  const cmd_t c = cmd_t::unpack(bits);
  switch (c.kind) {
    case CmdEnd: break;
    case CmdLoad: load(c); break;
    case CmdStore: store(c); break;
    case CmdMatmul: matmul(c); break;
    case CmdTable: load_table(c); break;
  }
  return ErrNone;
}

error_e CommandInterpreter::execute(const cmd_t& command, uint32_t index) {
  return execute(command.pack(), index);
}

Stop CommandInterpreter::run(std::span<const CommandWords> program) {
  for (uint32_t i = 0; i < program.size(); ++i) {
    if (const error_e error = execute(program[i], i); error != ErrNone) return {error, i};
    if (cmd_t::unpack(program[i]).kind == CmdEnd) return {ErrNone, i};
  }
  return {ErrProgram, static_cast<uint32_t>(program.size())};
}

Stop CommandInterpreter::run(std::span<const cmd_t> program) {
  std::vector<CommandWords> words;
  for (const cmd_t& c : program) words.push_back(c.pack());
  return run(words);
}

Stop CommandInterpreter::run_at(uint64_t address, uint32_t count) {
  std::vector<CommandWords> program(count);
  for (uint32_t i = 0; i < count; ++i) {
    const auto part = bytes(address + static_cast<uint64_t>(i) * CmdBytes, CmdBytes);
    for (size_t w = 0; w < program[i].size(); ++w)
      program[i][w] = static_cast<uint32_t>(little_endian(part.subspan(4 * w, 4)));
  }
  return run(program);
}

std::optional<std::vector<int16_t>> CommandInterpreter::activation(int bank,
                                                                   int64_t address) const {
  const Bank& b = activation_.at(static_cast<size_t>(bank));
  if (!b.set.at(static_cast<size_t>(address))) return {};
  const auto word = b.word(address);
  return std::vector<int16_t>(word.begin(), word.end());
}

std::optional<std::vector<int16_t>> CommandInterpreter::residual(int bank, int64_t address) const {
  const Bank& b = residual_.at(static_cast<size_t>(bank));
  if (!b.set.at(static_cast<size_t>(address))) return {};
  const auto word = b.word(address);
  return std::vector<int16_t>(word.begin(), word.end());
}

std::optional<int> CommandInterpreter::row_maximum(int64_t row) const {
  return row_maximum_.at(static_cast<size_t>(row));
}

std::optional<norm_row_t> CommandInterpreter::row_constant(int64_t row) const {
  return row_constant_.at(static_cast<size_t>(row));
}

}  // namespace sb::test
