// SPDX-License-Identifier: Apache-2.0
// sb_axi_rules: silent at what AXI4 allows, and each assertion refuses the breach that it is for.
#include "models/axi_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tb/sim/bench.h"
#include "tb/sim/error.h"

namespace sb::test {
namespace {

/// The pins, with a cycle of every channel by name; bursts of 32-bit beats.
class Pins {
 public:
  Pins() {
    idle();
    bench_.reset();
  }
  models::axi_rules::Model& operator*() { return *bench_; }
  models::axi_rules::Model* operator->() { return bench_.operator->(); }
  void tick() {
    bench_->eval();
    bench_.clock().tick();
    idle();
  }
  void offer_ar(int id, uint32_t address, int beats) {
    auto& d = *bench_;
    d.arvalid_i = 1, d.arid_i = static_cast<uint8_t>(id), d.araddr_i = address;
    d.arlen_i = static_cast<uint8_t>(beats - 1), d.arsize_i = 2, d.arburst_i = 1;
  }
  void offer_aw(uint32_t address, int beats) {
    auto& d = *bench_;
    d.awvalid_i = 1, d.awid_i = 0, d.awaddr_i = address;
    d.awlen_i = static_cast<uint8_t>(beats - 1), d.awsize_i = 2, d.awburst_i = 1;
  }
  void offer_w(uint32_t data, bool last) {
    auto& d = *bench_;
    d.wvalid_i = 1, d.wdata_i = data, d.wstrb_i = 15, d.wlast_i = last;
  }
  void offer_r(int id) {
    bench_->rvalid_i = 1, bench_->rid_i = static_cast<uint8_t>(id), bench_->rdata_i = 7;
  }
  void offer_b(int id = 0) { bench_->bvalid_i = 1, bench_->bid_i = static_cast<uint8_t>(id); }

 private:
  void idle() {
    bench_->awvalid_i = bench_->wvalid_i = bench_->arvalid_i = 0;
    bench_->rvalid_i = bench_->bvalid_i = 0;
    bench_->awready_i = bench_->wready_i = bench_->arready_i = 1;
    bench_->rready_i = bench_->bready_i = 1;
  }
  tb::Bench<models::axi_rules::Model> bench_;
};

TEST(AxiRules, AreSilentAtWhatIsAllowed) {
  Pins p;
  p.tick();
  p->arready_i = 0;
  p.offer_ar(1, 0xFC0, 16);  // up to the border, waits for a cycle
  p.tick();
  p.offer_ar(1, 0xFC0, 16);
  p.tick();
  p.offer_ar(3, 0x1000, 1);
  p.tick();
  p.offer_r(3), p.tick();
  for (int i = 0; i < 16; ++i) p.offer_r(1), p.tick();
  p->awready_i = 0;
  p.offer_aw(0x40, 2), p.offer_w(1, false), p.tick();  // data before the address is taken
  p->awready_i = 0;
  p.offer_aw(0x40, 2), p.offer_w(2, true), p.tick();
  p.offer_aw(0x40, 2), p.tick();
  p.offer_b(), p.tick();
  p.tick();
}

struct Fault {
  const char* assertion;
  std::function<void(Pins&)> breach;
  friend void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.assertion; }
};
class AxiRulesFault : public testing::TestWithParam<Fault> {};

TEST_P(AxiRulesFault, IsRefused) {
  Pins p;
  p.tick();
  testing::internal::CaptureStdout();
  EXPECT_THROW(
      {
        GetParam().breach(p);
        for (int i = 0; i < 3; ++i) p.tick();
      },
      tb::SimError);
  // The name of a fault is that of its assertion, and what is wrong.
  const std::string name = GetParam().assertion;
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              testing::HasSubstr("." + name.substr(0, name.find('_')) + "_A"));
}

const Fault kFaults[] = {
    {"ArWhole_burst", [](Pins& p) { p.offer_ar(0, 0, 1), p->arburst_i = 2, p.tick(); }},
    {"ArWhole_size", [](Pins& p) { p.offer_ar(0, 0, 1), p->arsize_i = 1, p.tick(); }},
    {"ArWhole_address", [](Pins& p) { p.offer_ar(0, 2, 1), p.tick(); }},
    {"AwWhole", [](Pins& p) { p.offer_aw(1, 1), p.tick(); }},
    {"ArInBlock", [](Pins& p) { p.offer_ar(0, 0xFC4, 16), p.tick(); }},
    {"AwInBlock", [](Pins& p) { p.offer_aw(0xFFC, 2), p.tick(); }},
    {"ArLength", [](Pins& p) { p.offer_ar(0, 0, 17), p.tick(); }},
    {"AwLength", [](Pins& p) { p.offer_aw(0, 17), p.tick(); }},
    {"AwId", [](Pins& p) { p.offer_aw(0, 1), p->awid_i = 1, p.tick(); }},
    {"ArStable_falls", [](Pins& p) { p->arready_i = 0, p.offer_ar(0, 0, 1), p.tick(); }},
    {"ArStable_changes",
     [](Pins& p) {
       p->arready_i = 0, p.offer_ar(0, 0, 1), p.tick();
       p.offer_ar(0, 64, 1), p.tick();
     }},
    {"AwStable", [](Pins& p) { p->awready_i = 0, p.offer_aw(0, 1), p.tick(); }},
    {"WStable",
     [](Pins& p) {
       p->wready_i = 0, p.offer_aw(0, 1), p.offer_w(1, true), p.tick();
       p.offer_w(2, true), p.tick();
     }},
    {"WAfterAddress", [](Pins& p) { p.offer_w(1, true), p.tick(); }},
    {"WLast_early", [](Pins& p) { p.offer_aw(0, 2), p.offer_w(1, true), p.tick(); }},
    {"WLast_late", [](Pins& p) { p.offer_aw(0, 1), p.offer_w(1, false), p.tick(); }},
    {"BusRStable",
     [](Pins& p) {
       p.offer_ar(0, 0, 4), p.tick();
       p->rready_i = 0, p.offer_r(0), p.tick();
     }},
    {"BusBStable",
     [](Pins& p) {
       p.offer_aw(0, 1), p.offer_w(1, true), p.tick();
       p->bready_i = 0, p.offer_b(), p.tick();
     }},
    {"BusROwed",
     [](Pins& p) {
       p.offer_ar(1, 0, 1), p.tick();
       p.offer_r(2), p.tick();
     }},
    {"BusROwed_more",
     [](Pins& p) {
       p.offer_ar(1, 0, 1), p.tick();
       p.offer_r(1), p.tick();
       p.offer_r(1), p.tick();
     }},
    {"BusBOwed_data",
     [](Pins& p) {
       p.offer_aw(0, 2), p.offer_w(1, false), p.tick();
       p.offer_b(), p.tick();
     }},
    {"BusBOwed_id",
     [](Pins& p) {
       p.offer_aw(0, 1), p.offer_w(1, true), p.tick();
       p.offer_b(1), p.tick();
     }},
    {"QuietAfterReset",
     [](Pins& p) {
       p->rst_ni = 0, p.tick();
       p->rst_ni = 1, p.offer_ar(0, 0, 1), p.tick();
     }},
};
INSTANTIATE_TEST_SUITE_P(Every, AxiRulesFault, testing::ValuesIn(kFaults),
                         [](const testing::TestParamInfo<Fault>& fault) -> std::string {
                           return fault.param.assertion;
                         });

}  // namespace
}  // namespace sb::test
