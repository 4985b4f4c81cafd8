// SPDX-License-Identifier: Apache-2.0
// sb_key_reader announces every tile of K and V once, in the order nb, kb, and reads each of its
// words once, at its address; the data of a word, and the end of a tile, come ReadLatency after it.
module key_walk
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import walk_pkg::*;
(
    input logic                 clk_i,
    input op_t      [Slots-1:0] ring_i,
    input seq_t                 head_i,
    input seq_t                 tail_i,
    input pending_t [Slots-1:0] pending_i,
    input logic                 free_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic start, transpose, read, read_bank, write, write_last, write_bank;
  logic [ $clog2(M):0] count;
  logic [AddrBits-1:0] read_addr;
  sb_key_reader #(
      .M(M)
  ) i_reader (
      .clk_i,
      .rst_ni(started_q),
      .ring_i,
      .head_i,
      .tail_i,
      .pending_i,
      .seq_o(),
      .free_i,
      .start_o(start),
      .transpose_o(transpose),
      .count_o(count),
      .read_o(read),
      .read_bank_o(read_bank),
      .read_addr_o(read_addr),
      .write_o(write),
      .write_last_o(write_last),
      .write_bank_o(write_bank)
  );
  cmd_t cmd;
  assign cmd = i_reader.cmd;
  wire valid = i_reader.job_valid;
  wire values = cmd.weight == WeightValues;
  always_comb assume (!valid || (few(cmd.k_blocks) && few(cmd.n_blocks)));

  // The tile, whether it is announced, and its next word.
  logic [15:0] kb_q, nb_q, word_q;
  logic open_q;
  wire kb_last = kb_q == cmd.k_blocks - 1'b1;
  wire nb_last = nb_q == cmd.n_blocks - 1'b1;
  region_t region;
  assign region = '{cmd.weight_bank, '1, cmd.weight_base, '0, cmd.weight_stride};
  wire [15:0] key = (values ? kb_q : nb_q) << $clog2(M);
  wire [15:0] words = at_most_m(keys_from(cmd.keys, key));
  wire [AddrBits-1:0] tile = block_addr(region, values ? nb_q : kb_q) + key;
  wire word = i_reader.word;
  wire tile_end = i_reader.tile_end;

  // Words and ends on their way: 1 cycle ago, then ReadLatency more.
  logic [ReadLatency:0][2:0] late_q;  // word, end, bank
  logic [AddrBits-1:0] addr_q;
  always_ff @(posedge clk_i) begin
    if (!started_q) {open_q, word_q, kb_q, nb_q, late_q} <= '0;
    else begin
      late_q <= {late_q[ReadLatency-1:0], {word, tile_end, cmd.weight_bank}};
      addr_q <= tile + word_q;
      if (start) open_q <= 1'b1;
      if (word) word_q <= word_q + 1'b1;
      if (tile_end) begin
        open_q <= 1'b0;
        word_q <= '0;
        kb_q   <= kb_last ? '0 : kb_q + 1'b1;
        if (kb_last) nb_q <= nb_last ? '0 : nb_q + 1'b1;
      end
      a_start :
      assert (!start || (valid && !open_q && free_i && 16'(count) == words && transpose == values));
      a_word : assert (!word || (open_q && word_q < words));
      a_tile : assert (!tile_end || (open_q && word_q + 16'(word) == words));
      a_end : assert (i_reader.job_done == (tile_end && kb_last && nb_last));
      a_read :
      assert (read == late_q[0][2] &&
          (!read || (read_bank == late_q[0][0] && read_addr == addr_q)));
      a_write :
      assert ({write, write_last} == late_q[ReadLatency][2:1] &&
          (!write || write_bank == late_q[ReadLatency][0]));
      // What the registers hold.
      a_range : assert (valid ? kb_q < cmd.k_blocks && nb_q < cmd.n_blocks : {kb_q, nb_q} == '0);
      a_open :
      assert (open_q ? valid && word_q <= words && (word_q < words || words == '0) : word_q == '0);
      a_counters :
      assert (i_reader.kb_q == kb_q && i_reader.nb_q == nb_q &&
          i_reader.tile_q == open_q && i_reader.nb_start_q == (kb_q == '0) &&
          i_reader.start_q == ({kb_q, nb_q} == '0));
      a_words :
      assert (!open_q ||
          (16'(i_reader.left_q) == words - word_q && i_reader.addr_q == tile + word_q));
      a_tiles :
      assert (!valid || (i_reader.tile_addr == tile && i_reader.keys == keys_from(
          cmd.keys, key
      ) && i_reader.nb_addr == (values ? block_addr(
          region, nb_q
      ) : cmd.weight_base + key)));
    end
  end
endmodule
