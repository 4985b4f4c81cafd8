// SPDX-License-Identifier: Apache-2.0
// sb_encoder with a view of what its core writes and issues.
`include "tb/devices/models/sb_core_view.svh"

module sb_encoder_view
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import sb_regs_pkg::*;
#(
    parameter int unsigned M = 16,
    parameter int unsigned Rows = 128,
    parameter int unsigned StatRows = 128,
    parameter int unsigned ActBits = 8,
    parameter int unsigned ActDepth0 = 1024,
    parameter int unsigned ActDepth1 = 1024,
    parameter int unsigned ResDepth0 = 1024,
    parameter int unsigned ResDepth1 = 1024,
    parameter int unsigned ExpTables = 32,
    parameter int unsigned MulStyle = MulInferred,
    parameter int unsigned ChainLength = 4,
    parameter bit Packed = 1,
    parameter int unsigned AxiAddrBits = 40,
    parameter int unsigned AxiDataBits = 128,
    parameter int unsigned AxiIdBits = 2,
    parameter int unsigned MaxBurst = 32,
    parameter int unsigned PrefetchTiles = 8
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,
    input  logic [  RegAddrBits-1:0] s_axil_awaddr,
    input  logic                     s_axil_awvalid,
    output logic                     s_axil_awready,
    input  logic [             31:0] s_axil_wdata,
    input  logic [              3:0] s_axil_wstrb,
    input  logic                     s_axil_wvalid,
    output logic                     s_axil_wready,
    output logic [              1:0] s_axil_bresp,
    output logic                     s_axil_bvalid,
    input  logic                     s_axil_bready,
    input  logic [  RegAddrBits-1:0] s_axil_araddr,
    input  logic                     s_axil_arvalid,
    output logic                     s_axil_arready,
    output logic [             31:0] s_axil_rdata,
    output logic [              1:0] s_axil_rresp,
    output logic                     s_axil_rvalid,
    input  logic                     s_axil_rready,
    output logic [    AxiIdBits-1:0] m_axi_awid,
    output logic [  AxiAddrBits-1:0] m_axi_awaddr,
    output logic [              7:0] m_axi_awlen,
    output logic [              2:0] m_axi_awsize,
    output logic [              1:0] m_axi_awburst,
    output logic [              3:0] m_axi_awcache,
    output logic [              2:0] m_axi_awprot,
    output logic                     m_axi_awvalid,
    input  logic                     m_axi_awready,
    output logic [  AxiDataBits-1:0] m_axi_wdata,
    output logic [AxiDataBits/8-1:0] m_axi_wstrb,
    output logic                     m_axi_wlast,
    output logic                     m_axi_wvalid,
    input  logic                     m_axi_wready,
    input  logic [    AxiIdBits-1:0] m_axi_bid,
    input  logic [              1:0] m_axi_bresp,
    input  logic                     m_axi_bvalid,
    output logic                     m_axi_bready,
    output logic [    AxiIdBits-1:0] m_axi_arid,
    output logic [  AxiAddrBits-1:0] m_axi_araddr,
    output logic [              7:0] m_axi_arlen,
    output logic [              2:0] m_axi_arsize,
    output logic [              1:0] m_axi_arburst,
    output logic [              3:0] m_axi_arcache,
    output logic [              2:0] m_axi_arprot,
    output logic                     m_axi_arvalid,
    input  logic                     m_axi_arready,
    input  logic [    AxiIdBits-1:0] m_axi_rid,
    input  logic [  AxiDataBits-1:0] m_axi_rdata,
    input  logic [              1:0] m_axi_rresp,
    input  logic                     m_axi_rlast,
    input  logic                     m_axi_rvalid,
    output logic                     m_axi_rready,
    output logic irq_o,
    output logic [3:0] view_why_o,  // why_e; 15: not running
    `SB_CORE_VIEW_PORTS
);
  sb_encoder #(
      .M(M),
      .Rows(Rows),
      .StatRows(StatRows),
      .ActBits(ActBits),
      .ActDepth0(ActDepth0),
      .ActDepth1(ActDepth1),
      .ResDepth0(ResDepth0),
      .ResDepth1(ResDepth1),
      .ExpTables(ExpTables),
      .MulStyle(MulStyle),
      .ChainLength(ChainLength),
      .Packed(Packed),
      .AxiAddrBits(AxiAddrBits),
      .AxiDataBits(AxiDataBits),
      .AxiIdBits(AxiIdBits),
      .MaxBurst(MaxBurst),
      .PrefetchTiles(PrefetchTiles)
  ) i_encoder (
      .*
  );
  assign view_why_o = i_encoder.running ? i_encoder.why : 4'd15;
  `SB_CORE_VIEW(i_encoder.i_core)
endmodule
