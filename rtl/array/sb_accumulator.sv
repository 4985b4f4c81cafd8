// SPDX-License-Identifier: Apache-2.0
// Accumulator bank: Rows words of M signed 32-bit sums, one word updated per cycle.
//
// A word of dot products with first_i starts the sum of its row, one without adds to it, and with
// last_i the finished sum leaves (and is not stored). A sum takes 3 cycles to reach the memory: a
// word that adds to it comes no earlier. sb_gemm_core issues rows so, which is proven; asserted
// here. Latency 2 cycles from valid_i to valid_o, one word per cycle, no stall. Sums must stay
// inside int32: asserted.
`include "sb_assert.svh"

module sb_accumulator
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes
    parameter int unsigned Rows = 128,  // depth, 1 or more: costs Rows * M * 32 bits of memory
    parameter int unsigned DotBits = 22,  // width of a dot product
    parameter int unsigned TagBits = 1,  // payload that leaves with a finished word
    parameter logic [M-1:0] Subtract = '0,  // lanes whose dot products arrive negated
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1
) (
    input  logic                                   clk_i,
    input  logic                                   rst_ni,      // synchronous, active low
    input  logic                                   valid_i,
    input  logic                                   first_i,
    input  logic                                   last_i,
    input  logic        [RowBits-1:0]              row_i,
    input  logic signed [DotBits-1:0]              dot_i  [M],
    input  logic        [TagBits-1:0]              tag_i,
    output logic                                   valid_o,
    output logic        [      M-1:0][AccBits-1:0] sum_o,
    output logic        [TagBits-1:0]              tag_o
);
  typedef struct packed {
    logic               first;
    logic               last;
    logic [RowBits-1:0] row;
    logic [TagBits-1:0] tag;
  } ctrl_t;

  logic valid_q, sum_valid_q;
  ctrl_t ctrl_q, sum_ctrl_q;
  logic signed [DotBits-1:0] dot_q[M];
  logic [M-1:0][AccBits-1:0] stored, base, sum_d, sum_q;

  sb_ram #(
      .Width(M * AccBits),
      .Depth(Rows)
  ) i_sums (
      .clk_i,
      .write_i(sum_valid_q && !sum_ctrl_q.last),
      .write_addr_i(sum_ctrl_q.row),
      .write_data_i(sum_q),
      .read_i(valid_i && !first_i),
      .read_addr_i(row_i),
      .read_data_o(stored)
  );

  // A loop, not an assignment per lane: the simulator would join those to the whole word one by
  // one.
  always_comb begin
    for (int unsigned c = 0; c < M; c++) begin
      base[c]  = ctrl_q.first ? '0 : stored[c];
      sum_d[c] = Subtract[c] ? base[c] - AccBits'(dot_q[c]) : base[c] + AccBits'(dot_q[c]);
    end
  end
  for (genvar c = 0; c < M; c++) begin : gen_check
    wire signed [AccBits:0] wide = (AccBits + 1)'($signed(base[c]));
    wire signed [AccBits:0] exact = Subtract[c] ? wide - (AccBits + 1)'(dot_q[c]) : wide + (AccBits + 1)'(dot_q[c]);
    `SB_ASSERT(NoOverflow_A, valid_q |-> exact[AccBits] == exact[AccBits-1])
  end

  always_ff @(posedge clk_i) begin
    valid_q     <= rst_ni && valid_i;
    sum_valid_q <= rst_ni && valid_q;
    ctrl_q      <= '{first: first_i, last: last_i, row: row_i, tag: tag_i};
    dot_q       <= dot_i;
    sum_ctrl_q  <= ctrl_q;
    if (valid_q) sum_q <= sum_d;
  end

  assign valid_o = sum_valid_q && sum_ctrl_q.last;
  assign sum_o   = sum_q;
  assign tag_o   = sum_ctrl_q.tag;

  // A stored sum is read only after it was written.
  wire early_for_dot = valid_q && !ctrl_q.last && ctrl_q.row == row_i;
  wire early_for_sum = sum_valid_q && !sum_ctrl_q.last && sum_ctrl_q.row == row_i;
  `SB_ASSERT(NoReadBeforeWrite_A, valid_i && !first_i |-> !early_for_dot && !early_for_sum)
endmodule
