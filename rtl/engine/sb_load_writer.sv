// SPDX-License-Identifier: Apache-2.0
// Writes words that come from external memory to the residual memory, in the order (block, row),
// once the load is the oldest command under way: all commands before it have then read what they
// want.
//
// Contract: ld_* valid / ready, ready depends on registers alone. A word waits with valid_o at
// place_o until taken_i.
`include "sb_assert.svh"

module sb_load_writer
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
#(
    parameter int unsigned M = 16
) (
    input  logic                            clk_i,
    input  logic                            rst_ni,      // synchronous, active low
    input  op_t    [Slots-1:0]              ring_i,
    input  seq_t                            head_i,
    input  seq_t                            tail_i,
    output seq_t                            seq_o,       // all loads before it are written
    input  logic                            ld_valid_i,
    output logic                            ld_ready_o,
    input  logic   [    M-1:0][ResBits-1:0] ld_data_i,
    output logic                            valid_o,
    input  logic                            taken_i,
    output slot_t                           slot_o,
    output place_t                          place_o,
    output logic   [    M-1:0][ResBits-1:0] data_o
);
  logic job_valid, job_done;
  op_t job;
  sb_op_feed #(
      .Matmul(0),
      .Load  (1)
  ) i_feed (
      .clk_i,
      .rst_ni,
      .ring_i,
      .tail_i,
      .job_valid_o(job_valid),
      .job_o(job),
      .seq_o,
      .done_i(job_done)
  );
  cmd_t cmd;
  assign cmd = op_cmd(job);

  logic start_q, valid_q;
  logic [15:0] row_q, nb_q;  // nb_q: number of the block after this one
  place_t next_q;
  place_t next;
  assign next = start_q ? region_first(cmd.result) : next_q;
  wire row_last = row_q == cmd.rows - 1'b1;
  wire nb_last = nb_q == cmd.n_blocks;
  assign ld_ready_o = job_valid && seq_o == head_i && !valid_q;
  wire take = ld_valid_i && ld_ready_o;
  assign job_done = take && row_last && nb_last;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      start_q <= 1'b1;
      valid_q <= 1'b0;
      row_q   <= '0;
      nb_q    <= 16'd1;
    end else begin
      if (take) valid_q <= 1'b1;
      else if (taken_i) valid_q <= 1'b0;
      if (take) begin
        start_q <= job_done;
        row_q   <= row_last ? '0 : row_q + 1'b1;
        if (row_last) nb_q <= nb_last ? 16'd1 : nb_q + 1'b1;
      end
    end
    if (take) begin
      next_q  <= region_next(cmd.result, next, row_last, nb_q);
      place_o <= next;
      slot_o  <= seq_o[SlotBits-1:0];
      data_o  <= ld_data_i;
    end
  end
  assign valid_o = valid_q;

  `SB_ASSERT_STABLE(LdStable_A, ld_valid_i, ld_ready_o, ld_data_i)
endmodule
