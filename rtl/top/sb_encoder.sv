// SPDX-License-Identifier: Apache-2.0
// The encoder engine as a peripheral: AXI4-Lite registers, one AXI4 master, an interrupt.
//
//   s_axil --> sb_regs --> sb_run_control --> irq
//                                |
//   m_axi ar, r --> sb_axi_read -+-> sb_cmd_fetch --> commands --+
//                        +---------> parameters, tables, loads --+--> sb_encoder_core
//   m_axi aw, w, b <-- sb_axi_write <-- stores ------------------+
//
// Registers: rtl/pkg/README.md; start, errors and recovery: rtl/engine/README.md. The master reads
// with IDs 0 (commands), 1 (parameters), 2 (tables) and 3 (loads) and takes answers of different
// IDs in any order; it writes with ID 0. RREADY and BREADY are always high, bursts INCR of whole
// beats.
module sb_encoder
  import sb_pkg::*;
  import sb_engine_pkg::*;
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

  // Registers and control.
  logic start, stop, soft_reset, run, fetch_start, running, run_done, run_failed;
  logic [63:0] list_addr;
  logic [31:0] list_count, limit, run_index, oldest, core_index;
  logic [7:0] run_code, core_code;
  logic [3:0] why;
  logic read_idle, read_error, read_progress, read_beat, param_beat;
  logic write_idle, write_error, write_progress, write_beat;
  logic list_empty, core_idle, core_end, core_error;
  wire bus_idle = read_idle && write_idle;
  sb_regs #(
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
  ) i_regs (
      .clk_i,
      .rst_ni,
      .s_axil_awaddr,
      .s_axil_awvalid,
      .s_axil_awready,
      .s_axil_wdata,
      .s_axil_wstrb,
      .s_axil_wvalid,
      .s_axil_wready,
      .s_axil_bresp,
      .s_axil_bvalid,
      .s_axil_bready,
      .s_axil_araddr,
      .s_axil_arvalid,
      .s_axil_arready,
      .s_axil_rdata,
      .s_axil_rresp,
      .s_axil_rvalid,
      .s_axil_rready,
      .start_o(start),
      .stop_o(stop),
      .reset_o(soft_reset),
      .program_o(list_addr),
      .count_o(list_count),
      .limit_o(limit),
      .running_i(running),
      .done_i(run_done),
      .error_i(run_failed),
      .bus_idle_i(bus_idle),
      .code_i(run_code),
      .index_i(run_index),
      .oldest_i(run ? oldest : '0),
      .why_i(run ? why : WhyIdle),
      .param_beat_i(param_beat),
      .read_beat_i(read_beat),
      .write_beat_i(write_beat),
      .irq_o
  );
  sb_run_control i_control (
      .clk_i,
      .rst_ni,
      .start_i(start),
      .stop_i(stop),
      .reset_i(soft_reset),
      .program_i(list_addr),
      .count_i(list_count),
      .limit_i(limit),
      .bus_idle_i(bus_idle),
      .bus_progress_i(read_progress || write_progress),
      .read_error_i(read_error),
      .write_error_i(write_error),
      .list_empty_i(list_empty),
      .core_idle_i(core_idle),
      .core_end_i(core_end),
      .core_error_valid_i(core_error),
      .core_error_code_i(core_code),
      .core_error_index_i(core_index),
      .oldest_i(oldest),
      .run_o(run),
      .fetch_start_o(fetch_start),
      .running_o(running),
      .done_o(run_done),
      .error_o(run_failed),
      .code_o(run_code),
      .index_o(run_index)
  );

  // Commands.
  logic creq_valid, creq_ready, fetch_valid, fetch_ready, cmd_valid, cmd_ready;
  logic [39:0] creq_addr;
  logic [31:0] creq_words;
  logic [CmdBits-1:0] fetched, cmd;
  sb_cmd_fetch i_fetch (
      .clk_i,
      .rst_ni(rst_ni && run),
      .start_i(fetch_start),
      .addr_i(list_addr[39:0]),
      .count_i(list_count),
      .creq_valid_o(creq_valid),
      .creq_ready_i(creq_ready),
      .creq_addr_o(creq_addr),
      .creq_words_o(creq_words),
      .fetch_valid_i(fetch_valid),
      .fetch_ready_o(fetch_ready),
      .fetch_i(fetched),
      .cmd_valid_o(cmd_valid),
      .cmd_ready_i(cmd_ready),
      .cmd_o(cmd),
      .empty_o(list_empty)
  );

  // The core and its streams.
  logic preq_valid, preq_ready, par_valid, par_ready, treq_valid, treq_ready, tab_valid, tab_ready;
  logic lreq_valid, lreq_ready, ld_valid, ld_ready, sreq_valid, sreq_ready, st_valid, st_ready;
  logic st_done;
  logic [39:0] preq_addr, treq_addr, lreq_addr, sreq_addr;
  logic [31:0] preq_words, lreq_words, sreq_words;
  logic [M*8-1:0] par_data;
  logic [15:0] tab_data;
  logic [M-1:0][ResBits-1:0] ld_data, st_data;
  sb_encoder_core #(
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
      .Packed(Packed)
  ) i_core (
      .clk_i,
      .rst_ni,
      .clear_i(!run),
      .cmd_valid_i(cmd_valid),
      .cmd_ready_o(cmd_ready),
      .cmd_i(cmd),
      .preq_valid_o(preq_valid),
      .preq_ready_i(preq_ready),
      .preq_addr_o(preq_addr),
      .preq_words_o(preq_words),
      .par_valid_i(par_valid),
      .par_ready_o(par_ready),
      .par_data_i(par_data),
      .treq_valid_o(treq_valid),
      .treq_ready_i(treq_ready),
      .treq_addr_o(treq_addr),
      .tab_valid_i(tab_valid),
      .tab_ready_o(tab_ready),
      .tab_data_i(tab_data),
      .lreq_valid_o(lreq_valid),
      .lreq_ready_i(lreq_ready),
      .lreq_addr_o(lreq_addr),
      .lreq_words_o(lreq_words),
      .ld_valid_i(ld_valid),
      .ld_ready_o(ld_ready),
      .ld_data_i(ld_data),
      .sreq_valid_o(sreq_valid),
      .sreq_ready_i(sreq_ready),
      .sreq_addr_o(sreq_addr),
      .sreq_words_o(sreq_words),
      .st_valid_o(st_valid),
      .st_ready_i(st_ready),
      .st_data_o(st_data),
      .st_done_i(st_done),
      .error_valid_o(core_error),
      .error_code_o(core_code),
      .error_index_o(core_index),
      .end_o(core_end),
      .why_o(why),
      .idle_o(core_idle),
      .oldest_o(oldest)
  );

  // External memory.
  sb_axi_read #(
      .M(M),
      .AddrBits(AxiAddrBits),
      .DataBits(AxiDataBits),
      .IdBits(AxiIdBits),
      .MaxBurst(MaxBurst),
      .PrefetchTiles(PrefetchTiles)
  ) i_read (
      .clk_i,
      .rst_ni,
      .run_i(run),
      .idle_o(read_idle),
      .error_o(read_error),
      .progress_o(read_progress),
      .beat_o(read_beat),
      .param_beat_o(param_beat),
      .creq_valid_i(creq_valid),
      .creq_ready_o(creq_ready),
      .creq_addr_i(creq_addr),
      .creq_words_i(creq_words),
      .cmd_valid_o(fetch_valid),
      .cmd_ready_i(fetch_ready),
      .cmd_o(fetched),
      .preq_valid_i(preq_valid),
      .preq_ready_o(preq_ready),
      .preq_addr_i(preq_addr),
      .preq_words_i(preq_words),
      .par_valid_o(par_valid),
      .par_ready_i(par_ready),
      .par_data_o(par_data),
      .treq_valid_i(treq_valid),
      .treq_ready_o(treq_ready),
      .treq_addr_i(treq_addr),
      .tab_valid_o(tab_valid),
      .tab_ready_i(tab_ready),
      .tab_data_o(tab_data),
      .lreq_valid_i(lreq_valid),
      .lreq_ready_o(lreq_ready),
      .lreq_addr_i(lreq_addr),
      .lreq_words_i(lreq_words),
      .ld_valid_o(ld_valid),
      .ld_ready_i(ld_ready),
      .ld_data_o(ld_data),
      .m_axi_arid,
      .m_axi_araddr,
      .m_axi_arlen,
      .m_axi_arvalid,
      .m_axi_arready,
      .m_axi_rid,
      .m_axi_rdata,
      .m_axi_rresp,
      .m_axi_rvalid,
      .m_axi_rready
  );
  sb_axi_write #(
      .M(M),
      .AddrBits(AxiAddrBits),
      .DataBits(AxiDataBits),
      .IdBits(AxiIdBits),
      .MaxBurst(MaxBurst)
  ) i_write (
      .clk_i,
      .rst_ni,
      .run_i(run),
      .idle_o(write_idle),
      .error_o(write_error),
      .progress_o(write_progress),
      .beat_o(write_beat),
      .sreq_valid_i(sreq_valid),
      .sreq_ready_o(sreq_ready),
      .sreq_addr_i(sreq_addr),
      .sreq_words_i(sreq_words),
      .st_valid_i(st_valid),
      .st_ready_o(st_ready),
      .st_data_i(st_data),
      .done_o(st_done),
      .m_axi_awid,
      .m_axi_awaddr,
      .m_axi_awlen,
      .m_axi_awvalid,
      .m_axi_awready,
      .m_axi_wdata,
      .m_axi_wstrb,
      .m_axi_wlast,
      .m_axi_wvalid,
      .m_axi_wready,
      .m_axi_bresp,
      .m_axi_bvalid,
      .m_axi_bready
  );
  // Whole beats, addresses that count up, normal memory that need not be cached, data.
  assign m_axi_arsize = 3'($clog2(AxiDataBits / 8));
  assign m_axi_awsize = 3'($clog2(AxiDataBits / 8));
  assign m_axi_arburst = 2'b01;
  assign m_axi_awburst = 2'b01;
  assign m_axi_arcache = 4'b0011;
  assign m_axi_awcache = 4'b0011;
  assign m_axi_arprot = 3'b000;
  assign m_axi_awprot = 3'b000;
  wire unused_answers = ^{m_axi_rlast, m_axi_bid};
endmodule
