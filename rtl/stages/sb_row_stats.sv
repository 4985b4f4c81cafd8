// SPDX-License-Identifier: Apache-2.0
// Sum and sum of squares of int16 rows, for LayerNorm (golden/ops/numerics.md section 8).
//
//   sum[row] = sum s,   sumsq[row] = sum s^2      over the words of the row
//
// Lanes past the row's end must be 0. Words carry row, first and last flags as in sb_row_reduce, in
// any order of rows, one per cycle. One multiplier per lane (sb_mul). Latency
// row_stats_latency(M, MulStyle) cycles from the last word of a row, no stall.
`include "sb_assert.svh"

module sb_row_stats
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes, a power of two
    parameter int unsigned Rows = 128,  // rows under way at a time: costs Rows * 71 bits of memory
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1
) (
    input  logic                                      clk_i,
    input  logic                                      rst_ni,   // synchronous, active low
    input  logic                                      valid_i,
    input  logic                                      first_i,
    input  logic                                      last_i,
    input  logic        [   RowBits-1:0]              row_i,
    input  logic        [         M-1:0][ResBits-1:0] data_i,   // int16
    output logic                                      valid_o,
    output logic        [   RowBits-1:0]              row_o,
    output logic signed [RowSumBits-1:0]              sum_o,
    output logic        [ RowSqBits-1:0]              sumsq_o
);
  if (M < 2 || (M & (M - 1)) != 0) begin : gen_illegal_m
    $fatal(1, "sb_row_stats: M = %0d, must be a power of two, at least 2", M);
  end
  localparam int unsigned SquareBits = 2 * ResBits;
  localparam int unsigned SquareLatency = mul_latency(MulStyle, ResBits, ResBits);

  logic signed [ResBits-1:0] value[M];
  logic [ResBits-1:0] operand[M];
  logic signed [SquareBits-1:0] square[M];
  always_comb begin
    for (int unsigned c = 0; c < M; c++) begin
      value[c]   = $signed(data_i[c]);
      operand[c] = data_i[c];
    end
  end

  // The sums are ready first and wait for those of the squares.
  logic sum_valid;
  logic [RowBits-1:0] sum_row;
  logic signed [RowSumBits-1:0] sum;
  sb_row_sum #(
      .M(M),
      .Width(ResBits),
      .SumBits(RowSumBits),
      .Rows(Rows),
      .MulStyle(MulStyle)
  ) i_sum (
      .clk_i,
      .rst_ni,
      .valid_i,
      .first_i,
      .last_i,
      .row_i,
      .value_i(value),
      .valid_o(sum_valid),
      .row_o(sum_row),
      .sum_o(sum)
  );
  logic [SquareLatency:0] unused_stages;
  sb_valid_delay #(
      .Depth  (SquareLatency),
      .TagBits(RowBits + RowSumBits)
  ) i_wait (
      .clk_i,
      .rst_ni,
      .valid_i(sum_valid),
      .tag_i({sum_row, sum}),
      .valid_o,
      .tag_o({row_o, sum_o}),
      .stage_valid_o(unused_stages)
  );

  logic first, last;
  logic [RowBits-1:0] row;
  logic [SquareLatency:0] square_stages;
  sb_valid_delay #(
      .Depth  (SquareLatency),
      .TagBits(2 + RowBits)
  ) i_ctrl (
      .clk_i,
      .rst_ni,
      .valid_i,
      .tag_i({first_i, last_i, row_i}),
      .valid_o(),
      .tag_o({first, last, row}),
      .stage_valid_o(square_stages)
  );
  sb_mul #(
      .M(M),
      .XBits(ResBits),
      .YBits(ResBits),
      .MulStyle(MulStyle)
  ) i_square (
      .clk_i,
      .stage_valid_i(square_stages[SquareLatency-1:0]),
      .x_i(operand),
      .x2_i('{default: '0}),
      .y_i(operand),
      .c_i('{default: '0}),
      .p_o(square)
  );
  logic sq_valid;
  logic [RowBits-1:0] sq_row;
  logic signed [RowSqBits:0] sumsq;
  sb_row_sum #(
      .M(M),
      .Width(SquareBits),
      .SumBits(RowSqBits + 1),
      .Rows(Rows),
      .MulStyle(MulStyle)
  ) i_sumsq (
      .clk_i,
      .rst_ni,
      .valid_i(square_stages[SquareLatency]),
      .first_i(first),
      .last_i(last),
      .row_i(row),
      .value_i(square),
      .valid_o(sq_valid),
      .row_o(sq_row),
      .sum_o(sumsq)
  );
  assign sumsq_o = sumsq[RowSqBits-1:0];

  `SB_ASSERT(SumsTogether_A, valid_o == sq_valid && (!valid_o || row_o == sq_row))
  `SB_ASSERT(SquaresNotNegative_A, sq_valid |-> !sumsq[RowSqBits])
endmodule
