// SPDX-License-Identifier: Apache-2.0
#include "golden/io/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "golden/base/error.h"
#include "golden/io/file.h"
#include "golden/io/json.h"

namespace sb::golden {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are copied as they are stored");

using nlohmann::json;

constexpr std::string_view kMetadata = "__metadata__";
constexpr size_t kHeaderLimit = 100'000'000;  // the format's own limit

struct DtypeText {
  std::string_view name;
  size_t bytes;
};
// In the order of the enumeration.
constexpr std::array<DtypeText, 13> kDtypes{{{"F64", 8},
                                             {"F32", 4},
                                             {"F16", 2},
                                             {"BF16", 2},
                                             {"I64", 8},
                                             {"I32", 4},
                                             {"I16", 2},
                                             {"I8", 1},
                                             {"U64", 8},
                                             {"U32", 4},
                                             {"U16", 2},
                                             {"U8", 1},
                                             {"BOOL", 1}}};

template <typename T>
constexpr Dtype dtype_of() {
  if constexpr (std::is_same_v<T, double>) return Dtype::F64;
  if constexpr (std::is_same_v<T, float>) return Dtype::F32;
  if constexpr (std::is_same_v<T, int64_t>) return Dtype::I64;
  if constexpr (std::is_same_v<T, int32_t>) return Dtype::I32;
  if constexpr (std::is_same_v<T, int16_t>) return Dtype::I16;
  if constexpr (std::is_same_v<T, int8_t>) return Dtype::I8;
  if constexpr (std::is_same_v<T, uint32_t>) return Dtype::U32;
  if constexpr (std::is_same_v<T, uint8_t>) return Dtype::U8;
}

float float_of_half(uint16_t half) {
  const int exponent = half >> 10 & 31;
  const int mantissa = half & 1023;
  float magnitude = 0;
  if (exponent == 31)
    magnitude = mantissa == 0 ? INFINITY : NAN;
  else if (exponent == 0)
    magnitude = std::ldexp(static_cast<float>(mantissa), -24);
  else
    magnitude = std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

float float_of_bfloat16(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

std::string text_of(const std::vector<int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

// One entry of the header, with its own fields checked.
TensorInfo parse_entry(const std::string& name, const json& entry, const std::string& file) {
  const auto fail = [&](const std::string& what) {
    throw InputError(fmt::format("{}: tensor '{}': {}", file, shown(name), what));
  };
  TensorInfo info;
  info.name = name;
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") ||
      !entry.contains("shape") || !entry.contains("data_offsets"))
    fail("its header entry must hold exactly dtype, shape and data_offsets");
  const json& dtype = entry["dtype"];
  const auto* const known =
      std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeText& text) {
        return dtype.is_string() && dtype.get_ref<const std::string&>() == text.name;
      });
  if (known == kDtypes.end())
    fail(fmt::format("dtype {} is not supported", shown(dtype.dump(-1, ' ', true))));
  info.dtype = static_cast<Dtype>(known - kDtypes.begin());

  const json& shape = entry["shape"];
  if (!shape.is_array()) fail("its shape is not an array");
  uint64_t elements = 1;
  for (const json& extent : shape) {
    if (!extent.is_number_unsigned())
      fail("its shape holds something other than a non-negative integer");
    const auto value = extent.get<uint64_t>();
    if (value > (uint64_t{1} << 40) / std::max<uint64_t>(elements, 1))
      fail(
          fmt::format("its shape holds {} after {} elements, which is too large", value, elements));
    info.shape.push_back(static_cast<int64_t>(value));
    elements *= value;
  }

  const json& offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned())
    fail("its data_offsets are not two non-negative integers");
  info.begin = offsets[0].get<uint64_t>();
  info.end = offsets[1].get<uint64_t>();
  if (info.begin > info.end)
    fail(fmt::format("data_offsets {} and {} are reversed", info.begin, info.end));
  const uint64_t expected = elements * known->bytes;
  if (info.end - info.begin != expected)
    fail(fmt::format("shape {} of {} needs {} bytes, its offsets hold {}",
                     shown(text_of(info.shape)), known->name, expected, info.end - info.begin));
  return info;
}

}  // namespace

std::string_view dtype_name(Dtype dtype) { return kDtypes[static_cast<size_t>(dtype)].name; }
size_t dtype_bytes(Dtype dtype) { return kDtypes[static_cast<size_t>(dtype)].bytes; }

int64_t TensorInfo::elements() const {
  int64_t product = 1;
  for (const int64_t extent : shape) product *= extent;
  return product;
}

