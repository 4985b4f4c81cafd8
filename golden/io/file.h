// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace sb::golden {

/// Whole content of a file, byte for byte. Throws InputError if it is missing, a folder, unreadable
/// or longer than `limit` bytes.
std::string read_file(const std::filesystem::path& path, size_t limit = size_t{4} << 30);

/// Replaces `path` by `bytes`: written beside it under a temporary name, then renamed, so that a
/// reader sees the old file or the new one and a failure leaves nothing behind. Throws InputError
/// when it cannot be written.
void write_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace sb::golden
