// SPDX-License-Identifier: Apache-2.0
// Stand-alone table unit: a stream of int8 words in, their table entries out (sb_table behind valid
// / ready).
//
// Load the table first, one entry per cycle with load_i, entry index + 128. `last` travels with its
// word. Latency table_top_latency() cycles, one word per cycle.
module sb_table_top
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 8,  // lanes, even
    parameter int unsigned MulStyle = MulInferred  // mul_style_e: the device (sb_table)
) (
    input  logic                          clk_i,
    input  logic                          rst_ni,       // synchronous, active low
    input  logic                          load_i,
    input  logic [       7:0]             load_addr_i,
    input  logic [OpBits-1:0]             load_data_i,
    input  logic                          in_valid_i,
    output logic                          in_ready_o,
    input  logic [     M*8:0]             in_data_i,    // {last, M lanes of int8}
    output logic                          out_valid_o,
    input  logic                          out_ready_i,
    output logic [     M-1:0][OpBits-1:0] out_data_o,   // int9
    output logic                          out_last_o
);
  logic start, result_valid, result_last;
  logic [M-1:0][OpBits-1:0] result;
  logic in_last;
  logic [M-1:0][7:0] in_index;
  assign {in_last, in_index} = in_data_i;
  sb_stream_pipe #(
      .Width  (M * OpBits + 1),
      .Latency(table_latency())
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
  sb_table #(
      .M(M),
      .Width(OpBits),
      .Signed(1),
      .MulStyle(MulStyle)
  ) i_table (
      .clk_i,
      .rst_ni,
      .load_i,
      .load_select_i('0),
      .load_addr_i,
      .load_data_i,
      .valid_i(start),
      .select_i('0),
      .index_i(in_index),
      .tag_i(in_last),
      .valid_o(result_valid),
      .data_o(result),
      .tag_o(result_last)
  );
endmodule
