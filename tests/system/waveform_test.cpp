// Waveforms: an FST of sb_gemm_core read back with fst2vcd shows the transfers that took place; the
// window is kept; the GTKWave save file names signals that exist.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "golden/ops/gemm.h"
#include "tb/devices/gemm_core.h"
#include "tests/golden/temp_folder.h"

namespace sb {
namespace {

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

class Waveform : public testing::Test {
 protected:
  Waveform() {
    std::mt19937 rng(5);
    problem.a.resize(3, 40);
    problem.w.resize(35, 40);
    for (auto& v : problem.a.reshaped())
      v = static_cast<int16_t>(static_cast<int>(rng() % 256) - 128);
    for (auto& v : problem.w.reshaped()) v = static_cast<int8_t>(rng() % 256);
  }
  /// Runs the problem on the array of 32 with a waveform and turns that into a VCD.
  std::string record(const tb::TraceOptions& window) {
    tb::TraceOptions trace = window;
    trace.file = (folder / "run.fst").string();
    auto core = tb::make_gemm_core(32, 1, trace);
    tb::GemmOptions options;
    options.output_stall = tb::StallPolicy::random(0.3);
    result = tb::run_gemm(*core, {&problem, 1}, options).results[0];
    core->close_trace();
    const std::string vcd = (folder / "run.vcd").string();
    EXPECT_EQ(std::system(fmt::format("fst2vcd -f {} -o {} > /dev/null", trace.file, vcd).c_str()),
              0);
    return vcd;
  }

  golden::TempFolder folder;
  tb::GemmProblem problem;
  golden::MatrixI32 result;
};

TEST_F(Waveform, ShowsTheResultsThatWereHandedOver) {
  const std::string file = record({});
  const Vcd names = read_vcd(file, [](uint64_t, const auto&) {});
  const std::string valid = names.id_of.at("TOP.out_valid_o"),
                    ready = names.id_of.at("TOP.out_ready_i");
  std::vector<std::string> lanes;
  for (int lane = 0; lane < 32; ++lane)
    lanes.push_back(names.id_of.at(fmt::format("TOP.out_data_o[{}][31:0]", lane)));
  std::vector<std::vector<int32_t>> words;
  read_vcd(file, [&](uint64_t time, const auto& values) {
    // Odd times are rising edges; the values before them are what the edge sees.
    if (time % 2 == 0 || time == 1 || values.at(valid) != "1" || values.at(ready) != "1") return;
    words.emplace_back();
    for (const auto& id : lanes)
      words.back().push_back(static_cast<int32_t>(std::stoul(values.at(id), nullptr, 2)));
  });
  const golden::MatrixI32 expected = golden::gemm(problem.a, problem.w);
  EXPECT_EQ(result, expected);
  ASSERT_EQ(words.size(), 6U);  // two n-blocks of three rows
  for (int word = 0; word < 6; ++word)
    for (int lane = 0; lane < 32 && word / 3 * 32 + lane < 35; ++lane)
      EXPECT_EQ(words[static_cast<size_t>(word)][static_cast<size_t>(lane)],
                expected(word % 3, word / 3 * 32 + lane))
          << "word " << word << ", lane " << lane;
}

TEST_F(Waveform, KeepsToTheWindowAskedFor) {
  tb::TraceOptions window;
  window.from = 20;
  window.to = 60;
  const Vcd vcd = read_vcd(record(window), [](uint64_t, const auto&) {});
  ASSERT_FALSE(vcd.times.empty());
  EXPECT_GE(*vcd.times.begin(), 40U);
  EXPECT_LE(*vcd.times.rbegin(), 122U);
}

TEST_F(Waveform, HasEverySignalOfTheSaveFile) {
  const Vcd vcd = read_vcd(record({}), [](uint64_t, const auto&) {});
  std::ifstream in(SB_SOURCE_DIR "/scripts/waves/gemm_core.gtkw");
  std::string line;
  int signals = 0;
  while (std::getline(in, line)) {
    if (line.rfind("TOP.", 0) != 0) continue;
    EXPECT_EQ(vcd.id_of.count(line), 1U) << line;
    ++signals;
  }
  EXPECT_GT(signals, 20);
}

}  // namespace
}  // namespace sb
