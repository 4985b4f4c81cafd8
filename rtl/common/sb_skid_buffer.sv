// SPDX-License-Identifier: Apache-2.0
// Two words between two streams, so that no path runs through from one handshake to the other.
//
//   data_i --+-------------> [head_q] --> data_o      the second word waits in spare_q while the
//            +--> [spare_q] ----^                     first one is not taken
//
// Contract: each word taken leaves once, in order. ready_o and valid_o are registers; data_o holds
// while it waits. Latency 1 cycle, throughput 1 word per cycle.
`include "sb_assert.svh"

module sb_skid_buffer #(
    parameter int unsigned Width = 8  // payload bits, 1 or more; costs two flip-flops each
) (
    input  logic             clk_i,
    input  logic             rst_ni,   // synchronous, active low
    input  logic             valid_i,
    output logic             ready_o,
    input  logic [Width-1:0] data_i,
    output logic             valid_o,
    input  logic             ready_i,
    output logic [Width-1:0] data_o
);
  if (Width < 1) begin : gen_illegal
    $fatal(1, "sb_skid_buffer: Width = %0d, must be at least 1", Width);
  end

  logic spare_free_q, head_valid_q;
  logic [Width-1:0] head_q, spare_q;
  wire head_moves = !head_valid_q || ready_i;  // head_q takes a word, if there is one

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      head_valid_q <= 1'b0;
      spare_free_q <= 1'b1;
    end else begin
      head_valid_q <= !head_moves || !spare_free_q || valid_i;
      spare_free_q <= head_moves || (spare_free_q && !valid_i);
    end
    if (head_moves) head_q <= spare_free_q ? data_i : spare_q;
    if (spare_free_q) spare_q <= data_i;
  end

  assign ready_o = spare_free_q;
  assign valid_o = head_valid_q;
  assign data_o  = head_q;

  `SB_ASSERT_STABLE(OutputStable_A, valid_o, ready_i, data_o)
endmodule
