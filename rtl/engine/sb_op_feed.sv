// SPDX-License-Identifier: Apache-2.0
// Hands the commands of the ring to one walker, in order, the next one loaded ahead so that no
// cycle is lost between them.
//
// Contract: `job_o` holds while job_valid_o, until done_i; commands that are not of a kind in
// `Kinds` are passed over. One command per cycle. seq_o is the number of job_o, or of the next
// command that may become it: all before it are done here.
module sb_op_feed
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
#(
    parameter bit Matmul = 1,  // the walker wants matrix products,
    parameter bit MemoryWeights = 0,  // but only those with K or V as weights,
    parameter bit Store = 0,  // stores,
    parameter bit Load = 0  // loads
) (
    input  logic             clk_i,
    input  logic             rst_ni,       // synchronous, active low
    input  op_t  [Slots-1:0] ring_i,
    input  seq_t             tail_i,       // commands before this number are in the ring
    output logic             job_valid_o,
    output op_t              job_o,
    output seq_t             seq_o,
    input  logic             done_i        // the job's last cycle; low while job_valid_o is low
);
  logic next_valid_q, job_valid_q;
  op_t next_q, job_q;
  seq_t fetch_q, next_seq_q, job_seq_q;

  cmd_t head;
  assign head = op_cmd(ring_i[fetch_q[SlotBits-1:0]]);
  wire wanted = (Matmul && head.kind == CmdMatmul &&
      (!MemoryWeights || head.weight != WeightStream))
      || (Store && head.kind == CmdStore) || (Load && head.kind == CmdLoad);
  wire shift = done_i || !job_valid_q;
  wire fetch = fetch_q != tail_i && (shift || !next_valid_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      next_valid_q <= 1'b0;
      job_valid_q  <= 1'b0;
      fetch_q      <= '0;
    end else begin
      if (shift) job_valid_q <= next_valid_q;
      if (fetch) next_valid_q <= wanted;
      else if (shift) next_valid_q <= 1'b0;
      if (fetch) fetch_q <= fetch_q + 1'b1;
    end
    if (shift && next_valid_q) begin
      job_q     <= next_q;
      job_seq_q <= next_seq_q;
    end
    if (fetch) begin
      next_q     <= ring_i[fetch_q[SlotBits-1:0]];
      next_seq_q <= fetch_q;
    end
  end
  assign job_valid_o = job_valid_q;
  assign job_o       = job_q;
  assign seq_o       = job_valid_q ? job_seq_q : next_valid_q ? next_seq_q : fetch_q;
endmodule
