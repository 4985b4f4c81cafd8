// SPDX-License-Identifier: Apache-2.0
// Residual addition, with the row statistics that the next LayerNorm needs.
//
//   s[c] = sat_16(h[c] + d[c])                      golden/ops/numerics.md section 7
//   sum[row], sumsq[row] of s                       section 8
//
//   h_i, d_i --[sum]--[saturated]--+--> s_o
//                                  +--> sb_row_stats --> stats_*
//
// h: the kept residual, d: the requantized product, both int16; lanes past the row's end must be 0
// in both. Words carry row, first and last flags as in sb_row_reduce, in any order of rows, one per
// cycle. Latency residual_latency() cycles from valid_i to valid_o, residual_stats_latency(M,
// MulStyle) from a row's last word to its statistics, no stall.
module sb_residual
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes, a power of two
    parameter int unsigned Rows = 128,  // rows under way at a time (sb_row_stats)
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e
    parameter int unsigned TagBits = 1,  // payload that leaves with a word
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1
) (
    input  logic                                      clk_i,
    input  logic                                      rst_ni,         // synchronous, active low
    input  logic                                      valid_i,
    input  logic                                      first_i,
    input  logic                                      last_i,
    input  logic        [   RowBits-1:0]              row_i,
    input  logic        [         M-1:0][ResBits-1:0] h_i,
    input  logic        [         M-1:0][ResBits-1:0] d_i,
    input  logic        [   TagBits-1:0]              tag_i,
    output logic                                      valid_o,
    output logic        [         M-1:0][ResBits-1:0] s_o,
    output logic        [   TagBits-1:0]              tag_o,
    output logic                                      stats_valid_o,
    output logic        [   RowBits-1:0]              stats_row_o,
    output logic signed [RowSumBits-1:0]              stats_sum_o,
    output logic        [ RowSqBits-1:0]              stats_sumsq_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_residual: TagBits = %0d, must be at least 1", TagBits);
  end

  localparam int unsigned Latency = residual_latency();
  logic [Latency:0] valid;  // a word came so many cycles ago
  logic first, last;
  logic [RowBits-1:0] row;
  sb_valid_delay #(
      .Depth  (Latency),
      .TagBits(2 + RowBits + TagBits)
  ) i_valid (
      .clk_i,
      .rst_ni,
      .valid_i,
      .tag_i({first_i, last_i, row_i, tag_i}),
      .valid_o(),
      .tag_o({first, last, row, tag_o}),
      .stage_valid_o(valid)
  );

  assign valid_o = valid[Latency];

  logic [M-1:0][ResBits:0] sum_q;
  always_ff @(posedge clk_i) begin
    automatic logic [M-1:0][  ResBits:0] sum_d;
    automatic logic [M-1:0][ResBits-1:0] s_d;
    if (valid[0]) begin
      for (int unsigned c = 0; c < M; c++)
      sum_d[c] = (ResBits + 1)'($signed(h_i[c])) + (ResBits + 1)'($signed(d_i[c]));
      sum_q <= sum_d;
    end
    if (valid[1]) begin
      for (int unsigned c = 0; c < M; c++) begin
        s_d[c] = sum_q[c][ResBits-1:0];
        if (sum_q[c][ResBits] != sum_q[c][ResBits-1])
          s_d[c] = {sum_q[c][ResBits], {(ResBits - 1) {!sum_q[c][ResBits]}}};
      end
      s_o <= s_d;
    end
  end

  sb_row_stats #(
      .M(M),
      .Rows(Rows),
      .MulStyle(MulStyle)
  ) i_stats (
      .clk_i,
      .rst_ni,
      .valid_i(valid_o),
      .first_i(first),
      .last_i(last),
      .row_i(row),
      .data_i(s_o),
      .valid_o(stats_valid_o),
      .row_o(stats_row_o),
      .sum_o(stats_sum_o),
      .sumsq_o(stats_sumsq_o)
  );
endmodule
