// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/outputs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "golden/base/error.h"
#include "tb/sim/waveform.h"

namespace sb::cli {
namespace {

namespace fs = std::filesystem;
using golden::InputError;

/// What is read where an option names a file or a model folder.
std::vector<fs::path> files_read(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  for (const char* name :
       {"config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"})
    files.push_back(path / name);
  return files;
}

/// The files of the waveform under way, for the handler: what may be called there is little. The
/// folder comes last.
std::array<std::array<char, 4096>, 4> unfinished;

/// Takes away the unfinished waveform when a signal ends the program.
void on_signal(int number) {
  for (const auto& path : unfinished)
    if (path[0] != '\0' && unlink(path.data()) != 0) rmdir(path.data());
  if (number == SIGBUS) {  // FST maps files into memory; this is how it learns of a full disk
    constexpr std::string_view kText =
        "bertsim: the waveform could not be written to its end (is the disk full?)\n";
    [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, kText.data(), kText.size());
    _exit(2);
  }
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void watch_signals(const fs::path& folder) {
  const fs::path paths[] = {folder / "run.fst", folder / "run.fst.hier", folder / "run.gtkw",
                            folder};
  for (size_t i = 0; i < unfinished.size(); ++i) {
    unfinished[i].fill('\0');
    if (const std::string path = paths[i].string(); path.size() < unfinished[i].size())
      std::copy(path.begin(), path.end(), unfinished[i].begin());
  }
  for (const int number : {SIGBUS, SIGINT, SIGTERM, SIGHUP}) std::signal(number, on_signal);
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) || golden::written_place(a) == golden::written_place(b);
}

}  // namespace

Outputs::Outputs(const std::vector<NamedFile>& reads, const std::vector<NamedFile>& writes,
                 tb::TraceOptions* trace) {
  std::vector<NamedFile> all;
  for (const NamedFile& file : writes)
    if (!file.path.empty()) all.push_back(file);
  if (trace != nullptr && !trace->file.empty()) {
    asked_ = *trace;
    std::error_code error;
    if (fs::exists(asked_.file, error) && !fs::is_regular_file(asked_.file, error))
      throw InputError(fmt::format("{}: a waveform needs a regular file", asked_.file));
    all.push_back({"--trace", asked_.file});
    all.push_back({"the save file of --trace", tb::save_file_of(asked_.file)});
  }
  for (const NamedFile& file : all) golden::require_writable(file.path);
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < i; ++j)
      if (same_file(all[j].path, all[i].path))
        throw InputError(
            fmt::format("{} and {} are one file: {}", all[j].option, all[i].option, all[i].path));
    for (const NamedFile& read : reads)
      for (const fs::path& path : files_read(read.path))
        if (std::error_code error; fs::equivalent(path, all[i].path, error))
          throw InputError(
              fmt::format("{} {}: {} reads this file", all[i].option, all[i].path, read.option));
  }
  if (!asked_.file.empty()) {
    folder_ =
        golden::written_place(asked_.file).parent_path() / fmt::format(".tmp-{}-trace", getpid());
    std::error_code error;
    fs::create_directory(folder_, error);
    if (error)
      throw InputError(fmt::format("{}: cannot be written: {}", asked_.file, error.message()));
    watch_signals(folder_);
    trace->file = (folder_ / "run.fst").string();
  }
}

Outputs::~Outputs() {
  std::error_code ignored;
  if (folder_.empty()) return;
  for (const int number : {SIGBUS, SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_DFL);
  fs::remove_all(folder_, ignored);
}

void Outputs::add(const std::string& path, std::string bytes) {
  if (!path.empty()) files_.push_back({path, std::move(bytes), {}});
}

void Outputs::write() {
  if (!asked_.file.empty()) {
    const fs::path fst = folder_ / "run.fst";
    files_.push_back({asked_.file, {}, fst});
    files_.push_back({tb::save_file_of(asked_.file), {}, tb::save_file_of(fst.string())});
  }
  flush_standard_output();
  golden::write_files(files_);
}

std::string json_bytes(const nlohmann::json& value) { return value.dump(2) + "\n"; }

void flush_standard_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw InputError(fmt::format("standard output cannot be written: {}", std::strerror(errno)));
}

}  // namespace sb::cli
