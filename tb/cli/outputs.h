// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/file.h"
#include "tb/sim/bench.h"

namespace sb::cli {

/// An option that names a file, with what it names; an empty name stands for none.
struct NamedFile {
  std::string option, path;
};

/// The files that a command writes: checked before its work, replaced together at its end.
class Outputs {
 public:
  /// Throws InputError when two of `writes` are one file, when one is a file that is read (a model
  /// folder stands for the files in it), and when one cannot be written. `trace`, if not null,
  /// counts as written under the option --trace with its save file, and is led to a temporary
  /// folder.
  Outputs(const std::vector<NamedFile>& reads, const std::vector<NamedFile>& writes,
          tb::TraceOptions* trace = nullptr);
  ~Outputs();
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;

  /// Keeps the content for a file, unless its path is empty.
  void add(const std::string& path, std::string bytes);
  /// Writes out standard output, then replaces all files or none. The waveform must be closed.
  /// InputError as golden::write_files.
  void write();

 private:
  std::vector<golden::FileContent> files_;
  tb::TraceOptions asked_;  // the waveform as the user wants it
  std::filesystem::path folder_;
};

/// The text of a JSON file.
std::string json_bytes(const nlohmann::json& value);

/// Writes out standard output. InputError, with the system's reason, when that fails.
void flush_standard_output();

}  // namespace sb::cli