std::string TensorInfo::shape_text() const { return text_of(shape); }

Safetensors Safetensors::load(const std::filesystem::path& path) {
  return parse(read_file(path), path.string());
}

Safetensors Safetensors::parse(std::string bytes, const std::string& name) {
  if (bytes.empty()) throw InputError(fmt::format("{}: the file is empty", name));
  uint64_t header_size = 0;
  if (bytes.size() < sizeof header_size)
    throw InputError(
        fmt::format("{}: {} bytes are too few for a safetensors file", name, bytes.size()));
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  if (header_size > kHeaderLimit || (header_size > 0 && bytes.size() > 8 && bytes[8] != '{'))
    throw InputError(fmt::format("{}: not a safetensors file", name));
  if (header_size > bytes.size() - 8)
    throw InputError(fmt::format("{}: cut short: the header needs {} bytes, {} are there", name,
                                 header_size, bytes.size() - 8));

  Safetensors file;
  file.file_ = name;
  file.data_start_ = 8 + header_size;
  const json header =
      parse_json(std::string_view(bytes).substr(8, header_size), name + " (header)");
  if (!header.is_object())
    throw InputError(fmt::format("{}: the header is not a JSON object", name));
  for (const auto& [key, entry] : header.items()) {
    if (key != kMetadata) {
      file.tensors_.emplace(key, parse_entry(key, entry, name));
      continue;
    }
    if (!entry.is_object())
      throw InputError(fmt::format("{}: __metadata__ is not an object", name));
    for (const auto& [text_key, text] : entry.items()) {
      if (!text.is_string())
        throw InputError(
            fmt::format("{}: __metadata__ '{}' is not a string", name, shown(text_key)));
      file.metadata_.emplace(text_key, text.get<std::string>());
    }
  }

  // In the order of their offsets the tensors must tile the data exactly.
  std::vector<const TensorInfo*> by_offset;
  by_offset.reserve(file.tensors_.size());
  for (const auto& entry : file.tensors_) by_offset.push_back(&entry.second);
  std::sort(by_offset.begin(), by_offset.end(), [](const TensorInfo* a, const TensorInfo* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  const size_t data_size = bytes.size() - file.data_start_;
  size_t position = 0;
  for (const TensorInfo* info : by_offset) {
    if (info->end > data_size)
      file.fail(info->name,
                fmt::format("ends at byte {} of {}: the file is cut short", info->end, data_size));
    if (info->begin < position)
      file.fail(info->name, fmt::format("overlaps another at byte {}", info->begin));
    if (info->begin > position)
      file.fail(info->name,
                fmt::format("there is a hole of {} bytes before it", info->begin - position));
    position = info->end;
  }
  if (position != data_size)
    throw InputError(fmt::format("{}: {} bytes after the last tensor", name, data_size - position));
  file.bytes_ = std::move(bytes);
  return file;
}

void Safetensors::fail(const std::string& tensor, const std::string& what) const {
  throw InputError(fmt::format("{}: tensor '{}': {}", file_, shown(tensor), what));
}

const TensorInfo& Safetensors::info(const std::string& tensor) const {
  const auto found = tensors_.find(tensor);
  if (found == tensors_.end()) fail(tensor, "missing");
  return found->second;
}

const std::string& Safetensors::metadata(const std::string& key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) throw InputError(fmt::format("{}: no metadata '{}'", file_, key));
  return found->second;
}

void Safetensors::fail_dtype(const TensorInfo& entry, Dtype wanted) const {
  fail(entry.name,
       fmt::format("dtype {} cannot be read as {}", dtype_name(entry.dtype), dtype_name(wanted)));
}

void Safetensors::check_shape(const std::string& tensor, std::span<const int64_t> extents) const {
  const TensorInfo& entry = info(tensor);
  bool fits = entry.shape.size() == extents.size();
  std::vector<std::string> wanted;
  for (size_t i = 0; i < extents.size(); ++i) {
    fits = fits && (extents[i] < 0 || entry.shape[i] == extents[i]);
    wanted.push_back(extents[i] < 0 ? "any" : fmt::format("{}", extents[i]));
  }
  if (!fits)
    fail(tensor,
         fmt::format("shape {} is not [{}]", shown(entry.shape_text()), fmt::join(wanted, ", ")));
}

// What does not depend on T is outside the templates: they are made for eight types.
template <typename T>
std::vector<T> Safetensors::values(const std::string& tensor) const {
  const TensorInfo& entry = info(tensor);
  const char* const data = bytes_.data() + data_start_ + entry.begin;
  std::vector<T> result(static_cast<size_t>(entry.elements()));
  if (entry.dtype == dtype_of<T>()) {
    if (!result.empty()) std::memcpy(result.data(), data, result.size() * sizeof(T));
  } else if (std::is_same_v<T, float> &&
             (entry.dtype == Dtype::F16 || entry.dtype == Dtype::BF16)) {
    for (size_t i = 0; i < result.size(); ++i) {
      uint16_t bits = 0;
      std::memcpy(&bits, data + 2 * i, sizeof bits);
      result[i] =
          static_cast<T>(entry.dtype == Dtype::F16 ? float_of_half(bits) : float_of_bfloat16(bits));
    }
  } else {
    fail_dtype(entry, dtype_of<T>());
  }
  if constexpr (std::is_floating_point_v<T>)
    for (size_t i = 0; i < result.size(); ++i)
      if (!std::isfinite(result[i])) fail(tensor, fmt::format("element {} is {}", i, result[i]));
  return result;
}

template <typename T>
Matrix<T> Safetensors::matrix(const std::string& tensor, int64_t rows, int64_t cols) const {
  check_shape(tensor, std::array{rows, cols});
  const std::vector<int64_t>& shape = info(tensor).shape;
  const std::vector<T> elements = values<T>(tensor);
  Matrix<T> result(shape[0], shape[1]);
  std::copy(elements.begin(), elements.end(), result.data());
  return result;
}

template <typename T>
Vector<T> Safetensors::vector(const std::string& tensor, int64_t size) const {
  check_shape(tensor, std::array{size});
  const std::vector<T> elements = values<T>(tensor);
  Vector<T> result(info(tensor).shape[0]);
  std::copy(elements.begin(), elements.end(), result.data());
  return result;
}

void SafetensorsWriter::put(const std::string& tensor, Dtype dtype, std::vector<int64_t> shape,
                            uint64_t elements, std::string bytes) {
  uint64_t product = 1;
  for (const int64_t extent : shape) product *= static_cast<uint64_t>(extent);
  if (tensor == kMetadata || product != elements)
    throw InputError(fmt::format("tensor '{}': {} values do not make shape {}", tensor, elements,
                                 text_of(shape)));
  if (!tensors_.emplace(tensor, Tensor{dtype, std::move(shape), std::move(bytes)}).second)
    throw InputError(fmt::format("tensor '{}' is written twice", tensor));
}

template <typename T>
void SafetensorsWriter::add(const std::string& tensor, std::span<const T> values,
                            std::vector<int64_t> shape) {
  put(tensor, dtype_of<T>(), std::move(shape), values.size(),
      std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
}

std::string SafetensorsWriter::bytes() const {
  json header = json::object();
  if (!metadata_.empty()) header[std::string(kMetadata)] = metadata_;
  size_t position = 0;
  for (const auto& [name, tensor] : tensors_) {
    header[name] = {{"dtype", dtype_name(tensor.dtype)},
                    {"shape", tensor.shape},
                    {"data_offsets", {position, position + tensor.bytes.size()}}};
    position += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8,
              ' ');  // the data starts at a multiple of 8, as the format asks
  const uint64_t header_size = text.size();
  std::string result(sizeof header_size, '\0');
  std::memcpy(result.data(), &header_size, sizeof header_size);
  result.reserve(8 + text.size() + position);
  result += text;
  for (const auto& entry : tensors_) result += entry.second.bytes;
  return result;
}

void SafetensorsWriter::write(const std::filesystem::path& path) const {
  write_file(path, bytes());
}

#define SB_TENSOR(T)                                                                     \
  template std::vector<T> Safetensors::values<T>(const std::string&) const;              \
  template Matrix<T> Safetensors::matrix<T>(const std::string&, int64_t, int64_t) const; \
  template Vector<T> Safetensors::vector<T>(const std::string&, int64_t) const;          \
  template void SafetensorsWriter::add<T>(const std::string&, std::span<const T>,        \
                                          std::vector<int64_t>);
SB_TENSOR(float)
SB_TENSOR(double)
SB_TENSOR(int8_t)
SB_TENSOR(uint8_t)
SB_TENSOR(int16_t)
SB_TENSOR(int32_t)
SB_TENSOR(uint32_t)
SB_TENSOR(int64_t)
#undef SB_TENSOR

}  // namespace sb::golden
