// SPDX-License-Identifier: Apache-2.0
// The Verilated sb_fc_layer models of this build (tb/CMakeLists.txt) behind the FcLayer interface.
#include <fmt/format.h>

#include <map>

#include "models/fc_layer_m16.h"
#include "models/fc_layer_m32.h"
#include "models/fc_layer_m4.h"
#include "models/fc_layer_m4_file.h"
#include "models/fc_layer_m8.h"
#include "tb/devices/fc_layer.h"
#include "tb/sim/error.h"

namespace sb::tb {
namespace {

/// Lanes of 9 bits are 16 bits wide on the stream.
template <class P>
constexpr ArrayGeometry geometry_of() {
  return {P::M, P::Rows, P::ActBits, P::ChainLength, (P::ActBits + 7) / 8 * 8};
}

template <class P>
class FcModel : public FcLayer {
 public:
  using Model = typename P::Model;
  FcModel(const std::string& layer_name, uint64_t seed, const TraceOptions& trace)
      : FcLayer(layer_name, geometry_of<P>(), P::K, P::N, P::OutBits), bench_(seed, trace) {
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
  void set_options(const sb_pkg::job_t& job) override {
    bench_->rows_i = static_cast<uint32_t>(job.rows);
    bench_->act_unsigned_i = static_cast<uint8_t>(job.act_unsigned);
    bench_->clamp_i = static_cast<uint8_t>(job.clamp);
    bench_->zero_point_i = static_cast<uint16_t>(job.zero_point);
  }

 private:
  Bench<Model> bench_;
};

using Maker = std::unique_ptr<FcLayer> (*)(const std::string&, uint64_t seed, const TraceOptions&);

template <class P>
std::unique_ptr<FcLayer> make(const std::string& name, uint64_t seed, const TraceOptions& trace) {
  return std::make_unique<FcModel<P>>(name, seed, trace);
}

const std::map<std::string, Maker>& makers() {
  static const std::map<std::string, Maker> all{{"m4", make<models::fc_layer_m4>},
                                                {"m4_file", make<models::fc_layer_m4_file>},
                                                {"m8", make<models::fc_layer_m8>},
                                                {"m16", make<models::fc_layer_m16>},
                                                {"m32", make<models::fc_layer_m32>}};
  return all;
}

}  // namespace

std::vector<std::string> fc_layer_names() {
  std::vector<std::string> names;
  for (const auto& [name, maker] : makers()) names.push_back(name);
  return names;
}

std::unique_ptr<FcLayer> make_fc_layer(const std::string& name, uint64_t seed,
                                       const TraceOptions& trace) {
  const auto found = makers().find(name);
  if (found == makers().end()) throw InputError(fmt::format("no fc_layer model named {}", name));
  return found->second(name, seed, trace);
}

}  // namespace sb::tb
