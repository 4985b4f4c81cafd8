// SPDX-License-Identifier: Apache-2.0
// Accumulator bank: Rows words of M signed 32-bit sums, one word updated per cycle.
//
// A word of dot products with first_i starts the sum of its row, one without adds to it, and with
// last_i the finished sum leaves (and is not stored).
//
//   row_i --> [memory]--[register]--+--> [sum_q] --+--> sum_o
//                ^                  |              |
//                |   dot_i ---------+              |
//                +---------------------------------+
//
// The dot products of a word come accumulator_lead() cycles after the rest of it, when what they
// are added to has been read: nothing waits for the memory.
// A sum takes 4 cycles to be read again: a word that adds to it comes no earlier. sb_gemm_core
// issues rows so, which is proven; asserted here. Latency accumulator_latency() from valid_i to
// valid_o, one word per cycle, no stall. Sums must stay inside int32: asserted.
`include "sb_assert.svh"

module sb_accumulator
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes
    parameter int unsigned Rows = 128,  // depth, 1 or more: costs Rows * M * 32 bits of memory
    parameter int unsigned DotBits = 22,  // width of a dot product
    parameter int unsigned TagBits = 1,  // payload that leaves with a finished word
    parameter logic [M-1:0] Subtract = '0,  // lanes whose dot products arrive negated
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1
) (
    input  logic                                   clk_i,
    input  logic                                   rst_ni,      // synchronous, active low
    input  logic                                   valid_i,
    input  logic                                   first_i,
    input  logic                                   last_i,
    input  logic        [RowBits-1:0]              row_i,
    input  logic signed [DotBits-1:0]              dot_i  [M],  // late
    input  logic        [TagBits-1:0]              tag_i,
    output logic                                   valid_o,
    output logic        [      M-1:0][AccBits-1:0] sum_o,
    output logic        [TagBits-1:0]              tag_o
);
  if (M < 1) begin : gen_illegal_m
    $fatal(1, "sb_accumulator: M = %0d, must be at least 1", M);
  end
  if (Rows < 1 || Rows > 65535) begin : gen_illegal_rows
    $fatal(1, "sb_accumulator: Rows = %0d, must be 1 to 65535", Rows);
  end
  if (DotBits < 1 || DotBits > AccBits) begin : gen_illegal_dot_bits
    $fatal(1, "sb_accumulator: DotBits = %0d, must be 1 to 32", DotBits);
  end
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_accumulator: TagBits = %0d, must be at least 1", TagBits);
  end
  typedef struct packed {
    logic               first;
    logic               last;
    logic [RowBits-1:0] row;
    logic [TagBits-1:0] tag;
  } ctrl_t;

  localparam int unsigned Steps = accumulator_latency();
  logic  [Steps:0] valid;
  ctrl_t [Steps:0] ctrl;  // of the word that came so many cycles ago
  logic [M-1:0][AccBits-1:0] read, base, sum_d, sum_q;

  // With cells of ECP5 the output register is theirs; else it is here, where it can be cleared.
  localparam bit Cells = MulStyle == MulMult18x18d;
  sb_ram #(
      .Width(M * AccBits),
      .Depth(Rows),
      .ReadLatency(Cells ? 2 : 1),
      .MulStyle(MulStyle)
  ) i_sums (
      .clk_i,
      .write_i(valid[Steps] && !ctrl[Steps].last),
      .write_addr_i(ctrl[Steps].row),
      .write_data_i(sum_q),
      .read_i(valid_i && !first_i),
      .read_addr_i(row_i),
      .move_i(1'b1),
      .read_data_o(read)
  );
  if (Cells) begin : gen_cells
    assign base = ctrl[Steps-1].first ? '0 : read;
  end else begin : gen_register
    always_ff @(posedge clk_i) base <= ctrl[1].first ? '0 : read;
  end

  // A loop, not an assignment per lane: the simulator would join those to the whole word one by
  // one.
  always_comb begin
    for (int unsigned c = 0; c < M; c++)
    sum_d[c] = Subtract[c] ? base[c] - AccBits'(dot_i[c]) : AccBits'(dot_i[c]) + base[c];
  end
  for (genvar c = 0; c < M; c++) begin : gen_check
    wire signed [AccBits:0] wide = (AccBits + 1)'($signed(base[c]));
    wire signed [AccBits:0] term = (AccBits + 1)'(dot_i[c]);
    wire signed [AccBits:0] exact = Subtract[c] ? wide - term : wide + term;
    `SB_ASSERT(NoOverflow_A, valid[Steps-1] |-> exact[AccBits] == exact[AccBits-1])
  end

  ctrl_t now;
  ctrl_t [Steps:1] ctrl_q;
  assign now  = '{first: first_i, last: last_i, row: row_i, tag: tag_i};
  assign ctrl = {ctrl_q, now};
  sb_valid_delay #(
      .Depth  (Steps),
      .TagBits(1)
  ) i_valid (
      .clk_i,
      .rst_ni,
      .valid_i,
      .tag_i(1'b0),
      .valid_o(),
      .tag_o(),
      .stage_valid_o(valid)
  );
  always_ff @(posedge clk_i) begin
    ctrl_q <= ctrl[Steps-1:0];
    if (valid[Steps-1]) sum_q <= sum_d;
    valid_o <= rst_ni && valid[Steps-1] && ctrl[Steps-1].last;
  end

  assign sum_o   = sum_q;
  assign tag_o   = ctrl[Steps].tag;

  // A stored sum is read only after it was written.
  for (genvar s = 1; s <= Steps; s++) begin : gen_early
    wire writes = valid[s] && !ctrl[s].last && ctrl[s].row == row_i;
    `SB_ASSERT(NoReadBeforeWrite_A, valid_i && !first_i |-> !writes)
  end
endmodule
