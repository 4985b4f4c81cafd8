// SPDX-License-Identifier: Apache-2.0
// Reads weight tiles from the activation memories: K and V.
//
//   WeightKeys:    tile (nb, kb) = words base + kb * stride + nb * M .., a word for each channel
//   WeightValues:  tile (nb, kb) = words base + nb * stride + kb * M .., a lane for each channel
//
// up to M of them, as far as there are keys. A word is read when no older command has it still to
// write, ahead of the array by as many tiles as the buffer holds (sb_tile_buffer). Contract: a read
// takes place in every cycle of read_o, at read_bank_o and read_addr_o; its data come ReadLatency
// cycles later with write_o. Those outputs come from registers, so other readers can give way.
module sb_key_reader
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
#(
    parameter int unsigned M = 16
) (
    input  logic                    clk_i,
    input  logic                    rst_ni,        // synchronous, active low
    input  op_t      [   Slots-1:0] ring_i,
    input  seq_t                    head_i,
    input  seq_t                    tail_i,
    input  pending_t [   Slots-1:0] pending_i,
    output seq_t                    seq_o,         // all commands before it are read
    input  logic                    free_i,        // sb_tile_buffer
    output logic                    start_o,
    output logic                    transpose_o,
    output logic     [ $clog2(M):0] count_o,
    output logic                    read_o,
    output logic                    read_bank_o,
    output logic     [AddrBits-1:0] read_addr_o,
    output logic                    write_o,       // ReadLatency later
    output logic                    write_last_o,  // the tile is complete; with or without a word
    output logic                    write_bank_o
);
  localparam int unsigned MBits = $clog2(M);

  logic job_valid, job_done;
  op_t job;
  sb_op_feed #(
      .Matmul(1),
      .MemoryWeights(1)
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
  wire values = cmd.weight == WeightValues;

  // Walk: for nb: for kb: tile; its words.
  logic start_q, nb_start_q;  // of the command, of an nb
  logic tile_q;  // a tile is announced
  logic [15:0] kb_q, nb_q, keys_q;
  logic [AddrBits-1:0] nb_addr_q, tile_addr_q, addr_q;
  logic [MBits:0] left_q;  // words left of the tile, this one included
  wire [AddrBits-1:0] nb_addr = start_q ? cmd.weight_base : nb_addr_q;
  wire [AddrBits-1:0] tile_addr = nb_start_q ? nb_addr : tile_addr_q;
  wire [15:0] keys = start_q || (values && nb_start_q) ? cmd.keys : keys_q;
  wire [MBits:0] count = keys >= 16'(M) ? (MBits + 1)'(M) : {1'b0, keys[MBits-1:0]};
  wire kb_last = kb_q == cmd.k_blocks - 1'b1;
  wire nb_last = nb_q == cmd.n_blocks - 1'b1;
  wire announce = job_valid && !tile_q && free_i;
  assign start_o = announce;
  assign transpose_o = values;
  assign count_o = count;
  wire wait_word = act_pending(pending_i, older_slots(head_i, seq_o), cmd.weight_bank, addr_q);
  wire word = tile_q && left_q != '0 && !wait_word;
  wire tile_end = tile_q && (left_q == '0 || (word && left_q == (MBits + 1)'(1)));
  assign job_done = tile_end && kb_last && nb_last;

  logic end_q, read_q, bank_q;
  logic [AddrBits-1:0] read_addr_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      start_q <= 1'b1;
      nb_start_q <= 1'b1;
      tile_q <= 1'b0;
      {kb_q, nb_q} <= '0;
      read_q <= 1'b0;
      end_q <= 1'b0;
    end else begin
      if (announce) tile_q <= 1'b1;
      else if (tile_end) tile_q <= 1'b0;
      if (tile_end) begin
        start_q <= kb_last && nb_last;
        nb_start_q <= kb_last;
        kb_q <= kb_last ? '0 : kb_q + 1'b1;
        if (kb_last) nb_q <= nb_last ? '0 : nb_q + 1'b1;
      end
      read_q <= word;
      end_q <= tile_end;
    end
    if (announce) begin
      addr_q <= tile_addr;
      left_q <= count;
    end else if (word) begin
      addr_q <= addr_q + 1'b1;
      left_q <= left_q - 1'b1;
    end
    if (tile_end) begin
      // the next tile of this nb, and the first one of the next
      tile_addr_q <= tile_addr + (values ? AddrBits'(M) : cmd.weight_stride);
      nb_addr_q <= !kb_last ? nb_addr : nb_addr + (values ? cmd.weight_stride : AddrBits'(M));
      keys_q <= values || kb_last ? (keys > 16'(M) ? keys - 16'(M) : '0) : keys;
    end
    read_addr_q <= addr_q;
    bank_q <= cmd.weight_bank;
  end
  assign read_o = read_q;
  assign read_bank_o = bank_q;
  assign read_addr_o = read_addr_q;

  sb_delay #(
      .Width(1),
      .Depth(ReadLatency)
  ) i_bank (
      .clk_i,
      .data_i(bank_q),
      .data_o(write_bank_o)
  );
  logic [ReadLatency-1:0][1:0] data_q;
  always_ff @(posedge clk_i) data_q <= rst_ni ? (2 * ReadLatency)'({data_q, read_q, end_q}) : '0;
  assign {write_o, write_last_o} = data_q[ReadLatency-1];
endmodule
