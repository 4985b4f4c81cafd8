// SPDX-License-Identifier: Apache-2.0
// exp stage: scores to unnormalized probabilities on their way into the array, with the row's
// reciprocal.
//
//   u[c] = keep[c] ? table[max - score[c]] : 0                golden/ops/numerics.md section 4
//   recip[row] = 2^24 / sum over the row of u, rounded        section 5
//
//   score --> max - score --> table --> mask --+--> u_o
//                                              +--> sb_row_sum --> sb_recip --> recip_*
//
// max_i is the maximum of the kept lanes of the whole row (sb_row_max). Words carry row, first and
// last flags as in sb_row_reduce. A row without a kept lane gives zeros and a reciprocal of 0. The
// table (sb_table, entry d for a score d below the maximum) is loaded through the write port while
// no word is in its stage: asserted there. Latency exp_latency() cycles from valid_i to valid_o,
// exp_recip_latency(M, StageBits) from a row's last word to its reciprocal. One word per cycle, no
// stall.
module sb_exp
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes, a power of two
    parameter int unsigned Rows = 128,  // rows under way at a time
    parameter int unsigned Tables = 1,  // tables to choose from (sb_table)
    parameter int unsigned StageBits = 1,  // quotient bits per stage of the reciprocal (sb_divide)
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device (sb_ram)
    parameter int unsigned TagBits = 1,  // payload that leaves with a word
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1,
    localparam int unsigned SelBits = Tables > 1 ? $clog2(Tables) : 1
) (
    input  logic                              clk_i,
    input  logic                              rst_ni,         // synchronous, active low
    input  logic                              load_i,
    input  logic        [   SelBits-1:0]      load_select_i,
    input  logic        [           7:0]      load_addr_i,
    input  logic        [           7:0]      load_data_i,
    input  logic                              valid_i,
    input  logic                              first_i,
    input  logic                              last_i,
    input  logic        [   RowBits-1:0]      row_i,
    input  logic        [   SelBits-1:0]      select_i,
    input  logic signed [           7:0]      max_i,
    input  logic        [         M-1:0]      keep_i,         // lanes that are keys
    input  logic        [         M-1:0][7:0] score_i,        // int8
    input  logic        [   TagBits-1:0]      tag_i,
    output logic                              valid_o,
    output logic        [         M-1:0][7:0] u_o,            // uint8
    output logic        [   TagBits-1:0]      tag_o,
    output logic                              recip_valid_o,
    output logic        [   RowBits-1:0]      recip_row_o,
    output logic        [FactorBits-1:0]      recip_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_exp: TagBits = %0d, must be at least 1", TagBits);
  end
  localparam int unsigned CtrlBits = RowBits + 2 + TagBits;
  logic valid;
  logic [M-1:0][7:0] u;
  logic first, last;
  logic [RowBits-1:0] row;
  logic [TagBits-1:0] tag;
  sb_exp_lookup #(
      .M(M),
      .Width(8),
      .Tables(Tables),
      .MulStyle(MulStyle),
      .TagBits(CtrlBits)
  ) i_lookup (
      .clk_i,
      .rst_ni,
      .load_i,
      .load_select_i,
      .load_addr_i,
      .load_data_i,
      .valid_i,
      .select_i,
      .max_i,
      .keep_i,
      .score_i,
      .tag_i({first_i, last_i, row_i, tag_i}),
      .valid_o(valid),
      .data_o(u),
      .tag_o({first, last, row, tag})
  );
  assign valid_o = valid;
  assign u_o = u;
  assign tag_o = tag;

  logic signed [8:0] value[M];
  always_comb for (int unsigned c = 0; c < M; c++) value[c] = {1'b0, u[c]};

  logic sum_valid;
  logic [RowBits-1:0] sum_row;
  logic signed [ExpSumBits:0] sum;
  sb_row_sum #(
      .M(M),
      .Width(9),
      .SumBits(ExpSumBits + 1),
      .Rows(Rows),
      .MulStyle(MulStyle)
  ) i_sum (
      .clk_i,
      .rst_ni,
      .valid_i(valid),
      .first_i(first),
      .last_i(last),
      .row_i(row),
      .value_i(value),
      .valid_o(sum_valid),
      .row_o(sum_row),
      .sum_o(sum)
  );
  sb_recip #(
      .StageBits(StageBits),
      .TagBits  (RowBits)
  ) i_recip (
      .clk_i,
      .rst_ni,
      .valid_i(sum_valid),
      .sum_i(sum[ExpSumBits-1:0]),
      .tag_i(sum_row),
      .valid_o(recip_valid_o),
      .recip_o,
      .tag_o(recip_row_o)
  );
endmodule
