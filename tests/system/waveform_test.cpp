// SPDX-License-Identifier: Apache-2.0
// Waveforms: an FST of sb_gemm_core read back with fst2vcd shows the transfers that took place; the
// window is kept; one that is empty or cut short is refused.
#include "tb/sim/waveform.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "golden/base/error.h"
#include "golden/ops/gemm.h"
#include "tb/devices/gemm_core.h"
#include "tests/golden/temp_folder.h"
#include "tests/system/vcd.h"

namespace sb {
namespace {

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
  const test::Vcd names = test::read_vcd(file, [](uint64_t, const auto&) {});
  const std::string valid = names.id_of.at("TOP.out_valid_o"),
                    ready = names.id_of.at("TOP.out_ready_i");
  std::vector<std::string> lanes;
  for (int lane = 0; lane < 32; ++lane)
    lanes.push_back(names.id_of.at(fmt::format("TOP.out_data_o[{}][31:0]", lane)));
  std::vector<std::vector<int32_t>> words;
  test::read_vcd(file, [&](uint64_t time, const auto& values) {
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
  const test::Vcd vcd = test::read_vcd(record(window), [](uint64_t, const auto&) {});
  ASSERT_FALSE(vcd.times.empty());
  EXPECT_GE(*vcd.times.begin(), 40U);
  EXPECT_LE(*vcd.times.rbegin(), 122U);
}

TEST_F(Waveform, IsRefusedWhenItsWindowBeginsAfterTheRun) {
  tb::TraceOptions trace{.file = (folder / "run.fst").string(), .from = 1000};
  auto core = tb::make_gemm_core(4, 1, trace);
  core->clock().tick();
  EXPECT_THROW(core->close_trace(), golden::InputError);
}

TEST_F(Waveform, IsRefusedWhenItIsCutShort) {
  record({});
  const std::string fst = (folder / "run.fst").string();
  tb::finish_waveform(fst, 1, 1);
  const auto size = std::filesystem::file_size(fst);
  for (const auto cut :
       {size - 1, size / 2, size / 4, uintmax_t{400}, uintmax_t{1}, uintmax_t{0}}) {
    std::filesystem::resize_file(fst, cut);
    EXPECT_THROW(tb::finish_waveform(fst, 1, 1), golden::InputError) << cut << " of " << size;
  }
}

}  // namespace
}  // namespace sb
