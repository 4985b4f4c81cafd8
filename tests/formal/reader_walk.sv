// SPDX-License-Identifier: Apache-2.0
// sb_act_reader reads the words of every command once each, in the order nb, kb, row, at their
// addresses, with what has to travel with them, whatever it waits for and whenever ports are taken.
module reader_walk
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import walk_pkg::*;
(
    input logic                 clk_i,
    input op_t      [Slots-1:0] ring_i,
    input seq_t                 head_i,
    input seq_t                 tail_i,
    input pending_t [Slots-1:0] pending_i,
    input seq_t                 key_seq_i,
    input logic     [      1:0] exp_wait_i,
    input logic     [      1:0] table_wait_i,
    input logic                 norm_word_i,
    input logic     [      1:0] act_taken_i,
    input logic     [      1:0] res_taken_i,
    input logic                 act_credit_i,
    input logic                 back_credit_i,
    input logic                 store_credit_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic act_read, res_read;
  place_t act_place;
  logic [AddrBits-1:0] row_addr;
  word_t word;
  sb_act_reader #(
      .M(M),
      .ExpTables(2)
  ) i_reader (
      .clk_i,
      .rst_ni(started_q),
      .ring_i,
      .head_i,
      .tail_i,
      .pending_i,
      .seq_o(),
      .key_seq_i,
      .exp_wait_i,
      .table_wait_i,
      .norm_word_i,
      .act_taken_i,
      .res_taken_i,
      .act_credit_i,
      .back_credit_i,
      .store_credit_i,
      .act_read_o(act_read),
      .res_read_o(res_read),
      .act_place_o(act_place),
      .row_addr_o(row_addr),
      .word_o(word),
      .why_o()
  );
  cmd_t cmd;
  assign cmd = i_reader.cmd;
  wire valid = i_reader.job_valid;
  wire go = i_reader.go;
  wire store = cmd.kind == CmdStore;
  always_comb assume (!valid || (cmd.rows != '0 && few(cmd.k_blocks) && cmd.n_blocks != '0));

  // The next word.
  logic [15:0] row_q, kb_q, nb_q;
  wire row_last = row_q == cmd.rows - 1'b1;
  wire kb_last = kb_q == cmd.k_blocks - 1'b1;
  wire nb_last = store || nb_q == cmd.n_blocks - 1'b1;
  wire norm = cmd.prologue == ProNorm;
  wire first_pass = norm && nb_q == '0;
  region_t back_region;
  place_t source, back;
  assign back_region = '{cmd.back_bank, '1, cmd.back_base, '0, cmd.back_stride};
  assign source = place_of(cmd.source, kb_q, row_q);
  assign back = place_of(back_region, kb_q, row_q);
  wire [15:0] keys = keys_from(cmd.keys, kb_q << $clog2(M));
  wire [AddrBits-1:0] row_base = cmd.prologue == ProExp ? cmd.max_in : cmd.norm_in;

  // The word that has passed and is not read yet.
  typedef struct packed {
    logic                residual;
    logic                kb_first;
    logic                kb_last;
    logic                chan_end;
    logic [15:0]         row;
    logic [6:0]          keys;
    place_t              source;
    place_t              back;
    place_t              act;
    logic [AddrBits-1:0] row_addr;
  } expected_t;
  expected_t now, due_q, got;
  assign now = '{
          residual: first_pass,
          kb_first: kb_q == '0,
          kb_last: kb_last,
          chan_end: row_last,
          row: row_q,
          keys: 7'(at_most_m(keys)),
          source: source,
          back: back,
          act: norm && !first_pass ? back : source,
          row_addr: row_base + row_q
      };
  assign got = '{
          residual: i_reader.read_res_q,
          kb_first: word.kb_first,
          kb_last: word.kb_last,
          chan_end: word.chan_end,
          row: word.row,
          keys: word.keys,
          source: word.source,
          back: word.back,
          act: act_place,
          row_addr: row_addr
      };
  logic waits_q;
  wire  read = act_read || res_read;
  always_ff @(posedge clk_i) begin
    if (!started_q) {waits_q, row_q, kb_q, nb_q} <= '0;
    else begin
      waits_q <= go || (waits_q && !read);
      if (go) begin
        due_q <= now;
        row_q <= row_last ? '0 : row_q + 1'b1;
        if (row_last) kb_q <= kb_last ? '0 : kb_q + 1'b1;
        if (row_last && kb_last) nb_q <= nb_last ? '0 : nb_q + 1'b1;
      end
      a_passed : assert (!read || waits_q);
      a_one : assert (!(act_read && res_read) && (!go || !waits_q || read));
      a_word : assert (!waits_q || got == due_q);
      a_bank : assert (!read || res_read == due_q.residual);
      a_job : assert (!go || valid);
      a_end : assert (!go || i_reader.job_done == (row_last && kb_last && nb_last));
      // What the registers hold.
      a_waits : assert (i_reader.read_valid_q == waits_q);
      a_range :
      assert (valid ? row_q < cmd.rows && kb_q < cmd.k_blocks &&
          (store ? nb_q == '0 : nb_q < cmd.n_blocks) : {row_q, kb_q, nb_q} == '0);
      a_counters :
      assert (i_reader.row_q == row_q && i_reader.nb_q == nb_q &&
          i_reader.kb_q == kb_q + 1'b1 && i_reader.start_q == ({row_q, kb_q} == '0));
      a_places :
      assert (i_reader.start_q || (i_reader.source_q == source &&
          i_reader.back_q == back && i_reader.row_addr_q == row_base + row_q &&
          i_reader.keys_q == keys));
    end
  end
endmodule
