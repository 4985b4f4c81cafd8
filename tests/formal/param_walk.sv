// SPDX-License-Identifier: Apache-2.0
// sb_param_demux takes every word of a command's parameters once, in the order of the stream: one
// word that the command has, chosen freely, is followed. It counts as taken as soon as the walk is
// past it, so none is passed over; and it is at the place that the walk says, so none comes twice.
module param_walk
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import walk_pkg::*;
(
    input logic                  clk_i,
    input op_t  [Slots-1:0]      ring_i,
    input seq_t                  tail_i,
    input logic                  par_valid_i,
    input logic [    M-1:0][7:0] par_data_i,
    input logic                  tile_ready_i,
    input logic                  chan_take_i,
    input logic                  norm_take_i,
    input logic [     15:0]      nb_i,          // the followed word, constant
    input logic [     15:0]      kb_i,
    input logic [      1:0]      part_i,
    input logic [      5:0]      word_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic par_ready, tile_valid, chan_new, norm_new;
  logic [M-1:0][WeightBits-1:0] tile_data;
  sb_param_demux #(
      .M(M),
      .ChanDepth(2),
      .NormDepth(2)
  ) i_demux (
      .clk_i,
      .rst_ni(started_q),
      .ring_i,
      .tail_i,
      .seq_o(),
      .par_valid_i,
      .par_ready_o(par_ready),
      .par_data_i,
      .tile_valid_o(tile_valid),
      .tile_ready_i,
      .tile_data_o(tile_data),
      .chan_new_o(chan_new),
      .chan_take_i,
      .chan_o(),
      .norm_new_o(norm_new),
      .norm_take_i,
      .norm_o()
  );
  cmd_t cmd;
  assign cmd = i_demux.cmd;
  wire valid = i_demux.job_valid;
  wire store = cmd.kind == CmdStore;
  always_comb begin
    assume (!valid || (cmd.k_blocks != '0 && cmd.n_blocks != '0 && cmd.kind != CmdLoad));
    assume (!valid || !store || (cmd.prologue == ProNorm && !cmd.chan_shared));
  end

  localparam logic [1:0] Chan = 2'd0, Norm = 2'd1, Tile = 2'd2;
  localparam int unsigned Entry = 8;
  // Constant: which word.
  logic [15:0] nb_q, kb_q;
  logic [1:0] part_q;
  logic [5:0] word_q;
  always_ff @(posedge clk_i)
    if (!started_q)
      {nb_q, kb_q, part_q, word_q} <= {nb_i, kb_i, part_i, word_i};
  // Whether the command has it.
  wire  block = kb_q < cmd.k_blocks && (store ? nb_q == '0 : nb_q < cmd.n_blocks);
  logic has;
  always_comb begin
    unique case (part_q)
      Chan: has = kb_q == '0 && word_q < 6'(Entry) && !store && !cmd.chan_shared;
      Norm: has = nb_q == '0 && word_q < 6'(Entry) && cmd.prologue == ProNorm;
      Tile: has = word_q < 6'(M) && !store && cmd.weight == WeightStream;
      default: has = 1'b0;
    endcase
    has = has && block && valid;
  end

  // The part that the walk is at, and whether some of it has come.
  wire [1:0] part = i_demux.part_q;
  wire begun = i_demux.full_q || i_demux.word_q != '0;
  // Where the walk is: a complete entry is behind all its words.
  wire [40:0] at = {i_demux.nb_q, i_demux.kb_q, part, i_demux.full_q, i_demux.word_q};
  wire [40:0] target = {nb_q, kb_q, part_q, 1'b0, word_q};
  wire take = par_valid_i && par_ready;
  wire hit = take && at == target;
  logic seen_q;
  always_ff @(posedge clk_i) begin
    if (!started_q) seen_q <= 1'b0;
    else begin
      seen_q <= !i_demux.job_done && (seen_q || hit);
      a_past : assert (!has || seen_q == (at > target));
      a_end : assert (!i_demux.job_done || !has || seen_q || hit);
      a_take : assert (!take || valid);
      // Tile words go to the loader as they are, the others into entries of eight.
      a_tile :
      assert (tile_valid == (par_valid_i && valid && part == Tile) && tile_data == par_data_i);
      a_push : assert (!(chan_new && norm_new) && (!(chan_new || norm_new) || i_demux.full_q));
      // What the registers hold.
      a_range :
      assert (valid ? i_demux.kb_q < cmd.k_blocks &&
          (store ? i_demux.nb_q == '0 : i_demux.nb_q < cmd.n_blocks) : at == '0 && !seen_q);
      a_chan :
      assert (part != Chan || (i_demux.kb_q == '0 && i_demux.word_q < 6'(Entry) &&
          (!begun || (!store && (i_demux.full_q || !cmd.chan_shared)))));
      a_norm : assert (part != Norm || (i_demux.word_q < 6'(Entry) && (!begun || i_demux.norm)));
      a_of_tile :
      assert (part != Tile || (i_demux.word_q < 6'(M) && !i_demux.full_q && i_demux.tile));
      a_full : assert (part <= Tile && (!i_demux.full_q || i_demux.word_q == '0));
      a_seen : assert (!seen_q || has);
    end
  end
endmodule
