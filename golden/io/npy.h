// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "golden/base/matrix.h"

namespace sb::golden {

/// Element types of the .npy files that this project reads and writes.
enum class NpyType { I8, U8, I16, I32, I64, F32, F64 };

/// A .npy file in memory: one or two dimensions, little-endian (NumPy's format description,
/// versions 1.0 to 3.0:
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
struct NpyArray {
  std::string file;      ///< for messages
  NpyType type;          ///< of the elements
  int dimensions;        ///< 1 or 2
  Eigen::Index rows;     ///< 1 for a one-dimensional array
  Eigen::Index cols;     ///< elements of a row
  std::string elements;  ///< rows * cols elements, row by row

  /// The elements, which must be of type T (InputError otherwise). T: one of NpyType's.
  template <typename T>
  Matrix<T> matrix() const;

  /// The elements of any integer type, each within low .. high (InputError names the first that is
  /// not).
  MatrixI32 integers(int64_t low = INT32_MIN, int64_t high = INT32_MAX) const;
};

/// Reads a .npy file. InputError if it is not one, is cut short or has bytes after the array, or
/// holds big-endian, empty, more than 2-dimensional or unsupported data.
NpyArray read_npy(const std::filesystem::path& path);

/// The same on bytes in memory; `name` is used in messages.
NpyArray parse_npy(std::string_view bytes, const std::string& name);

/// Reads a .npy file whose elements must be of type T; a one-dimensional array becomes one row.
template <typename T>
Matrix<T> read_npy_as(const std::filesystem::path& path) {
  return read_npy(path).matrix<T>();
}

/// The bytes of a .npy file: a two-dimensional array, or, when `dimensions` is 1, one row as a
/// one-dimensional array. T: one of NpyType's.
template <typename T>
std::string npy_bytes(const Matrix<T>& values, int dimensions = 2);

/// Writes such a file, as a whole or not at all.
template <typename T>
void write_npy(const std::filesystem::path& path, const Matrix<T>& values, int dimensions = 2);

}  // namespace sb::golden
