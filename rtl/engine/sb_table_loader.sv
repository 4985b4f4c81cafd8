// SPDX-License-Identifier: Apache-2.0
// Loads tables of exp and of the epilogue from external memory, in the order asked for.
//
// Contract: req_* hands over a table and its address (valid / ready); treq_* asks external memory
// for its TableEntries entries of 16 bits, which come on tab_*; each leaves on load_* for the table
// that load_exp_o and load_sel_o say, when that one has a free cycle. done_o in the cycle after the
// last one.
`include "sb_assert.svh"

module sb_table_loader
  import sb_engine_pkg::*;
#(
    parameter int unsigned Depth = 4  // tables on their way, a power of two
) (
    input  logic        clk_i,
    input  logic        rst_ni,              // synchronous, active low
    input  logic        req_valid_i,
    output logic        req_ready_o,
    input  logic        req_exp_i,
    input  logic [ 5:0] req_sel_i,
    input  logic [39:0] req_addr_i,
    input  logic [31:0] req_index_i,         // of the command
    output logic        treq_valid_o,
    input  logic        treq_ready_i,
    output logic [39:0] treq_addr_o,
    input  logic        tab_valid_i,
    output logic        tab_ready_o,
    input  logic [15:0] tab_data_i,
    output logic        load_exp_valid_o,
    input  logic        load_exp_ready_i,
    output logic        load_table_valid_o,
    input  logic        load_table_ready_i,
    output logic [ 5:0] load_sel_o,
    output logic [ 7:0] load_addr_o,
    output logic [ 8:0] load_data_o,
    output logic        done_o,
    output logic        done_exp_o,
    output logic [ 5:0] done_sel_o,
    output logic        busy_o,
    output logic [31:0] index_o              // command of the oldest table on its way, while busy_o
);
  logic request_ready, wait_ready, waiting, last;
  assign req_ready_o = request_ready && wait_ready;
  sb_fifo #(
      .Width(40),
      .Depth(Depth)
  ) i_requests (
      .clk_i,
      .rst_ni,
      .valid_i(req_valid_i && wait_ready),
      .ready_o(request_ready),
      .data_i(req_addr_i),
      .valid_o(treq_valid_o),
      .ready_i(treq_ready_i),
      .data_o(treq_addr_o)
  );
  logic load_exp;
  sb_fifo #(
      .Width(39),
      .Depth(Depth)
  ) i_waiting (
      .clk_i,
      .rst_ni,
      .valid_i(req_valid_i && request_ready),
      .ready_o(wait_ready),
      .data_i({req_exp_i, req_sel_i, req_index_i}),
      .valid_o(waiting),
      .ready_i(last),
      .data_o({load_exp, load_sel_o, index_o})
  );

  // One entry in a register, so that the stream does not wait for a cycle free at the table.
  logic full_q;
  logic [15:0] entry_q;
  logic [7:0] addr_q;
  wire load = full_q && (load_exp ? load_exp_ready_i : load_table_ready_i);
  assign load_exp_valid_o = full_q && load_exp;
  assign load_table_valid_o = full_q && !load_exp;
  assign load_addr_o = addr_q;
  assign load_data_o = entry_q[8:0];
  assign tab_ready_o = waiting && !full_q;
  assign last = load && addr_q == '1;
  assign busy_o = waiting;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      full_q <= 1'b0;
      addr_q <= '0;
      done_o <= 1'b0;
    end else begin
      if (tab_valid_i && tab_ready_o) full_q <= 1'b1;
      else if (load) full_q <= 1'b0;
      if (load) addr_q <= addr_q + 1'b1;
      done_o <= last;
    end
    if (tab_valid_i && tab_ready_o) entry_q <= tab_data_i;
    done_exp_o <= load_exp;
    done_sel_o <= load_sel_o;
  end
  wire unused_bits = ^entry_q[15:9];

  `SB_ASSERT_STABLE(TabStable_A, tab_valid_i, tab_ready_o, tab_data_i)
endmodule
