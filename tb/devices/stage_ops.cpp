// SPDX-License-Identifier: Apache-2.0
#include "tb/devices/stage_ops.h"

#include <fmt/format.h>

#include "tb/host/layout.h"
#include "tb/host/norm_code.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

int blocks_of(const Stage& stage, Eigen::Index columns) {
  const int blocks = block_count(columns, stage.m);
  if (columns < 1 || (stage.max_words != 0 && blocks > stage.max_words))
    throw InputError(fmt::format("rows of {} values: the stage takes 1 to {}", columns,
                                 stage.m * stage.max_words));
  return blocks;
}

// Rows of a matrix as words with `bits` bits per lane, last flag at `last`; `more` adds the rest of
// a word.
template <typename T, typename More>
std::vector<uint32_t> pack(const Stage& stage, const golden::Matrix<T>& x, int bits, int last,
                           const More& more) {
  const int blocks = blocks_of(stage, x.cols());
  const std::size_t size = stage.in.data.words();
  std::vector<uint32_t> words(
      size * static_cast<std::size_t>(x.rows()) * static_cast<std::size_t>(blocks), 0);
  std::size_t at = 0;
  for (Eigen::Index r = 0; r < x.rows(); ++r)
    for (int b = 0; b < blocks; ++b, at += size) {
      const std::span<uint32_t> word(words.data() + at, size);
      put_block(word, x, r, b, stage.m, bits);
      if (b + 1 == blocks) put_bits(word, last, 1, 1);
      more(word, r, b);
    }
  return words;
}

// Lanes of `bits` bits from bit `first` of each word, back to a matrix. Checks the last flags.
golden::MatrixI16 unpack(const Stage& stage, const StageRun& run, Eigen::Index rows,
                         Eigen::Index columns, int bits, int first = 0) {
  const int blocks = blocks_of(stage, columns);
  const std::size_t size = stage.out.data.words();
  const auto expected = static_cast<std::size_t>(rows) * static_cast<std::size_t>(blocks);
  if (run.last.size() != expected)
    throw SimError(fmt::format("out: {} words, expected {}", run.last.size(), expected));
  golden::MatrixI16 y(rows, columns);
  for (std::size_t i = 0; i < expected; ++i) {
    const int b = static_cast<int>(i % static_cast<std::size_t>(blocks));
    if ((run.last[i] != 0) != (b + 1 == blocks))
      throw SimError(fmt::format("out: last is {} at word {}", run.last[i], i));
    const std::span<const uint32_t> word(run.words.data() + i * size, size);
    get_block(word, y, static_cast<Eigen::Index>(i) / blocks, b, stage.m, bits, first);
  }
  return y;
}

void set(Stage& stage, const std::string& name, std::span<const uint32_t> words) {
  const Port& port = stage.settings.at(name);
  if (words.size() != port.words())
    throw SimError(fmt::format("{}: {} words for a port of {}", name, words.size(), port.words()));
  port.write(words);
}
void set(Stage& stage, const std::string& name, int64_t value) {
  const auto word = static_cast<uint32_t>(value);
  set(stage, name, {&word, 1});
}

// One struct per channel through the write port, a block at a time.
template <typename Make>
void load_channels(Stage& stage, Eigen::Index channels, const Make& make) {
  const int blocks = blocks_of(stage, channels);
  const auto words = channel_words(static_cast<std::size_t>(channels), stage.m, make);
  const std::size_t size = words.size() / static_cast<std::size_t>(blocks);
  for (int b = 0; b < blocks; ++b)
    stage.load(b, std::span(words).subspan(static_cast<std::size_t>(b) * size, size));
}

void check_codes(const golden::MatrixI16& x, int low, int high, const char* what) {
  for (int v : x.reshaped())
    if (v < low || v > high)
      throw InputError(fmt::format("{} code {} is not in {}..{}", what, v, low, high));
}

StageRun finish(StageRun&& run, StageRun* copy) {
  if (copy != nullptr) *copy = run;
  return std::move(run);
}

uint64_t words_out(const Stage& stage, Eigen::Index rows, Eigen::Index columns) {
  return static_cast<uint64_t>(rows) * static_cast<uint64_t>(blocks_of(stage, columns));
}

}  // namespace

