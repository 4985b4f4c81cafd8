// SPDX-License-Identifier: Apache-2.0
// Stand-alone requantizer with row factor: a stream of int32 accumulators in, codes out (sb_requant
// behind valid / ready).
//
// Words of a row come one after the other, `last` marks the last. Channel words, one per block of M
// columns, are loaded first. Each word says whether it takes a row factor, and which. One word per
// cycle.
module sb_requant_top
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 8,  // lanes
    parameter int unsigned MaxWords = 128,  // words of the longest row, 2 or more
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e
    localparam int unsigned BlockBits = $clog2(MaxWords),
    localparam int unsigned InBits = M * AccBits + FactorBits + 2
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous, active low
    input logic load_i,
    input logic [BlockBits-1:0] load_addr_i,
    input logic [M-1:0][ChanBits-1:0] load_data_i,  // chan_t per lane
    input clamp_e clamp_i,  // still while words are under way
    input logic signed [15:0] zero_point_i,
    input logic in_valid_i,
    output logic in_ready_o,
    input logic [InBits-1:0] in_data_i,  // {last, factor on, factor, M lanes of int32}
    output logic out_valid_o,
    input logic out_ready_i,
    output logic [M-1:0][ResBits-1:0] out_data_o,  // sign- or zero-extended to 16 bits
    output logic out_last_o
);
  if (MaxWords < 2) begin : gen_illegal_max_words
    $fatal(1, "sb_requant_top: MaxWords = %0d, must be at least 2", MaxWords);
  end
  logic start, start_q, last_q, on_q, result_valid, result_last;
  logic [FactorBits-1:0] factor_q;
  logic [M-1:0][AccBits-1:0] acc_q;
  logic [M-1:0][ChanBits-1:0] chan;
  logic [M-1:0][ResBits-1:0] result;
  sb_stream_pipe #(
      .Width  (M * ResBits + 1),
      .Latency(block_words_latency() + requant_latency(1'b1, MulStyle))
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
  sb_block_words #(
      .Width (M * ChanBits),
      .Blocks(MaxWords)
  ) i_chans (
      .clk_i,
      .rst_ni,
      .load_i,
      .load_addr_i,
      .load_data_i,
      .next_i(start),
      .last_i(in_data_i[InBits-1]),
      .data_o(chan)
  );
  logic [block_words_latency():0] unused_stages;
  sb_valid_delay #(
      .Depth  (block_words_latency()),
      .TagBits(InBits)
  ) i_start (
      .clk_i,
      .rst_ni,
      .valid_i(start),
      .tag_i(in_data_i),
      .valid_o(start_q),
      .tag_o({last_q, on_q, factor_q, acc_q}),
      .stage_valid_o(unused_stages)
  );
  sb_requant #(
      .M(M),
      .OutBits(ResBits),
      .RowFactor(1),
      .MulStyle(MulStyle)
  ) i_requant (
      .clk_i,
      .rst_ni,
      .valid_i(start_q),
      .acc_i(acc_q),
      .factor_on_i(on_q),
      .factor_i(factor_q),
      .chan_i(chan),
      .clamp_i,
      .zero_point_i,
      .tag_i(last_q),
      .valid_o(result_valid),
      .data_o(result),
      .tag_o(result_last)
  );
endmodule
