// SPDX-License-Identifier: Apache-2.0
// A reader never passes a writer: of a command under way, any word that it has still to write lies in
// its pending range, so that a read of it by a younger command waits, until the cycle after the write.
// Any region (both parts), up to 3 x 3 words, writes at any time; the word watched is any one of them.
// And every word of the walk is written once: the range ends with the last, not before.
module hazard_order
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
(
    input logic    clk_i,
    input region_t region_i,
    input logic    residual_i,
    input logic [15:0] rows_i,
    input logic [15:0] blocks_i,
    input logic [15:0] watch_row_i,
    input logic [15:0] watch_block_i,
    input logic    write_i
);
  // Constants of the proof, held from the first cycle on.
  typedef struct packed {
    region_t     region;
    logic        residual;
    logic [15:0] rows;
    logic [15:0] blocks;
    logic [15:0] watch_row;
    logic [15:0] watch_block;
  } what_t;
  what_t what_q, what;
  logic [3:0] cycle_q = '0;
  wire start = cycle_q == '0;
  assign what = start ? what_t'{region_i, residual_i, rows_i, blocks_i, watch_row_i, watch_block_i} : what_q;
  always_ff @(posedge clk_i) begin
    what_q <= what;
    if (cycle_q != '1) cycle_q <= cycle_q + 1'b1;
  end
  wire legal = what.rows != '0 && what.rows <= 16'd3 && what.blocks != '0 && what.blocks <= 16'd3 &&
      what.rows <= what.region.stride && what.region.stride < 16'd1000 &&
      what.region.base < 16'd30000 && what.region.base2 < 16'd30000 &&
      what.watch_row < what.rows && what.watch_block < what.blocks;

  // The command, as sb_cmd_check hands it over.
  wire [15:0] below = what.region.split < what.blocks ? what.region.split : what.blocks;
  wire [15:0] above = what.blocks - below;
  function automatic range_t part(logic [15:0] blocks, logic bank, logic [15:0] base);
    logic [15:0] last;
    last = base + what.rows - 1'b1;
    if (blocks > 16'd1) last = last + what.region.stride;
    if (blocks > 16'd2) last = last + what.region.stride;
    return '{valid: blocks != '0, bank: bank, first: base, last: last};
  endfunction
  op_t op;
  cmd_t cmd;
  always_comb begin
    cmd = '0;
    cmd.kind = CmdMatmul;
    cmd.dest = what.residual ? DestResidual : DestAct;
    op = '0;
    op.result[0] = part(below, what.region.bank, what.region.base);
    op.result[1] = part(above, !what.region.bank, what.region.base2);
    op.body = cmd[BodyBits-1:0];
  end

  // It enters in cycle 1 and is in the ring from cycle 3 on at the latest; then it writes.
  logic op_ready;
  op_t [Slots-1:0] ring;
  seq_t head, tail;
  pending_t [Slots-1:0] pending;
  seq_t [0:0] walker;
  move_t move, none;
  place_t place_q, place;
  logic [15:0] row_q, next_block_q;
  logic walking_q = 1'b0, ended_q = 1'b0;
  wire first = !walking_q;
  assign place = first ? region_first(what.region) : place_q;
  wire [15:0] row = first ? '0 : row_q;
  wire [15:0] next_block = first ? 16'd1 : next_block_q;
  wire entered = cycle_q >= 4'd4;
  wire write = write_i && entered && !ended_q;
  wire row_last = row == what.rows - 1'b1;
  wire last = row_last && next_block == what.blocks;
  always_ff @(posedge clk_i) begin
    if (write) begin
      walking_q <= 1'b1;
      place_q <= region_next(what.region, place, row_last, next_block);
      row_q <= row_last ? '0 : row + 1'b1;
      next_block_q <= row_last ? next_block + 1'b1 : next_block;
      ended_q <= last;
    end
  end
  assign move = '{valid: write, slot: '0, part: place.part, addr: place.addr};
  assign none = '0;
  assign walker = head;  // not past it: the command stays
  logic table_valid, table_exp, entered_o, error_valid, end_o, full, idle;
  logic [5:0] table_sel;
  logic [39:0] table_addr;
  logic [1:0] exp_wait, table_wait;
  logic [31:0] error_index, oldest;
  op_t entered_op;
  error_e error_code;
  sb_op_ring #(
      .Depth(2),
      .ExpTables(2),
      .Walkers(1)
  ) i_ring (
      .clk_i,
      .rst_ni(cycle_q != '0),
      .op_valid_i(cycle_q == 4'd1),
      .op_ready_o(op_ready),
      .op_i(op),
      .ring_o(ring),
      .head_o(head),
      .tail_o(tail),
      .pending_o(pending),
      .walker_i(walker),
      .act_move_i(what.residual ? none : move),
      .res_move_i(what.residual ? move : none),
      .load_move_i(none),
      .back_move_i(none),
      .norm_move_i(none),
      .max_move_i(none),
      .stats_move_i(none),
      .store_done_i(1'b0),
      .table_valid_o(table_valid),
      .table_ready_i(1'b0),
      .table_exp_o(table_exp),
      .table_sel_o(table_sel),
      .table_addr_o(table_addr),
      .table_done_i(1'b0),
      .table_done_exp_i(1'b0),
      .table_done_sel_i('0),
      .exp_wait_o(exp_wait),
      .table_wait_o(table_wait),
      .entered_o,
      .entered_op_o(entered_op),
      .stream_free_i(1'b1),
      .error_valid_o(error_valid),
      .error_code_o(error_code),
      .error_index_o(error_index),
      .end_o,
      .oldest_o(oldest),
      .full_o(full),
      .idle_o(idle)
  );

  // The word watched, by the formula of region_t.
  wire upper = what.watch_block >= what.region.split;
  wire watch_bank = what.region.bank ^ upper;
  wire [15:0] watch_blocks = upper ? what.watch_block - what.region.split : what.watch_block;
  wire [15:0] watch_addr = (upper ? what.region.base2 : what.region.base) + what.watch_row +
      (watch_blocks == 16'd0 ? 16'd0 : watch_blocks == 16'd1 ? what.region.stride :
       16'(what.region.stride << 1));
  wire at_watch = row == what.watch_row && next_block == what.watch_block + 1'b1;
  logic written_q = 1'b0;
  always_ff @(posedge clk_i) if (write && at_watch) written_q <= 1'b1;

  // A younger command is number 1: all slots with a lower number count.
  wire [Slots-1:0] older = older_slots(head, seq_t'(1));
  wire waits = what.residual ? res_pending(pending, older, watch_bank, watch_addr) :
      act_pending(pending, older, watch_bank, watch_addr);
  wire any = pending[0].result[0].valid || pending[0].result[1].valid;
  always_ff @(posedge clk_i) begin
    assume (legal);
    if (entered) begin
      a_place: assert (!(write && at_watch) || (place.addr == watch_addr && place.bank == watch_bank));
      a_waits: assert (written_q || waits);
      a_ends: assert (any == !ended_q);
    end
  end
endmodule
