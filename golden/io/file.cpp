// SPDX-License-Identifier: Apache-2.0
#include "golden/io/file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

#include "golden/base/error.h"

namespace sb::golden {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path, size_t limit) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw InputError(fmt::format("{}: no such file", path.string()));
  if (fs::is_directory(status))
    throw InputError(fmt::format("{}: is a folder, not a file", path.string()));
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(fmt::format("{}: cannot be opened", path.string()));
  std::string bytes;
  const auto append = [&](size_t chunk) {
    const size_t old_size = bytes.size();
    bytes.resize(old_size + chunk);
    file.read(bytes.data() + old_size, static_cast<std::streamsize>(chunk));
    bytes.resize(old_size + static_cast<size_t>(file.gcount()));
    if (bytes.size() > limit)
      throw InputError(fmt::format("{}: longer than {} bytes", path.string(), limit));
  };
  if (fs::is_regular_file(status)) {
    const uintmax_t size = fs::file_size(path, error);
    if (!error && size > limit)
      throw InputError(fmt::format("{}: {} bytes, more than {}", path.string(), size, limit));
    if (!error) append(static_cast<size_t>(size));
  }
  while (file && file.peek() != std::ifstream::traits_type::eof())
    append(size_t{1} << 20);  // pipes
  if (file.bad()) throw InputError(fmt::format("{}: cannot be read", path.string()));
  return bytes;
}

void write_file(const fs::path& path, std::string_view bytes) {
  static std::atomic<int> serial{0};
  std::error_code error;
  // A pipe or a device cannot be replaced by renaming; it is written in place.
  const bool in_place = fs::exists(path, error) && !fs::is_regular_file(path, error);
  if (fs::is_directory(path, error))
    throw InputError(fmt::format("{}: is a folder, cannot be written as a file", path.string()));
  const fs::path target =
      in_place ? path : fs::path(fmt::format("{}.tmp-{}-{}", path.string(), getpid(), serial++));
  std::ofstream file(target, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  bool good = !file.fail();
  if (good && !in_place) {
    fs::rename(target, path, error);
    good = !error;
  }
  if (good) return;
  if (!in_place) fs::remove(target, error);
  throw InputError(fmt::format("{}: cannot be written", path.string()));
}

}  // namespace sb::golden
