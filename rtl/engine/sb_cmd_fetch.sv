// SPDX-License-Identifier: Apache-2.0
// Fetches the commands of a program: one request for the whole list, which the reader's buffer cuts
// into what has room. Nothing is handed over after CmdEnd or after the last command of the list.
//
// Contract: after a reset one program: start_i with address and count (1 or more). Streams are
// valid / ready; cmd_valid_o depends on registers and fetch_valid_i, fetch_ready_o on registers and
// cmd_ready_i. empty_o: all commands of the list were handed over and none was CmdEnd.
`include "sb_assert.svh"

module sb_cmd_fetch
  import sb_engine_pkg::*;
(
    input  logic               clk_i,
    input  logic               rst_ni,         // synchronous, active low
    input  logic               start_i,
    input  logic [       39:0] addr_i,
    input  logic [       31:0] count_i,
    output logic               creq_valid_o,
    input  logic               creq_ready_i,
    output logic [       39:0] creq_addr_o,
    output logic [       31:0] creq_words_o,
    input  logic               fetch_valid_i,
    output logic               fetch_ready_o,
    input  logic [CmdBits-1:0] fetch_i,
    output logic               cmd_valid_o,
    input  logic               cmd_ready_i,
    output logic [CmdBits-1:0] cmd_o,
    output logic               empty_o
);
  logic ask_q, more_q;
  logic [31:0] left_q;
  cmd_t cmd;
  assign cmd = fetch_i;
  wire handed = cmd_valid_o && cmd_ready_i;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ask_q   <= 1'b0;
      more_q  <= 1'b0;
      left_q  <= '0;
      empty_o <= 1'b0;
    end else begin
      if (creq_ready_i) ask_q <= 1'b0;
      if (start_i) begin
        ask_q  <= 1'b1;
        more_q <= 1'b1;
        left_q <= count_i;
      end
      if (handed) begin
        left_q <= left_q - 1'b1;
        if (left_q == 32'd1 || cmd.kind == CmdEnd) more_q <= 1'b0;
        empty_o <= left_q == 32'd1 && cmd.kind != CmdEnd;
      end
    end
  end
  assign creq_valid_o = ask_q;
  assign creq_addr_o = addr_i;
  assign creq_words_o = count_i;
  assign cmd_valid_o = fetch_valid_i && more_q;
  assign fetch_ready_o = cmd_ready_i && more_q;
  assign cmd_o = fetch_i;

  `SB_ASSERT(NotEmpty_A, !start_i || count_i != '0)
endmodule
