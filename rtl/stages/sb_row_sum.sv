// SPDX-License-Identifier: Apache-2.0
// Sum over the lanes of a word and over the words of a row.
//
//   sum[row] = sum over words of row, lanes c: value[c]
//
// Words carry row, first and last flags as in sb_row_reduce, in any order of rows, one per cycle.
// Latency row_sum_latency(M) cycles from the last word of a row to its sum, no stall.
module sb_row_sum
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes, a power of two, 2 or more
    parameter int unsigned Width = 8,  // bits of a value: signed
    parameter int unsigned SumBits = 20,  // bits of the sum: signed, at least Width + log2(M)
    parameter int unsigned Rows = 128,  // rows under way at a time
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device (sb_ram)
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1
) (
    input  logic                      clk_i,
    input  logic                      rst_ni,      // synchronous, active low
    input  logic                      valid_i,
    input  logic                      first_i,
    input  logic                      last_i,
    input  logic        [RowBits-1:0] row_i,
    input  logic signed [  Width-1:0] value_i[M],
    output logic                      valid_o,
    output logic        [RowBits-1:0] row_o,
    output logic signed [SumBits-1:0] sum_o
);
  if (M < 2 || (M & (M - 1)) != 0) begin : gen_illegal_m
    $fatal(1, "sb_row_sum: M = %0d, must be a power of two, at least 2", M);
  end
  localparam int unsigned Levels = $clog2(M);
  if (SumBits < Width + Levels) begin : gen_illegal
    $fatal(1, "sb_row_sum: SumBits = %0d, a word needs %0d", SumBits, Width + Levels);
  end

  logic signed [Width+Levels-1:0] word_sum;
  sb_adder_tree #(
      .Leaves(M),
      .Width (Width)
  ) i_tree (
      .clk_i,
      .leaf_i(value_i),
      .sum_o(word_sum)
  );

  sb_row_reduce #(
      .Width(SumBits),
      .Rows(Rows),
      .ValueDelay(Levels),
      .MulStyle(MulStyle)
  ) i_reduce (
      .clk_i,
      .rst_ni,
      .valid_i,
      .first_i,
      .last_i,
      .row_i,
      .value_i(SumBits'(word_sum)),
      .valid_o,
      .row_o,
      .result_o(sum_o)
  );
endmodule
