// SPDX-License-Identifier: Apache-2.0
// What happens to a word between memory and array: nothing, exp, or LayerNorm, all in Latency
// cycles so that no word overtakes another.
//
//   act_i --+--------------- delay ---+--- delay --+--> act_o      activation lanes
//           +--> sb_exp --------------+            |
//   res_i -----> sb_layernorm --------- delay -----+--> y8: act_o; y16_o
//
// Beside exp the reciprocal of each row's sum is made (numerics.md section 5): recip_*, which
// belongs to {slot, row} of the word that ended the row. Latency: prologue_latency() of
// sb_encoder_pkg, no stall. Tables are loaded in cycles in which no word of exp is near:
// table_ready_o.
module sb_prologue
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,
    parameter int unsigned Rows = 128,
    parameter int unsigned ActBits = 8,
    parameter int unsigned ExpTables = 32,
    parameter int unsigned StageBits = 1,  // of the reciprocal
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e
    parameter int unsigned Latency = 9,
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1,
    localparam int unsigned RecipBits = SlotBits + RowBits
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous, active low
    input logic valid_i,
    input word_t word_i,
    input logic [M-1:0][ActBits-1:0] act_i,
    input logic [M-1:0][ResBits-1:0] res_i,
    input logic signed [7:0] max_i,
    input logic [NormRowBits-1:0] stats_i,
    input logic [M-1:0][NormChanBits-1:0] norm_i,
    input logic table_valid_i,
    output logic table_ready_o,
    input logic [5:0] table_sel_i,
    input logic [7:0] table_addr_i,
    input logic [7:0] table_data_i,
    output logic valid_o,
    output word_t word_o,
    output logic [M-1:0][ActBits-1:0] act_o,
    output logic [M-1:0][ResBits-1:0] y16_o,
    output logic recip_valid_o,
    output logic [RecipBits-1:0] recip_addr_o,
    output logic [FactorBits-1:0] recip_o
);
  localparam int unsigned ExpLatency = exp_latency();
  localparam int unsigned NormLatency = layernorm_latency(MulStyle);
  localparam int unsigned SelBits = ExpTables > 1 ? $clog2(ExpTables) : 1;
  localparam norm_row_t Identity = '{mean8: '0, m: 17'd65536, q: 7'sd16};

  // exp: also the first part of the way of the words that pass.
  wire exp_valid = valid_i && word_i.path == PathExp;
  logic [M-1:0] keep;
  logic [M-1:0][7:0] score, u;
  logic [MaxM-1:0] lanes;
  assign lanes = first_lanes(word_i.keys);
  assign keep  = lanes[M-1:0];
  logic exp_done, unused_exp_tag, unused_norm_tag;
  sb_exp #(
      .M(M),
      .Rows(Slots << RowBits),
      .Tables(ExpTables),
      .StageBits(StageBits),
      .MulStyle(MulStyle),
      .TagBits(1)
  ) i_exp (
      .clk_i,
      .rst_ni,
      .load_i(table_valid_i && table_ready_o),
      .load_select_i(SelBits'(table_sel_i)),
      .load_addr_i(table_addr_i),
      .load_data_i(table_data_i),
      .valid_i(exp_valid),
      .first_i(word_i.kb_first),
      .last_i(word_i.kb_last),
      .row_i({word_i.slot, word_i.row[RowBits-1:0]}),
      .select_i(SelBits'(word_i.table_sel)),
      .max_i,
      .keep_i(keep),
      .score_i(score),
      .tag_i(1'b0),
      .valid_o(exp_done),
      .u_o(u),
      .tag_o(unused_exp_tag),
      .recip_valid_o,
      .recip_row_o(recip_addr_o),
      .recip_o
  );
  logic [M-1:0][ActBits-1:0] passed, joined, late;
  sb_delay #(
      .Width(M * ActBits),
      .Depth(ExpLatency)
  ) i_pass (
      .clk_i,
      .data_i(act_i),
      .data_o(passed)
  );
  // Words as they are where lanes match: slices lane by lane take long to simulate.
  if (ActBits == 8) begin : gen_same
    assign score  = act_i;
    assign joined = exp_done ? u : passed;
  end else begin : gen_wider
    always_comb begin
      for (int unsigned c = 0; c < M; c++) begin
        score[c]  = act_i[c][7:0];
        joined[c] = exp_done ? ActBits'(u[c]) : passed[c];
      end
    end
  end
  sb_delay #(
      .Width(M * ActBits),
      .Depth(Latency - ExpLatency)
  ) i_late (
      .clk_i,
      .data_i(joined),
      .data_o(late)
  );

  // No word in the lookup: the table may be written.
  logic [ExpLatency-1:0] exp_near_q;
  always_ff @(posedge clk_i) exp_near_q <= rst_ni ? ExpLatency'({exp_near_q, exp_valid}) : '0;
  assign table_ready_o = !exp_valid && exp_near_q == '0;

  // LayerNorm.
  logic unused_norm_done;
  logic [M-1:0][ResBits-1:0] y16;
  logic [M-1:0][OpBits-1:0] y8;
  logic [M-1:0][ActBits-1:0] y8_lanes, y8_late;
  sb_layernorm #(
      .M(M),
      .MulStyle(MulStyle)
  ) i_layernorm (
      .clk_i,
      .rst_ni,
      .valid_i(valid_i && word_i.path == PathNorm),
      .s_i(res_i),
      .row_i(word_i.identity ? Identity : stats_i),
      .chan_i(norm_i),
      .operand_i(word_i.operand),
      .tag_i(1'b0),
      .valid_o(unused_norm_done),
      .y16_o(y16),
      .y8_o(y8),
      .tag_o(unused_norm_tag)
  );
  always_comb for (int unsigned c = 0; c < M; c++) y8_lanes[c] = y8[c][ActBits-1:0];
  sb_delay #(
      .Width(M * (ActBits + ResBits)),
      .Depth(Latency - NormLatency)
  ) i_norm_late (
      .clk_i,
      .data_i({y8_lanes, y16}),
      .data_o({y8_late, y16_o})
  );

  logic [Latency:0] unused_stages;
  sb_valid_delay #(
      .Depth  (Latency),
      .TagBits($bits(word_t))
  ) i_word (
      .clk_i,
      .rst_ni,
      .valid_i,
      .tag_i(word_i),
      .valid_o,
      .tag_o(word_o),
      .stage_valid_o(unused_stages)
  );
  assign act_o = word_o.path == PathNorm ? y8_late : late;
endmodule
