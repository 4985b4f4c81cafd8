// SPDX-License-Identifier: Apache-2.0
#include "golden/io/npy.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>
#include <vector>

#include "golden/base/error.h"
#include "golden/io/file.h"

namespace sb::golden {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are copied as they are stored");

constexpr std::string_view kMagic = "\x93NUMPY";

struct TypeName {
  NpyType type;
  std::string_view descr;  // as NumPy writes it
  size_t bytes;
};

constexpr std::array kTypes{TypeName{NpyType::I8, "|i1", 1},  TypeName{NpyType::U8, "|u1", 1},
                            TypeName{NpyType::I16, "<i2", 2}, TypeName{NpyType::I32, "<i4", 4},
                            TypeName{NpyType::I64, "<i8", 8}, TypeName{NpyType::F32, "<f4", 4},
                            TypeName{NpyType::F64, "<f8", 8}};

const TypeName& type_name(NpyType type) { return kTypes[static_cast<size_t>(type)]; }

template <typename T>
constexpr NpyType type_of() {
  if constexpr (std::is_same_v<T, int8_t>) return NpyType::I8;
  if constexpr (std::is_same_v<T, uint8_t>) return NpyType::U8;
  if constexpr (std::is_same_v<T, int16_t>) return NpyType::I16;
  if constexpr (std::is_same_v<T, int32_t>) return NpyType::I32;
  if constexpr (std::is_same_v<T, int64_t>) return NpyType::I64;
  if constexpr (std::is_same_v<T, float>) return NpyType::F32;
  if constexpr (std::is_same_v<T, double>) return NpyType::F64;
}

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<uint64_t> shape;
};

// The header is a Python dictionary literal with exactly the keys descr, fortran_order and shape.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

  Header parse() {
    std::optional<std::string> descr;
    std::optional<bool> fortran_order;
    std::optional<std::vector<uint64_t>> shape;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr" && !descr) {
        descr = string();
      } else if (key == "fortran_order" && !fortran_order) {
        fortran_order = boolean();
      } else if (key == "shape" && !shape) {
        shape = tuple();
      } else {
        fail(fmt::format("unexpected or repeated key '{}'", shown(key)));
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!rest_.empty()) fail("text after the dictionary");
    if (!descr || !fortran_order || !shape)
      fail("descr, fortran_order and shape are not all there");
    return {*descr, *fortran_order, *shape};
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("{}: bad .npy header: {}", file_, what));
  }

  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size()));
  }

  bool accept(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail(fmt::format("'{}' expected", c));
  }

  std::string string() {
    const char quote = accept('\'') ? '\'' : '"';
    if (quote == '"') expect('"');
    const size_t end = rest_.find(quote);
    if (end == std::string_view::npos) fail("unfinished string");
    std::string value(rest_.substr(0, end));
    for (const char c : value)
      if (c < ' ' || c > '~') fail("a string is not plain ASCII");
    rest_.remove_prefix(end + 1);
    return value;
  }

  bool boolean() {
    skip_space();
    for (const std::string_view word : {"True", "False"})
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return word == "True";
      }
    fail("fortran_order is neither True nor False");
  }

  std::vector<uint64_t> tuple() {
    std::vector<uint64_t> values;
    expect('(');
    while (!accept(')')) {
      skip_space();
      uint64_t value = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
      if (error != std::errc{}) fail("shape is not a tuple of non-negative integers");
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      values.push_back(value);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  std::string_view rest_;
  const std::string& file_;
};

NpyType find_type(const std::string& descr, const std::string& file) {
  if (descr.starts_with('>'))
    throw InputError(fmt::format("{}: dtype '{}' is big-endian; only little-endian is read", file,
                                 shown(descr)));
  for (const TypeName& known : kTypes)
    if (descr == known.descr ||
        (known.bytes == 1 && descr == fmt::format("<{}", known.descr.substr(1))))
      return known.type;
  throw InputError(fmt::format(
      "{}: dtype '{}' is not supported (int8, uint8, int16, int32, int64, float32, float64 are)",
      file, shown(descr)));
}

/// The elements, stored column by column (what NumPy saves of W.T), row by row.
std::string row_major(const NpyArray& array, size_t bytes) {
  std::string elements;
  elements.reserve(array.elements.size());
  for (Eigen::Index r = 0; r < array.rows; ++r)
    for (Eigen::Index c = 0; c < array.cols; ++c)
      elements.append(array.elements, static_cast<size_t>(c * array.rows + r) * bytes, bytes);
  return elements;
}

}  // namespace

