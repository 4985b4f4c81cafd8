// SPDX-License-Identifier: Apache-2.0
// Everything of the encoder engine that computes: commands in, streams to and from external memory.
//
//   cmd --> sb_cmd_check --> sb_op_ring --> walkers, each with its next command loaded ahead:
//
//   par --> sb_param_demux --> channel words, LayerNorm words
//             | tiles                                         2 activation banks  2 residual banks
//             |      sb_key_reader <-------- K, V ------------------+                 |
//             |           | sb_tile_buffer                          |                 |
//             +-----------+--> array <-- FIFO <-- sb_prologue <-- sb_act_reader ------+
//                                |                  +--> LayerNorm's results: back to both
//                           accumulators            +--> store FIFO --> st
//                                +--> sb_drain --> activations or residual, maxima, row constants
//   ld --> sb_load_writer --> residual bank         tab --> sb_table_loader --> tables
//
// A program behaves as if its commands ran one after the other; they overlap, and each word waits
// for what it needs (sb_op_ring). Nothing behind the issue stalls: every result owns its cycle at
// the port of its bank; reads of sources and writes of LayerNorm and loads give way. The array is
// fed in every cycle in which words, tile and channel word are there; why_o says why not.
//
// Streams are valid / ready; `valid` and `ready` depend on registers alone, those of par also on
// the state of the loader. Words of par: M bytes, in the order of the requests preq, without gaps;
// tab: entries; ld, st: M lanes of 16 bits. st_done_i: all words of the oldest store not yet
// reported are written. clear_i resets the core, contents of the memories remain. error_*: held
// until clear_i; all commands before error_index_o are done then. end_o: the program has ended; the
// next command is number 0 of another.
`include "sb_assert.svh"

module sb_encoder_core
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,  // rows and columns of the array: 4, 8, 16, 32 or 64
    parameter int unsigned Rows = 128,  // rows of a matrix product: accumulator words, 1 to 1024
    parameter int unsigned StatRows = 128,  // row maxima and row constants, at least Rows
    parameter int unsigned ActBits = 8,  // lanes of the activation memory: 8, or 9 (signed)
    parameter int unsigned ActDepth0 = 1024,  // words of the memory banks, 2 to 65536
    parameter int unsigned ActDepth1 = 1024,
    parameter int unsigned ResDepth0 = 1024,
    parameter int unsigned ResDepth1 = 1024,
    parameter int unsigned ExpTables = 32,  // tables of exp: a power of two, 1 to 64
    parameter int unsigned MulStyle = MulInferred,  // multipliers (mul_style_e)
    parameter int unsigned ChainLength = 4,  // products per chain (sb_array)
    parameter bit Packed = 1  // two products per multiplier (sb_array)
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous, active low
    input logic clear_i,
    input logic cmd_valid_i,
    output logic cmd_ready_o,
    input logic [CmdBits-1:0] cmd_i,  // cmd_t
    output logic preq_valid_o,  // parameters of a command
    input logic preq_ready_i,
    output logic [39:0] preq_addr_o,
    output logic [31:0] preq_words_o,  // of M bytes
    input logic par_valid_i,
    output logic par_ready_o,
    input logic [M*8-1:0] par_data_i,
    output logic treq_valid_o,  // a table of TableEntries entries
    input logic treq_ready_i,
    output logic [39:0] treq_addr_o,
    input logic tab_valid_i,
    output logic tab_ready_o,
    input logic [15:0] tab_data_i,
    output logic lreq_valid_o,  // a load
    input logic lreq_ready_i,
    output logic [39:0] lreq_addr_o,
    output logic [31:0] lreq_words_o,  // of 2 * M bytes
    input logic ld_valid_i,
    output logic ld_ready_o,
    input logic [M-1:0][ResBits-1:0] ld_data_i,
    output logic sreq_valid_o,  // a store
    input logic sreq_ready_i,
    output logic [39:0] sreq_addr_o,
    output logic [31:0] sreq_words_o,  // of 2 * M bytes
    output logic st_valid_o,
    input logic st_ready_i,
    output logic [M-1:0][ResBits-1:0] st_data_o,
    input logic st_done_i,
    output logic error_valid_o,
    output logic [7:0] error_code_o,  // error_e
    output logic [31:0] error_index_o,
    output logic end_o,
    output logic [3:0] why_o,  // why_e
    output logic idle_o,
    output logic [31:0] oldest_o  // number of the oldest command not finished
);
  if (Rows < 1 || Rows > 1024 || StatRows < Rows || StatRows > 65536) begin : gen_illegal_rows
    $fatal(
        1,
        "sb_encoder_core: Rows = %0d, must be 1 to 1024 and at most StatRows = %0d, 65536",
        Rows,
        StatRows
    );
  end
  if (ActBits != 8 && ActBits != 9) begin : gen_illegal_act
    $fatal(1, "sb_encoder_core: ActBits = %0d, must be 8 or 9", ActBits);
  end
  if (ExpTables < 1 || ExpTables > 64 || (ExpTables & (ExpTables - 1)) != 0) begin : gen_illegal_exp
    $fatal(1, "sb_encoder_core: ExpTables = %0d, must be a power of two, 1 to 64", ExpTables);
  end
  localparam int unsigned ActDepth[2] = '{ActDepth0, ActDepth1};
  localparam int unsigned ResDepth[2] = '{ResDepth0, ResDepth1};
  for (genvar b = 0; b < 2; b++) begin : gen_illegal
    if (ActDepth[b] < 2 || ActDepth[b] > 65536 ||
        ResDepth[b] < 2 || ResDepth[b] > 65536) begin : gen_depth
      $fatal(
          1,
          "sb_encoder_core: depths %0d, %0d of bank %0d, must be 2 to 65536",
          ActDepth[b],
          ResDepth[b],
          b
      );
    end
  end

  localparam int unsigned StageBits = 1;  // of the reciprocal
  localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1;
  localparam int unsigned StatBits = StatRows > 1 ? $clog2(StatRows) : 1;
  localparam int unsigned RecipBits = SlotBits + RowBits;
  localparam int unsigned ProLatency = prologue_latency(
      M, ChainLength, Packed, MulStyle, StageBits
  );
  // A word comes back as a credit ReadLatency + ProLatency + 2 cycles after its read.
  localparam int unsigned FifoDepth = 1 << $clog2(ReadLatency + ProLatency + 4);
  localparam int unsigned ChanDepth = 8;
  localparam int unsigned Waiting = 32;  // checked commands that wait
  // Reading to writing a word of the residual: memory, addition, register before the memory.
  localparam int unsigned ResidualGap = ReadLatency + residual_latency() + 1;

  wire run_n = rst_ni && !clear_i;

  // Commands.
  logic op_valid, op_ready;
  op_t checked;
  sb_cmd_check #(
      .M(M),
      .Rows(Rows),
      .StatRows(StatRows),
      .ActBits(ActBits),
      .ActDepth(ActDepth),
      .ResDepth(ResDepth),
      .ExpTables(ExpTables)
  ) i_check (
      .clk_i,
      .rst_ni(run_n),
      .cmd_valid_i,
      .cmd_ready_o,
      .cmd_i,
      .end_i(end_o),
      .preq_valid_o,
      .preq_ready_i,
      .preq_addr_o,
      .preq_words_o,
      .op_valid_o(op_valid),
      .op_ready_i(op_ready),
      .op_o(checked)
  );

  localparam int unsigned Walkers = 7;
  op_t [Slots-1:0] ring;
  pending_t [Slots-1:0] pending;
  seq_t head, tail;
  seq_t [Walkers-1:0] walker;
  move_t act_move, res_move, load_move, back_move, norm_move, max_write, stats_write;
  logic table_valid, table_ready, table_exp, table_done, table_done_exp;
  logic [5:0] table_sel, table_done_sel;
  logic [39:0] table_addr;
  logic [31:0] ring_oldest, table_index;
  logic [ExpTables-1:0] exp_wait;
  logic [1:0] table_wait;
  logic entered, lreq_free, sreq_free, full, table_busy, ring_idle;
  op_t entered_op;
  error_e error_code;
  sb_op_ring #(
      .Depth(Waiting),
      .ExpTables(ExpTables),
      .Walkers(Walkers)
  ) i_ring (
      .clk_i,
      .rst_ni(run_n),
      .op_valid_i(op_valid),
      .op_ready_o(op_ready),
      .op_i(checked),
      .ring_o(ring),
      .head_o(head),
      .tail_o(tail),
      .pending_o(pending),
      .walker_i(walker),
      .act_move_i(act_move),
      .res_move_i(res_move),
      .load_move_i(load_move),
      .back_move_i(back_move),
      .norm_move_i(norm_move),
      .max_move_i(max_write),
      .stats_move_i(stats_write),
      .store_done_i(st_done_i),
      .table_valid_o(table_valid),
      .table_ready_i(table_ready),
      .table_exp_o(table_exp),
      .table_sel_o(table_sel),
      .table_addr_o(table_addr),
      .table_done_i(table_done),
      .table_done_exp_i(table_done_exp),
      .table_done_sel_i(table_done_sel),
      .exp_wait_o(exp_wait),
      .table_wait_o(table_wait),
      .entered_o(entered),
      .entered_op_o(entered_op),
      .stream_free_i(lreq_free && sreq_free),
      .error_valid_o,
      .error_code_o(error_code),
      .error_index_o,
      .end_o,
      .oldest_o(ring_oldest),
      .full_o(full),
      .idle_o(ring_idle)
  );
  assign error_code_o = error_code;
  assign oldest_o = table_busy && table_index < ring_oldest ? table_index : ring_oldest;
  assign idle_o = ring_idle && !op_valid && cmd_ready_o;

  cmd_t entered_cmd;
  assign entered_cmd = op_cmd(entered_op);
  sb_fifo #(
      .Width(72),
      .Depth(Slots)
  ) i_lreq (
      .clk_i,
      .rst_ni(run_n),
      .valid_i(entered && entered_cmd.kind == CmdLoad),
      .ready_o(lreq_free),
      .data_i({entered_cmd.stream_addr, entered_op.words}),
      .valid_o(lreq_valid_o),
      .ready_i(lreq_ready_i),
      .data_o({lreq_addr_o, lreq_words_o})
  );
  sb_fifo #(
      .Width(72),
      .Depth(Slots)
  ) i_sreq (
      .clk_i,
      .rst_ni(run_n),
      .valid_i(entered && entered_cmd.kind == CmdStore),
      .ready_o(sreq_free),
      .data_i({entered_cmd.store_addr, entered_op.words}),
      .valid_o(sreq_valid_o),
      .ready_i(sreq_ready_i),
      .data_o({sreq_addr_o, sreq_words_o})
  );

  // Tables.
  logic load_exp_valid, load_exp_ready, load_table_valid, load_table_ready;
  logic [5:0] load_sel;
  logic [7:0] load_addr;
  logic [8:0] load_data;
  sb_table_loader i_tables (
      .clk_i,
      .rst_ni(run_n),
      .req_valid_i(table_valid),
      .req_ready_o(table_ready),
      .req_exp_i(table_exp),
      .req_sel_i(table_sel),
      .req_addr_i(table_addr),
      .req_index_i(entered_op.index),
      .treq_valid_o,
      .treq_ready_i,
      .treq_addr_o,
      .tab_valid_i,
      .tab_ready_o,
      .tab_data_i,
      .load_exp_valid_o(load_exp_valid),
      .load_exp_ready_i(load_exp_ready),
      .load_table_valid_o(load_table_valid),
      .load_table_ready_i(load_table_ready),
      .load_sel_o(load_sel),
      .load_addr_o(load_addr),
      .load_data_o(load_data),
      .done_o(table_done),
      .done_exp_o(table_done_exp),
      .done_sel_o(table_done_sel),
      .busy_o(table_busy),
      .index_o(table_index)
  );

  // Parameters.
  logic tile_valid, tile_ready, chan_new, chan_take, norm_new, norm_take;
  logic [M-1:0][WeightBits-1:0] tile_data;
  logic [M-1:0][ChanBits-1:0] chan;
  logic [M-1:0][NormChanBits-1:0] norm_word;
  sb_param_demux #(
      .M(M),
      .ChanDepth(ChanDepth)
  ) i_params (
      .clk_i,
      .rst_ni(run_n),
      .ring_i(ring),
      .tail_i(tail),
      .seq_o(walker[0]),
      .par_valid_i,
      .par_ready_o,
      .par_data_i,
      .tile_valid_o(tile_valid),
      .tile_ready_i(tile_ready),
      .tile_data_o(tile_data),
      .chan_new_o(chan_new),
      .chan_take_i(chan_take),
      .chan_o(chan),
      .norm_new_o(norm_new),
      .norm_take_i(norm_take),
      .norm_o(norm_word)
  );

  // Memories. Writes pass a register per bank; what a write ends is pending until then.
  logic [1:0] act_read, res_read;
  logic [1:0][AddrBits-1:0] act_read_addr, res_read_addr;
  // Read by a condition, not by an index: Verilator 5.032 ends with an internal error at that.
  logic [1:0][M-1:0][ActBits-1:0] act_out;
  logic [1:0][M-1:0][ResBits-1:0] res_out;
  logic [1:0] act_write_q, res_write_q;
  logic [1:0][AddrBits-1:0] act_addr_q, res_addr_q;
  logic [M-1:0][ActBits-1:0] act_data_q[2];
  logic [M-1:0][ResBits-1:0] res_data_q[2];
  for (genvar b = 0; b < 2; b++) begin : gen_bank
    sb_ram #(
        .ReadLatency(ReadLatency),
        .Width(M * ActBits),
        .Depth(ActDepth[b])
    ) i_act (
        .clk_i,
        .write_i(act_write_q[b]),
        .write_addr_i(act_addr_q[b][$clog2(ActDepth[b])-1:0]),
        .write_data_i(act_data_q[b]),
        .read_i(act_read[b]),
        .read_addr_i(act_read_addr[b][$clog2(ActDepth[b])-1:0]),
        .move_i(1'b1),
        .read_data_o(act_out[b])
    );
    sb_ram #(
        .ReadLatency(ReadLatency),
        .Width(M * ResBits),
        .Depth(ResDepth[b])
    ) i_res (
        .clk_i,
        .write_i(res_write_q[b]),
        .write_addr_i(res_addr_q[b][$clog2(ResDepth[b])-1:0]),
        .write_data_i(res_data_q[b]),
        .read_i(res_read[b]),
        .read_addr_i(res_read_addr[b][$clog2(ResDepth[b])-1:0]),
        .move_i(1'b1),
        .read_data_o(res_out[b])
    );
  end

  // K and V.
  logic key_free, key_start, key_transpose, key_read, key_read_bank, key_write, key_write_last;
  logic key_write_bank, key_valid, key_ready;
  logic [ $clog2(M):0] key_count;
  logic [AddrBits-1:0] key_addr;
  logic [M-1:0][WeightBits-1:0] key_word, key_data;
  sb_key_reader #(
      .M(M)
  ) i_keys (
      .clk_i,
      .rst_ni(run_n),
      .ring_i(ring),
      .head_i(head),
      .tail_i(tail),
      .pending_i(pending),
      .seq_o(walker[1]),
      .free_i(key_free),
      .start_o(key_start),
      .transpose_o(key_transpose),
      .count_o(key_count),
      .read_o(key_read),
      .read_bank_o(key_read_bank),
      .read_addr_o(key_addr),
      .write_o(key_write),
      .write_last_o(key_write_last),
      .write_bank_o(key_write_bank)
  );
  wire [M-1:0][ActBits-1:0] key_act = key_write_bank ? act_out[1] : act_out[0];
  if (ActBits == WeightBits) begin : gen_key_same
    assign key_word = key_act;
  end else begin : gen_key_wider
    always_comb for (int unsigned c = 0; c < M; c++) key_word[c] = key_act[c][WeightBits-1:0];
  end
  sb_tile_buffer #(
      .M(M)
  ) i_tile_buffer (
      .clk_i,
      .rst_ni(run_n),
      .free_o(key_free),
      .start_i(key_start),
      .transpose_i(key_transpose),
      .count_i(key_count),
      .write_i(key_write),
      .write_last_i(key_write_last),
      .data_i(key_word),
      .valid_o(key_valid),
      .ready_i(key_ready),
      .data_o(key_data)
  );

  // Activations: reader, prologue, FIFOs.
  logic reader_act, reader_res, drain_res;
  place_t reader_place, drain_res_place;
  logic [AddrBits-1:0] row_addr;
  word_t read_word, data_word, word;
  why_e read_why;
  logic [3:0] act_why;
  logic act_pop, back_pop, store_pop;
  wire [1:0] act_taken = {key_read && key_read_bank, key_read && !key_read_bank};
  wire [1:0] res_taken = {drain_res && drain_res_place.bank, drain_res && !drain_res_place.bank};
  sb_act_reader #(
      .M(M),
      .ExpTables(ExpTables),
      .ActCredits(FifoDepth),
      .BackCredits(FifoDepth),
      .StoreCredits(FifoDepth)
  ) i_reader (
      .clk_i,
      .rst_ni(run_n),
      .ring_i(ring),
      .head_i(head),
      .tail_i(tail),
      .pending_i(pending),
      .seq_o(walker[2]),
      .key_seq_i(walker[1]),
      .exp_wait_i(exp_wait),
      .table_wait_i(table_wait),
      .norm_word_i(norm_new),
      .act_taken_i(act_taken),
      .res_taken_i(res_taken),
      .act_credit_i(act_pop),
      .back_credit_i(back_pop),
      .store_credit_i(store_pop),
      .act_read_o(reader_act),
      .res_read_o(reader_res),
      .act_place_o(reader_place),
      .row_addr_o(row_addr),
      .word_o(read_word),
      .why_o(read_why)
  );
  always_comb begin
    for (int unsigned b = 0; b < 2; b++) begin
      act_read[b] = act_taken[b] || (reader_act && reader_place.bank == b[0]);
      act_read_addr[b] = act_taken[b] ? key_addr : reader_place.addr;
      res_read[b] = res_taken[b] || (reader_res && reader_place.bank == b[0]);
      res_read_addr[b] = res_taken[b] ? drain_res_place.addr : reader_place.addr;
    end
  end
  logic [7:0] row_max;
  logic [7:0] max_data;
  logic [NormRowBits-1:0] row_stats, stats_data;
  sb_ram #(
      .ReadLatency(ReadLatency),
      .Width(8),
      .Depth(StatRows)
  ) i_maxima (
      .clk_i,
      .write_i(max_write.valid),
      .write_addr_i(max_write.addr[StatBits-1:0]),
      .write_data_i(max_data),
      .read_i(reader_act),
      .read_addr_i(row_addr[StatBits-1:0]),
      .move_i(1'b1),
      .read_data_o(row_max)
  );
  sb_ram #(
      .ReadLatency(ReadLatency),
      .Width(NormRowBits),
      .Depth(StatRows)
  ) i_row_stats (
      .clk_i,
      .write_i(stats_write.valid),
      .write_addr_i(stats_write.addr[StatBits-1:0]),
      .write_data_i(stats_data),
      .read_i(reader_res),
      .read_addr_i(row_addr[StatBits-1:0]),
      .move_i(1'b1),
      .read_data_o(row_stats)
  );

  logic data_valid, data_bank, word_valid;
  logic [ReadLatency:0] unused_read_stages;
  sb_valid_delay #(
      .Depth  (ReadLatency),
      .TagBits($bits(word_t) + 1)
  ) i_read_word (
      .clk_i,
      .rst_ni(run_n),
      .valid_i(reader_act || reader_res),
      .tag_i({read_word, reader_place.bank}),
      .valid_o(data_valid),
      .tag_o({data_word, data_bank}),
      .stage_valid_o(unused_read_stages)
  );
  assign norm_take = data_valid && data_word.path == PathNorm && data_word.chan_end;
  logic [M-1:0][ActBits-1:0] act_word;
  logic [M-1:0][ResBits-1:0] y16;
  logic recip_valid;
  logic [RecipBits-1:0] recip_write_addr;
  logic [FactorBits-1:0] recip_new;
  sb_prologue #(
      .M(M),
      .Rows(Rows),
      .ActBits(ActBits),
      .ExpTables(ExpTables),
      .StageBits(StageBits),
      .MulStyle(MulStyle),
      .Latency(ProLatency)
  ) i_prologue (
      .clk_i,
      .rst_ni(run_n),
      .valid_i(data_valid),
      .word_i(data_word),
      .act_i(data_bank ? act_out[1] : act_out[0]),
      .res_i(data_bank ? res_out[1] : res_out[0]),
      .max_i(row_max),
      .stats_i(row_stats),
      .norm_i(norm_word),
      .table_valid_i(load_exp_valid),
      .table_ready_o(load_exp_ready),
      .table_sel_i(load_sel),
      .table_addr_i(load_addr),
      .table_data_i(load_data[7:0]),
      .valid_o(word_valid),
      .word_o(word),
      .act_o(act_word),
      .y16_o(y16),
      .recip_valid_o(recip_valid),
      .recip_addr_o(recip_write_addr),
      .recip_o(recip_new)
  );
  sb_delay #(
      .Width(4),
      .Depth(ReadLatency + ProLatency + 1)
  ) i_why (
      .clk_i,
      .data_i(read_why),
      .data_o(act_why)
  );

  logic act_room, act_valid, act_ready, store_room, back_room, back_valid;
  logic [M-1:0][ActBits-1:0] act_data;
  sb_fifo #(
      .Width(M * ActBits),
      .Depth(FifoDepth)
  ) i_act_fifo (
      .clk_i,
      .rst_ni(run_n),
      .valid_i(word_valid && !word.store),
      .ready_o(act_room),
      .data_i(act_word),
      .valid_o(act_valid),
      .ready_i(act_ready),
      .data_o(act_data)
  );
  assign act_pop = act_valid && act_ready;
  sb_fifo #(
      .Width(M * ResBits),
      .Depth(FifoDepth)
  ) i_store_fifo (
      .clk_i,
      .rst_ni(run_n),
      .valid_i(word_valid && word.store),
      .ready_o(store_room),
      .data_i(y16),
      .valid_o(st_valid_o),
      .ready_i(st_ready_i),
      .data_o(st_data_o)
  );
  assign store_pop = st_valid_o && st_ready_i;

  // LayerNorm's results wait until both are written.
  typedef struct packed {
    slot_t                     slot;
    place_t                    source;
    place_t                    back;
    logic [M-1:0][ActBits-1:0] y8;
    logic [M-1:0][ResBits-1:0] y16;
  } back_t;
  back_t back;
  logic [$bits(back_t)-1:0] back_bits;
  sb_fifo #(
      .Width($bits(back_t)),
      .Depth(FifoDepth)
  ) i_back_fifo (
      .clk_i,
      .rst_ni(run_n),
      .valid_i(word_valid && word.write),
      .ready_o(back_room),
      .data_i({word.slot, word.source, word.back, act_word, y16}),
      .valid_o(back_valid),
      .ready_i(back_pop),
      .data_o(back_bits)
  );
  assign back = back_bits;

  // Array.
  logic last_valid, sum_valid;
  logic [RowBits-1:0] last_row;
  logic [M-1:0][AccBits-1:0] sum;
  why_e why;
  sb_encoder_array #(
      .M(M),
      .Rows(Rows),
      .ActBits(ActBits),
      .ChainLength(ChainLength),
      .Packed(Packed),
      .MulStyle(MulStyle),
      .ChanDepth(ChanDepth),
      .ResidualGap(ResidualGap)
  ) i_array (
      .clk_i,
      .rst_ni(run_n),
      .ring_i(ring),
      .head_i(head),
      .tail_i(tail),
      .pending_i(pending),
      .load_seq_o(walker[3]),
      .seq_o(walker[4]),
      .tile_valid_i(tile_valid),
      .tile_ready_o(tile_ready),
      .tile_data_i(tile_data),
      .key_valid_i(key_valid),
      .key_ready_o(key_ready),
      .key_data_i(key_data),
      .act_valid_i(act_valid),
      .act_ready_o(act_ready),
      .act_data_i(act_data),
      .chan_new_i(chan_new),
      .last_valid_o(last_valid),
      .last_row_o(last_row),
      .sum_valid_o(sum_valid),
      .sum_o(sum),
      .act_why_i(why_e'(act_why)),
      .full_i(full),
      .why_o(why)
  );
  assign why_o = why;

  // Results.
  logic recip_read;
  logic [RecipBits-1:0] recip_read_addr;
  logic [FactorBits-1:0] recip;
  sb_ram #(
      .ReadLatency(ReadLatency),
      .Width(FactorBits),
      .Depth(1 << RecipBits)
  ) i_recips (
      .clk_i,
      .write_i(recip_valid),
      .write_addr_i(recip_write_addr),
      .write_data_i(recip_new),
      .read_i(recip_read),
      .read_addr_i(recip_read_addr),
      .move_i(1'b1),
      .read_data_o(recip)
  );
  logic drain_res_bank, drain_act_write, drain_res_write;
  slot_t drain_act_slot, drain_res_slot;
  place_t drain_act_place, drain_write_place;
  logic [M-1:0][ActBits-1:0] drain_act_data;
  logic [M-1:0][ResBits-1:0] drain_res_data;
  sb_delay #(
      .Width(1),
      .Depth(ReadLatency)
  ) i_drain_bank (
      .clk_i,
      .data_i(drain_res_place.bank),
      .data_o(drain_res_bank)
  );
  sb_drain #(
      .M(M),
      .Rows(Rows),
      .ActBits(ActBits),
      .MulStyle(MulStyle)
  ) i_drain (
      .clk_i,
      .rst_ni(run_n),
      .ring_i(ring),
      .tail_i(tail),
      .seq_o(walker[5]),
      .last_valid_i(last_valid),
      .last_row_i(last_row),
      .sum_valid_i(sum_valid),
      .sum_i(sum),
      .chan_i(chan),
      .chan_take_o(chan_take),
      .recip_read_o(recip_read),
      .recip_addr_o(recip_read_addr),
      .recip_i(recip),
      .res_read_o(drain_res),
      .res_place_o(drain_res_place),
      .res_i(drain_res_bank ? res_out[1] : res_out[0]),
      .table_valid_i(load_table_valid),
      .table_ready_o(load_table_ready),
      .table_sel_i(load_sel[0]),
      .table_addr_i(load_addr),
      .table_data_i(load_data),
      .act_write_o(drain_act_write),
      .act_slot_o(drain_act_slot),
      .act_place_o(drain_act_place),
      .act_data_o(drain_act_data),
      .res_write_o(drain_res_write),
      .res_slot_o(drain_res_slot),
      .res_place_write_o(drain_write_place),
      .res_data_o(drain_res_data),
      .max_write_o(max_write),
      .max_data_o(max_data),
      .stats_write_o(stats_write),
      .stats_data_o(stats_data)
  );

  // Loads.
  logic load_word, load_taken;
  slot_t load_slot;
  place_t load_place;
  logic [M-1:0][ResBits-1:0] load_res;
  sb_load_writer #(
      .M(M)
  ) i_load (
      .clk_i,
      .rst_ni(run_n),
      .ring_i(ring),
      .head_i(head),
      .tail_i(tail),
      .seq_o(walker[6]),
      .ld_valid_i,
      .ld_ready_o,
      .ld_data_i,
      .valid_o(load_word),
      .taken_i(load_taken),
      .slot_o(load_slot),
      .place_o(load_place),
      .data_o(load_res)
  );

  // Who writes: results, then LayerNorm, then loads. The moves go with the registers.
  logic y8_done_q, y16_done_q;  // of the word at the head of the FIFO
  wire y8_go = back_valid && !y8_done_q &&
      !(drain_act_write && drain_act_place.bank == back.back.bank);
  wire y16_go = back_valid && !y16_done_q &&
      !(drain_res_write && drain_write_place.bank == back.source.bank);
  assign back_pop = (y8_go || y8_done_q) && (y16_go || y16_done_q);
  assign load_taken = load_word &&
      !(drain_res_write && drain_write_place.bank == load_place.bank) &&
      !(y16_go && back.source.bank == load_place.bank);
  always_ff @(posedge clk_i) begin
    if (!run_n) begin
      act_write_q <= '0;
      res_write_q <= '0;
      y8_done_q <= 1'b0;
      y16_done_q <= 1'b0;
      {act_move.valid, res_move.valid, load_move.valid, back_move.valid, norm_move.valid} <= '0;
    end else begin
      for (int unsigned b = 0; b < 2; b++) begin
        act_write_q[b] <= (drain_act_write && drain_act_place.bank == b[0]) ||
            (y8_go && back.back.bank == b[0]);
        res_write_q[b] <= (drain_res_write && drain_write_place.bank == b[0]) ||
            (y16_go && back.source.bank == b[0]) || (load_taken && load_place.bank == b[0]);
      end
      y8_done_q <= !back_pop && (y8_go || y8_done_q);
      y16_done_q <= !back_pop && (y16_go || y16_done_q);
      act_move.valid <= drain_act_write;
      res_move.valid <= drain_res_write;
      load_move.valid <= load_taken;
      back_move.valid <= y8_go;
      norm_move.valid <= y16_go;
    end
    if (drain_act_write) begin
      act_addr_q[drain_act_place.bank] <= drain_act_place.addr;
      act_data_q[drain_act_place.bank] <= drain_act_data;
    end
    if (y8_go) begin
      act_addr_q[back.back.bank] <= back.back.addr;
      act_data_q[back.back.bank] <= back.y8;
    end
    if (load_taken) begin
      res_addr_q[load_place.bank] <= load_place.addr;
      res_data_q[load_place.bank] <= load_res;
    end
    if (y16_go) begin
      res_addr_q[back.source.bank] <= back.source.addr;
      res_data_q[back.source.bank] <= back.y16;
    end
    if (drain_res_write) begin
      res_addr_q[drain_write_place.bank] <= drain_write_place.addr;
      res_data_q[drain_write_place.bank] <= drain_res_data;
    end
    {act_move.slot, act_move.part, act_move.addr} <=
        {drain_act_slot, drain_act_place.part, drain_act_place.addr};
    {res_move.slot, res_move.part, res_move.addr} <=
        {drain_res_slot, drain_write_place.part, drain_write_place.addr};
    {load_move.slot, load_move.part, load_move.addr} <=
        {load_slot, load_place.part, load_place.addr};
    {back_move.slot, back_move.part, back_move.addr} <= {back.slot, 1'b0, back.back.addr};
    {norm_move.slot, norm_move.part, norm_move.addr} <=
        {back.slot, back.source.part, back.source.addr};
  end

  wire act_lost = word_valid && !word.store && !act_room;
  wire store_lost = word_valid && word.store && !store_room;
  wire back_lost = word_valid && word.write && !back_room;
  `SB_ASSERT(FifosHaveRoom_A, !act_lost && !store_lost && !back_lost)
endmodule
