// SPDX-License-Identifier: Apache-2.0
#include "tb/sim/coverage.h"

#ifdef SB_COVERAGE_DIR
#include <fmt/format.h>
#include <unistd.h>
#include <verilated_cov.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>

namespace sb::tb {
namespace {

/// The value of a key of a point: \1key\2value, up to the next key.
std::string field(const std::string& point, const std::string& key) {
  const std::string mark = "\1" + key + "\2";
  const auto from = point.find(mark);
  if (from == std::string::npos) return {};
  const auto value = from + mark.size();
  return point.substr(value, point.find_first_of("\1'", value) - value);
}

/// Points of all models of this process.
class Process {
 public:
  Process() { std::filesystem::create_directories(SB_COVERAGE_DIR); }
  ~Process() {
    std::ofstream out(name("cov"));
    for (const auto& [point, count] : points_) out << point << '\t' << count << '\n';
  }
  void add(VerilatedCovContext& counts) {
    const std::scoped_lock lock(mutex_);
    const std::string file = name("part");
    counts.write(file.c_str());
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (line.rfind("C '", 0) != 0) continue;
      const std::string page = field(line, "page");
      points_[fmt::format("{}\t{}\t{}.{}\t{}\t{}", page.substr(0, page.find('/')), field(line, "f"),
                          field(line, "l"), field(line, "n"), field(line, "o"),
                          field(line, "S"))] += std::stoull(line.substr(line.rfind(' ') + 1));
    }
    std::filesystem::remove(file);
  }

 private:
  static std::string name(const char* end) {
    return fmt::format("{}/{}.{}.{}", SB_COVERAGE_DIR, program_invocation_short_name, ::getpid(),
                       end);
  }
  std::mutex mutex_;
  std::map<std::string, uint64_t> points_;
};

}  // namespace

void collect_coverage(VerilatedCovContext& counts) {
  static Process process;
  process.add(counts);
}

}  // namespace sb::tb
#endif
