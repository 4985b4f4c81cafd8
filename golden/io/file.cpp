// SPDX-License-Identifier: Apache-2.0
#include "golden/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <vector>

#include "golden/base/error.h"

namespace sb::golden {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw InputError(fmt::format("{}: {}", path.string(), what));
}

/// The system's reason, as errno has it.
[[noreturn]] void fail_system(const fs::path& path, const char* what, int error) {
  fail(path, error == ENOENT && std::strcmp(what, "cannot be read") == 0
                 ? "no such file"
                 : fmt::format("{}: {}", what, std::strerror(error)));
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, mode_t mode = 0)
      : number_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }
  bool close() {
    const int number = number_;
    number_ = -1;
    return ::close(number) == 0;
  }

 private:
  int number_;
};

void write_all(const fs::path& shown, const fs::path& path, int flags, std::string_view bytes) {
  Descriptor file(path, flags, 0666);
  if (!file.is_open()) fail_system(shown, "cannot be written", errno);
  while (!bytes.empty()) {
    const ssize_t n = write(file.number(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_system(shown, "cannot be written", errno);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  if (!file.close()) fail_system(shown, "cannot be written", errno);
}

/// A pipe or a device, or a path that leads to an open file: cannot be replaced by renaming.
bool is_written_in_place(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  const std::string text = path.string();
  return fs::exists(status) && (!(fs::is_regular_file(status) || fs::is_directory(status)) ||
                                text.starts_with("/dev/") || text.starts_with("/proc/"));
}

fs::path temporary_beside(const fs::path& place) {
  static std::atomic<int> serial{0};
  return place.parent_path() / fmt::format(".tmp-{}-{}", getpid(), serial++);
}

/// Files that go when the object does, unless they have been renamed.
struct Temporaries {
  std::vector<fs::path> paths;
  ~Temporaries() {
    std::error_code ignored;
    for (const fs::path& path : paths) fs::remove(path, ignored);
  }
};

}  // namespace

bool is_folder(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) fail_system(path, "cannot be read", errno);
  return S_ISDIR(status.st_mode);
}

std::string read_file(const fs::path& path, size_t limit) {
  // A pipe without a writer would not open otherwise.
  const Descriptor file(path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!file.is_open() || fstat(file.number(), &status) != 0)
    fail_system(path, "cannot be read", errno);
  if (S_ISDIR(status.st_mode)) fail(path, "is a folder, not a file");
  if (!S_ISREG(status.st_mode)) fail(path, "is not a regular file");
  const auto size = static_cast<size_t>(status.st_size);
  if (size > limit) fail(path, fmt::format("{} bytes, more than {}", size, limit));
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t n = read(file.number(), bytes.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_system(path, "cannot be read", errno);
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  bytes.resize(done);  // shorter if it was cut meanwhile
  return bytes;
}

std::optional<std::string> read_file_if_there(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 && errno == ENOENT) return std::nullopt;
  return read_file(path);
}

fs::path written_place(const fs::path& path) {
  if (is_written_in_place(path)) return path;
  std::error_code error;
  fs::path place = path;
  for (int links = 0; fs::is_symlink(fs::symlink_status(place, error)); ++links) {
    if (links == 40) fail_system(path, "cannot be written", ELOOP);
    const fs::path target = fs::read_symlink(place, error);
    if (error) fail_system(path, "cannot be written", error.value());
    place = place.parent_path() / target;
  }
  const fs::path folder = fs::canonical(place.has_parent_path() ? place.parent_path() : ".", error);
  if (error) fail_system(path, "cannot be written", error.value());
  return folder / place.filename();
}

void require_writable(const fs::path& path) {
  if (path.empty()) throw InputError("an output file needs a name");
  std::error_code error;
  if (fs::is_directory(path, error)) fail(path, "is a folder, cannot be written as a file");
  const fs::path place = written_place(path);
  const fs::file_status status = fs::status(place, error);
  if (status.type() == fs::file_type::none) fail_system(path, "cannot be written", error.value());
  if (fs::exists(status)) {
    // The owner's word counts even where root could.
    constexpr auto kWrite =
        fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
    if ((status.permissions() & kWrite) == fs::perms::none || access(place.c_str(), W_OK) != 0)
      fail_system(path, "cannot be written", EACCES);
  }
  if (place.filename().empty()) fail(path, "is a folder, cannot be written as a file");
  if (is_written_in_place(path)) return;
  // access() does not know every reason; an empty file does.
  const Temporaries probe{{temporary_beside(place)}};
  write_all(path, probe.paths.front(), O_WRONLY | O_CREAT | O_EXCL, {});
}

void write_files(std::span<const FileContent> files) {
  struct Move {
    fs::path from, to, shown;
  };
  Temporaries temporaries;
  std::vector<Move> moves;
  for (const FileContent& file : files) {
    if (is_written_in_place(file.path)) continue;
    require_writable(file.path);
    Move move{file.finished, written_place(file.path), file.path};
    if (move.from.empty()) {
      move.from = temporary_beside(move.to);
      temporaries.paths.push_back(move.from);
      write_all(file.path, move.from, O_WRONLY | O_CREAT | O_EXCL, file.bytes);
    }
    std::error_code error;
    const fs::file_status old = fs::status(move.to, error);
    if (fs::exists(old)) fs::permissions(move.from, old.permissions(), error);
    moves.push_back(std::move(move));
  }
  for (const FileContent& file : files)
    if (is_written_in_place(file.path)) {
      if (!file.finished.empty()) fail(file.path, "is not a regular file");
      write_all(file.path, file.path, O_WRONLY | O_APPEND, file.bytes);
    }
  for (const Move& move : moves) {
    std::error_code error;
    fs::rename(move.from, move.to, error);
    if (error) fail_system(move.shown, "cannot be written", error.value());
  }
}

void write_file(const fs::path& path, std::string_view bytes) {
  const FileContent file{path, std::string(bytes)};
  write_files({&file, 1});
}

}  // namespace sb::golden
