// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace sb::test {

/// A value change dump: names with scope, and the values of some signals at every time.
struct Vcd {
  std::map<std::string, std::string> id_of;  // "TOP.sb_gemm_core.row_q[15:0]" to its identifier
  std::set<uint64_t> times;
};

/// Reads a VCD; calls `at_time(time, values)` before the changes of each time are applied (values
/// by identifier, binary).
template <typename AtTime>
Vcd read_vcd(const std::string& file, AtTime&& at_time) {
  Vcd vcd;
  std::ifstream in(file);
  std::vector<std::string> scope;
  std::map<std::string, std::string> values;
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "$scope") {
      std::string kind, name;
      words >> kind >> name;
      scope.push_back(name);
    } else if (word == "$upscope") {
      scope.pop_back();
    } else if (word == "$var") {
      std::string kind, width, id, name, range;
      words >> kind >> width >> id >> name >> range;
      std::string path;
      for (const auto& s : scope) path += s + ".";
      vcd.id_of.emplace(path + name + (range == "$end" ? "" : range), id);
    } else if (!line.empty() && line[0] == '#') {
      const uint64_t time = std::stoull(line.substr(1));
      at_time(time, values);
      vcd.times.insert(time);
    } else if (!line.empty() && line[0] == 'b') {
      const auto space = line.find(' ');
      values[line.substr(space + 1)] = line.substr(1, space - 1);
    } else if (!line.empty() && (line[0] == '0' || line[0] == '1')) {
      values[line.substr(1)] = line.substr(0, 1);
    }
  }
  return vcd;
}

}  // namespace sb::test
