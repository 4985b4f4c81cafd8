// SPDX-License-Identifier: Apache-2.0
// Reads the words of each command's source in the order in which the array, or a store, wants them:
// for nb: for kb: for row.
//
//   walk --> hazards --> read (port, credits) --> memories, word_o --> prologue
//
// Each word passes when nothing that it needs is still to be written by an older command: its
// source; the row maximum (exp) or row constants (LayerNorm); for LayerNorm also the place of its
// 8-bit result (no older result may come after it) and K and V of older commands (not yet read ones
// may lie there). Pending ranges shrink only, so a word that passed stays good. The first pass of
// LayerNorm reads the residual memory and writes back; later passes read the 8-bit results of the
// first.
//
// Contract: a read takes place in the cycle of read_o; at most one word per cycle; word_o belongs
// to it. A word of a command with n_blocks blocks is read n_blocks times. Commands follow each
// other without a lost cycle.
`include "sb_assert.svh"

module sb_act_reader
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
#(
    parameter int unsigned M = 16,
    parameter int unsigned ExpTables = 32,
    parameter int unsigned ActCredits = 16,  // words on their way to the array or in its FIFO
    parameter int unsigned BackCredits = 16,  // the same of LayerNorm's results
    parameter int unsigned StoreCredits = 16  // and of the store stream
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,          // synchronous, active low
    input  op_t      [    Slots-1:0] ring_i,
    input  seq_t                     head_i,
    input  seq_t                     tail_i,
    input  pending_t [    Slots-1:0] pending_i,
    output seq_t                     seq_o,           // all commands before it are read
    input  seq_t                     key_seq_i,       // K and V of those before it are read
    input  logic     [ExpTables-1:0] exp_wait_i,
    input  logic     [          1:0] table_wait_i,
    input  logic                     norm_word_i,     // a word of LayerNorm parameters has come
    input  logic     [          1:0] act_taken_i,     // ports taken in this cycle, by bank
    input  logic     [          1:0] res_taken_i,
    input  logic                     act_credit_i,    // a word has left its FIFO
    input  logic                     back_credit_i,
    input  logic                     store_credit_i,
    output logic                     act_read_o,      // of word_o.source.bank or word_o.back.bank
    output logic                     res_read_o,      // of word_o.source.bank
    output place_t                   act_place_o,
    output logic     [ AddrBits-1:0] row_addr_o,      // in the memory of maxima or row constants
    output word_t                    word_o,
    output why_e                     why_o            // this cycle: WhyBusy if a word is read
);
  localparam int unsigned MBits = $clog2(M);
  localparam int unsigned SelBits = ExpTables > 1 ? $clog2(ExpTables) : 1;

  // The command and its walk.
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
  wire store = cmd.kind == CmdStore;
  wire is_norm = cmd.prologue == ProNorm;
  wire is_exp = cmd.prologue == ProExp;
  region_t back_region;
  assign back_region = '{
          bank: cmd.back_bank,
          split: '1,
          base: cmd.back_base,
          base2: '0,
          stride: cmd.back_stride
      };

  // The walk holds counters of the next word. While start_q is high its places are those of a
  // command that has ended.
  logic start_q;
  logic [15:0] row_q, kb_q, nb_q;  // kb_q: number of the block after this one
  place_t source_q, back_q;
  logic [AddrBits-1:0] row_addr_q;
  logic [15:0] keys_q;  // from the first lane of this block on
  place_t source, back;
  logic [AddrBits-1:0] row_addr;
  logic [15:0] keys;
  wire [AddrBits-1:0] row_base = is_exp ? cmd.max_in : cmd.norm_in;
  assign source = start_q ? region_first(cmd.source) : source_q;
  assign back = start_q ? region_first(back_region) : back_q;
  assign row_addr = start_q ? row_base : row_addr_q;
  assign keys = start_q ? cmd.keys : keys_q;
  wire row_first = row_q == '0;
  wire row_last = row_q == cmd.rows - 1'b1;
  wire kb_last = kb_q == cmd.k_blocks;
  wire nb_first = nb_q == '0;
  wire nb_last = store || nb_q == cmd.n_blocks - 1'b1;
  wire first_pass = is_norm && nb_first;  // LayerNorm itself
  wire later_pass = is_norm && !nb_first;

  // What the word waits for.
  logic [Slots-1:0] older, older_own;
  logic source_wait, back_wait, row_wait, keys_wait, table_wait, param_wait;
  logic [2:0] norm_words_q;
  always_comb begin
    older = older_slots(head_i, seq_o);
    older_own = older;
    older_own[seq_o[SlotBits-1:0]] = 1'b1;
    source_wait = first_pass ? res_pending(pending_i, older, source.bank, source.addr) :
        act_pending(pending_i, later_pass ? older_own : older, later_pass ? back.bank : source.bank,
                    later_pass ? back.addr : source.addr);
    back_wait = first_pass && !store && act_pending(pending_i, older, back.bank, back.addr);
    row_wait = 1'b0;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (older[s] && ((is_exp && holds(
              pending_i[s].maxima, 1'b0, row_addr
          )) || (first_pass && !cmd.norm_identity && holds(
              pending_i[s].stats, 1'b0, row_addr
          ))))
        row_wait = 1'b1;
    end
  end
  assign keys_wait = first_pass && !store && seq_t'(key_seq_i - head_i) < seq_t'(seq_o - head_i);
  assign table_wait = (is_exp && exp_wait_i[SelBits'(cmd.exp_table)]) ||
      (cmd.table_on && table_wait_i[cmd.table_sel]);
  assign param_wait = first_pass && row_first && norm_words_q == '0;
  wire waits = source_wait || back_wait || row_wait || keys_wait || table_wait || param_wait;

  // The word that is read as soon as its port and its credits allow.
  logic read_valid_q, read_res_q;
  word_t read_q;
  place_t read_place_q;
  logic [AddrBits-1:0] read_row_addr_q;
  logic [$clog2(ActCredits+1)-1:0] act_credit_q;
  logic [$clog2(BackCredits+1)-1:0] back_credit_q;
  logic [$clog2(StoreCredits+1)-1:0] store_credit_q;
  wire taken = read_res_q ? res_taken_i[read_place_q.bank] : act_taken_i[read_place_q.bank];
  wire credit = (read_q.store ? store_credit_q != '0 : act_credit_q != '0) &&
      (!read_q.write || back_credit_q != '0);
  wire read = read_valid_q && !taken && credit;
  wire go = job_valid && !waits && (read || !read_valid_q);
  assign job_done = go && row_last && kb_last && nb_last;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      start_q <= 1'b1;
      {row_q, nb_q} <= '0;
      kb_q <= 16'd1;
      norm_words_q <= '0;
      read_valid_q <= 1'b0;
      act_credit_q <= ($clog2(ActCredits + 1))'(ActCredits);
      back_credit_q <= ($clog2(BackCredits + 1))'(BackCredits);
      store_credit_q <= ($clog2(StoreCredits + 1))'(StoreCredits);
    end else begin
      if (go) begin
        start_q <= row_last && kb_last;
        row_q   <= row_last ? '0 : row_q + 1'b1;
        if (row_last) kb_q <= kb_last ? 16'd1 : kb_q + 1'b1;
        if (row_last && kb_last) nb_q <= nb_last ? '0 : nb_q + 1'b1;
      end
      if (norm_word_i != (go && first_pass && row_first))
        norm_words_q <= norm_word_i ? norm_words_q + 1'b1 : norm_words_q - 1'b1;
      if (go || read) read_valid_q <= go;
      if (act_credit_i != (read && !read_q.store))
        act_credit_q <= act_credit_i ? act_credit_q + 1'b1 : act_credit_q - 1'b1;
      if (back_credit_i != (read && read_q.write))
        back_credit_q <= back_credit_i ? back_credit_q + 1'b1 : back_credit_q - 1'b1;
      if (store_credit_i != (read && read_q.store))
        store_credit_q <= store_credit_i ? store_credit_q + 1'b1 : store_credit_q - 1'b1;
    end
    if (go) begin
      source_q <= region_next(cmd.source, source, row_last, kb_q);
      back_q <= region_next(back_region, back, row_last, kb_q);
      row_addr_q <= row_last ? row_base : row_addr + 1'b1;
      keys_q <= !row_last ? keys : keys > 16'(M) ? keys - 16'(M) : '0;
      read_res_q <= first_pass;
      read_place_q <= later_pass ? back : source;
      read_row_addr_q <= row_addr;
      read_q <= '{
          path: first_pass ? PathNorm : is_exp ? PathExp : PathBypass,
          store: store,
          write: first_pass && !store,
          slot: seq_o[SlotBits-1:0],
          row: row_q,
          kb_first: kb_q == 16'd1,
          kb_last: kb_last,
          keys: keys[15:MBits] != '0 ? 7'(M) : 7'(keys[MBits-1:0]),
          table_sel: cmd.exp_table,
          identity: cmd.norm_identity,
          operand: cmd.operand,
          chan_end: row_last,
          source: source,
          back: back
      };
    end
  end
  assign act_read_o  = read && !read_res_q;
  assign res_read_o  = read && read_res_q;
  assign act_place_o = read_place_q;
  assign row_addr_o  = read_row_addr_q;
  assign word_o      = read_q;

  // Why no word is read: of the word that waits to be read, else of the one before it in the cycle
  // before.
  why_e walk_why, walk_why_q;
  always_comb begin
    if (!job_valid) walk_why = WhyIdle;
    else if (table_wait) walk_why = WhyTable;
    else if (param_wait) walk_why = WhyParam;
    else if (row_wait) walk_why = is_exp ? WhyMax : WhyConst;
    else if (keys_wait) walk_why = WhyKeys;
    else walk_why = WhyData;
  end
  always_ff @(posedge clk_i) if (!go) walk_why_q <= walk_why;
  assign why_o = read ? WhyBusy : !read_valid_q ? walk_why_q : taken ? WhyPort : WhyFill;

  `SB_ASSERT(CreditsInRange_A, 32'(act_credit_q) <= ActCredits && 32'(back_credit_q) <= BackCredits)
  `SB_ASSERT(StoreCreditsInRange_A, 32'(store_credit_q) <= StoreCredits)
endmodule
