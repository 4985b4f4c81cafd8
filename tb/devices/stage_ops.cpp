#include "tb/devices/stage_ops.h"

#include <fmt/format.h>

#include "tb/host/lanes.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

int blocks_of(const Stage& stage, Eigen::Index columns) {
  const auto blocks = (columns + stage.m - 1) / stage.m;
  if (columns < 1 || (stage.max_words != 0 && blocks > stage.max_words))
    throw InputError(fmt::format("rows of {} values: the stage takes 1 to {}", columns,
                                 stage.m * stage.max_words));
  return static_cast<int>(blocks);
}

// Rows of a matrix as words with `bits` bits per lane, last flag at `last`; `more` adds the rest of
// a word.
template <typename T, typename More>
std::vector<uint32_t> pack(const Stage& stage, const Matrix<T>& x, int bits, int last,
                           const More& more) {
  const int blocks = blocks_of(stage, x.cols());
  const std::size_t size = stage.in.data.words();
  std::vector<uint32_t> words(
      size * static_cast<std::size_t>(x.rows()) * static_cast<std::size_t>(blocks), 0);
  std::size_t at = 0;
  for (Eigen::Index r = 0; r < x.rows(); ++r)
    for (int b = 0; b < blocks; ++b, at += size) {
      const std::span<uint32_t> word(words.data() + at, size);
      for (int c = 0; c < stage.m && b * stage.m + c < x.cols(); ++c)
        put_lane(
            word, c, bits,
            static_cast<uint64_t>(int64_t{x(r, b * stage.m + c)}) & ((uint64_t{1} << bits) - 1));
      if (b + 1 == blocks) put_lane(word, last, 1, 1);
      more(word, r, b);
    }
  return words;
}

// Lanes of `bits` bits, from bit `first` of each word, back to a matrix. Checks the last flags.
MatrixI16 unpack(const Stage& stage, const StageRun& run, Eigen::Index rows, Eigen::Index columns,
                 int bits, int first_lane = 0) {
  const int blocks = blocks_of(stage, columns);
  const std::size_t size = stage.out.data.words();
  const auto expected = static_cast<std::size_t>(rows) * static_cast<std::size_t>(blocks);
  if (run.last.size() != expected)
    throw SimError(fmt::format("out: {} words, expected {}", run.last.size(), expected));
  MatrixI16 y(rows, columns);
  for (std::size_t i = 0; i < expected; ++i) {
    const int b = static_cast<int>(i % static_cast<std::size_t>(blocks));
    if ((run.last[i] != 0) != (b + 1 == blocks))
      throw SimError(fmt::format("out: last is {} at word {}", run.last[i], i));
    const std::span<const uint32_t> word(run.words.data() + i * size, size);
    for (int c = 0; c < stage.m && b * stage.m + c < columns; ++c)
      y(static_cast<Eigen::Index>(i) / blocks, b * stage.m + c) =
          static_cast<int16_t>(get_signed_lane(word, first_lane + c, bits));
  }
  return y;
}

void set(Stage& stage, const std::string& name, std::vector<uint32_t> words) {
  const Port& port = stage.settings.at(name);
  words.resize(port.words(), 0);
  port.write(words);
}

