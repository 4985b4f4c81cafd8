// SPDX-License-Identifier: Apache-2.0
// What is kept per row, each unit by itself: reduction of interleaved rows (sum and maximum),
// reciprocal, row constants of LayerNorm and reciprocal square root. All free-running, each with
// its own valid.
module sb_rows_top
  import sb_pkg::*;
#(
    parameter int unsigned Rows = 4,
    parameter int unsigned StageBits = 1
) (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic               value_valid_i,
    input  logic               value_first_i,
    input  logic               value_last_i,
    input  logic        [ 1:0] value_row_i,
    input  logic signed [15:0] value_i,
    output logic               sum_valid_o,
    output logic        [ 1:0] sum_row_o,
    output logic signed [15:0] sum_o,
    output logic               max_valid_o,
    output logic        [ 1:0] max_row_o,
    output logic signed [15:0] max_o,
    input  logic               recip_valid_i,
    input  logic        [19:0] recip_sum_i,
    output logic               recip_valid_o,
    output logic        [16:0] recip_o,
    output logic        [19:0] recip_tag_o,   // the sum that it belongs to
    input  logic               rsqrt_valid_i,
    input  logic        [56:0] rsqrt_w_i,
    output logic               rsqrt_valid_o,
    output logic        [16:0] rsqrt_m_o,
    output logic signed [ 4:0] rsqrt_h_o,
    output logic        [56:0] rsqrt_tag_o,
    output logic        [ 7:0] recip_latency_o,  // of sb_latency_pkg
    output logic        [ 7:0] rsqrt_latency_o
);
  sb_row_reduce #(.Width(16), .Rows(Rows)) i_sum (
      .clk_i, .rst_ni, .valid_i(value_valid_i), .first_i(value_first_i), .last_i(value_last_i),
      .row_i(value_row_i),
      .value_i, .valid_o(sum_valid_o), .row_o(sum_row_o), .result_o(sum_o)
  );
  sb_row_reduce #(.Width(16), .Rows(Rows), .Max(1)) i_max (
      .clk_i, .rst_ni, .valid_i(value_valid_i), .first_i(value_first_i), .last_i(value_last_i),
      .row_i(value_row_i),
      .value_i, .valid_o(max_valid_o), .row_o(max_row_o), .result_o(max_o)
  );
  assign recip_latency_o = 8'(sb_latency_pkg::recip_latency(StageBits));
  assign rsqrt_latency_o = 8'(sb_latency_pkg::rsqrt_latency());
  sb_recip #(.StageBits(StageBits), .TagBits(ExpSumBits)) i_recip (
      .clk_i, .rst_ni, .valid_i(recip_valid_i), .sum_i(recip_sum_i), .tag_i(recip_sum_i),
      .valid_o(recip_valid_o), .recip_o, .tag_o(recip_tag_o)
  );
  sb_rsqrt #(.TagBits(57)) i_rsqrt (
      .clk_i, .rst_ni, .valid_i(rsqrt_valid_i), .w_i(rsqrt_w_i), .tag_i(rsqrt_w_i),
      .valid_o(rsqrt_valid_o), .m_o(rsqrt_m_o), .h_o(rsqrt_h_o), .tag_o(rsqrt_tag_o)
  );
endmodule
