// SPDX-License-Identifier: Apache-2.0
// sb_op_feed hands over each wanted command of the ring once, in order, before it may be
// overwritten, and never says that it is past a command that it has still to hand over. Commands
// enter the ring and leave it as in sb_op_ring: at most Slots, and none leaves that a walker is not
// past. Numbers below count from the oldest command in the ring, so that they compare as they are.
module feed_order
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
(
    input logic       clk_i,
    input logic       enter_i,
    input logic       wanted_i,
    input logic [3:0] name_i,
    input logic       leave_i,
    input logic       done_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  // `due_q`: all wanted commands before this number have been handed over.
  seq_t head_q = '0, tail_q = '0, due_q = '0;
  op_t [Slots-1:0] ring_q;
  wire enter = started_q && enter_i && seq_t'(tail_q - head_q) != seq_t'(Slots);
  op_t op;
  cmd_t cmd;
  always_comb begin
    cmd = '0;
    cmd.kind = wanted_i ? CmdMatmul : CmdLoad;
    op = '0;
    op.index = 32'(name_i);
    op.body = cmd[BodyBits-1:0];
  end
  logic job_valid;
  op_t job;
  seq_t seq;
  wire leave = started_q && leave_i && head_q != tail_q && seq != head_q;
  wire done = job_valid && done_i;
  sb_op_feed i_feed (
      .clk_i,
      .rst_ni(started_q),
      .ring_i(ring_q),
      .tail_i(tail_q),
      .job_valid_o(job_valid),
      .job_o(job),
      .seq_o(seq),
      .done_i(done)
  );
  wire seq_t due_after = done ? seq_t'(i_feed.job_seq_q + 1'b1) : due_q;
  always_ff @(posedge clk_i) begin
    if (enter) begin
      ring_q[tail_q[SlotBits-1:0]] <= op;
      tail_q <= tail_q + 1'b1;
    end
    if (leave) head_q <= head_q + 1'b1;
    due_q <= leave && due_after == head_q ? seq_t'(head_q + 1'b1) : due_after;
  end

  function automatic logic wanted(seq_t number);
    cmd_t command;
    command = op_cmd(ring_q[number[SlotBits-1:0]]);
    return command.kind == CmdMatmul;
  endfunction
  // By its name: the rest is copied with it.
  function automatic logic same(op_t copy, seq_t number);
    op_t entry;
    entry = ring_q[number[SlotBits-1:0]];
    return copy.index[3:0] == entry.index[3:0];
  endfunction
  wire seq_t tail = tail_q - head_q;
  wire seq_t fetch = i_feed.fetch_q - head_q;
  wire seq_t at = i_feed.job_seq_q - head_q;
  wire seq_t next = i_feed.next_seq_q - head_q;
  wire seq_t due = due_q - head_q;
  wire has_next = i_feed.next_valid_q;
  // Fetched, wanted, not handed over, and neither the job nor the one after it.
  logic [Slots-1:0] missed;
  always_comb
    for (int k = 0; k < Slots; ++k)
      missed[k] = seq_t'(k) >= due && seq_t'(k) < fetch && wanted(head_q + seq_t'(k)) &&
          !(job_valid && seq_t'(k) == at) && !(has_next && seq_t'(k) == next);
  always_ff @(posedge clk_i)
    if (started_q) begin
      a_ring: assert (tail <= seq_t'(Slots) && fetch <= tail && due <= fetch);
      a_job: assert (!job_valid || (due <= at && at < fetch && wanted(i_feed.job_seq_q) &&
          same(job, i_feed.job_seq_q)));
      a_next: assert (!has_next || (due <= next && next < fetch && wanted(i_feed.next_seq_q) &&
          (!job_valid || at < next) && same(i_feed.next_q, i_feed.next_seq_q)));
      a_each: assert (missed == '0);
      a_not_past: assert (!leave || due != '0 || !wanted(head_q));
    end else begin
      assume (!job_valid && !has_next && i_feed.fetch_q == '0 && head_q == '0 && tail_q == '0 &&
          due_q == '0);
    end
endmodule
