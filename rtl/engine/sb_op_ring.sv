// SPDX-License-Identifier: Apache-2.0
// Commands under way: the ring that the walkers read, what each command has still to write, tables
// on their way, end and error of a program.
//
// Checked commands enter in order when one of the Slots is free and leave in order when all that
// they write is written and every walker is past them. A read waits while an older command has its
// word in a pending range (act_pending, res_pending of sb_encoder_pkg). Since writes of a command
// come in rising order within a bank, its range starts behind the last word written; words between
// its rows count as pending, which is never wrong. Older commands never wait for younger ones, so
// the oldest always goes on.
//
// Tables do not enter the ring: a table command waits here until no command under way uses its
// table, then hands its address to the table loader; `*_wait_o` hold back those that come after it.
// Contract: clock edge to clock edge; a move_t takes effect in the next cycle.
`include "sb_assert.svh"

module sb_op_ring
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
#(
    parameter int unsigned Depth = 32,  // checked commands that wait, a power of two
    parameter int unsigned ExpTables = 32,
    parameter int unsigned Walkers = 7
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,            // synchronous, active low
    input  logic                     op_valid_i,
    output logic                     op_ready_o,
    input  op_t                      op_i,
    // walkers
    output op_t      [    Slots-1:0] ring_o,
    output seq_t                     head_o,            // oldest command under way
    output seq_t                     tail_o,            // next command to enter
    output pending_t [    Slots-1:0] pending_o,
    input  seq_t     [  Walkers-1:0] walker_i,          // first command a walker is not past
    // writes
    input  move_t                    act_move_i,        // results, by memory
    input  move_t                    res_move_i,
    input  move_t                    load_move_i,
    input  move_t                    back_move_i,
    input  move_t                    norm_move_i,
    input  move_t                    max_move_i,
    input  move_t                    stats_move_i,
    input  logic                     store_done_i,
    // tables
    output logic                     table_valid_o,
    input  logic                     table_ready_i,
    output logic                     table_exp_o,       // exp table, else table_sel
    output logic     [          5:0] table_sel_o,
    output logic     [         39:0] table_addr_o,
    input  logic                     table_done_i,      // table_done_* was loaded
    input  logic                     table_done_exp_i,
    input  logic     [          5:0] table_done_sel_i,
    output logic     [ExpTables-1:0] exp_wait_o,
    output logic     [          1:0] table_wait_o,
    // status
    output logic                     entered_o,         // a load or store has entered:
    output op_t                      entered_op_o,
    input  logic                     stream_free_i,     // its request has room
    output logic                     error_valid_o,
    output error_e                   error_code_o,
    output logic     [         31:0] error_index_o,
    output logic                     end_o,             // one cycle: the program has ended
    output logic     [         31:0] oldest_o,          // command not finished
    output logic                     full_o,            // a command waits for a free slot
    output logic                     idle_o
);
  localparam int unsigned SelBits = ExpTables > 1 ? $clog2(ExpTables) : 1;
  logic op_valid, op_take;
  logic [$bits(op_t)-1:0] op_bits;
  op_t op;
  sb_fifo #(
      .Width($bits(op_t)),
      .Depth(Depth)
  ) i_waiting (
      .clk_i,
      .rst_ni,
      .valid_i(op_valid_i),
      .ready_o(op_ready_o),
      .data_i(op_i),
      .valid_o(op_valid),
      .ready_i(op_take),
      .data_o(op_bits)
  );
  assign op = op_bits;
  cmd_t cmd;
  assign cmd = op_cmd(op);

  op_t [Slots-1:0] ring_q;
  pending_t [Slots-1:0] pending_q, pending_d;
  seq_t head_q, tail_q;
  logic [ExpTables-1:0] exp_wait_q;
  logic [1:0] table_wait_q;
  logic error_q;
  logic [31:0] next_index_q;
  wire seq_t under_way = tail_q - head_q;
  wire full = under_way == seq_t'(Slots);
  wire empty = under_way == '0;

  // Tables in use by commands under way.
  logic uses_table;
  always_comb begin
    cmd_t other;
    uses_table = cmd.exp_load ? exp_wait_q[SelBits'(cmd.exp_table)] : table_wait_q[cmd.table_sel];
    for (int unsigned s = 0; s < Slots; s++) begin
      other = op_cmd(ring_q[s]);
      if ({1'b0, slot_t'(s) - head_q[SlotBits-1:0]} < under_way && other.kind == CmdMatmul &&
          (cmd.exp_load ? other.prologue == ProExp && other.exp_table == cmd.exp_table :
           other.table_on && other.table_sel == cmd.table_sel))
        uses_table = 1'b1;
    end
  end

  wire quiet = empty && exp_wait_q == '0 && table_wait_q == '0;
  wire is_error = op.error != ErrNone;
  wire is_table = !is_error && cmd.kind == CmdTable;
  wire is_end = !is_error && cmd.kind == CmdEnd;
  wire is_stream = cmd.kind == CmdLoad || cmd.kind == CmdStore;
  wire enter = op_valid && !is_error && !is_table && !is_end && !full &&
      (!is_stream || stream_free_i);
  wire table_go = op_valid && is_table && !uses_table && table_ready_i;
  wire finish = op_valid && is_end && quiet;
  assign op_take = enter || table_go || finish;
  assign table_valid_o = op_valid && is_table && !uses_table;
  assign table_exp_o = cmd.exp_load;
  assign table_sel_o = cmd.exp_load ? cmd.exp_table : 6'(cmd.table_sel);
  assign table_addr_o = cmd.stream_addr;
  assign entered_o = enter && is_stream;
  assign entered_op_o = op;

  // The oldest command leaves.
  function automatic logic writes(pending_t p);
    return p.result[0].valid || p.result[1].valid || p.back.valid || p.norm[0].valid ||
        p.norm[1].valid || p.maxima.valid || p.stats.valid;
  endfunction
  logic passed;
  always_comb begin
    passed = 1'b1;
    for (int unsigned w = 0; w < Walkers; w++) if (walker_i[w] == head_q) passed = 1'b0;
  end
  logic [2:0] stored_q;  // stores that have finished and are still in the ring
  cmd_t oldest;
  assign oldest = op_cmd(ring_q[head_q[SlotBits-1:0]]);
  wire head_store = oldest.kind == CmdStore;
  wire leave = !empty && passed && !writes(
      pending_q[head_q[SlotBits-1:0]]
  ) && (!head_store || stored_q != '0);

  // Pending ranges: set on entry, moved by writes.
  function automatic range_t moved(range_t range, logic [AddrBits-1:0] addr);
    moved = range;
    moved.valid = range.valid && addr != range.last;
    moved.first = addr + 1'b1;
  endfunction
  function automatic range_t row_range(logic valid, logic [15:0] base, logic [15:0] rows);
    return '{valid: valid, bank: 1'b0, first: base, last: base + rows - 1'b1};
  endfunction
  always_comb begin
    pending_d = pending_q;
    if (enter) begin
      pending_d[tail_q[SlotBits-1:0]] = '{
          residual: cmd.kind != CmdMatmul || cmd.dest != DestAct,
          load: cmd.kind == CmdLoad,
          result: cmd.kind == CmdStore ? '0 : op.result,
          back: op.back,
          norm: cmd.kind == CmdMatmul && cmd.prologue == ProNorm ? op.source : '0,
          maxima: row_range(cmd.kind == CmdMatmul && cmd.row_max, cmd.max_out, cmd.rows),
          stats: row_range(cmd.kind == CmdMatmul && cmd.norm_stats, cmd.norm_out, cmd.rows)
      };
    end
    if (act_move_i.valid)
      pending_d[act_move_i.slot].result[act_move_i.part] = moved(
        pending_q[act_move_i.slot].result[act_move_i.part], act_move_i.addr
      );
    if (res_move_i.valid)
      pending_d[res_move_i.slot].result[res_move_i.part] = moved(
        pending_q[res_move_i.slot].result[res_move_i.part], res_move_i.addr
      );
    if (load_move_i.valid)
      pending_d[load_move_i.slot].result[load_move_i.part] = moved(
        pending_q[load_move_i.slot].result[load_move_i.part], load_move_i.addr
      );
    if (back_move_i.valid)
      pending_d[back_move_i.slot].back = moved(pending_q[back_move_i.slot].back, back_move_i.addr);
    if (norm_move_i.valid)
      pending_d[norm_move_i.slot].norm[norm_move_i.part] = moved(
        pending_q[norm_move_i.slot].norm[norm_move_i.part], norm_move_i.addr
      );
    if (max_move_i.valid)
      pending_d[max_move_i.slot].maxima = moved(pending_q[max_move_i.slot].maxima, max_move_i.addr);
    if (stats_move_i.valid)
      pending_d[stats_move_i.slot].stats = moved(
        pending_q[stats_move_i.slot].stats, stats_move_i.addr
      );
  end
  wire touched = enter || act_move_i.valid || res_move_i.valid || load_move_i.valid ||
      back_move_i.valid || norm_move_i.valid || max_move_i.valid || stats_move_i.valid;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      head_q        <= '0;
      tail_q        <= '0;
      pending_q     <= '0;
      stored_q      <= '0;
      exp_wait_q    <= '0;
      table_wait_q  <= '0;
      error_q       <= 1'b0;
      end_o         <= 1'b0;
      next_index_q  <= '0;
    end else begin
      if (enter) tail_q <= tail_q + 1'b1;
      if (leave) head_q <= head_q + 1'b1;
      if (touched) pending_q <= pending_d;
      if (store_done_i != (leave && head_store))
        stored_q <= store_done_i ? stored_q + 1'b1 : stored_q - 1'b1;
      if (table_done_i) begin
        if (table_done_exp_i) exp_wait_q[SelBits'(table_done_sel_i)] <= 1'b0;
        else table_wait_q[table_done_sel_i[0]] <= 1'b0;
      end
      if (table_go) begin
        if (cmd.exp_load) exp_wait_q[SelBits'(cmd.exp_table)] <= 1'b1;
        else table_wait_q[cmd.table_sel] <= 1'b1;
      end
      if (op_valid && is_error && quiet) error_q <= 1'b1;
      end_o <= finish;
      if (op_take) next_index_q <= finish ? '0 : op.index + 1'b1;
    end
    if (enter) ring_q[tail_q[SlotBits-1:0]] <= op;
  end

  assign ring_o = ring_q;
  assign pending_o = pending_q;
  assign head_o = head_q;
  assign tail_o = tail_q;
  assign exp_wait_o = exp_wait_q;
  assign table_wait_o = table_wait_q;
  assign error_valid_o = error_q;
  assign error_code_o = op.error;
  assign error_index_o = op.index;
  assign oldest_o = !empty ? ring_q[head_q[SlotBits-1:0]].index : next_index_q;
  assign full_o = op_valid && !is_error && !is_table && !is_end && full;
  assign idle_o = quiet && !op_valid;

  // A write belongs to what its command has still to write.
  range_t act_range, res_range, back_range, norm_range;
  assign act_range  = pending_q[act_move_i.slot].result[act_move_i.part];
  assign res_range  = pending_q[res_move_i.slot].result[res_move_i.part];
  assign back_range = pending_q[back_move_i.slot].back;
  assign norm_range = pending_q[norm_move_i.slot].norm[norm_move_i.part];
  `SB_ASSERT(ActWithinRange_A, !act_move_i.valid || holds(
             act_range, act_range.bank, act_move_i.addr))
  `SB_ASSERT(ResWithinRange_A, !res_move_i.valid || holds(
             res_range, res_range.bank, res_move_i.addr))
  `SB_ASSERT(BackWithinRange_A, !back_move_i.valid || holds(back_range, back_range.bank,
                                                            back_move_i.addr))
  `SB_ASSERT(NormWithinRange_A, !norm_move_i.valid || holds(norm_range, norm_range.bank,
                                                            norm_move_i.addr))
endmodule
