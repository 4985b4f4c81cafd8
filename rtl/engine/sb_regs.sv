// SPDX-License-Identifier: Apache-2.0
// Registers of sb_encoder (sb_regs_pkg) behind AXI4-Lite, counters and the interrupt.
//
// Contract: one write and one read are under way at a time; ready and valid are registers. A write
// acts in the cycle before BVALID. start_o, stop_o and reset_o are one cycle long; start_o comes
// only while running_i is low. Counters of 48 bits, cleared by a start. irq_o is a level.
`include "sb_assert.svh"

module sb_regs
  import sb_engine_pkg::*;
  import sb_regs_pkg::*;
#(
    parameter int unsigned M = 16,  // parameters of sb_encoder, to be read
    parameter int unsigned Rows = 128,
    parameter int unsigned StatRows = 128,
    parameter int unsigned ActBits = 8,
    parameter int unsigned ActDepth0 = 1024,
    parameter int unsigned ActDepth1 = 1024,
    parameter int unsigned ResDepth0 = 1024,
    parameter int unsigned ResDepth1 = 1024,
    parameter int unsigned ExpTables = 32,
    parameter int unsigned MulStyle = 0,
    parameter int unsigned ChainLength = 4,
    parameter bit Packed = 1,
    parameter int unsigned AxiAddrBits = 40,
    parameter int unsigned AxiDataBits = 128,
    parameter int unsigned AxiIdBits = 2,
    parameter int unsigned MaxBurst = 32,
    parameter int unsigned PrefetchTiles = 8
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,          // synchronous, active low
    input  logic [RegAddrBits-1:0] s_axil_awaddr,
    input  logic                   s_axil_awvalid,
    output logic                   s_axil_awready,
    input  logic [           31:0] s_axil_wdata,
    input  logic [            3:0] s_axil_wstrb,
    input  logic                   s_axil_wvalid,
    output logic                   s_axil_wready,
    output logic [            1:0] s_axil_bresp,
    output logic                   s_axil_bvalid,
    input  logic                   s_axil_bready,
    input  logic [RegAddrBits-1:0] s_axil_araddr,
    input  logic                   s_axil_arvalid,
    output logic                   s_axil_arready,
    output logic [           31:0] s_axil_rdata,
    output logic [            1:0] s_axil_rresp,
    output logic                   s_axil_rvalid,
    input  logic                   s_axil_rready,
    output logic                   start_o,
    output logic                   stop_o,
    output logic                   reset_o,
    output logic [           63:0] program_o,
    output logic [           31:0] count_o,
    output logic [           31:0] limit_o,
    input  logic                   running_i,
    input  logic                   done_i,
    input  logic                   error_i,
    input  logic                   bus_idle_i,
    input  logic [            7:0] code_i,
    input  logic [           31:0] index_i,
    input  logic [           31:0] oldest_i,
    input  logic [            3:0] why_i,           // why_e
    input  logic                   param_beat_i,
    input  logic                   read_beat_i,
    input  logic                   write_beat_i,
    output logic                   irq_o
);
  localparam logic [1:0] Okay = 2'b00, SlvErr = 2'b10;
  localparam int unsigned CountBits = 48;

  // Writes: address and data wait for each other.
  logic aw_full_q, w_full_q;
  logic [RegAddrBits-3:0] aw_q;
  logic [31:0] w_q;
  logic [3:0] strb_q;
  wire write = aw_full_q && w_full_q && !s_axil_bvalid;
  control_t control;
  irq_t irq_enable_q, irq_status_q, irq_set, irq_clear;
  logic writable, at_start;
  always_comb begin
    writable = strb_q == '1;
    at_start = 1'b0;  // what a run is started with
    unique case (reg_e'({
      aw_q, 2'b00
    }))
      RegControl: at_start = control.start && !control.stop && !control.reset;
      RegIrqEnable, RegIrqStatus: ;
      RegProgramLow, RegProgramHigh, RegProgramCount, RegTimeLimit: at_start = 1'b1;
      default: writable = 1'b0;
    endcase
  end
  assign control = w_q;
  wire write_ok = writable && !(at_start && running_i);
  wire act = write && write_ok && {aw_q, 2'b00} == RegControl;
  assign reset_o = act && control.reset;
  assign stop_o = act && control.stop && !control.reset;
  assign start_o = act && control.start && !control.stop && !control.reset;
  assign s_axil_awready = !aw_full_q;
  assign s_axil_wready = !w_full_q;

  logic done_q, error_q;  // one cycle ago
  assign irq_set = '{reserved: '0, error: error_i && !error_q, done: done_i && !done_q};
  assign irq_clear = write && write_ok && {aw_q, 2'b00} == RegIrqStatus ? w_q : '0;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_full_q <= 1'b0;
      w_full_q <= 1'b0;
      s_axil_bvalid <= 1'b0;
    end else begin
      if (write) {aw_full_q, w_full_q} <= '0;
      if (s_axil_awvalid && s_axil_awready) aw_full_q <= 1'b1;
      if (s_axil_wvalid && s_axil_wready) w_full_q <= 1'b1;
      if (s_axil_bready) s_axil_bvalid <= 1'b0;
      if (write) s_axil_bvalid <= 1'b1;
    end
    if (s_axil_awready) aw_q <= s_axil_awaddr[RegAddrBits-1:2];
    if (s_axil_wready) {strb_q, w_q} <= {s_axil_wstrb, s_axil_wdata};
    if (write) s_axil_bresp <= write_ok ? Okay : SlvErr;
    if (!rst_ni || reset_o) begin
      program_o <= '0;
      count_o <= '0;
      limit_o <= '0;
      irq_enable_q <= '0;
      irq_status_q <= '0;
      done_q <= 1'b0;
      error_q <= 1'b0;
      irq_o <= 1'b0;
    end else begin
      if (write && write_ok) begin
        unique case (reg_e'({
          aw_q, 2'b00
        }))
          RegProgramLow: program_o[31:0] <= w_q;
          RegProgramHigh: program_o[63:32] <= w_q;
          RegProgramCount: count_o <= w_q;
          RegTimeLimit: limit_o <= w_q;
          RegIrqEnable: irq_enable_q <= '{reserved: '0, error: w_q[1], done: w_q[0]};
          default: ;
        endcase
      end
      irq_status_q <= (irq_status_q & ~irq_clear) | irq_set;
      done_q <= done_i;
      error_q <= error_i;
      irq_o <= |(irq_status_q & irq_enable_q);
    end
  end

  // Counters. Those of reasons are in a memory of 16 words; used_q: cleared words count as 0.
  logic [CountBits-1:0] cycles_q, param_beats_q, read_beats_q, write_beats_q;
  logic [CountBits-1:0] why_mem[16];
  logic [15:0] used_q;
  logic counting_q;
  logic [3:0] why_q;
  wire [CountBits-1:0] why_count = used_q[why_q] ? why_mem[why_q] : '0;
  always_ff @(posedge clk_i) begin
    counting_q <= running_i;
    why_q <= why_i;
    if (!rst_ni || reset_o || start_o) begin
      cycles_q <= '0;
      param_beats_q <= '0;
      read_beats_q <= '0;
      write_beats_q <= '0;
      used_q <= '0;
      counting_q <= 1'b0;
    end else begin
      if (counting_q) cycles_q <= cycles_q + 1'b1;
      if (counting_q) used_q[why_q] <= 1'b1;
      if (running_i && param_beat_i) param_beats_q <= param_beats_q + 1'b1;
      if (running_i && read_beat_i) read_beats_q <= read_beats_q + 1'b1;
      if (running_i && write_beat_i) write_beats_q <= write_beats_q + 1'b1;
    end
    if (counting_q) why_mem[why_q] <= why_count + 1'b1;
  end

  // Reads: address, then data.
  logic ar_full_q;
  logic [RegAddrBits-1:0] ar_q;
  logic [31:0] high_q, data;
  logic known;
  logic [CountBits-1:0] count;  // of the counter addressed
  wire is_why = ar_q >= RegWhyLow && ar_q < RegWhyLow + RegAddrBits'(8 * WhyCount);
  wire is_count = is_why || (ar_q >= RegCyclesLow && ar_q <= RegWriteBeatsHigh);
  status_t status;
  assign status = '{
          reserved: '0,
          draining: !bus_idle_i && !running_i,
          error: error_i,
          done: done_i,
          running: running_i
      };
  always_comb begin
    unique case (ar_q[4:3])
      2'd0: count = cycles_q;
      2'd1: count = param_beats_q;
      2'd2: count = read_beats_q;
      default: count = write_beats_q;
    endcase
    if (is_why) count = used_q[ar_q[6:3]] ? why_mem[ar_q[6:3]] : '0;
  end
  always_comb begin
    known = 1'b1;
    data  = '0;
    unique case (reg_e'(ar_q))
      RegIdentity: data = Identity;
      RegVersion: data = Version;
      RegControl: data = '0;
      RegStatus: data = status;
      RegProgramLow: data = program_o[31:0];
      RegProgramHigh: data = program_o[63:32];
      RegProgramCount: data = count_o;
      RegTimeLimit: data = limit_o;
      RegIrqEnable: data = irq_enable_q;
      RegIrqStatus: data = irq_status_q;
      RegErrorCode: data = 32'(code_i);
      RegErrorIndex: data = index_i;
      RegOldest: data = oldest_i;
      RegM: data = M;
      RegRows: data = Rows;
      RegStatRows: data = StatRows;
      RegActBits: data = ActBits;
      RegActDepth0: data = ActDepth0;
      RegActDepth1: data = ActDepth1;
      RegResDepth0: data = ResDepth0;
      RegResDepth1: data = ResDepth1;
      RegExpTables: data = ExpTables;
      RegMulStyle: data = MulStyle;
      RegChainLength: data = ChainLength;
      RegPacked: data = 32'(Packed);
      RegAxiAddrBits: data = AxiAddrBits;
      RegAxiDataBits: data = AxiDataBits;
      RegAxiIdBits: data = AxiIdBits;
      RegMaxBurst: data = MaxBurst;
      RegPrefetchTiles: data = PrefetchTiles;
      default: begin
        known = is_count;
        if (is_count) data = ar_q[2] ? high_q : count[31:0];
      end
    endcase
  end
  assign s_axil_arready = !ar_full_q;
  wire read = ar_full_q && !s_axil_rvalid;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ar_full_q <= 1'b0;
      s_axil_rvalid <= 1'b0;
    end else begin
      if (read) ar_full_q <= 1'b0;
      if (s_axil_arvalid && s_axil_arready) ar_full_q <= 1'b1;
      if (s_axil_rready) s_axil_rvalid <= 1'b0;
      if (read) s_axil_rvalid <= 1'b1;
    end
    if (s_axil_arready) ar_q <= {s_axil_araddr[RegAddrBits-1:2], 2'b00};
    if (read) begin
      s_axil_rdata <= data;
      s_axil_rresp <= known ? Okay : SlvErr;
      if (is_count && !ar_q[2]) high_q <= 32'(count >> 32);
    end
  end
  wire unused_bits = ^{control.reserved, s_axil_awaddr[1:0], s_axil_araddr[1:0]};

  `SB_ASSERT_STABLE(BStable_A, s_axil_bvalid, s_axil_bready, s_axil_bresp)
  `SB_ASSERT_STABLE(RStable_A, s_axil_rvalid, s_axil_rready, {s_axil_rdata, s_axil_rresp})
endmodule
