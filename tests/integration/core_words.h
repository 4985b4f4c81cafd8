// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "golden/base/matrix.h"
#include "tb/host/layout.h"
#include "tb/host/requant_code.h"

namespace sb::test {

constexpr int kM = 8;  ///< the array's size in both tops here, sb_attention_top and sb_ffn_top

/// Channel words of a product, M channels each. bias: one per channel, or empty.
inline std::vector<uint32_t> chan_words(const std::vector<uint32_t>& mult,
                                        const std::vector<uint8_t>& shift,
                                        const std::vector<int32_t>& bias = {}) {
  return tb::channel_words(mult.size(), kM, [&](std::size_t n) {
    return tb::channel_code(bias.empty() ? 0 : bias[n], tb::encode_multiplier(mult[n], shift[n]));
  });
}

/// Rows in (block, row) order, `passes` times over.
inline std::vector<uint32_t> activation_words(const golden::MatrixI16& a, int m, int bits,
                                              int passes) {
  std::vector<uint32_t> words;
  for (int pass = 0; pass < passes; ++pass) {
    const auto once = tb::block_row_words(a, m, bits, 0, a.rows());
    words.insert(words.end(), once.begin(), once.end());
  }
  return words;
}

/// The words of one job.
inline std::vector<uint32_t> job_words(const sb_pkg::job_t& job) {
  const auto word = job.pack();
  return {word.begin(), word.end()};
}

/// Collects (block, row) words into a (rows, columns) matrix.
class BlockRowResult {
 public:
  BlockRowResult(Eigen::Index rows, Eigen::Index columns, int m, int bits)
      : values_(rows, columns), walk_(rows, tb::block_count(columns, m)), m_(m), bits_(bits) {}
  void take(std::span<const uint32_t> word, bool last) {
    const auto row = walk_.row();
    const int block = walk_.block();
    tb::get_block(word, values_, row, block, m_, bits_);
    EXPECT_EQ(last, walk_.step()) << "block " << block << " row " << row;
  }
  const golden::MatrixI16& values() const { return values_; }

 private:
  golden::MatrixI16 values_;
  tb::BlockRowWalk walk_;
  int m_, bits_;
};

}  // namespace sb::test
