// SPDX-License-Identifier: Apache-2.0
// sb_op_feed hands over each wanted command of the ring once, in order, before it may be overwritten,
// and never says that it is past a command that it has still to hand over. Commands enter the ring and
// leave it as in sb_op_ring: at most Slots, and none leaves that a walker is not past.
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

  seq_t head_q = '0, tail_q = '0;
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
  always_ff @(posedge clk_i) begin
    if (enter) begin
      ring_q[tail_q[SlotBits-1:0]] <= op;
      tail_q <= tail_q + 1'b1;
    end
    if (leave) head_q <= head_q + 1'b1;
  end
  sb_op_feed i_feed (
      .clk_i,
      .rst_ni(started_q),
      .ring_i(ring_q),
      .tail_i(tail_q),
      .job_valid_o(job_valid),
      .job_o(job),
      .seq_o(seq),
      .done_i(job_valid && done_i)
  );

  // Wanted commands in the order in which they entered, until they are done.
  typedef struct packed {
    logic [3:0] name;
    seq_t       seq;
  } entry_t;
  entry_t due_q[2*Slots];
  seq_t push_q = '0, pop_q = '0;
  always_ff @(posedge clk_i) begin
    if (enter && wanted_i) begin
      due_q[push_q] <= '{name: name_i, seq: tail_q};
      push_q <= push_q + 1'b1;
    end
    if (started_q && job_valid && done_i) pop_q <= pop_q + 1'b1;
    if (started_q) begin
      a_room: assert (seq_t'(push_q - pop_q) <= seq_t'(Slots));
      a_due: assert (!job_valid || push_q != pop_q);
      a_same: assert (!job_valid || (job.index[3:0] == due_q[pop_q].name && seq == due_q[pop_q].seq));
      // The walker stands before or at the first command that is due.
      a_not_past: assert (push_q == pop_q ||
                          seq_t'(seq - head_q) <= seq_t'(due_q[pop_q].seq - head_q));
    end
  end
endmodule
