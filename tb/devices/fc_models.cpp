// The Verilated sb_fc_layer models of this build (tb/CMakeLists.txt) behind the FcLayer interface.
#include <fmt/format.h>

#include <functional>
#include <map>

#include "Vfc_layer_m16.h"
#include "Vfc_layer_m32.h"
#include "Vfc_layer_m4.h"
#include "Vfc_layer_m4_file.h"
#include "Vfc_layer_m8.h"
#include "tb/devices/fc_layer.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

struct Parameters {
  ArrayGeometry geometry;
  int k, n, out_bits;
};

template <class Model>
class FcModel : public FcLayer {
 public:
  FcModel(const std::string& layer_name, const Parameters& p, uint64_t seed,
          const TraceOptions& trace)
      : FcLayer(layer_name, p.geometry, p.k, p.n, p.out_bits), bench_(seed, trace) {
    Model& dut = *bench_;
    in = {"s_axis", &dut.s_axis_tvalid, &dut.s_axis_tready, Port(dut.s_axis_tdata),
          &dut.s_axis_tlast};
    load = {"s_axis_w", &dut.s_axis_w_tvalid, &dut.s_axis_w_tready, Port(dut.s_axis_w_tdata)};
    out = {"m_axis", &dut.m_axis_tvalid, &dut.m_axis_tready, Port(dut.m_axis_tdata),
           &dut.m_axis_tlast};
    keep = Port(dut.m_axis_tkeep);
    reset();
  }
  Clock& clock() override { return bench_.clock(); }
  void reset() override {
    *in.valid = *load.valid = *out.ready = 0;
    bench_.reset();
  }
  bool error() const override { return const_cast<Bench<Model>&>(bench_)->error_o; }
  bool loaded() const override { return const_cast<Bench<Model>&>(bench_)->loaded_o; }
  void set_options(uint32_t rows, bool act_unsigned, Clamp clamp, int zero_point) override {
    bench_->rows_i = rows;
    bench_->act_unsigned_i = act_unsigned;
    bench_->clamp_i = static_cast<uint8_t>(clamp);
    bench_->zero_point_i = static_cast<uint16_t>(zero_point);
  }

 private:
  Bench<Model> bench_;
};

using Maker = std::function<std::unique_ptr<FcLayer>(const std::string&, uint64_t seed,
                                                     const TraceOptions& trace)>;

template <class Model>
Maker maker(const Parameters& p) {
  return [p](const std::string& name, uint64_t seed, const TraceOptions& trace) {
    return std::make_unique<FcModel<Model>>(name, p, seed, trace);
  };
}

/// Parameters as in tb/CMakeLists.txt.
const std::map<std::string, Maker>& makers() {
  static const std::map<std::string, Maker> all{
      {"m4", maker<Vfc_layer_m4>({{4, 8, 8, 4}, 10, 7, 32})},
      {"m4_file", maker<Vfc_layer_m4_file>({{4, 8, 8, 4}, 10, 7, 8})},
      {"m8", maker<Vfc_layer_m8>({{8, 16, 9, 4, 16}, 19, 24, 16})},
      {"m16", maker<Vfc_layer_m16>({{16, 128, 8, 4}, 768, 768, 8})},
      {"m32", maker<Vfc_layer_m32>({{32, 128, 8, 4}, 768, 768, 8})},
  };
  return all;
}

}  // namespace

std::vector<std::string> fc_layer_names() {
  std::vector<std::string> names;
  for (const auto& [name, make] : makers()) names.push_back(name);
  return names;
}

std::unique_ptr<FcLayer> make_fc_layer(const std::string& name, uint64_t seed,
                                       const TraceOptions& trace) {
  const auto found = makers().find(name);
  if (found == makers().end()) throw InputError(fmt::format("no fc_layer model named {}", name));
  return found->second(name, seed, trace);
}

}  // namespace sb::tb
