// SPDX-License-Identifier: Apache-2.0
// sb_encoder_core with a view of what it writes: each write with the command that it belongs to, so
// that a test names command, block, row and cycle of the first wrong word; and of the issue.
module sb_encoder_core_probe
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
#(
    parameter int unsigned M = 16,
    parameter int unsigned Rows = 128,
    parameter int unsigned StatRows = 128,
    parameter int unsigned ActBits = 8,
    parameter int unsigned ActDepth0 = 1024,
    parameter int unsigned ActDepth1 = 1024,
    parameter int unsigned ResDepth0 = 1024,
    parameter int unsigned ResDepth1 = 1024,
    parameter int unsigned ExpTables = 32,
    parameter int unsigned MulStyle = MulInferred,
    parameter int unsigned ChainLength = 4,
    parameter bit Packed = 1
) (
    input  logic                          clk_i,
    input  logic                          rst_ni,
    input  logic                          clear_i,
    input  logic                          cmd_valid_i,
    output logic                          cmd_ready_o,
    input  logic [CmdBits-1:0]            cmd_i,
    output logic                          preq_valid_o,
    input  logic                          preq_ready_i,
    output logic [       39:0]            preq_addr_o,
    output logic [       31:0]            preq_words_o,
    input  logic                          par_valid_i,
    output logic                          par_ready_o,
    input  logic [    M*8-1:0]            par_data_i,
    output logic                          treq_valid_o,
    input  logic                          treq_ready_i,
    output logic [       39:0]            treq_addr_o,
    input  logic                          tab_valid_i,
    output logic                          tab_ready_o,
    input  logic [       15:0]            tab_data_i,
    output logic                          lreq_valid_o,
    input  logic                          lreq_ready_i,
    output logic [       39:0]            lreq_addr_o,
    output logic [       31:0]            lreq_words_o,
    input  logic                          ld_valid_i,
    output logic                          ld_ready_o,
    input  logic [      M-1:0][ResBits-1:0] ld_data_i,
    output logic                          sreq_valid_o,
    input  logic                          sreq_ready_i,
    output logic [       39:0]            sreq_addr_o,
    output logic [       31:0]            sreq_words_o,
    output logic                          st_valid_o,
    input  logic                          st_ready_i,
    output logic [      M-1:0][ResBits-1:0] st_data_o,
    input  logic                          st_done_i,
    output logic                          error_valid_o,
    output logic [        7:0]            error_code_o,
    output logic [       31:0]            error_index_o,
    output logic                          end_o,
    output logic [        3:0]            why_o,
    output logic                          idle_o,
    output logic [       31:0]            oldest_o,
    // Writes: results, LayerNorm's results of 8 and 16 bits, loads, row maxima, row constants.
    output logic [6:0]                    write_o,
    output logic [6:0][31:0]              write_index_o,
    output logic [6:0]                    write_bank_o,
    output logic [6:0][15:0]              write_addr_o,
    output logic [M-1:0][ActBits-1:0]     act_data_o,
    output logic [M-1:0][ActBits-1:0]     back_data_o,
    output logic [M-1:0][15:0]            res_data_o,
    output logic [M-1:0][15:0]            norm_data_o,
    output logic [M-1:0][15:0]            load_data_o,
    output logic [7:0]                    max_data_o,
    output logic [NormRowBits-1:0]        stats_data_o,
    output logic                          issue_o,
    output logic [31:0]                   issue_index_o
);
  sb_encoder_core #(
      .M(M),
      .Rows(Rows),
      .StatRows(StatRows),
      .ActBits(ActBits),
      .ActDepth0(ActDepth0),
      .ActDepth1(ActDepth1),
      .ResDepth0(ResDepth0),
      .ResDepth1(ResDepth1),
      .ExpTables(ExpTables),
      .MulStyle(MulStyle),
      .ChainLength(ChainLength),
      .Packed(Packed)
  ) i_core (
      .*
  );
  assign write_o = {
      i_core.stats_write.valid, i_core.max_write.valid, i_core.load_taken, i_core.y16_go,
      i_core.drain_res_write, i_core.y8_go, i_core.drain_act_write
  };
  assign write_index_o = {
      i_core.ring[i_core.stats_write.slot].index, i_core.ring[i_core.max_write.slot].index,
      i_core.ring[i_core.load_slot].index, i_core.ring[i_core.back.slot].index,
      i_core.ring[i_core.drain_res_slot].index, i_core.ring[i_core.back.slot].index,
      i_core.ring[i_core.drain_act_slot].index
  };
  assign write_bank_o = {
      2'b00, i_core.load_place.bank, i_core.back.source.bank, i_core.drain_write_place.bank,
      i_core.back.back.bank, i_core.drain_act_place.bank
  };
  assign write_addr_o = {
      i_core.stats_write.addr, i_core.max_write.addr, i_core.load_place.addr,
      i_core.back.source.addr, i_core.drain_write_place.addr, i_core.back.back.addr,
      i_core.drain_act_place.addr
  };
  assign act_data_o = i_core.drain_act_data;
  assign back_data_o = i_core.back.y8;
  assign res_data_o = i_core.drain_res_data;
  assign norm_data_o = i_core.back.y16;
  assign load_data_o = i_core.load_res;
  assign max_data_o = i_core.max_data;
  assign stats_data_o = i_core.stats_data;
  assign issue_o = i_core.i_array.issue;
  assign issue_index_o = i_core.i_array.job.index;
endmodule
