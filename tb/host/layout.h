// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "golden/base/matrix.h"
#include "tb/host/lanes.h"
#include "tb/host/words.h"

/// How matrices lie in words of M lanes. Columns are cut into blocks of M: lane c of block b is
/// column b * M + c. Lanes past the last column are 0. A word is a whole number of 32-bit words.
namespace sb::tb {

/// ceil(size / m)
inline int block_count(Eigen::Index size, int m) { return static_cast<int>((size + m - 1) / m); }

/// Block `block` of a row into lanes of `bits` bits from bit `first` of a word that was zero there.
template <typename T>
void put_block(std::span<uint32_t> word, const golden::Matrix<T>& x, Eigen::Index row, int block,
               int m, int bits, int first = 0) {
  const Eigen::Index column = Eigen::Index{block} * m;
  for (int c = 0; c < m && column + c < x.cols(); ++c)
    put_bits(word, first + c * bits, bits,
             static_cast<uint64_t>(static_cast<int64_t>(x(row, column + c))));
}

/// The reverse: lanes of a word into block `block` of a row.
template <typename T>
void get_block(std::span<const uint32_t> word, golden::Matrix<T>& y, Eigen::Index row, int block,
               int m, int bits, int first = 0, bool is_signed = true) {
  const Eigen::Index column = Eigen::Index{block} * m;
  const int lanes = static_cast<int>(std::min<Eigen::Index>(m, y.cols() - column));
  if constexpr (std::is_same_v<T, int32_t>)
    if (bits == 32 && first == 0) {  // what the results of the core look like: most words of all
      std::memcpy(&y(row, column), word.data(), static_cast<std::size_t>(lanes) * sizeof(T));
      return;
    }
  for (int c = 0; c < lanes; ++c) {
    const uint64_t value = get_bits(word, first + c * bits, bits);
    y(row, column + c) =
        static_cast<T>(is_signed ? sign_extend(value, bits) : static_cast<int64_t>(value));
  }
}

/// Words of activations and results of the array: block by block, in each row by row.
/// first_row, rows: the rows of one job.
template <typename T>
std::vector<uint32_t> block_row_words(const golden::Matrix<T>& x, int m, int bits,
                                      Eigen::Index first_row, Eigen::Index rows) {
  const int blocks = block_count(x.cols(), m);
  const std::size_t size = lane_words(m, bits);
  std::vector<uint32_t> words(size * static_cast<std::size_t>(blocks * rows), 0);
  std::size_t at = 0;
  for (int block = 0; block < blocks; ++block)
    for (Eigen::Index r = 0; r < rows; ++r, at += size)
      put_block(std::span(words).subspan(at, size), x, first_row + r, block, m, bits);
  return words;
}

/// Where a word of a (block, row) stream belongs.
class BlockRowWalk {
 public:
  BlockRowWalk(Eigen::Index rows, int blocks) : rows_(rows), blocks_(blocks) {}
  Eigen::Index row() const { return row_; }
  int block() const { return block_; }
  /// Steps to the next word; true after the last one.
  bool step() {
    if (++row_ < rows_) return false;
    row_ = 0;
    return ++block_ == blocks_;
  }

 private:
  Eigen::Index rows_, row_ = 0;
  int blocks_, block_ = 0;
};

/// Tiles of weights (N outputs, K inputs): n-block by n-block, in each k-block by k-block, in each
/// a word of M weights per output; outputs past the last are 0.
inline std::vector<uint32_t> weight_words(const golden::MatrixI8& w, int m) {
  const int n_blocks = block_count(w.rows(), m), k_blocks = block_count(w.cols(), m);
  const std::size_t size = lane_words(m, 8);
  std::vector<uint32_t> words(
      size * static_cast<std::size_t>(n_blocks) * static_cast<std::size_t>(k_blocks * m), 0);
  std::size_t at = 0;
  for (int nb = 0; nb < n_blocks; ++nb)
    for (int kb = 0; kb < k_blocks; ++kb)
      for (Eigen::Index n = Eigen::Index{nb} * m; n < Eigen::Index{nb + 1} * m; ++n, at += size)
        if (n < w.rows()) put_block(std::span(words).subspan(at, size), w, n, kb, m, 8);
  return words;
}

/// One packed struct per channel, M of them side by side in a word per block; `make(channel)` gives
/// it. Channels past the last are 0.
template <typename Make>
std::vector<uint32_t> channel_words(std::size_t channels, int m, const Make& make) {
  constexpr int bits = std::invoke_result_t<Make, std::size_t>::kBits;
  const std::size_t size = lane_words(m, bits), lanes = static_cast<std::size_t>(m);
  std::vector<uint32_t> words(size * ((channels + lanes - 1) / lanes), 0);
  for (std::size_t n = 0; n < channels; ++n)
    words::put(std::span(words).subspan(n / lanes * size, size), static_cast<int>(n % lanes) * bits,
               make(n));
  return words;
}

}  // namespace sb::tb
