// SPDX-License-Identifier: Apache-2.0
// The commands bertsim gemm and bertsim linear as a user calls them: results, figures, exit status
// 0 / 2 and one clear line.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "golden/io/file.h"
#include "golden/io/npy.h"
#include "golden/ops/gemm.h"
#include "golden/ops/requantize.h"
#include "tb/check/compare.h"
#include "tb/cli/bertsim.h"
#include "tb/cli/tamper.h"
#include "tests/golden/model_folder.h"
#include "tests/golden/temp_folder.h"

namespace sb {
namespace {

struct Outcome {
  int status;
  std::string output;  // both streams
};

Outcome bertsim(const std::string& arguments) {
  const std::string command = fmt::format("'{}' {} 2>&1", SB_BERTSIM, arguments);
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  Outcome outcome{0, {}};
  std::array<char, 4096> part{};
  while (const size_t n = fread(part.data(), 1, part.size(), pipe))
    outcome.output.append(part.data(), n);
  const int status = pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return outcome;
}

class BertsimGemm : public testing::Test {
 protected:
  BertsimGemm() {
    std::mt19937 rng(7);
    a.resize(13, 21);
    b.resize(21, 10);
    bias.resize(1, 10);
    for (auto& v : a.reshaped()) v = static_cast<uint8_t>(rng());
    for (auto& v : b.reshaped()) v = static_cast<int8_t>(rng());
    for (auto& v : bias.reshaped()) v = static_cast<int32_t>(rng() % 20001) - 10000;
    golden::write_npy<uint8_t>(path("a.npy"), a);
    golden::write_npy<int8_t>(path("b.npy"), b);
    golden::write_npy<int32_t>(path("bias.npy"), bias, 1);
  }
  std::string path(const std::string& name) const { return (folder.path() / name).string(); }
  std::string operands() const {
    return fmt::format("gemm --a {} --b {}", path("a.npy"), path("b.npy"));
  }
  /// Expects status 2, one line that holds `text`, and no result file.
  void expect_refused(const std::string& arguments, const std::string& text) const {
    const Outcome o = bertsim(arguments);
    EXPECT_EQ(o.status, 2) << arguments << "\n" << o.output;
    EXPECT_EQ(std::count(o.output.begin(), o.output.end(), '\n'), 1) << o.output;
    EXPECT_NE(o.output.find(text), std::string::npos) << o.output;
    EXPECT_FALSE(std::filesystem::exists(path("y.npy"))) << arguments;
  }

