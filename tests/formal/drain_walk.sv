// SPDX-License-Identifier: Apache-2.0
// sb_drain gives the sums of a command, in the order nb, row, the places of its result once each,
// with what has to travel with them.
module drain_walk
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import walk_pkg::*;
(
    input logic             clk_i,
    input op_t  [Slots-1:0] ring_i,
    input seq_t             tail_i,
    input logic             last_valid_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  // Sums come of commands alone.
  wire valid = i_drain.job_valid;
  wire last_valid = last_valid_i && valid;
  sb_drain #(
      .M(M),
      .Rows(8)
  ) i_drain (
      .clk_i,
      .rst_ni(started_q),
      .ring_i,
      .tail_i,
      .seq_o(),
      .last_valid_i(last_valid),
      .last_row_i('0),
      .sum_valid_i(1'b0),
      .sum_i('0),
      .chan_i('0),
      .chan_take_o(),
      .recip_read_o(),
      .recip_addr_o(),
      .recip_i('0),
      .res_read_o(),
      .res_place_o(),
      .res_i('0),
      .table_valid_i(1'b0),
      .table_ready_o(),
      .table_sel_i(1'b0),
      .table_addr_i('0),
      .table_data_i('0),
      .act_write_o(),
      .act_slot_o(),
      .act_place_o(),
      .act_data_o(),
      .res_write_o(),
      .res_slot_o(),
      .res_place_write_o(),
      .res_data_o(),
      .max_write_o(),
      .max_data_o(),
      .stats_write_o(),
      .stats_data_o()
  );
  cmd_t cmd;
  assign cmd = i_drain.cmd;
  always_comb assume (!valid || (cmd.rows != '0 && few(cmd.n_blocks)));

  logic [15:0] row_q, nb_q;
  wire row_last = row_q == cmd.rows - 1'b1;
  wire nb_last = nb_q == cmd.n_blocks - 1'b1;
  place_t place;
  assign place = place_of(cmd.result, nb_q, row_q);
  wire [15:0] keys = keys_from(cmd.keys, nb_q << $clog2(M));
  result_t first;
  assign first = i_drain.first;
  always_ff @(posedge clk_i) begin
    if (!started_q) {row_q, nb_q} <= '0;
    else begin
      if (last_valid) begin
        row_q <= row_last ? '0 : row_q + 1'b1;
        if (row_last) nb_q <= nb_last ? '0 : nb_q + 1'b1;
      end
      a_place :
      assert (!last_valid || (first.place == place && first.row == row_q &&
          first.keys == 7'(at_most_m(
          keys
      )) && first.chan_end == row_last && first.nb_first == (nb_q == '0) && first.nb_last ==
          nb_last && first.row_addr == (cmd.row_max ? cmd.max_out : cmd.norm_out) + row_q));
      a_end : assert (i_drain.job_done == (last_valid && row_last && nb_last));
      // What the registers hold.
      a_range : assert (valid ? row_q < cmd.rows && nb_q < cmd.n_blocks : {row_q, nb_q} == '0);
      a_counters :
      assert (i_drain.row_q == row_q && i_drain.nb_q == nb_q + 1'b1 &&
          i_drain.start_q == ({row_q, nb_q} == '0));
      a_places : assert (i_drain.start_q || (i_drain.place_q == place && i_drain.keys_q == keys));
    end
  end
endmodule