NpyArray parse_npy(std::string_view bytes, const std::string& name) {
  if (bytes.empty()) throw InputError(fmt::format("{}: the file is empty", name));
  if (!bytes.starts_with(kMagic)) throw InputError(fmt::format("{}: not a .npy file", name));
  if (bytes.size() < 10) throw InputError(fmt::format("{}: cut short in the .npy header", name));
  const auto byte = [&](size_t i) {
    return static_cast<size_t>(static_cast<unsigned char>(bytes[i]));
  };
  const size_t major = byte(6);
  if (major < 1 || major > 3 || byte(7) != 0)
    throw InputError(fmt::format("{}: .npy version {}.{} is not known", name, major, byte(7)));
  const size_t header_start = major == 1 ? 10 : 12;
  if (bytes.size() < header_start)
    throw InputError(fmt::format("{}: cut short in the .npy header", name));
  size_t header_size = byte(8) | byte(9) << 8;
  if (major > 1) header_size |= byte(10) << 16 | byte(11) << 24;
  if (header_size > bytes.size() - header_start)
    throw InputError(fmt::format("{}: cut short in the .npy header", name));
  const Header header = HeaderParser(bytes.substr(header_start, header_size), name).parse();

  NpyArray array{.file = name,
                 .type = find_type(header.descr, name),
                 .dimensions = static_cast<int>(header.shape.size()),
                 .rows = 1,
                 .cols = 1,
                 .elements = {}};
  const std::string shape = shown(fmt::format("({})", fmt::join(header.shape, ", ")));
  if (header.shape.empty() || header.shape.size() > 2)
    throw InputError(fmt::format("{}: shape {} has {} dimensions, 1 or 2 are read", name, shape,
                                 header.shape.size()));
  uint64_t count = 1;
  for (const uint64_t extent : header.shape) {
    if (extent == 0) throw InputError(fmt::format("{}: shape {} holds no element", name, shape));
    if (extent > (uint64_t{1} << 40) / count)
      throw InputError(fmt::format("{}: shape {} is too large", name, shape));
    count *= extent;
  }
  const size_t data_start = header_start + header_size;
  const uint64_t expected = count * type_name(array.type).bytes;
  const uint64_t stored = bytes.size() - data_start;
  if (stored != expected)
    throw InputError(fmt::format("{}: shape {} of {} needs {} bytes, the file holds {}", name,
                                 shape, header.descr, expected, stored));
  if (array.dimensions == 2) array.rows = static_cast<Eigen::Index>(header.shape[0]);
  array.cols = static_cast<Eigen::Index>(header.shape.back());
  array.elements = bytes.substr(data_start);
  if (header.fortran_order) array.elements = row_major(array, type_name(array.type).bytes);
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) {
  return parse_npy(read_file(path), path.string());
}

template <typename T>
Matrix<T> NpyArray::matrix() const {
  if (type != type_of<T>())
    throw InputError(fmt::format("{}: dtype is '{}', '{}' is needed", file, type_name(type).descr,
                                 type_name(type_of<T>()).descr));
  Matrix<T> values(rows, cols);
  std::memcpy(values.data(), elements.data(), elements.size());
  return values;
}

MatrixI32 NpyArray::integers(int64_t low, int64_t high) const {
  Matrix<int64_t> wide;
  switch (type) {
    case NpyType::I8: wide = matrix<int8_t>().cast<int64_t>(); break;
    case NpyType::U8: wide = matrix<uint8_t>().cast<int64_t>(); break;
    case NpyType::I16: wide = matrix<int16_t>().cast<int64_t>(); break;
    case NpyType::I32: wide = matrix<int32_t>().cast<int64_t>(); break;
    case NpyType::I64: wide = matrix<int64_t>(); break;
    default:
      throw InputError(
          fmt::format("{}: dtype is '{}', an integer type is needed", file, type_name(type).descr));
  }
  for (Eigen::Index r = 0; r < rows; ++r)
    for (Eigen::Index c = 0; c < cols; ++c)
      if (wide(r, c) < low || wide(r, c) > high)
        throw InputError(fmt::format("{}: element ({}, {}) is {}, not in {}..{}", file, r, c,
                                     wide(r, c), low, high));
  return wide.cast<int32_t>();
}

template <typename T>
std::string npy_bytes(const Matrix<T>& values, int dimensions) {
  if (values.size() == 0) throw InputError("an array without elements is not written");
  if (dimensions != 2 && (dimensions != 1 || values.rows() != 1))
    throw InputError(fmt::format("{} rows cannot be written as a {}-dimensional array",
                                 values.rows(), dimensions));
  const std::string shape = dimensions == 1 ? fmt::format("({},)", values.cols())
                                            : fmt::format("({}, {})", values.rows(), values.cols());
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                   type_name(type_of<T>()).descr, shape);
  // The array starts at a multiple of 64 bytes, as the format asks: magic 6, version 2, length 2,
  // header, newline.
  header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  std::string bytes(kMagic);
  bytes += {1, 0, static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()),
               static_cast<size_t>(values.size()) * sizeof(T));
  return bytes;
}

template <typename T>
void write_npy(const std::filesystem::path& path, const Matrix<T>& values, int dimensions) {
  write_file(path, npy_bytes(values, dimensions));
}

#define SB_NPY(T)                                        \
  template Matrix<T> NpyArray::matrix<T>() const;        \
  template std::string npy_bytes(const Matrix<T>&, int); \
  template void write_npy(const std::filesystem::path&, const Matrix<T>&, int);
SB_NPY(int8_t)
SB_NPY(uint8_t)
SB_NPY(int16_t)
SB_NPY(int32_t)
SB_NPY(int64_t)
SB_NPY(float)
SB_NPY(double)
#undef SB_NPY

}  // namespace sb::golden