  golden::TempFolder folder;
  golden::Matrix<uint8_t> a;
  golden::MatrixI8 b;
  golden::MatrixI32 bias;
};

TEST_F(BertsimGemm, WritesAccumulatorsEqualToAPlainProduct) {
  for (const std::string m : {"4", "8", "32"}) {
    const Outcome o =
        bertsim(fmt::format("{} --bias {} --zp-a 3 --m {} --out {} --json {}", operands(),
                            path("bias.npy"), m, path("y.npy"), path("y.json")));
    ASSERT_EQ(o.status, 0) << o.output;
    const golden::MatrixI32 y = golden::read_npy_as<int32_t>(path("y.npy"));
    for (int r = 0; r < 13; ++r)
      for (int c = 0; c < 10; ++c) {
        int sum = bias(0, c);
        for (int k = 0; k < 21; ++k) sum += (int{a(r, k)} - 3) * int{b(k, c)};
        ASSERT_EQ(y(r, c), sum) << r << ", " << c;
      }
    const auto json = nlohmann::json::parse(golden::read_file(path("y.json")));
    EXPECT_EQ(json.at("mismatches"), 0);
    EXPECT_EQ(json.at("macs"), 13 * 21 * 10);
    EXPECT_GT(json.at("cycles"), json.at("ideal_cycles"));
  }
}

TEST_F(BertsimGemm, RequantizesUnderStallsAndKeepsTheAccumulators) {
  golden::write_npy<int32_t>(path("mult.npy"), golden::MatrixI32::Constant(1, 10, 40000), 1);
  golden::write_npy<uint8_t>(path("shift.npy"), golden::Matrix<uint8_t>::Constant(1, 1, 25), 1);
  const std::string q =
      fmt::format("{} --mult {} --shift {} --zp-out -5 --acc {} --out ", operands(),
                  path("mult.npy"), path("shift.npy"), path("acc.npy"));
  ASSERT_EQ(bertsim(q + path("rtl.npy") + " --stall 0.3 --seed 9").status, 0);
  ASSERT_EQ(bertsim(q + path("golden.npy") + " --engine golden").status, 0);
  const golden::MatrixI8 y = golden::read_npy_as<int8_t>(path("rtl.npy"));
  EXPECT_EQ(y, golden::read_npy_as<int8_t>(path("golden.npy")));
  const golden::MatrixI32 acc = golden::read_npy_as<int32_t>(path("acc.npy"));
  for (int r = 0; r < 13; ++r)
    for (int c = 0; c < 10; ++c)
      EXPECT_EQ(y(r, c), golden::requantize(acc(r, c), 40000, 25, -5, golden::Clamp::S8));
}

TEST_F(BertsimGemm, AddsTwoRowsOverSeveralBlocksUnderStalls) {
  golden::MatrixI8 counting(2, 16);
  for (int i = 0; i < counting.size(); ++i) counting(i / 16, i % 16) = static_cast<int8_t>(i);
  golden::write_npy<int8_t>(path("counting.npy"), counting);
  golden::write_npy<int8_t>(path("ones.npy"), golden::MatrixI8::Ones(16, 2));
  for (int seed = 1; seed <= 8; ++seed) {
    const Outcome o =
        bertsim(fmt::format("gemm --a {} --b {} --m 4 --stall 0.5 --seed {} --out {}",
                            path("counting.npy"), path("ones.npy"), seed, path("y.npy")));
    ASSERT_EQ(o.status, 0) << o.output;
    const golden::MatrixI32 y = golden::read_npy_as<int32_t>(path("y.npy"));
    ASSERT_EQ(y.rows(), 2);
    for (int c = 0; c < 2; ++c) {
      EXPECT_EQ(y(0, c), 120) << "seed " << seed;  // 0 + 1 + ... + 15
      EXPECT_EQ(y(1, c), 376) << "seed " << seed;  // 16 + 17 + ... + 31
    }
  }
}

TEST_F(BertsimGemm, WritesAWaveform) {
  ASSERT_EQ(bertsim(fmt::format("{} --m 4 --out {} --trace {}", operands(), path("y.npy"),
                                path("run.fst")))
                .status,
            0);
  EXPECT_GT(std::filesystem::file_size(path("run.fst")), 1000U);
}

TEST_F(BertsimGemm, RefusesBadInputInOneLine) {
  const std::string out = " --out " + path("y.npy");
  expect_refused(fmt::format("gemm --a {} --b {}{}", path("none.npy"), path("b.npy"), out),
                 "none.npy");
  expect_refused(fmt::format("gemm --a {} --b {}{}", path("b.npy"), path("b.npy"), out),
                 "K differs");
  golden::write_npy<float>(path("float.npy"), golden::MatrixF::Constant(2, 21, NAN));
  expect_refused(fmt::format("gemm --a {} --b {}{}", path("float.npy"), path("b.npy"), out),
                 "int8 or uint8");
  expect_refused(operands() + " --m 5" + out, "M = 5");
  expect_refused(operands() + " --stall 1" + out, "--stall");
  expect_refused(operands() + " --mult " + path("bias.npy") + out, "--mult and --shift");
  expect_refused(operands() + " --engine vivado" + out, "--engine");
  expect_refused(operands() + " --bias " + path("a.npy") + out, "13 x 21 values for 10 outputs");
  expect_refused(operands() + " --wrong" + out, "--wrong");
  std::string bytes = golden::read_file(path("a.npy"));
  std::ofstream(path("cut.npy"), std::ios::binary) << bytes.substr(0, bytes.size() - 1);
  expect_refused(fmt::format("gemm --a {} --b {}{}", path("cut.npy"), path("b.npy"), out),
                 "cut.npy");
  golden::write_npy<int32_t>(path("mult.npy"), golden::MatrixI32::Constant(1, 10, 65535), 1);
  golden::write_npy<int32_t>(path("shift.npy"), golden::MatrixI32::Constant(1, 10, 0), 1);
  expect_refused(
      operands() + fmt::format(" --mult {} --shift {}", path("mult.npy"), path("shift.npy")) + out,
      "channel 0: multiplier 65535");
}

/// The program in this process, with a word of the results changed: what it says on standard error.
std::string with_a_wrong_word(const std::vector<std::string>& arguments, uint64_t at, int* status) {
  cli::tamper_for_tests = [at](tb::GemmStream stream, uint64_t index, std::span<uint32_t> word) {
    if (stream == tb::GemmStream::Out && index == at) word[0] ^= 1;
    return true;
  };
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  *status = cli::bertsim(arguments);
  cli::tamper_for_tests = {};
  testing::internal::GetCapturedStdout();
  return testing::internal::GetCapturedStderr();
}

TEST_F(BertsimGemm, AMismatchTellsItsCycleAndTheLineThatRecordsIt) {
  const std::string spaced = path("a result.npy");
  int status = 0;
  const std::string text =
      with_a_wrong_word({"gemm", "--a", path("a.npy"), "--b", path("b.npy"), "--m", "4", "--out",
                         spaced, "--trace", path("old.fst")},
                        5, &status);
  EXPECT_EQ(status, 1);
  EXPECT_NE(text.find("1 of 130 elements are wrong; first at row 5, column 0"), std::string::npos)
      << text;
  const size_t cycle = text.find("handed over in cycle "), rerun = text.find("rerun: ");
  ASSERT_NE(cycle, std::string::npos) << text;
  ASSERT_NE(rerun, std::string::npos) << text;
  const uint64_t at = std::stoull(text.substr(cycle + 21));
  std::string line = text.substr(rerun + 7);
  line.erase(line.find('\n'));
  EXPECT_NE(line.find(fmt::format("'{}'", spaced)), std::string::npos) << line;
  EXPECT_EQ(line.find("old.fst"), std::string::npos) << line;
  // As printed, in another folder, with the program in place of this test; its result is right.
  const std::string self =
      tb::shell_quoted(std::filesystem::read_symlink("/proc/self/exe").string());
  ASSERT_EQ(line.find(self), 0U) << line;
  const std::string again = fmt::format("cd {} && {} {}", folder.path().string(),
                                        tb::shell_quoted(SB_BERTSIM), line.substr(self.size()));
  EXPECT_EQ(std::system((again + " > log 2>&1").c_str()), 0) << again;
  // The window holds the cycle of the word.
  EXPECT_EQ(std::system(fmt::format("cd {} && fst2vcd -f mismatch.fst | grep -qx '#{}'",
                                    folder.path().string(), 2 * at + 1)
                            .c_str()),
            0);
  EXPECT_TRUE(std::filesystem::exists(path("mismatch.gtkw")));
}

TEST_F(BertsimGemm, AMismatchOfTheModelsProductsTellsItsCycle) {
  const std::string model = path("model");
  ASSERT_EQ(bertsim("random-model --out " + model).status, 0);
  int status = 0;
  const std::string text = with_a_wrong_word(
      {"linear", "--model", model, "--text", "it's a dog", "--m", "4"}, 7, &status);
  EXPECT_EQ(status, 1);
  EXPECT_NE(text.find("handed over in cycle "), std::string::npos) << text;
  EXPECT_NE(text.find("'it'\\''s a dog' --m 4 --trace mismatch.fst --trace-from 0 --trace-to "),
            std::string::npos)
      << text;
}

TEST_F(BertsimGemm, AMismatchOfTheNarrowOperandOfLayerNormIsOne) {
  golden::write_npy<int16_t>(path("s.npy"), golden::MatrixI16::Random(3, 20));
  cli::tamper_stage_for_tests = [](bool out, uint64_t index, std::span<uint32_t> word) {
    if (out && index == 4) word[8 * 16 / 32] ^= 1;  // lane 0 of the operand, above those of 16 bits
    return true;
  };
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = cli::bertsim(
      {"op", "layernorm", "--in", path("s.npy"), "--out", path("y.npy"), "--json", path("y.json")});
  cli::tamper_stage_for_tests = {};
  testing::internal::GetCapturedStdout();
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(status, 1);
  EXPECT_NE(text.find("narrow operand: 1 of 60 elements are wrong; first at row 1, column 8"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("handed over in cycle "), std::string::npos) << text;
  EXPECT_FALSE(nlohmann::json::parse(golden::read_file(path("y.json"))).at("equal_to_golden"));
}

TEST_F(BertsimGemm, CannotWriteTheResultWhereThereIsNoFolder) {
  const Outcome o = bertsim(operands() + " --out " + path("no/folder/y.npy"));
  EXPECT_EQ(o.status, 2) << o.output;
}

TEST(BertsimLinear, RunsABuiltInModelOnEverySizeOfArray) {
  const golden::TempFolder folder;
  const std::string model = (folder.path() / "model").string();
  ASSERT_EQ(bertsim("random-model --out " + model).status, 0);
  for (const std::string m : {"4", "16", "64"}) {
    const Outcome o = bertsim(
        fmt::format("linear --model {} --text \"one two three\" --m {} --stall 0.2", model, m));
    EXPECT_EQ(o.status, 0) << o.output;
    EXPECT_NE(o.output.find(" 0 mismatches"), std::string::npos) << o.output;
  }
  EXPECT_EQ(bertsim("linear --model missing --text x").status, 2);
}

TEST(BertsimLinear, EqualsGoldenOnEveryMatrixOfMiniLm) {
  SB_NEED_MODEL();
  const golden::TempFolder folder;
  const std::string json = (folder.path() / "linear.json").string();
  // The text of seed 000.
  const std::string text =
      "This project aims to implement a transformer layer on a cluster of FPGAs. In recent years "
      "transformers have outperformed "
      "traditional convolutional neural networks in many fields, but serial performance is dismal "
      "and "
      "parallel GPU performance is "
      "power-intensive. Specialized architectures have been studied little, especially using FPGA "
      "platforms. "
      "This research will "
      "improve transformer inference performance by offloading computationally intensive sections "
      "of the "
      "network to "
      "reconfigurable accelerators running on a cluster of multiple FPGA devices.";
  const Outcome o = bertsim(fmt::format("linear --model {} --text \"{}\" --json {}",
                                        golden::model_folder().string(), text, json));
  ASSERT_EQ(o.status, 0) << o.output;
  const auto figures = nlohmann::json::parse(golden::read_file(json));
  EXPECT_EQ(figures.at("weight_matrices"), 36);
  EXPECT_EQ(figures.at("head_products"), 144);
  EXPECT_EQ(figures.at("total").at("mismatches"), 0);
}

}  // namespace
}  // namespace sb
