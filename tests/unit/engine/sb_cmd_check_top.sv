// SPDX-License-Identifier: Apache-2.0
// sb_cmd_check alone, with memories as deep as they may be or small ones; op_t in parts: source,
// result (blocks below split, the others), back.
module sb_cmd_check_top
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
#(
    parameter int unsigned M = 4,
    parameter int unsigned Rows = 8,
    parameter int unsigned StatRows = 16,
    parameter int unsigned ActBits = 8,
    parameter int unsigned ActDepth0 = 64,
    parameter int unsigned ActDepth1 = 64,
    parameter int unsigned ResDepth0 = 64,
    parameter int unsigned ResDepth1 = 64,
    parameter int unsigned ExpTables = 2
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                cmd_valid_i,
    output logic                cmd_ready_o,
    input  logic [ CmdBits-1:0] cmd_i,
    input  logic                end_i,
    output logic                preq_valid_o,
    input  logic                preq_ready_i,
    output logic [        39:0] preq_addr_o,
    output logic [        31:0] preq_words_o,
    output logic                op_valid_o,
    input  logic                op_ready_i,
    output logic [        31:0] index_o,
    output logic [         7:0] error_o,
    output logic [        31:0] words_o,
    output logic [BodyBits-1:0] body_o,
    output logic [         4:0] range_valid_o,
    output logic [         4:0] range_bank_o,
    output logic [    5*16-1:0] range_first_o,
    output logic [    5*16-1:0] range_last_o
);
  op_t op;
  range_t [4:0] ranges;
  assign ranges = {op.back, op.result, op.source};
  always_comb begin
    index_o = op.index;
    error_o = op.error;
    words_o = op.words;
    body_o  = op.body;
    for (int unsigned i = 0; i < 5; i++) begin
      range_valid_o[i] = ranges[i].valid;
      range_bank_o[i] = ranges[i].bank;
      range_first_o[16*i+:16] = ranges[i].first;
      range_last_o[16*i+:16] = ranges[i].last;
    end
  end
  sb_cmd_check #(
      .M(M),
      .Rows(Rows),
      .StatRows(StatRows),
      .ActBits(ActBits),
      .ActDepth('{ActDepth0, ActDepth1}),
      .ResDepth('{ResDepth0, ResDepth1}),
      .ExpTables(ExpTables)
  ) i_check (
      .clk_i,
      .rst_ni,
      .cmd_valid_i,
      .cmd_ready_o,
      .cmd_i,
      .end_i,
      .preq_valid_o,
      .preq_ready_i,
      .preq_addr_o,
      .preq_words_o,
      .op_valid_o,
      .op_ready_i,
      .op_o(op)
  );
endmodule