golden::MatrixI16 table_op(Stage& stage, const golden::MatrixI16& x, std::span<const int16_t> table,
                           const StageOptions& options, StageRun* run) {
  check_codes(x, -128, 127, "table");
  if (table.size() != 256)
    throw InputError(fmt::format("table: {} entries, must be 256", table.size()));
  for (int i = 0; i < 256; ++i) {
    const int entry = table[static_cast<std::size_t>(i)];
    if (entry < -256 || entry > 255)
      throw InputError(fmt::format("table entry {} is not in -256..255", entry));
    const uint32_t word = static_cast<uint32_t>(entry) & 0x1ff;
    stage.load(i, {&word, 1});
  }
  const auto words = pack(stage, x, 8, stage.m * 8, [](auto, auto, auto) {});
  const StageRun done =
      finish(run_stage(stage, words, words_out(stage, x.rows(), x.cols()), options), run);
  return unpack(stage, done, x.rows(), x.cols(), 9);
}

golden::MatrixI16 requantize_op(Stage& stage, const golden::MatrixI32& acc,
                                std::span<const uint32_t> mult, std::span<const uint8_t> shift,
                                int zero_point, golden::Clamp clamp,
                                std::span<const uint32_t> factor, const StageOptions& options,
                                StageRun* run) {
  const auto columns = static_cast<std::size_t>(acc.cols());
  if (mult.size() != columns || shift.size() != columns ||
      (!factor.empty() && factor.size() != static_cast<std::size_t>(acc.rows())))
    throw InputError(
        fmt::format("requantize: {} multipliers, {} shifts and {} factors for {} x {} accumulators",
                    mult.size(), shift.size(), factor.size(), acc.rows(), columns));
  load_channels(stage, acc.cols(), [&](std::size_t n) {
    return channel_code(0, encode_multiplier(mult[n], shift[n]));
  });
  set(stage, "clamp", static_cast<int64_t>(clamp_code(clamp)));
  set(stage, "zero_point", zero_point & 0xffff);
  const int lanes = stage.m * 32;
  const auto words =
      pack(stage, acc, 32, lanes + 18, [&](std::span<uint32_t> word, Eigen::Index r, int) {
        if (factor.empty()) return;
        if (factor[static_cast<std::size_t>(r)] >= (1U << 17))
          throw InputError(
              fmt::format("row factor {} is not below 2^17", factor[static_cast<std::size_t>(r)]));
        put_bits(word, lanes, 17, factor[static_cast<std::size_t>(r)]);
        put_bits(word, lanes + 17, 1, 1);
      });
  const StageRun done =
      finish(run_stage(stage, words, words_out(stage, acc.rows(), acc.cols()), options), run);
  return unpack(stage, done, acc.rows(), acc.cols(), 16);
}

ResidualResult residual_op(Stage& stage, const golden::MatrixI16& h, const golden::MatrixI16& d,
                           const StageOptions& options, StageRun* run) {
  if (h.rows() != d.rows() || h.cols() != d.cols())
    throw InputError(fmt::format("residual: {} x {} and {} x {} differ", h.rows(), h.cols(),
                                 d.rows(), d.cols()));
  const auto words =
      pack(stage, h, 16, 2 * stage.m * 16, [&](std::span<uint32_t> word, Eigen::Index r, int b) {
        put_block(word, d, r, b, stage.m, 16, stage.m * 16);
      });
  const StageRun done =
      finish(run_stage(stage, words, words_out(stage, h.rows(), h.cols()), options), run);
  ResidualResult result{unpack(stage, done, h.rows(), h.cols(), 16), {}, {}};
  const std::size_t size = stage.statistics.data.words();
  if (done.statistics.size() != size * static_cast<std::size_t>(h.rows()))
    throw SimError(fmt::format("residual: statistics of {} rows, expected {}",
                               done.statistics.size() / size, h.rows()));
  for (std::size_t at = 0; at < done.statistics.size(); at += size) {
    const std::span<const uint32_t> word(done.statistics.data() + at, size);
    constexpr int sq_bits = sb_pkg::RowSqBits, sum_bits = sb_pkg::RowSumBits;
    result.sumsq.push_back(static_cast<int64_t>(get_bits(word, 0, sq_bits)));
    result.sum.push_back(sign_extend(get_bits(word, sq_bits, sum_bits), sum_bits));
  }
  return result;
}

