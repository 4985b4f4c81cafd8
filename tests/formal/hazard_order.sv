// SPDX-License-Identifier: Apache-2.0
// A word that a command has still to write is pending for every younger command, and the command
// stays under way, until the write: one word of one command, both chosen freely when it enters, is
// followed. Writers keep their contract: a write lies in what its command has to write, in rising
// order, so none of the followed range comes behind the followed word before it.
module hazard_order
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
(
    input logic                clk_i,
    input logic                op_valid_i,
    input op_t                 op_i,
    input seq_t [1:0]          walker_i,
    input move_t               act_move_i,
    input move_t               res_move_i,
    input move_t               load_move_i,
    input move_t               back_move_i,
    input move_t               norm_move_i,
    input move_t               max_move_i,
    input move_t               stats_move_i,
    input logic                store_done_i,
    input logic                follow_i,
    input logic [2:0]          target_i,
    input logic [AddrBits-1:0] addr_i,
    input seq_t                reader_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  pending_t [Slots-1:0] pending;
  seq_t head, tail;
  sb_op_ring #(
      .Depth(2),
      .ExpTables(1),
      .Walkers(2)
  ) i_ring (
      .clk_i,
      .rst_ni(started_q),
      .op_valid_i,
      .op_ready_o(),
      .op_i,
      .ring_o(),
      .head_o(head),
      .tail_o(tail),
      .pending_o(pending),
      .walker_i,
      .act_move_i,
      .res_move_i,
      .load_move_i,
      .back_move_i,
      .norm_move_i,
      .max_move_i,
      .stats_move_i,
      .store_done_i,
      .table_valid_o(),
      .table_ready_i(1'b0),
      .table_exp_o(),
      .table_sel_o(),
      .table_addr_o(),
      .table_done_i(1'b0),
      .table_done_exp_i(1'b0),
      .table_done_sel_i('0),
      .exp_wait_o(),
      .table_wait_o(),
      .entered_o(),
      .entered_op_o(),
      .stream_free_i(1'b1),
      .error_valid_o(),
      .error_code_o(),
      .error_index_o(),
      .end_o(),
      .oldest_o(),
      .full_o(),
      .idle_o()
  );

  // What a command writes, by target: results by part, LayerNorm's 8-bit ones, its 16-bit ones by
  // part, row maxima, row constants.
  localparam int unsigned Results = 0, Back = 2, Norm = 3, Maxima = 5, Stats = 6, Targets = 7;
  function automatic range_t rows_of(logic on, logic [15:0] base, logic [15:0] rows);
    logic [16:0] last;
    last = 17'(base) + 17'(rows) - 17'd1;
    return '{valid: on && rows != '0 && !last[16], bank: 1'b0, first: base, last: last[15:0]};
  endfunction
  range_t [Targets-1:0] entering;
  cmd_t cmd;
  assign cmd = op_cmd(i_ring.op);
  wire matmul = cmd.kind == CmdMatmul;
  always_comb begin
    entering = '0;
    if (cmd.kind != CmdStore) entering[Results+:2] = i_ring.op.result;
    entering[Back] = i_ring.op.back;
    if (matmul && cmd.prologue == ProNorm) entering[Norm+:2] = i_ring.op.source;
    entering[Maxima] = rows_of(matmul && cmd.row_max, cmd.max_out, cmd.rows);
    entering[Stats] = rows_of(matmul && cmd.norm_stats, cmd.norm_out, cmd.rows);
  end
  range_t start;
  assign start = entering[target_i];

  // The writes, each with what it has to lie in.
  move_t [Targets-1:0] moves;
  logic  [Targets-1:0] inside_own;
  pending_t own;
  function automatic range_t [Targets-1:0] ranges_of(pending_t p);
    return {p.stats, p.maxima, p.norm, p.back, p.result};
  endfunction
  move_t result_move;
  assign result_move = act_move_i.valid ? act_move_i : res_move_i.valid ? res_move_i : load_move_i;
  always_comb begin
    moves = {stats_move_i, max_move_i, {2{norm_move_i}}, back_move_i, {2{result_move}}};
    for (int unsigned t = 0; t < Targets; t++) begin
      range_t range;
      if (t == Results || t == Norm) moves[t].valid = moves[t].valid && !moves[t].part;
      if (t == Results + 1 || t == Norm + 1) moves[t].valid = moves[t].valid && moves[t].part;
      own = pending[moves[t].slot];
      range = ranges_of(own)[t];
      inside_own[t] = !moves[t].valid || holds(range, range.bank, moves[t].addr);
    end
  end
  always_comb begin
    assume (inside_own == '1);
    assume (32'(act_move_i.valid) + 32'(res_move_i.valid) + 32'(load_move_i.valid) <= 1);
    assume (!act_move_i.valid || !pending[act_move_i.slot].residual);
    assume (!res_move_i.valid ||
            (pending[res_move_i.slot].residual && !pending[res_move_i.slot].load));
    assume (!load_move_i.valid || pending[load_move_i.slot].load);
  end

  // The followed word.
  logic owed_q = 1'b0;
  seq_t owner_q;
  logic [2:0] target_q;
  logic [AddrBits-1:0] addr_q;
  logic bank_q, residual_q;
  move_t move;
  assign move = moves[target_q];
  wire own_move = owed_q && move.valid && move.slot == owner_q[SlotBits-1:0];
  always_comb assume (!own_move || move.addr <= addr_q);
  always_ff @(posedge clk_i)
    if (own_move && move.addr == addr_q) owed_q <= 1'b0;
    else if (started_q && !owed_q && i_ring.enter && follow_i && target_i < Targets &&
             holds(start, start.bank, addr_i)) begin
      owed_q     <= 1'b1;
      owner_q    <= tail;
      target_q   <= target_i;
      addr_q     <= addr_i;
      bank_q     <= start.bank;
      residual_q <= !matmul || cmd.dest != DestAct;
    end

  wire seq_t under_way = tail - head;
  wire seq_t owner = owner_q - head;
  wire seq_t reader = reader_i - head;
  wire younger = owed_q && reader > owner && reader <= under_way;
  logic [Slots-1:0] older;
  assign older = older_slots(head, reader_i);
  pending_t held;
  assign held = pending[owner_q[SlotBits-1:0]];
  wire range_t left = ranges_of(held)[target_q];
  wire in_act = target_q == Back || (target_q < Back && !residual_q);
  wire in_res = target_q == Norm || target_q == Norm + 1 || (target_q < Back && residual_q);
  // Slots without a command have nothing to write.
  logic [Slots-1:0] stale;
  always_comb
    for (int unsigned s = 0; s < Slots; s++)
      stale[s] = {1'b0, slot_t'(s) - head[SlotBits-1:0]} >= under_way && i_ring.writes(pending[s]);
  always_ff @(posedge clk_i)
    if (started_q) begin
      a_free: assert (stale == '0);
      a_ring: assert (under_way <= seq_t'(Slots));
      a_stays: assert (!owed_q || (owner < under_way && target_q < Targets));
      a_left: assert (!owed_q || holds(left, bank_q, addr_q));
      a_kind: assert (!owed_q || target_q >= Back || held.residual == residual_q);
      a_older: assert (!younger || older[owner_q[SlotBits-1:0]]);
      a_act: assert (!younger || !in_act || act_pending(pending, older, bank_q, addr_q));
      a_res: assert (!younger || !in_res || res_pending(pending, older, bank_q, addr_q));
    end else begin
      assume (!owed_q);
    end
endmodule
