// SPDX-License-Identifier: Apache-2.0
// Takes the parameter stream apart: channel words, LayerNorm words, weight tiles.
//
// Per command, in its order: for nb: channel word; for kb: LayerNorm word (first pass of
// LayerNorm), tile. Channel and LayerNorm words are put together of 8 words of the stream and wait
// in FIFOs; tile words pass straight to the loader. A command with one multiplier for all channels
// gets channel words made here. A full FIFO holds the stream up, but never for ever: what waits in
// it belongs to tiles that have passed.
// Contract: valid / ready; par_ready_o depends on registers and tile_ready_i, itself a register.
`include "sb_assert.svh"

module sb_param_demux
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
#(
    parameter int unsigned M = 16,
    parameter int unsigned ChanDepth = 8,  // channel words that wait, a power of two
    parameter int unsigned NormDepth = 4  // LayerNorm words that wait, a power of two, at most 4
) (
    input  logic                               clk_i,
    input  logic                               rst_ni,        // synchronous, active low
    input  op_t  [Slots-1:0]                   ring_i,
    input  seq_t                               tail_i,
    output seq_t                               seq_o,
    input  logic                               par_valid_i,
    output logic                               par_ready_o,
    input  logic [    M-1:0][             7:0] par_data_i,
    output logic                               tile_valid_o,
    input  logic                               tile_ready_i,
    output logic [    M-1:0][  WeightBits-1:0] tile_data_o,
    output logic                               chan_new_o,    // a channel word has come
    input  logic                               chan_take_i,
    output logic [    M-1:0][    ChanBits-1:0] chan_o,        // the oldest
    output logic                               norm_new_o,
    input  logic                               norm_take_i,
    output logic [    M-1:0][NormChanBits-1:0] norm_o
);
  localparam int unsigned Entry = 8;  // words of the stream in a word of the FIFOs
  typedef enum logic [1:0] {
    Chan,
    Norm,
    Tile
  } part_e;

  logic job_valid, job_done;
  op_t job;
  sb_op_feed #(
      .Matmul(1),
      .Store (1)
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

  part_e part_q;
  logic [15:0] kb_q, nb_q;
  logic [$clog2(MaxM)-1:0] word_q;  // of an entry or a tile
  logic full_q;  // an entry is complete
  logic [Entry-1:0][M*8-1:0] entry_q;

  wire store = cmd.kind == CmdStore;
  wire kb_last = kb_q == cmd.k_blocks - 1'b1;
  wire nb_last = store || nb_q == cmd.n_blocks - 1'b1;
  wire norm = cmd.prologue == ProNorm && nb_q == '0;
  wire tile = !store && cmd.weight == WeightStream;
  wire collect = job_valid && !full_q &&
      (part_q == Chan ? !store && !cmd.chan_shared : part_q == Norm && norm);
  wire make = job_valid && part_q == Chan && !full_q && cmd.chan_shared;

  logic chan_ready, norm_ready;
  wire push_chan = full_q && part_q == Chan && chan_ready;
  wire push_norm = full_q && part_q == Norm && norm_ready;
  assign tile_valid_o = job_valid && part_q == Tile && par_valid_i;
  assign tile_data_o = par_data_i;
  assign par_ready_o = collect || (job_valid && part_q == Tile && tile_ready_i);
  wire take = par_valid_i && par_ready_o;
  wire word_last = part_q == Tile ? 32'(word_q) == M - 1 : 32'(word_q) == Entry - 1;

  // Where to go after each part. Blocks without a part of their own are passed over at once.
  wire chan_end = push_chan || (job_valid && part_q == Chan && store);
  wire norm_end = push_norm || (job_valid && part_q == Norm && !norm);
  wire tile_end = part_q == Tile && take && word_last;
  wire skip = !tile && !norm;  // nothing in the other blocks of this nb
  wire block_end = tile_end || (norm_end && !tile);
  wire nb_end = block_end && (kb_last || skip);
  assign job_done = nb_end && nb_last;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      part_q <= Chan;
      {kb_q, nb_q} <= '0;
      word_q <= '0;
      full_q <= 1'b0;
    end else begin
      if (take) word_q <= word_last ? '0 : word_q + 1'b1;
      if (make || (take && collect && word_last)) full_q <= 1'b1;
      else if (push_chan || push_norm) full_q <= 1'b0;
      if (nb_end) begin
        part_q <= Chan;
        kb_q   <= '0;
        nb_q   <= nb_last ? '0 : nb_q + 1'b1;
      end else if (block_end) begin
        part_q <= Norm;
        kb_q   <= kb_q + 1'b1;
      end else if (norm_end) part_q <= Tile;
      else if (chan_end) part_q <= Norm;
    end
    if (take && collect) entry_q[word_q[2:0]] <= par_data_i;
    if (make) begin
      entry_q <= {M{chan_t
'{reserved: '0, shift_sel: cmd.shift_sel, mult: cmd.mult, bias: '0}
      }};
    end
  end

  logic chan_valid, norm_valid;
  sb_fifo #(
      .Width(M * ChanBits),
      .Depth(ChanDepth)
  ) i_chans (
      .clk_i,
      .rst_ni,
      .valid_i(full_q && part_q == Chan),
      .ready_o(chan_ready),
      .data_i(entry_q),
      .valid_o(chan_valid),
      .ready_i(chan_take_i),
      .data_o(chan_o)
  );
  sb_fifo #(
      .Width(M * NormChanBits),
      .Depth(NormDepth)
  ) i_norms (
      .clk_i,
      .rst_ni,
      .valid_i(full_q && part_q == Norm),
      .ready_o(norm_ready),
      .data_i(entry_q),
      .valid_o(norm_valid),
      .ready_i(norm_take_i),
      .data_o(norm_o)
  );
  assign chan_new_o = push_chan;
  assign norm_new_o = push_norm;

  `SB_ASSERT_STABLE(ParStable_A, par_valid_i, par_ready_o, par_data_i)
  `SB_ASSERT(ChanPresent_A, chan_take_i |-> chan_valid)
  `SB_ASSERT(NormPresent_A, norm_take_i |-> norm_valid)

endmodule
