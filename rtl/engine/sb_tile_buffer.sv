// SPDX-License-Identifier: Apache-2.0
// Two weight tiles of M x M bytes, written word by word, read word by word or transposed.
//
// Byte l of word i of a tile lies in bank (i + l) mod M at address i, so that word i and column c
// both take one byte of every bank:
//   plain:       word n = word n as written, all 0 from word `count` on
//   transposed:  word n, byte i = byte n of word i, 0 for bytes from `count` on
// Contract: a tile is announced with start_i (its count and form), then written word by word, the
// last one with write_last_i; a tile of no words has only the latter, without write_i. It leaves as
// M words, a cycle or more after it is complete. valid / ready at the output, valid_o never waits
// for ready_i. free_o: a tile may be announced. Storage is read without a clock (distributed RAM).
`include "sb_assert.svh"

module sb_tile_buffer
  import sb_pkg::*;
#(
    parameter int unsigned M = 16  // a power of two
) (
    input  logic                               clk_i,
    input  logic                               rst_ni,        // synchronous, active low
    output logic                               free_o,
    input  logic                               start_i,
    input  logic                               transpose_i,   // with start_i
    input  logic [$clog2(M):0]                 count_i,       // with start_i: words that come
    input  logic                               write_i,
    input  logic                               write_last_i,
    input  logic [      M-1:0][WeightBits-1:0] data_i,
    output logic                               valid_o,
    input  logic                               ready_i,
    output logic [      M-1:0][WeightBits-1:0] data_o
);
  localparam int unsigned Bits = $clog2(M);
  localparam int unsigned Tiles = 2;

  logic [M-1:0][WeightBits-1:0] mem[Tiles*M];
  // Announced, written, being read: the tile is the low bit.
  logic [1:0] announce_q, write_q, read_q;
  logic [Tiles-1:0] transpose_q;
  logic [Tiles-1:0][Bits:0] count_q;
  logic [Bits-1:0] write_word_q, read_word_q;
  logic valid_q;
  logic [M-1:0][WeightBits-1:0] data_q;

  assign free_o = announce_q - read_q != 2'(Tiles);
  wire next = write_q != read_q && (!valid_q || ready_i);
  wire last = read_word_q == '1;

  // Banks side by side in a word of `mem`; each has its own address when read transposed.
  function automatic logic [M-1:0][WeightBits-1:0] rotated(logic [M-1:0][WeightBits-1:0] data,
                                                           logic [Bits-1:0] places);
    logic [Bits-1:0] from;
    for (int unsigned l = 0; l < M; l++) begin
      from = Bits'(l) - places;
      rotated[l] = data[from];
    end
  endfunction
  function automatic logic [M-1:0][WeightBits-1:0] read_word(logic tile, logic [Bits-1:0] word);
    logic [Bits-1:0] bank;
    for (int unsigned i = 0; i < M; i++) begin
      bank = Bits'(i) + word;
      read_word[i] = mem[{tile, transpose_q[tile] ? Bits'(i) : word}][bank];
      if ((transpose_q[tile] ? (Bits + 1)'(i) : {1'b0, word}) >= count_q[tile]) read_word[i] = '0;
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {announce_q, write_q, read_q} <= '0;
      write_word_q <= '0;
      read_word_q <= '0;
      valid_q <= 1'b0;
    end else begin
      if (start_i) announce_q <= announce_q + 1'b1;
      if (write_last_i) begin
        write_q <= write_q + 1'b1;
        write_word_q <= '0;
      end else if (write_i) write_word_q <= write_word_q + 1'b1;
      if (next) begin
        read_word_q <= read_word_q + 1'b1;
        if (last) read_q <= read_q + 1'b1;
      end
      if (next || ready_i) valid_q <= next;
    end
    if (start_i) begin
      transpose_q[announce_q[0]] <= transpose_i;
      count_q[announce_q[0]] <= count_i;
    end
    if (write_i) mem[{write_q[0], write_word_q}] <= rotated(data_i, write_word_q);
    if (next) data_q <= read_word(read_q[0], read_word_q);
  end
  assign valid_o = valid_q;
  assign data_o  = data_q;

  `SB_ASSERT(StartWhenFree_A, start_i |-> free_o)
  `SB_ASSERT_STABLE(OutputStable_A, valid_o, ready_i, data_o)
endmodule
