// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tb/sim/port.h"

namespace sb::tb {

enum class AxiResponse : uint8_t { Okay = 0, Slverr = 2, Decerr = 3 };

/// Pins of an AXI4 port whose master is the model. IDs of up to 8 bits.
struct AxiPins {
  struct Address {
    uint8_t *valid, *ready;
    Port addr;
    uint8_t *id, *len, *size, *burst;
  };
  struct WriteData {
    uint8_t *valid, *ready;
    Port data, strb;
    uint8_t* last;
  };
  struct WriteResponse {
    uint8_t *valid, *ready, *id, *resp;
  };
  struct ReadData {
    uint8_t *valid, *ready, *id;
    Port data;
    uint8_t *resp, *last;
  };
  std::string name;
  int data_bytes = 0;
  Address aw, ar;
  WriteData w;
  WriteResponse b;
  ReadData r;
};

/// Pins of an AXI4-Lite port whose slave is the model; data of 32 bits.
struct AxiLitePins {
  struct Address {
    uint8_t *valid, *ready;
    Port addr;
  };
  std::string name;
  Address aw, ar;
  struct {
    uint8_t *valid, *ready;
    uint32_t* data;
    uint8_t* strb;
  } w;
  struct {
    uint8_t *valid, *ready, *resp;
  } b;
  struct {
    uint8_t *valid, *ready;
    uint32_t* data;
    uint8_t* resp;
  } r;
};

/// The pins m_axi_* of a Verilated model.
template <class Model>
AxiPins axi_pins(Model& d, const std::string& name, int data_bytes) {
  return {.name = name,
          .data_bytes = data_bytes,
          .aw = {&d.m_axi_awvalid, &d.m_axi_awready, Port(d.m_axi_awaddr), &d.m_axi_awid,
                 &d.m_axi_awlen, &d.m_axi_awsize, &d.m_axi_awburst},
          .ar = {&d.m_axi_arvalid, &d.m_axi_arready, Port(d.m_axi_araddr), &d.m_axi_arid,
                 &d.m_axi_arlen, &d.m_axi_arsize, &d.m_axi_arburst},
          .w = {&d.m_axi_wvalid, &d.m_axi_wready, Port(d.m_axi_wdata), Port(d.m_axi_wstrb),
                &d.m_axi_wlast},
          .b = {&d.m_axi_bvalid, &d.m_axi_bready, &d.m_axi_bid, &d.m_axi_bresp},
          .r = {&d.m_axi_rvalid, &d.m_axi_rready, &d.m_axi_rid, Port(d.m_axi_rdata), &d.m_axi_rresp,
                &d.m_axi_rlast}};
}

/// The pins s_axil_* of a Verilated model.
template <class Model>
AxiLitePins axi_lite_pins(Model& d, const std::string& name) {
  return {.name = name,
          .aw = {&d.s_axil_awvalid, &d.s_axil_awready, Port(d.s_axil_awaddr)},
          .ar = {&d.s_axil_arvalid, &d.s_axil_arready, Port(d.s_axil_araddr)},
          .w = {&d.s_axil_wvalid, &d.s_axil_wready, &d.s_axil_wdata, &d.s_axil_wstrb},
          .b = {&d.s_axil_bvalid, &d.s_axil_bready, &d.s_axil_bresp},
          .r = {&d.s_axil_rvalid, &d.s_axil_rready, &d.s_axil_rdata, &d.s_axil_rresp}};
}

/// Throws SimError when a word that was offered and not taken falls or changes.
class AxiStability {
 public:
  explicit AxiStability(std::string name) : name_(std::move(name)) {}
  /// Once per cycle, with the settled pins; the payload is read only while the word waits.
  template <typename Payload>
  void sample(uint64_t cycle, bool valid, bool ready, const Payload& payload) {
    if (!waits_ && (!valid || ready)) return;
    std::vector<uint32_t> now;
    if (valid) now = payload();
    check(cycle, valid, now);
    waits_ = valid && !ready;
    waiting_ = std::move(now);
  }
  void reset() { waits_ = false; }

 private:
  void check(uint64_t cycle, bool valid, std::span<const uint32_t> now) const;

  std::string name_;
  std::vector<uint32_t> waiting_;
  bool waits_ = false;
};

}  // namespace sb::tb
