// Sum and sum of squares of int16 rows, for LayerNorm (golden/ops/numerics.md section 8).
//
//   sum[row] = sum s,   sumsq[row] = sum s^2      over the words of the row; lanes past its end must be 0
//
// Words carry row, first and last flags as in sb_row_fold, in any order of rows, one per cycle. One multiplier per lane.
// Latency 2 + log2(M) + 2 cycles from the last word of a row, no stall.
`include "sb_assert.svh"

module sb_row_stats
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes, a power of two
    parameter int unsigned Rows = 128,  // rows under way at a time: costs Rows * 71 bits of memory
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
  // data_q is private to the process below and updated in place.
  logic signed [ResBits-1:0] data_q[M], value_d[M], value_q[M];
  logic signed [SquareBits-1:0] square_d[M], square_q[M];
  logic valid_q, valid2_q;
  logic first, last;
  logic [RowBits-1:0] row;

  always_ff @(posedge clk_i) begin
    valid_q  <= rst_ni && valid_i;
    valid2_q <= rst_ni && valid_q;
    if (valid_q) begin
      for (int unsigned c = 0; c < M; c++) begin
        value_d[c] = data_q[c];
        square_d[c] = SquareBits'(data_q[c]) * SquareBits'(data_q[c]);
      end
      value_q  <= value_d;
      square_q <= square_d;
    end
    if (valid_i) for (int unsigned c = 0; c < M; c++) data_q[c] = data_i[c];
  end
  sb_delay #(
      .Width(RowBits + 2),
      .Depth(2)
  ) i_ctrl (
      .clk_i,
      .data_i({first_i, last_i, row_i}),
      .data_o({first, last, row})
  );

  sb_row_sum #(
      .M(M),
      .Width(ResBits),
      .SumBits(RowSumBits),
      .Rows(Rows)
  ) i_sum (
      .clk_i,
      .rst_ni,
      .valid_i(valid2_q),
      .first_i(first),
      .last_i(last),
      .row_i(row),
      .value_i(value_q),
      .valid_o,
      .row_o,
      .sum_o
  );
  logic sq_valid;
  logic [RowBits-1:0] sq_row;
  logic signed [RowSqBits:0] sumsq;
  sb_row_sum #(
      .M(M),
      .Width(SquareBits),
      .SumBits(RowSqBits + 1),
      .Rows(Rows)
  ) i_sumsq (
      .clk_i,
      .rst_ni,
      .valid_i(valid2_q),
      .first_i(first),
      .last_i(last),
      .row_i(row),
      .value_i(square_q),
      .valid_o(sq_valid),
      .row_o(sq_row),
      .sum_o(sumsq)
  );
  assign sumsq_o = sumsq[RowSqBits-1:0];

  `SB_ASSERT(SumsTogether_A, valid_o == sq_valid && (!valid_o || row_o == sq_row))
  `SB_ASSERT(SquaresNotNegative_A, sq_valid |-> !sumsq[RowSqBits])
endmodule
