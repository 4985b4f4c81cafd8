// SPDX-License-Identifier: Apache-2.0
// What a simulated sb_encoder_core writes and issues, for the top of a model that has these ports:
// each write with the command that it belongs to, so that a test bench names command, block, row
// and cycle of the first wrong word. core: the instance.
`ifndef SB_CORE_VIEW_SVH
`define SB_CORE_VIEW_SVH

// Writes: results, LayerNorm's results of 8 and 16 bits, loads, row maxima, row constants.
`define SB_CORE_VIEW_PORTS \
  output logic [6:0]                view_write_o, \
  output logic [6:0][31:0]          view_index_o, \
  output logic [6:0]                view_bank_o, \
  output logic [6:0][15:0]          view_addr_o, \
  output logic [M-1:0][ActBits-1:0] view_act_o, \
  output logic [M-1:0][ActBits-1:0] view_back_o, \
  output logic [M-1:0][15:0]        view_res_o, \
  output logic [M-1:0][15:0]        view_norm_o, \
  output logic [M-1:0][15:0]        view_load_o, \
  output logic [7:0]                view_max_o, \
  output logic [NormRowBits-1:0]    view_stats_o, \
  output logic                      view_issue_o, \
  output logic [31:0]               view_issue_index_o

`define SB_CORE_VIEW(core) \
  assign view_write_o = { \
      core.stats_write.valid, core.max_write.valid, core.load_taken, core.y16_go, \
      core.drain_res_write, core.y8_go, core.drain_act_write \
  }; \
  assign view_index_o = { \
      core.ring[core.stats_write.slot].index, core.ring[core.max_write.slot].index, \
      core.ring[core.load_slot].index, core.ring[core.back.slot].index, \
      core.ring[core.drain_res_slot].index, core.ring[core.back.slot].index, \
      core.ring[core.drain_act_slot].index \
  }; \
  assign view_bank_o = { \
      2'b00, core.load_place.bank, core.back.source.bank, core.drain_write_place.bank, \
      core.back.back.bank, core.drain_act_place.bank \
  }; \
  assign view_addr_o = { \
      core.stats_write.addr, core.max_write.addr, core.load_place.addr, \
      core.back.source.addr, core.drain_write_place.addr, core.back.back.addr, \
      core.drain_act_place.addr \
  }; \
  assign view_act_o = core.drain_act_data; \
  assign view_back_o = core.back.y8; \
  assign view_res_o = core.drain_res_data; \
  assign view_norm_o = core.back.y16; \
  assign view_load_o = core.load_res; \
  assign view_max_o = core.max_data; \
  assign view_stats_o = core.stats_data; \
  assign view_issue_o = core.i_array.issue; \
  assign view_issue_index_o = core.i_array.job.index;
`endif
