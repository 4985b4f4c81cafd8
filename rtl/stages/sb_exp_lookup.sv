// SPDX-License-Identifier: Apache-2.0
// exp of each lane from a table of the distance to the row maximum; masked lanes are exactly 0.
//
//   data[c] = keep[c] ? table[max - score[c]] : 0
//
// A kept score is at most max_i: asserted. Latency exp_latency() cycles (distance, table, mask),
// one word per cycle, no stall.
`include "sb_assert.svh"

module sb_exp_lookup
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes, even
    parameter int unsigned Width = 8,  // bits of an entry: unsigned
    parameter int unsigned Tables = 1,  // tables to choose from (sb_table)
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device (sb_table)
    parameter int unsigned TagBits = 1,  // payload that leaves with a word
    localparam int unsigned SelBits = Tables > 1 ? $clog2(Tables) : 1
) (
    input  logic                                 clk_i,
    input  logic                                 rst_ni,         // synchronous, active low
    input  logic                                 load_i,
    input  logic        [SelBits-1:0]            load_select_i,
    input  logic        [        7:0]            load_addr_i,
    input  logic        [  Width-1:0]            load_data_i,
    input  logic                                 valid_i,
    input  logic        [SelBits-1:0]            select_i,
    input  logic signed [        7:0]            max_i,
    input  logic        [      M-1:0]            keep_i,
    input  logic        [      M-1:0][      7:0] score_i,        // int8
    input  logic        [TagBits-1:0]            tag_i,
    output logic                                 valid_o,
    output logic        [      M-1:0][Width-1:0] data_o,
    output logic        [TagBits-1:0]            tag_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_exp_lookup: TagBits = %0d, must be at least 1", TagBits);
  end
  logic distance_valid_q, entry_valid, valid_q;
  logic [M-1:0][7:0] distance_q;
  logic [M-1:0] keep_q, keep;
  logic [SelBits-1:0] select_q;
  logic [TagBits-1:0] tag_q, tag;
  logic [M-1:0][Width-1:0] entry;

  always_ff @(posedge clk_i) begin
    automatic logic [M-1:0][7:0] distance_d;
    automatic logic [M-1:0][Width-1:0] masked_d;
    distance_valid_q <= rst_ni && valid_i;
    valid_q          <= rst_ni && entry_valid;
    keep_q           <= keep_i;
    select_q         <= select_i;
    tag_q            <= tag_i;
    tag_o            <= tag;
    if (valid_i) begin
      for (int unsigned c = 0; c < M; c++) distance_d[c] = max_i - score_i[c];
      distance_q <= distance_d;
    end
    if (entry_valid) begin
      for (int unsigned c = 0; c < M; c++) masked_d[c] = keep[c] ? entry[c] : '0;
      data_o <= masked_d;
    end
  end
  assign valid_o = valid_q;

  sb_table #(
      .M(M),
      .Width(Width),
      .Signed(0),
      .Tables(Tables),
      .MulStyle(MulStyle),
      .TagBits(M + TagBits)
  ) i_table (
      .clk_i,
      .rst_ni,
      .load_i,
      .load_select_i,
      .load_addr_i,
      .load_data_i,
      .valid_i(distance_valid_q),
      .select_i(select_q),
      .index_i(distance_q),
      .tag_i({keep_q, tag_q}),
      .valid_o(entry_valid),
      .data_o(entry),
      .tag_o({keep, tag})
  );

  for (genvar c = 0; c < M; c++) begin : gen_check
    `SB_ASSERT(NotAboveMax_A, valid_i && keep_i[c] |-> $signed(score_i[c]) <= max_i)
  end
endmodule
