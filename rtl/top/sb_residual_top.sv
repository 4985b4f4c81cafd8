// SPDX-License-Identifier: Apache-2.0
// Stand-alone residual addition: streams of h and d words in, sums out, row statistics beside
// (sb_residual behind valid / ready).
//
// Words of a row come one after the other, `last` marks the last. The statistics of a row appear
// for one cycle, without back-pressure. Latency residual_top_latency() cycles, one word per cycle.
module sb_residual_top
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 8,  // lanes, a power of two
    parameter int unsigned MulStyle = MulInferred  // mul_style_e
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous, active low
    input logic in_valid_i,
    output logic in_ready_o,
    input logic [2*M*ResBits:0] in_data_i,  // {last, M lanes of d, M lanes of h}
    output logic out_valid_o,
    input logic out_ready_i,
    output logic [M-1:0][ResBits-1:0] out_data_o,
    output logic out_last_o,
    output logic stats_valid_o,
    output logic [RowSumBits+RowSqBits-1:0] stats_data_o  // {sum, sum of squares}
);
  logic start, first_q, result_valid, result_last, stats_row;
  logic [M-1:0][ResBits-1:0] result;
  logic in_last;
  logic [M-1:0][ResBits-1:0] in_h, in_d;
  assign {in_last, in_d, in_h} = in_data_i;
  sb_stream_pipe #(
      .Width  (M * ResBits + 1),
      .Latency(residual_latency())
  ) i_stream (
      .clk_i,
      .rst_ni,
      .valid_i(in_valid_i),
      .ready_o(in_ready_o),
      .start_o(start),
      .result_valid_i(result_valid),
      .result_i({result_last, result}),
      .valid_o(out_valid_o),
      .ready_i(out_ready_i),
      .data_o({out_last_o, out_data_o})
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) first_q <= 1'b1;
    else if (start) first_q <= in_last;
  end
  sb_residual #(
      .M(M),
      .Rows(1),
      .MulStyle(MulStyle)
  ) i_residual (
      .clk_i,
      .rst_ni,
      .valid_i(start),
      .first_i(first_q),
      .last_i(in_last),
      .row_i(1'b0),
      .h_i(in_h),
      .d_i(in_d),
      .tag_i(in_last),
      .valid_o(result_valid),
      .s_o(result),
      .tag_o(result_last),
      .stats_valid_o,
      .stats_row_o(stats_row),
      .stats_sum_o(stats_data_o[RowSqBits+:RowSumBits]),
      .stats_sumsq_o(stats_data_o[RowSqBits-1:0])
  );
endmodule
