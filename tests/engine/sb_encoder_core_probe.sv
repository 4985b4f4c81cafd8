// SPDX-License-Identifier: Apache-2.0
// sb_encoder_core with a view of what it writes and issues.
`include "tb/devices/models/sb_core_view.svh"

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
    `SB_CORE_VIEW_PORTS
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
  `SB_CORE_VIEW(i_core)
endmodule
