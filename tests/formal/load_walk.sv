// SPDX-License-Identifier: Apache-2.0
// sb_load_writer writes every word of a load once, in the order nb, row, at its place.
module load_walk
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import walk_pkg::*;
(
    input logic                          clk_i,
    input op_t  [Slots-1:0]              ring_i,
    input seq_t                          head_i,
    input seq_t                          tail_i,
    input logic                          ld_valid_i,
    input logic [    M-1:0][ResBits-1:0] ld_data_i,
    input logic                          taken_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic ld_ready, valid;
  slot_t slot;
  place_t place;
  logic [M-1:0][ResBits-1:0] data;
  sb_load_writer #(
      .M(M)
  ) i_writer (
      .clk_i,
      .rst_ni(started_q),
      .ring_i,
      .head_i,
      .tail_i,
      .seq_o(),
      .ld_valid_i,
      .ld_ready_o(ld_ready),
      .ld_data_i,
      .valid_o(valid),
      .taken_i,
      .slot_o(slot),
      .place_o(place),
      .data_o(data)
  );
  cmd_t cmd;
  assign cmd = i_writer.cmd;
  wire job = i_writer.job_valid;
  wire take = ld_valid_i && ld_ready;
  always_comb assume (!job || (cmd.rows != '0 && few(cmd.n_blocks)));

  logic [15:0] row_q, nb_q;
  wire row_last = row_q == cmd.rows - 1'b1;
  wire nb_last = nb_q == cmd.n_blocks - 1'b1;
  wire place_t now = place_of(cmd.result, nb_q, row_q);
  // The word that came and is not written.
  logic due_q;
  place_t due_place_q;
  slot_t due_slot_q;
  logic [M-1:0][ResBits-1:0] due_data_q;
  always_ff @(posedge clk_i) begin
    if (!started_q) {due_q, row_q, nb_q} <= '0;
    else begin
      due_q <= take || (due_q && !taken_i);
      if (take) begin
        due_place_q <= now;
        due_slot_q <= i_writer.i_feed.job_seq_q[SlotBits-1:0];
        due_data_q <= ld_data_i;
        row_q <= row_last ? '0 : row_q + 1'b1;
        if (row_last) nb_q <= nb_last ? '0 : nb_q + 1'b1;
      end
      a_take : assert (!take || (job && !due_q && i_writer.i_feed.job_seq_q == head_i));
      a_word :
      assert (valid == due_q &&
          (!due_q || (place == due_place_q && slot == due_slot_q && data == due_data_q)));
      a_end : assert (i_writer.job_done == (take && row_last && nb_last));
      // What the registers hold.
      a_range : assert (job ? row_q < cmd.rows && nb_q < cmd.n_blocks : {row_q, nb_q} == '0);
      a_counters :
      assert (i_writer.row_q == row_q && i_writer.nb_q == nb_q + 1'b1 &&
          i_writer.start_q == ({row_q, nb_q} == '0));
      a_places : assert (i_writer.start_q || i_writer.next_q == now);
    end
  end
endmodule
