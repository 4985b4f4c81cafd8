// SPDX-License-Identifier: Apache-2.0
// The encoder engine as a peripheral: AXI4-Lite registers, one AXI4 master, an interrupt.
//
// Skeleton: ports and parameters. Registers: rtl/pkg/sb_regs_pkg.sv.
module sb_encoder
  import sb_pkg::*;
  import sb_regs_pkg::*;
#(
    parameter int unsigned M = 16,  // rows and columns of the array: 4, 8, 16, 32 or 64
    parameter int unsigned Rows = 128,  // rows of a matrix product: accumulator words, 1 to 1024
    parameter int unsigned StatRows = 128,  // row maxima and row constants, at least Rows
    parameter int unsigned ActBits = 8,  // lanes of the activation memory: 8, or 9 (signed)
    parameter int unsigned ActDepth0 = 1024,  // words of the memory banks, 2 to 65536
    parameter int unsigned ActDepth1 = 1024,
    parameter int unsigned ResDepth0 = 1024,
    parameter int unsigned ResDepth1 = 1024,
    parameter int unsigned ExpTables = 32,  // tables of exp: a power of two, 1 to 64
    parameter int unsigned MulStyle = MulInferred,  // multipliers of the array (mul_style_e)
    parameter int unsigned ChainLength = 4,  // products per chain (sb_array)
    parameter bit Packed = 1,  // two products per multiplier (sb_array)
    parameter int unsigned AxiAddrBits = 40,  // 32 to 64; commands address 40 of them
    parameter int unsigned AxiDataBits = 128,  // 32 to 1024, a power of two
    parameter int unsigned AxiIdBits = 2,  // 2 to 16; reads use IDs 0 to 3, writes ID 0
    parameter int unsigned MaxBurst = 32,  // beats of a burst: a power of two up to 256
    parameter int unsigned PrefetchTiles = 8  // tiles of weights read ahead: power of two, 2 to 64
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,          // synchronous, active low
    input  logic [  RegAddrBits-1:0] s_axil_awaddr,   // registers
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
    output logic [    AxiIdBits-1:0] m_axi_awid,      // external memory
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
    output logic                     irq_o            // level
);
  if (AxiAddrBits < 32 || AxiAddrBits > 64) begin : gen_illegal_addr
    $fatal(1, "sb_encoder: AxiAddrBits = %0d, must be 32 to 64", AxiAddrBits);
  end
  if (AxiDataBits < 32 || AxiDataBits > 1024 || (AxiDataBits & (AxiDataBits - 1)) != 0)
  begin : gen_illegal_data
    $fatal(1, "sb_encoder: AxiDataBits = %0d, must be a power of two, 32 to 1024", AxiDataBits);
  end
  if (AxiIdBits < 2 || AxiIdBits > 16) begin : gen_illegal_id
    $fatal(1, "sb_encoder: AxiIdBits = %0d, must be 2 to 16", AxiIdBits);
  end
  if (MaxBurst < 1 || MaxBurst > 256 || (MaxBurst & (MaxBurst - 1)) != 0) begin : gen_illegal_burst
    $fatal(1, "sb_encoder: MaxBurst = %0d, must be a power of two, 1 to 256", MaxBurst);
  end
  if (PrefetchTiles < 2 || PrefetchTiles > 64 || (PrefetchTiles & (PrefetchTiles - 1)) != 0)
  begin : gen_illegal_prefetch
    $fatal(1, "sb_encoder: PrefetchTiles = %0d, must be a power of two, 2 to 64", PrefetchTiles);
  end
endmodule
