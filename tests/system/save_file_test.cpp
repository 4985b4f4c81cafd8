// SPDX-License-Identifier: Apache-2.0
// The GTKWave save file of every top, at every size of this build, names signals that exist.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>

#include "tb/devices/encoder.h"
#include "tb/devices/fc_layer.h"
#include "tb/devices/gemm_core.h"
#include "tb/devices/stage.h"
#include "tb/sim/waveform.h"
#include "tests/golden/temp_folder.h"
#include "tests/system/vcd.h"

namespace sb {
namespace {

/// A top of this build: makes it with a waveform, lets it run for some cycles, closes it.
struct Top {
  std::string name;
  std::function<void(const tb::TraceOptions&)> run;
};

/// The waveform is closed with the device.
template <typename Device>
void run_briefly(std::unique_ptr<Device> device) {
  for (int i = 0; i < 5; ++i) device->clock().tick();
}

std::vector<Top> tops() {
  std::vector<Top> all;
  for (const int m : tb::gemm_core_sizes())
    all.push_back({fmt::format("gemm_core_m{}", m),
                   [m](const auto& trace) { run_briefly(tb::make_gemm_core(m, 1, trace)); }});
  for (const std::string name : {"table", "requant", "residual", "softmax", "layernorm"})
    for (const int m : tb::stage_sizes(name))
      all.push_back({fmt::format("{}_m{}", name, m), [name, m](const auto& trace) {
                       run_briefly(tb::make_stage(name, m, 1, trace));
                     }});
  for (const std::string& name : tb::fc_layer_names()) {
    if (name.ends_with("file")) continue;  // m4 again; needs files
    all.push_back({"fc_layer_" + name,
                   [name](const auto& trace) { run_briefly(tb::make_fc_layer(name, 1, trace)); }});
  }
  for (const tb::EncoderKind& kind : tb::encoder_kinds())
    all.push_back({"encoder_" + kind.name, [name = kind.name](const auto& trace) {
                     run_briefly(tb::make_encoder(name, 1, trace));
                   }});
  return all;
}

class SaveFile : public testing::TestWithParam<Top> {};
INSTANTIATE_TEST_SUITE_P(Of, SaveFile, testing::ValuesIn(tops()),
                         [](const auto& top) { return top.param.name; });

TEST_P(SaveFile, NamesSignalsOfTheWaveformAlone) {
  const golden::TempFolder folder;
  const std::string fst = (folder / "run.fst").string(), vcd = (folder / "run.vcd").string();
  GetParam().run({.file = fst});
  ASSERT_EQ(std::system(fmt::format("fst2vcd -f {} -o {} > /dev/null", fst, vcd).c_str()), 0);
  const test::Vcd names = test::read_vcd(vcd, [](uint64_t, const auto&) {});
  std::ifstream in(tb::save_file_of(fst));
  std::set<std::string> signals;
  std::map<std::string, int> parts;  // of the engine: signals in the group of this name
  std::vector<std::string> path;     // of open groups
  int groups = 0;
  for (std::string line; std::getline(in, line);) {
    if (line == "@800200" || line == "@c00200") {
      std::getline(in, line);
      path.push_back(line.substr(1));
      ++groups;
    }
    if (line == "@1000200" || line == "@1401200") {
      ASSERT_FALSE(path.empty());
      path.pop_back();
    }
    if (!line.starts_with("TOP.")) continue;
    if (path.size() == 2) ++parts[path[0]];
    EXPECT_EQ(names.id_of.count(line), 1U) << line;
    EXPECT_TRUE(signals.insert(line).second) << line << " comes twice";
  }
  EXPECT_TRUE(path.empty());
  EXPECT_GT(groups, 2);
  if (GetParam().name.starts_with("encoder_")) {
    for (const char* part :
         {"bus", "queue", "walkers", "prologue", "array", "epilogue", "memories"}) {
      EXPECT_GT(parts[part], 5) << part;
    }
    EXPECT_EQ(parts.size(), 7U);
  } else {
    EXPECT_TRUE(parts.empty());
  }
  // Every single-bit pin of the top is there, valid and ready among them.
  for (const auto& [name, id] : names.id_of) {
    const size_t dot = name.find('.', 4);
    if (!name.starts_with("TOP.") || dot == std::string::npos ||
        name.find('.', dot + 1) != std::string::npos)
      continue;
    if (name.ends_with("_valid_i") || name.ends_with("_valid_o") || name.ends_with("_ready_i") ||
        name.ends_with("_ready_o") || name.ends_with(".clk_i")) {
      EXPECT_EQ(signals.count(name), 1U) << name;
    }
  }
}

}  // namespace
}  // namespace sb
