// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "tb/devices/stage.h"
#include "tb/sim/error.h"

namespace sb::tb {

/// A Verilated stand-alone stage behind the Stage interface: the RTL or its netlist.
template <class Model>
class StageModel : public Stage {
 public:
  StageModel(int lanes, int words, int cycles, uint64_t seed, const TraceOptions& trace)
      : bench_(seed, trace) {
    m = lanes;
    max_words = words;
    latency = cycles;
    Model& dut = *bench_;
    in = {"in", &dut.in_valid_i, &dut.in_ready_o, Port(dut.in_data_i)};
    out = {"out", &dut.out_valid_o, &dut.out_ready_i, Port(dut.out_data_o), &dut.out_last_o};
    if constexpr (requires { dut.clamp_i; }) {
      settings.emplace("clamp", Port(dut.clamp_i));
      settings.emplace("zero_point", Port(dut.zero_point_i));
    }
    if constexpr (requires { dut.int8_i; }) settings.emplace("int8", Port(dut.int8_i));
    if constexpr (requires { dut.operand_i; }) {
      settings.emplace("job", Port(dut.job_i));
      settings.emplace("operand", Port(dut.operand_i));
    }
    if constexpr (requires { dut.error_o; }) error = &dut.error_o;
    if constexpr (requires { dut.stats_valid_o; })
      statistics = {"statistics", &dut.stats_valid_o, nullptr, Port(dut.stats_data_o)};
    for (const auto& [name, port] : settings) port.write(std::vector<uint32_t>(port.words(), 0));
    StageModel::reset(3);
  }
  Clock& clock() override { return bench_.clock(); }
  void reset(int cycles) override {
    *in.valid = 0;
    *out.ready = 0;
    if constexpr (requires(Model & dut) { dut.load_i; }) bench_->load_i = 0;
    bench_.reset(cycles);
  }
  void close_trace() override { bench_.close_trace(); }
  void load(int address, std::span<const uint32_t> word) override {
    if constexpr (requires(Model & dut) { dut.load_i; }) {
      bench_->load_i = 1;
      bench_->load_addr_i = static_cast<uint8_t>(address);
      Port(bench_->load_data_i).write(word);
      bench_->eval();
      clock().tick();
      bench_->load_i = 0;
    } else {
      throw InputError(
          fmt::format("this stage has no write port (address {}, {} words)", address, word.size()));
    }
  }

 private:
  Bench<Model> bench_;
};

/// A model in the list of a program: name, lanes, longest row, latency (Stage).
struct StageEntry {
  std::string name;
  int m, max_words, latency;
  std::unique_ptr<Stage> (*make)(const StageEntry&, uint64_t seed, const TraceOptions& trace);
};

/// P: its struct of sb::models; without MaxWords the stage knows no rows.
template <class P>
StageEntry stage_entry(const std::string& name, int64_t latency) {
  int max_words = 0;
  if constexpr (requires { P::MaxWords; }) max_words = P::MaxWords;
  return {
      name, P::M, max_words, static_cast<int>(latency),
      [](const StageEntry& e, uint64_t seed, const TraceOptions& trace) -> std::unique_ptr<Stage> {
        return std::make_unique<StageModel<typename P::Model>>(e.m, e.max_words, e.latency, seed,
                                                               trace);
      }};
}

/// The stages of this program, RTL (stage_models.cpp) or netlists.
const std::vector<StageEntry>& stage_entries();

}  // namespace sb::tb
