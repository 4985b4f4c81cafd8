// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sb::golden {

/// True for a folder. InputError, with the system's reason, if the path cannot be looked at.
bool is_folder(const std::filesystem::path& path);

/// Whole content of a regular file, byte for byte. Throws InputError, with the system's reason, if
/// it is missing, no regular file, unreadable or longer than `limit` bytes.
std::string read_file(const std::filesystem::path& path, size_t limit = size_t{4} << 30);

/// The same, or nothing where there is no such file.
std::optional<std::string> read_file_if_there(const std::filesystem::path& path);

/// A file to be written: `bytes`, or what `finished`, a file in a folder beside it, holds already.
struct FileContent {
  std::filesystem::path path;
  std::string bytes;
  std::filesystem::path finished = {};
};

/// Replaces all of the files or none: each is written beside its place under a temporary name, then
/// all are renamed. Symbolic links are followed, a replaced file keeps its permissions; a pipe or a
/// device is written in place, before the renaming. Throws InputError, with the system's reason,
/// when one cannot be written.
void write_files(std::span<const FileContent> files);
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Throws the InputError that write_files would throw for this path, the disk being full aside: a
/// folder, a file without write permission, a folder that is missing or takes no new file.
void require_writable(const std::filesystem::path& path);

/// Where the bytes of `path` go: symbolic links followed to the end, the folder's name made
/// canonical. Two paths with the same place are one file.
std::filesystem::path written_place(const std::filesystem::path& path);

}  // namespace sb::golden
