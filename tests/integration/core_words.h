#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "golden/base/types.h"
#include "tb/host/lanes.h"
#include "tb/host/requant_code.h"

namespace sb::test {

constexpr int kM = 8;  ///< the array's size in both tops here, sb_attention_top and sb_ffn_top

// Words of the streams of sb_gemm_core, for tops that hold one.

inline int blocks(Eigen::Index n, int m) { return static_cast<int>((n + m - 1) / m); }

/// job_t: act_unsigned, clamp, zero_point, rows, k_blocks, n_blocks from the highest bit down.
inline std::vector<uint32_t> job_word(int rows, int k_blocks, int n_blocks, tb::Clamp clamp,
                                      bool act_unsigned, int zero_point) {
  const auto half = [](int low, int high) {
    return (static_cast<uint32_t>(low) & 0xffff) | static_cast<uint32_t>(high) << 16;
  };
  return {half(n_blocks, k_blocks), half(rows, zero_point),
          static_cast<uint32_t>(clamp) | (act_unsigned ? 8U : 0U)};
}

/// Weight tiles of a product with weights (N, K), 8 bits per lane: for nb: for kb: M words.
inline std::vector<uint32_t> weight_words(const golden::MatrixI8& w, int m) {
  const size_t size = tb::lane_words(m, 8);
  std::vector<uint32_t> words;
  for (int nb = 0; nb < blocks(w.rows(), m); ++nb)
    for (int kb = 0; kb < blocks(w.cols(), m); ++kb)
      for (int c = 0; c < m; ++c) {
        std::vector<uint32_t> word(size, 0);
        for (int k = 0; k < m; ++k)
          if (nb * m + c < w.rows() && kb * m + k < w.cols())
            tb::put_lane(word, k, 8, static_cast<uint8_t>(w(nb * m + c, kb * m + k)));
        words.insert(words.end(), word.begin(), word.end());
      }
  return words;
}

/// Rows (R, K) in (block, row) order, `passes` times over.
inline std::vector<uint32_t> activation_words(const golden::MatrixI16& a, int m, int bits,
                                              int passes) {
  const size_t size = tb::lane_words(m, bits);
  std::vector<uint32_t> words;
  for (int pass = 0; pass < passes; ++pass)
    for (int kb = 0; kb < blocks(a.cols(), m); ++kb)
      for (Eigen::Index r = 0; r < a.rows(); ++r) {
        std::vector<uint32_t> word(size, 0);
        for (int k = 0; k < m && kb * m + k < a.cols(); ++k)
          tb::put_lane(word, k, bits, static_cast<uint16_t>(a(r, kb * m + k)) & ((1U << bits) - 1));
        words.insert(words.end(), word.begin(), word.end());
      }
  return words;
}

/// chan_t of the M channels of a block; zero past the last channel. bias: one per channel, or
/// empty.
inline std::vector<uint32_t> chan_word(int block, int m, const std::vector<uint32_t>& mult,
                                       const std::vector<uint8_t>& shift,
                                       const std::vector<int32_t>& bias) {
  std::vector<uint32_t> word(static_cast<size_t>(2 * m), 0);
  for (int c = 0; c < m; ++c) {
    const auto n = static_cast<size_t>(block * m + c);
    if (n < mult.size())
      tb::put_lane(
          word, c, 64,
          tb::channel_word(bias.empty() ? 0 : bias[n], tb::encode_multiplier(mult[n], shift[n])));
  }
  return word;
}

/// Collects (block, row) words into a (rows, columns) matrix.
class BlockRowResult {
 public:
  BlockRowResult(Eigen::Index rows, Eigen::Index columns, int m, int bits)
      : values_(rows, columns), m_(m), bits_(bits) {}
  void take(std::span<const uint32_t> word, bool last) {
    for (int c = 0; c < m_ && block_ * m_ + c < values_.cols(); ++c)
      values_(row_, block_ * m_ + c) = static_cast<int16_t>(tb::get_signed_lane(word, c, bits_));
    if (++row_ == values_.rows()) {
      row_ = 0;
      ++block_;
    }
    EXPECT_EQ(last, block_ == blocks(values_.cols(), m_)) << "block " << block_ << " row " << row_;
  }
  const golden::MatrixI16& values() const { return values_; }

 private:
  golden::MatrixI16 values_;
  int m_, bits_;
  int block_ = 0;
  Eigen::Index row_ = 0;
};

}  // namespace sb::test