std::vector<std::vector<int16_t>> softmax_op(Stage& stage, std::span<const ScoreRow> rows,
                                             std::span<const uint32_t> table, bool int8,
                                             const StageOptions& options, StageRun* run) {
  if (table.size() != 256)
    throw InputError(fmt::format("softmax table: {} entries, must be 256", table.size()));
  for (int d = 0; d < 256; ++d) {
    const uint32_t entry = table[static_cast<std::size_t>(d)];
    if (entry >= (1U << 18))
      throw InputError(fmt::format("softmax table entry {} is not below 2^18", entry));
    stage.load(d, {&entry, 1});
  }
  set(stage, "int8", int8);
  const std::size_t in_size = stage.in.data.words(), out_size = stage.out.data.words();
  std::vector<uint32_t> words;
  uint64_t expected = 0;
  for (const ScoreRow& row : rows) {
    const auto keys = static_cast<Eigen::Index>(row.scores.size());
    if (!row.keep.empty() && row.keep.size() != row.scores.size())
      throw InputError(fmt::format("softmax: {} key flags for {} keys", row.keep.size(), keys));
    const int blocks = blocks_of(stage, keys);
    const golden::MatrixI16 scores = golden::MatrixI16::Map(row.scores.data(), 1, keys);
    golden::MatrixI16 keep = golden::MatrixI16::Ones(1, keys);
    for (std::size_t j = 0; j < row.keep.size(); ++j)
      keep(0, static_cast<Eigen::Index>(j)) = row.keep[j] != 0;
    check_codes(scores, -128, 127, "softmax: score");
    for (int b = 0; b < blocks; ++b) {
      std::vector<uint32_t> word(in_size, 0);
      put_block(word, scores, 0, b, stage.m, 8);
      put_block(word, keep, 0, b, stage.m, 1, stage.m * 8);
      if (b + 1 == blocks) put_bits(word, stage.m * 9, 1, 1);
      words.insert(words.end(), word.begin(), word.end());
    }
    expected += static_cast<uint64_t>(blocks);
  }
  const StageRun done = finish(run_stage(stage, words, expected, options), run);
  if (done.last.size() != expected)
    throw SimError(fmt::format("out: {} words, expected {}", done.last.size(), expected));
  std::vector<std::vector<int16_t>> result;
  std::size_t at = 0;
  for (const ScoreRow& row : rows) {
    const auto keys = static_cast<Eigen::Index>(row.scores.size());
    const int blocks = blocks_of(stage, keys);
    golden::MatrixI16 y(1, keys);
    for (int b = 0; b < blocks; ++b, ++at) {
      if ((done.last[at] != 0) != (b + 1 == blocks))
        throw SimError(fmt::format("out: last is {} at word {}", done.last[at], at));
      get_block({done.words.data() + at * out_size, out_size}, y, 0, b, stage.m, 8, 0, false);
    }
    result.emplace_back(y.data(), y.data() + keys);
  }
  return result;
}

LayerNormResult layernorm_op(Stage& stage, const golden::MatrixI16& s,
                             const golden::LayerNormParams& norm,
                             const golden::OperandParams& operand, const StageOptions& options,
                             StageRun* run) {
  const auto columns = static_cast<std::size_t>(s.cols());
  if (norm.gain.size() != columns || norm.bias.size() != columns || operand.k.size() != columns ||
      columns > 4096)
    throw InputError(fmt::format(
        "LayerNorm: {} gains, {} biases and {} multipliers for {} columns (at most 4096)",
        norm.gain.size(), norm.bias.size(), operand.k.size(), columns));
  load_channels(stage, s.cols(), [&](std::size_t n) { return norm_channel(norm, operand, n); });
  set(stage, "job", norm_job(norm).pack());
  set(stage, "operand", operand_code(operand).pack());
  const int lanes = stage.m * 16;
  const auto words = pack(stage, s, 16, lanes, [](auto, auto, auto) {});
  const StageRun done =
      finish(run_stage(stage, words, words_out(stage, s.rows(), s.cols()), options), run);
  // y8 lies above the 16-bit lanes.
  return {unpack(stage, done, s.rows(), s.cols(), 16),
          unpack(stage, done, s.rows(), s.cols(), 9, lanes)};
}

}  // namespace sb::tb
