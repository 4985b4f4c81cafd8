// SPDX-License-Identifier: Apache-2.0
// sb_op_ring with commands that a few pins describe: a store, or a product that has rows_i words,
// 1 to 4, to write in each range of writes_i, the ranges in the order of pending_t from its end.
// move_i writes words, each kind of move its own: results to activations and to residuals, loads,
// both results of LayerNorm, maxima, row constants.
module sb_op_ring_top
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
(
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic             op_valid_i,
    output logic             op_ready_o,
    input  logic [31:0]      index_i,
    input  logic             store_i,
    input  logic [15:0]      rows_i,
    input  logic [ 6:0]      writes_i,
    input  logic [ 6:0]      passed_i,       // walkers that are past all commands
    input  logic [ 6:0]      move_i,
    input  logic [ 6:0][1:0] slot_i,
    input  logic [ 6:0]      part_i,
    input  logic [ 6:0][1:0] word_i,
    input  logic             stream_free_i,
    input  logic             store_done_i,
    output logic [ 2:0]      under_way_o,
    output logic [31:0]      oldest_o,
    output logic             full_o,
    output logic             idle_o
);
  localparam logic [15:0] Base = 16'd100;
  function automatic range_t range(logic there);
    return '{valid: there, bank: 1'b0, first: Base, last: Base + rows_i - 1'b1};
  endfunction
  cmd_t cmd;
  op_t  op;
  always_comb begin
    cmd = '0;
    cmd.kind = store_i ? CmdStore : CmdMatmul;
    cmd.prologue = ProNorm;
    cmd.rows = rows_i;
    cmd.norm_stats = writes_i[0];
    cmd.norm_out = Base;
    cmd.row_max = writes_i[1];
    cmd.max_out = Base;
    op = '0;
    op.index = index_i;
    op.source = {range(writes_i[3]), range(writes_i[2])};
    op.back = range(writes_i[4]);
    op.result = {range(writes_i[6]), range(writes_i[5])};
    op.body = BodyBits'(cmd);
  end
  wire unused_bits = ^cmd.reserved;

  move_t [6:0] move;
  always_comb begin
    for (int unsigned k = 0; k < 7; k++) begin
      move[k] = '{
          valid: move_i[k],
          slot: slot_i[k],
          part: part_i[k],
          addr: Base + AddrBits'(word_i[k])
      };
    end
  end

  seq_t head, tail;
  seq_t [6:0] walker;
  always_comb for (int unsigned w = 0; w < 7; w++) walker[w] = passed_i[w] ? tail : head;
  assign under_way_o = tail - head;

  op_t [Slots-1:0] unused_ring;
  op_t unused_op;
  pending_t [Slots-1:0] unused_pending;
  error_e unused_code;
  logic unused_table, unused_exp, unused_entered, unused_error, unused_end;
  logic [ 5:0] unused_sel;
  logic [39:0] unused_addr;
  logic [31:0] unused_index;
  logic [1:0] unused_exp_wait, unused_table_wait;
  sb_op_ring #(
      .Depth(4),
      .ExpTables(2),
      .Walkers(7)
  ) i_ring (
      .clk_i,
      .rst_ni,
      .op_valid_i,
      .op_ready_o,
      .op_i(op),
      .ring_o(unused_ring),
      .head_o(head),
      .tail_o(tail),
      .pending_o(unused_pending),
      .walker_i(walker),
      .act_move_i(move[0]),
      .res_move_i(move[1]),
      .load_move_i(move[2]),
      .back_move_i(move[3]),
      .norm_move_i(move[4]),
      .max_move_i(move[5]),
      .stats_move_i(move[6]),
      .store_done_i,
      .table_valid_o(unused_table),
      .table_ready_i(1'b0),
      .table_exp_o(unused_exp),
      .table_sel_o(unused_sel),
      .table_addr_o(unused_addr),
      .table_done_i(1'b0),
      .table_done_exp_i(1'b0),
      .table_done_sel_i('0),
      .exp_wait_o(unused_exp_wait),
      .table_wait_o(unused_table_wait),
      .entered_o(unused_entered),
      .entered_op_o(unused_op),
      .stream_free_i,
      .error_valid_o(unused_error),
      .error_code_o(unused_code),
      .error_index_o(unused_index),
      .end_o(unused_end),
      .oldest_o,
      .full_o,
      .idle_o
  );
endmodule