void check_codes(const MatrixI16& x, int low, int high, const char* what) {
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

MatrixI16 table_op(Stage& stage, const MatrixI16& x, std::span<const int16_t> table,
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

MatrixI16 requantize_op(Stage& stage, const MatrixI32& acc, std::span<const uint32_t> mult,
                        std::span<const uint8_t> shift, int zero_point, Clamp clamp,
                        std::span<const uint32_t> factor, const StageOptions& options,
                        StageRun* run) {
  const auto columns = static_cast<std::size_t>(acc.cols());
  if (mult.size() != columns || shift.size() != columns ||
      (!factor.empty() && factor.size() != static_cast<std::size_t>(acc.rows())))
    throw InputError(
        fmt::format("requantize: {} multipliers, {} shifts and {} factors for {} x {} accumulators",
                    mult.size(), shift.size(), factor.size(), acc.rows(), columns));
  for (int b = 0; b < blocks_of(stage, acc.cols()); ++b) {
    std::vector<uint32_t> word(static_cast<std::size_t>(2 * stage.m), 0);
    for (int c = 0; c < stage.m; ++c) {
      const auto n = static_cast<std::size_t>(b * stage.m + c);
      if (n < columns) put_lane(word, c, 64, channel_word(0, encode_multiplier(mult[n], shift[n])));
    }
    stage.load(b, word);
  }
  set(stage, "clamp", {static_cast<uint32_t>(clamp)});
  set(stage, "zero_point", {static_cast<uint32_t>(zero_point) & 0xffff});
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

ResidualResult residual_op(Stage& stage, const MatrixI16& h, const MatrixI16& d,
                           const StageOptions& options, StageRun* run) {
  if (h.rows() != d.rows() || h.cols() != d.cols())
    throw InputError(fmt::format("residual: {} x {} and {} x {} differ", h.rows(), h.cols(),
                                 d.rows(), d.cols()));
  const auto words =
      pack(stage, h, 16, 2 * stage.m * 16, [&](std::span<uint32_t> word, Eigen::Index r, int b) {
        for (int c = 0; c < stage.m && b * stage.m + c < d.cols(); ++c)
          put_lane(word, stage.m + c, 16, static_cast<uint16_t>(d(r, b * stage.m + c)));
      });
  const StageRun done =
      finish(run_stage(stage, words, words_out(stage, h.rows(), h.cols()), options), run);
  ResidualResult result{unpack(stage, done, h.rows(), h.cols(), 16), {}, {}};
  const std::size_t size = stage.statistics.data.words();
  if (done.statistics.size() != size * static_cast<std::size_t>(h.rows()))
    throw SimError(fmt::format("residual: statistics of {} rows, expected {}",
                               done.statistics.size() / size, h.rows()));
  for (std::size_t at = 0; at < done.statistics.size(); at += size) {
    uint64_t sumsq = 0;
    int64_t sum = 0;
    const std::span<const uint32_t> word(done.statistics.data() + at, size);
    for (int i = 0; i < 43; ++i) sumsq |= get_lane(word, i, 1) << i;
    for (int i = 0; i < 28; ++i) sum |= static_cast<int64_t>(get_lane(word, 43 + i, 1) << i);
    result.sumsq.push_back(static_cast<int64_t>(sumsq));
    result.sum.push_back(sum >= (1 << 27) ? sum - (1 << 28) : sum);
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
  set(stage, "int8", {int8 ? 1U : 0U});
  const std::size_t in_size = stage.in.data.words(), out_size = stage.out.data.words();
  std::vector<uint32_t> words;
  uint64_t expected = 0;
  for (const ScoreRow& row : rows) {
    const auto keys = static_cast<Eigen::Index>(row.scores.size());
    if (!row.keep.empty() && row.keep.size() != row.scores.size())
      throw InputError(fmt::format("softmax: {} key flags for {} keys", row.keep.size(), keys));
    const int blocks = blocks_of(stage, keys);
    for (int b = 0; b < blocks; ++b) {
      std::vector<uint32_t> word(in_size, 0);
      for (int c = 0; c < stage.m && b * stage.m + c < keys; ++c) {
        const auto j = static_cast<std::size_t>(b * stage.m + c);
        const int s = row.scores[j];
        if (s < -128 || s > 127)
          throw InputError(fmt::format("softmax: score code {} is not int8", s));
        put_lane(word, c, 8, static_cast<uint8_t>(s));
        if (row.keep.empty() || row.keep[j] != 0) put_bits(word, stage.m * 8 + c, 1, 1);
      }
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
    std::vector<int16_t> y;
    for (int b = 0; b < blocks; ++b, ++at) {
      if ((done.last[at] != 0) != (b + 1 == blocks))
        throw SimError(fmt::format("out: last is {} at word {}", done.last[at], at));
      for (int c = 0; c < stage.m && b * stage.m + c < keys; ++c)
        y.push_back(
            static_cast<int16_t>(get_lane({done.words.data() + at * out_size, out_size}, c, 8)));
    }
    result.push_back(std::move(y));
  }
  return result;
}

std::vector<uint32_t> norm_job_word(const LayerNormCode& code) {
  std::vector<uint32_t> word(4, 0);  // row_shift 5, e 56, mean_shift 6, mean_mult 26, columns 13
  put_bits(word, 0, 5, static_cast<uint64_t>(code.row_shift));
  put_bits(word, 5, 56, code.e);
  put_bits(word, 61, 6, static_cast<uint64_t>(code.mean_shift));
  put_bits(word, 67, 26, code.mean_mult);
  put_bits(word, 93, 13, code.gain.size());
  return word;
}

uint64_t norm_channel_word(const LayerNormCode& code, std::size_t channel) {
  return (static_cast<uint64_t>(code.gain[channel]) & 0x3ffff) |
         (static_cast<uint64_t>(code.bias[channel]) & 0x3ffffff) << 18 |
         uint64_t{code.k[channel]} << 44;
}

LayerNormResult layernorm_op(Stage& stage, const MatrixI16& s, const LayerNormCode& code,
                             const StageOptions& options, StageRun* run) {
  const auto columns = static_cast<std::size_t>(s.cols());
  if (code.gain.size() != columns || code.bias.size() != columns || code.k.size() != columns ||
      columns > 4096)
    throw InputError(fmt::format(
        "LayerNorm: {} gains, {} biases and {} multipliers for {} columns (at most 4096)",
        code.gain.size(), code.bias.size(), code.k.size(), columns));
  for (int b = 0; b < blocks_of(stage, s.cols()); ++b) {
    std::vector<uint32_t> word(static_cast<std::size_t>(2 * stage.m), 0);
    for (int c = 0; c < stage.m; ++c) {
      const auto n = static_cast<std::size_t>(b * stage.m + c);
      if (n < columns) put_lane(word, c, 64, norm_channel_word(code, n));
    }
    stage.load(b, word);
  }
  set(stage, "job", norm_job_word(code));
  set(stage, "operand",
      {static_cast<uint32_t>((code.operand_shift - 16) / 4) | (code.operand_bits == 9 ? 4U : 0U)});
  const auto words = pack(stage, s, 16, stage.m * 16, [](auto, auto, auto) {});
  const StageRun done =
      finish(run_stage(stage, words, words_out(stage, s.rows(), s.cols()), options), run);
  // y8 lies above the 16-bit lanes, in lanes of 9 bits that do not start at a multiple of 9: move
  // them down.
  StageRun upper{{}, done.last, {}, {}, {}};
  const std::size_t size = stage.out.data.words();
  for (std::size_t at = 0; at < done.words.size(); at += size) {
    std::vector<uint32_t> word(size, 0);
    for (int i = 0; i < 9 * stage.m; ++i)
      put_lane(word, i, 1, get_lane({done.words.data() + at, size}, 16 * stage.m + i, 1));
    upper.words.insert(upper.words.end(), word.begin(), word.end());
  }
  return {unpack(stage, done, s.rows(), s.cols(), 16), unpack(stage, upper, s.rows(), s.cols(), 9)};
}

}  // namespace sb::tb
