// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "golden/base/matrix.h"

namespace sb::golden {

/// Element types of the safetensors format that are listed here; F16 and BF16 are read as float.
enum class Dtype { F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, Bool };

std::string_view dtype_name(Dtype dtype);  ///< as the format writes it, "F32"
size_t dtype_bytes(Dtype dtype);           ///< bytes of an element

/// One entry of the header. `begin` and `end` are byte offsets into the data that follows the
/// header.
struct TensorInfo {
  std::string name;
  Dtype dtype = Dtype::F32;
  std::vector<int64_t> shape;
  size_t begin = 0;
  size_t end = 0;

  int64_t elements() const;        ///< product of the shape; 1 for a scalar
  std::string shape_text() const;  ///< "[30522, 384]"
};

/// A safetensors file (https://github.com/huggingface/safetensors, section Format), read whole and
/// checked: the header's size, its JSON, every offset in range, no overlap, no hole, no byte after
/// the last tensor, each size equal to its shape, no name twice. Every failure is an InputError
/// that names the file and the tensor.
class Safetensors {
 public:
  static Safetensors load(const std::filesystem::path& path);
  static Safetensors parse(std::string bytes, const std::string& name);

  const std::string& file() const { return file_; }
  /// Tensors in the order of their names.
  const std::map<std::string, TensorInfo>& tensors() const { return tensors_; }
  bool contains(const std::string& tensor) const { return tensors_.contains(tensor); }
  /// InputError if there is no such tensor.
  const TensorInfo& info(const std::string& tensor) const;

  /// Texts of the header's `__metadata__`.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// InputError if there is no such text.
  const std::string& metadata(const std::string& key) const;

  /// Elements in storage order. T = float takes F32, F16 and BF16 and refuses NaN and infinity;
  /// int8_t, uint8_t, int16_t, int32_t, uint32_t, int64_t and double take exactly their own type.
  template <typename T>
  std::vector<T> values(const std::string& tensor) const;

  /// A tensor of two dimensions, whose shape must be (rows, cols) where these are not -1.
  template <typename T>
  Matrix<T> matrix(const std::string& tensor, int64_t rows = -1, int64_t cols = -1) const;

  /// A tensor of one dimension, whose length must be `size` where that is not -1.
  template <typename T>
  Vector<T> vector(const std::string& tensor, int64_t size = -1) const;

 private:
  [[noreturn]] void fail(const std::string& tensor, const std::string& what) const;
  [[noreturn]] void fail_dtype(const TensorInfo& entry, Dtype wanted) const;
  // Extents that are not -1 must be those of the tensor.
  void check_shape(const std::string& tensor, std::span<const int64_t> extents) const;

  std::string file_;
  std::string bytes_;
  size_t data_start_ = 0;
  std::map<std::string, TensorInfo> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// Collects tensors and texts and writes them as one safetensors file, tensors in the order of
/// their names.
class SafetensorsWriter {
 public:
  /// Adds a tensor; InputError if the name is taken or the shape does not fit. T as for
  /// Safetensors::values.
  template <typename T>
  void add(const std::string& tensor, std::span<const T> values, std::vector<int64_t> shape);
  template <typename T>
  void add(const std::string& tensor, const Matrix<T>& values) {
    add<T>(tensor, {values.data(), static_cast<size_t>(values.size())},
           {values.rows(), values.cols()});
  }
  template <typename T>
  void add(const std::string& tensor, const Vector<T>& values) {
    add<T>(tensor, {values.data(), static_cast<size_t>(values.size())}, {values.size()});
  }
  void add_metadata(const std::string& key, const std::string& text) { metadata_[key] = text; }

  /// The file's bytes.
  std::string bytes() const;
  /// Replaces the file as a whole or not at all.
  void write(const std::filesystem::path& path) const;

 private:
  struct Tensor {
    Dtype dtype;
    std::vector<int64_t> shape;
    std::string bytes;
  };
  void put(const std::string& tensor, Dtype dtype, std::vector<int64_t> shape, uint64_t elements,
           std::string bytes);

  std::map<std::string, Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace sb::golden
