// SPDX-License-Identifier: Apache-2.0
// sb_encoder_array loads every tile of a command once, channel after channel, in the order nb, kb,
// and issues every row once, in the order nb, kb, row: the first row of a tile with the tile that
// was loaded for it, the others with the same one.
module issue_walk
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import walk_pkg::*;
(
    input logic                 clk_i,
    input op_t      [Slots-1:0] ring_i,
    input seq_t                 head_i,
    input seq_t                 tail_i,
    input pending_t [Slots-1:0] pending_i,
    input logic                 tile_valid_i,
    input logic                 key_valid_i,
    input logic                 act_valid_i,
    input logic                 chan_new_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic act_ready, tile_ready, key_ready;
  sb_encoder_array #(
      .M(M),
      .Rows(8)
  ) i_array (
      .clk_i,
      .rst_ni(started_q),
      .ring_i,
      .head_i,
      .tail_i,
      .pending_i,
      .load_seq_o(),
      .seq_o(),
      .tile_valid_i,
      .tile_ready_o(tile_ready),
      .tile_data_i('0),
      .key_valid_i,
      .key_ready_o(key_ready),
      .key_data_i('0),
      .act_valid_i,
      .act_ready_o(act_ready),
      .act_data_i('0),
      .chan_new_i,
      .last_valid_o(),
      .last_row_o(),
      .sum_valid_o(),
      .sum_o(),
      .act_why_i(WhyIdle),
      .full_i(1'b0),
      .why_o()
  );

  // Loading: the tile, and the next channel of it.
  cmd_t load_cmd;
  assign load_cmd = i_array.load_cmd;
  wire load_job = i_array.load_job_valid;
  wire stream = load_cmd.weight == WeightStream;
  wire load = (tile_valid_i && tile_ready) || (key_valid_i && key_ready);
  logic [15:0] load_kb_q, load_nb_q;
  logic [$clog2(M)-1:0] channel_q;
  wire load_last = load && channel_q == '1;
  wire load_kb_last = load_kb_q == load_cmd.k_blocks - 1'b1;
  wire load_nb_last = load_nb_q == load_cmd.n_blocks - 1'b1;
  always_comb assume (!load_job || (load_cmd.k_blocks != '0 && load_cmd.n_blocks != '0));

  // Issuing.
  cmd_t cmd;
  assign cmd = i_array.cmd;
  wire job = i_array.job_valid;
  wire issue = act_valid_i && act_ready;
  logic [15:0] row_q, kb_q, nb_q;
  wire row_last = row_q == cmd.rows - 1'b1;
  wire kb_last = kb_q == cmd.k_blocks - 1'b1;
  wire nb_last = nb_q == cmd.n_blocks - 1'b1;
  always_comb assume (!job || (cmd.rows != '0 && cmd.k_blocks != '0 && cmd.n_blocks != '0));

  // A tile is loaded and not taken. Numbers of tiles: of all that were loaded and taken.
  logic [7:0] loaded_q, taken_q;
  wire swap = issue && row_q == '0;
  always_ff @(posedge clk_i) begin
    if (!started_q) {row_q, kb_q, nb_q, load_kb_q, load_nb_q, channel_q, loaded_q, taken_q} <= '0;
    else begin
      if (load) channel_q <= channel_q + 1'b1;
      if (load_last) begin
        loaded_q  <= loaded_q + 1'b1;
        load_kb_q <= load_kb_last ? '0 : load_kb_q + 1'b1;
        if (load_kb_last) load_nb_q <= load_nb_last ? '0 : load_nb_q + 1'b1;
      end
      if (issue) begin
        row_q <= row_last ? '0 : row_q + 1'b1;
        if (row_last) kb_q <= kb_last ? '0 : kb_q + 1'b1;
        if (row_last && kb_last) nb_q <= nb_last ? '0 : nb_q + 1'b1;
      end
      if (swap) taken_q <= taken_q + 1'b1;
      a_source :
      assert (!(tile_ready && key_ready) && (!tile_ready || stream) && (!key_ready || !stream));
      a_load :
      assert (i_array.i_array.load_i == load &&
          (!load || (load_job && i_array.i_array.load_channel_i == channel_q)));
      a_load_end : assert (i_array.load_job_done == (load_last && load_kb_last && load_nb_last));
      a_tiles : assert (loaded_q - taken_q <= 8'd1 && (!swap || loaded_q != taken_q));
      a_issue :
      assert (i_array.tag_in.valid == issue && i_array.i_array.swap_i == swap &&
          (!issue || (job && i_array.tag_in.kb_first == (kb_q == '0) &&
          i_array.tag_in.kb_last == kb_last && i_array.tag_in.row == row_q[2:0])));
      a_issue_end : assert (i_array.job_done == (issue && row_last && kb_last && nb_last));
      // What the registers hold.
      a_load_range :
      assert (load_job ? load_kb_q < load_cmd.k_blocks &&
          load_nb_q < load_cmd.n_blocks : {load_kb_q, load_nb_q, channel_q} == '0);
      a_range :
      assert (job ? row_q < cmd.rows && kb_q < cmd.k_blocks && nb_q < cmd.n_blocks :
          {row_q, kb_q, nb_q} == '0);
      a_load_counters :
      assert (i_array.load_kb_q == load_kb_q &&
          i_array.load_nb_q == load_nb_q && i_array.channel_q == channel_q &&
          i_array.tile_full_q == (loaded_q != taken_q) &&
          (!i_array.tile_full_q || channel_q == '0));
      a_counters : assert (i_array.row_q == row_q && i_array.kb_q == kb_q && i_array.nb_q == nb_q);
    end
  end
endmodule
