// SPDX-License-Identifier: Apache-2.0
// Row maximum of int8 scores: over the kept lanes of a word and over the words of a row (epilogue
// of the score product).
//
//   max[row] = max over words of row, lanes c with keep[c]: score[c]
//              -128 for a row without a kept lane
//
// Words carry row, first and last flags as in sb_row_reduce, in any order of rows, one per cycle.
// Latency row_max_latency(M) cycles from the last word of a row to its maximum, no stall.
module sb_row_max
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes, a power of two, 2 or more
    parameter int unsigned Rows = 128,  // rows under way at a time
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device (sb_ram)
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1
) (
    input  logic                           clk_i,
    input  logic                           rst_ni,   // synchronous, active low
    input  logic                           valid_i,
    input  logic                           first_i,
    input  logic                           last_i,
    input  logic        [RowBits-1:0]      row_i,
    input  logic        [      M-1:0]      keep_i,   // lanes that count
    input  logic        [      M-1:0][7:0] score_i,  // int8
    output logic                           valid_o,
    output logic        [RowBits-1:0]      row_o,
    output logic signed [        7:0]      max_o
);
  localparam int unsigned Levels = $clog2(M);
  if (M < 2 || (M & (M - 1)) != 0) begin : gen_illegal
    $fatal(1, "sb_row_max: M = %0d, must be a power of two, at least 2", M);
  end

  // By the sign of the difference: a signed comparison would leave a carry chain twice.
  function automatic logic signed [7:0] larger(logic signed [7:0] a, logic signed [7:0] b);
    return 9'(a) - 9'(b) < 9'sd0 ? b : a;
  endfunction

  // A step masks, the others compare. Heap of registers, as in sb_adder_tree: node i is the larger
  // of nodes 2i and 2i + 1, node 1 the largest.
  logic signed [7:0] lane_q[M], node_q[1:M-1];
  always_ff @(posedge clk_i) begin
    automatic logic signed [7:0] lane_d[M], node_d[1:M-1];
    for (int unsigned c = 0; c < M; c++) lane_d[c] = keep_i[c] ? $signed(score_i[c]) : 8'sh80;
    for (int unsigned i = 1; i < M / 2; i++) node_d[i] = larger(node_q[2*i], node_q[2*i+1]);
    for (int unsigned i = 0; i < M / 2; i++) node_d[M/2+i] = larger(lane_q[2*i], lane_q[2*i+1]);
    lane_q <= lane_d;
    node_q <= node_d;
  end

  sb_row_reduce #(
      .Width(8),
      .Rows(Rows),
      .Max(1),
      .ValueDelay(1 + Levels),
      .MulStyle(MulStyle)
  ) i_reduce (
      .clk_i,
      .rst_ni,
      .valid_i,
      .first_i,
      .last_i,
      .row_i,
      .value_i(node_q[1]),
      .valid_o,
      .row_o,
      .result_o(max_o)
  );
endmodule
