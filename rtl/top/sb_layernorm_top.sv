// SPDX-License-Identifier: Apache-2.0
// Stand-alone LayerNorm: int16 rows in, 16- and 8-bit rows out (golden/ops/numerics.md section 8).
//
//   rows --> FIFO ---------------------------> sb_layernorm --> FIFO --> y16, y8
//      `--> sb_row_stats --> sb_norm_row --'
//
// Words of a row come one after the other, `last` marks the last; lanes past the row's end are 0.
// Rows up to MaxWords words (a longer one sets error_o; its results, and those behind it, do not
// count and may not come), back to back without a bubble: one word per cycle once the first row is
// through. job_i (its columns are those of every row) and operand_i hold still while words are
// under way; channel words, one per block of M columns, are loaded before. The latency of a row of
// L words, without stalls, is L + layernorm_top_latency() cycles from its first word to its first
// result.
`include "sb_assert.svh"

module sb_layernorm_top
  import sb_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned M = 8,  // lanes, a power of two
    parameter int unsigned MaxWords = 128,  // words of the longest row, 2 or more: sets depths
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e
    localparam int unsigned BlockBits = $clog2(MaxWords)
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous, active low
    input logic load_i,
    input logic [BlockBits-1:0] load_addr_i,
    input logic [M-1:0][NormChanBits-1:0] load_data_i,  // norm_chan_t per lane
    input logic [NormJobBits-1:0] job_i,  // norm_job_t
    input operand_t operand_i,
    input logic in_valid_i,
    output logic in_ready_o,
    input logic [M*ResBits:0] in_data_i,  // {last, M lanes of int16}
    output logic out_valid_o,
    input logic out_ready_i,
    output logic [M*(ResBits+OpBits)-1:0] out_data_o,  // {M lanes of y8 as int9, M lanes of y16}
    output logic out_last_o,
    output logic error_o  // a row was longer than MaxWords; stays set until reset
);
  if (MaxWords < 2) begin : gen_illegal_max_words
    $fatal(1, "sb_layernorm_top: MaxWords = %0d, must be at least 2", MaxWords);
  end
  localparam int unsigned ChanLatency = block_words_latency();
  localparam int unsigned RowLatency = row_stats_latency(
      M, MulStyle
  ) + norm_row_latency(
      MulStyle
  ) + ram_fifo_latency();
  localparam int unsigned Depth = 1 << $clog2(MaxWords + RowLatency + 4);

  // Words wait for the constants of their row.
  logic
      word_valid,
      word_take,
      word_last,
      first_q,
      stats_valid,
      stats_row,
      row_done,
      row_tag,
      row_room,
      row_valid,
      row_pop;
  logic [M-1:0][ResBits-1:0] word;
  logic signed [RowSumBits-1:0] sum;
  logic [RowSqBits-1:0] sumsq;
  logic [NormRowBits-1:0] row_d, row;
  logic in_last;
  logic [M-1:0][ResBits-1:0] in_word;
  assign {in_last, in_word} = in_data_i;
  wire take = in_valid_i && in_ready_o;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) first_q <= 1'b1;
    else if (take) first_q <= in_last;
  end
  sb_ram_fifo #(
      .Width(M * ResBits + 1),
      .Depth(Depth),
      .MulStyle(MulStyle)
  ) i_words (
      .clk_i,
      .rst_ni,
      .valid_i(in_valid_i),
      .ready_o(in_ready_o),
      .data_i(in_data_i),
      .valid_o(word_valid),
      .ready_i(word_take),
      .data_o({word_last, word})
  );
  sb_row_stats #(
      .M(M),
      .Rows(1),
      .MulStyle(MulStyle)
  ) i_stats (
      .clk_i,
      .rst_ni,
      .valid_i(take),
      .first_i(first_q),
      .last_i(in_last),
      .row_i(1'b0),
      .data_i(in_word),
      .valid_o(stats_valid),
      .row_o(stats_row),
      .sum_o(sum),
      .sumsq_o(sumsq)
  );
  sb_norm_row #(
      .MulStyle(MulStyle)
  ) i_norm_row (
      .clk_i,
      .rst_ni,
      .job_i,
      .valid_i(stats_valid),
      .sum_i(sum),
      .sumsq_i(sumsq),
      .tag_i(stats_row),
      .valid_o(row_done),
      .row_o(row_d),
      .tag_o(row_tag)
  );
  // Row constants leave with the last word of their row: there are never more of them than words.
  sb_ram_fifo #(
      .Width(NormRowBits),
      .Depth(Depth),
      .MulStyle(MulStyle)
  ) i_rows (
      .clk_i,
      .rst_ni,
      .valid_i(row_done),
      .ready_o(row_room),
      .data_i(row_d),
      .valid_o(row_valid),
      .ready_i(row_pop),
      .data_o(row)
  );

  // The channel words are read, then LayerNorm.
  logic start, ready, norm_start, norm_last, done, done_last;
  logic [M-1:0][ResBits-1:0] norm_word, y16;
  logic [M-1:0][OpBits-1:0] y8;
  logic [NormRowBits-1:0] norm_row;
  logic [M-1:0][NormChanBits-1:0] chan;
  assign word_take = ready && row_valid;
  assign row_pop = start && word_last;
  sb_stream_pipe #(
      .Width  (M * (ResBits + OpBits) + 1),
      .Latency(ChanLatency + layernorm_latency(MulStyle))
  ) i_out (
      .clk_i,
      .rst_ni,
      .valid_i(word_valid && row_valid),
      .ready_o(ready),
      .start_o(start),
      .result_valid_i(done),
      .result_i({done_last, y8, y16}),
      .valid_o(out_valid_o),
      .ready_i(out_ready_i),
      .data_o({out_last_o, out_data_o})
  );
  sb_block_words #(
      .Width(M * NormChanBits),
      .Blocks(MaxWords),
      .MulStyle(MulStyle)
  ) i_chans (
      .clk_i,
      .rst_ni,
      .load_i,
      .load_addr_i,
      .load_data_i,
      .next_i(start),
      .last_i(word_last),
      .data_o(chan)
  );
  logic [ChanLatency:0] unused_stages;
  sb_valid_delay #(
      .Depth  (ChanLatency),
      .TagBits(1 + NormRowBits + M * ResBits)
  ) i_start (
      .clk_i,
      .rst_ni,
      .valid_i(start),
      .tag_i({word_last, row, word}),
      .valid_o(norm_start),
      .tag_o({norm_last, norm_row, norm_word}),
      .stage_valid_o(unused_stages)
  );
  sb_layernorm #(
      .M(M),
      .MulStyle(MulStyle)
  ) i_norm (
      .clk_i,
      .rst_ni,
      .valid_i(norm_start),
      .s_i(norm_word),
      .row_i(norm_row),
      .chan_i(chan),
      .operand_i,
      .tag_i(norm_last),
      .valid_o(done),
      .y16_o(y16),
      .y8_o(y8),
      .tag_o(done_last)
  );

  logic [BlockBits-1:0] words_q;  // of the row so far
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      words_q <= '0;
      error_o <= 1'b0;
    end else if (take) begin
      words_q <= in_last ? '0 : words_q + 1'b1;
      error_o <= error_o || (!in_last && words_q == BlockBits'(MaxWords - 1));
    end
  end
  `SB_ASSERT(RowHasRoom_A, row_done |-> row_room)
endmodule
