// The Verilated stand-alone stages of this build (tb/host/CMakeLists.txt) behind the Stage interface.
#include <fmt/format.h>

#include "Vlayernorm_m16.h"
#include "Vlayernorm_m8.h"
#include "Vrequant_m8.h"
#include "Vresidual_m8.h"
#include "Vsoftmax_m16.h"
#include "Vsoftmax_m8.h"
#include "Vtable_m8.h"
#include "tb/host/stage.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

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
    if constexpr (requires { dut.stats_valid_o; })
      statistics = {"statistics", &dut.stats_valid_o, nullptr, Port(dut.stats_data_o)};
    for (const auto& [name, port] : settings) port.write(std::vector<uint32_t>(port.words(), 0));
    reset();
  }
  Clock& clock() override { return bench_.clock(); }
  void reset() override {
    *in.valid = 0;
    *out.ready = 0;
    if constexpr (requires(Model & dut) { dut.load_i; }) bench_->load_i = 0;
    bench_.reset();
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

// Name, parameters as in tb/CMakeLists.txt, latency as the top's header states it.
struct Entry {
  std::string name;
  int m, max_words, latency;
  std::unique_ptr<Stage> (*make)(const Entry&, uint64_t seed, const TraceOptions& trace);
};

template <class Model>
std::unique_ptr<Stage> make(const Entry& e, uint64_t seed, const TraceOptions& trace) {
  return std::make_unique<StageModel<Model>>(e.m, e.max_words, e.latency, seed, trace);
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> kEntries{
      {"table", 8, 0, 3, make<Vtable_m8>},
      {"requant", 8, 128, 9, make<Vrequant_m8>},
      {"residual", 8, 0, 2, make<Vresidual_m8>},
      {"softmax", 8, 64, 0, make<Vsoftmax_m8>},
      {"softmax", 16, 256, 0, make<Vsoftmax_m16>},
      {"layernorm", 8, 128, 0, make<Vlayernorm_m8>},
      {"layernorm", 16, 256, 0, make<Vlayernorm_m16>},
  };
  return kEntries;
}

}  // namespace

std::vector<int> stage_sizes(const std::string& name) {
  std::vector<int> sizes;
  for (const Entry& e : entries())
    if (e.name == name) sizes.push_back(e.m);
  return sizes;
}

std::unique_ptr<Stage> make_stage(const std::string& name, int m, uint64_t seed, const TraceOptions& trace) {
  for (const Entry& e : entries())
    if (e.name == name && e.m == m) return e.make(e, seed, trace);
  throw InputError(fmt::format("this build has no stage {} with {} lanes", name, m));
}

}  // namespace sb::tb
