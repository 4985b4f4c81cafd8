// SPDX-License-Identifier: Apache-2.0
// sb_stream_pipe around a pipeline of two stages: each word taken leaves once, unchanged, in order;
// data_o holds while it waits; no result finds the FIFO full; and a word is refused only when Depth
// words are inside. The word taken as number `mark_i` (any constant) is followed through pipeline
// and FIFO. Proven for every sequence by k-induction.
module stream_order (
    input logic       clk_i,
    input logic       valid_i,
    input logic [3:0] data_i,
    input logic       ready_i,
    input logic [3:0] mark_i
);
  localparam int unsigned Latency = 2, Depth = 8;  // Depth as sb_stream_pipe chooses it
  logic started_q = 1'b0;  // the first cycle is a reset
  always_ff @(posedge clk_i) started_q <= 1'b1;
  wire rst_n = started_q;

  // The pipeline; [Latency-1] is its last stage.
  logic start;
  logic [Latency-1:0] flow_q = '0;
  logic [Latency-1:0][3:0] word_q;
  always_ff @(posedge clk_i) begin
    flow_q <= rst_n ? {flow_q[0], start} : '0;
    word_q <= {word_q[0], data_i};
  end

  logic ready, valid;
  logic [3:0] data;
  sb_stream_pipe #(.Width(4), .Latency(Latency)) i_pipe (
      .clk_i, .rst_ni(rst_n), .valid_i, .ready_o(ready), .start_o(start),
      .result_valid_i(flow_q[Latency-1]), .result_i(word_q[Latency-1]),
      .valid_o(valid), .ready_i, .data_o(data)
  );

  // Counts of words taken and given, modulo 16 (at most 8 are inside).
  logic [3:0] taken_q = '0, given_q = '0, mark_q, marked_q;
  logic known_q = 1'b0;  // the marked word is inside
  logic waited_q = 1'b0;  // a word waited at the output in the cycle before: this one
  logic [3:0] waiting_q;
  wire [3:0] held = taken_q - given_q;
  wire [3:0] stored = i_pipe.gen_fifo.i_results.fill_q;
  wire [3:0] ahead = mark_q - given_q;  // words inside before the marked one
  wire [2:0] place = i_pipe.gen_fifo.i_results.read_q + ahead[2:0];
  // The marked word, if it is in the pipeline, is the oldest there or the one behind it.
  wire [3:0] flowing = flow_q[1] && ahead == stored ? word_q[1] : word_q[0];
  always_ff @(posedge clk_i) begin
    mark_q <= started_q ? mark_q : mark_i;
    waited_q <= rst_n && valid && !ready_i;
    waiting_q <= data;
    if (rst_n) begin
      if (valid_i && ready) taken_q <= taken_q + 1'b1;
      if (valid && ready_i) given_q <= given_q + 1'b1;
      if (valid_i && ready && taken_q == mark_q) begin
        marked_q <= data_i;
        known_q  <= 1'b1;
      end else if (valid && ready_i && given_q == mark_q) known_q <= 1'b0;

      a_start: assert (start == (valid_i && ready));
      a_count: assert (held == stored + 4'(flow_q[0]) + 4'(flow_q[1]));
      a_bound: assert (held + 4'(i_pipe.refund_q) <= 4'(Depth));
      a_credit: assert (i_pipe.credit_q == 4'(Depth) - held - 4'(i_pipe.refund_q));
      a_capacity: assert (ready == (i_pipe.credit_q != '0));
      a_room: assert (!flow_q[Latency-1] || stored < 4'(Depth));
      a_valid: assert (valid == (stored != '0));
      a_fill: assert (3'(i_pipe.gen_fifo.i_results.write_q - i_pipe.gen_fifo.i_results.read_q) ==
                      stored[2:0]);
      a_place: assert (i_pipe.gen_fifo.i_results.room_q == (stored != 4'(Depth)));
      a_known: assert (known_q == (ahead < held));
      a_kept: assert (
          !known_q ||
          (ahead < stored ? i_pipe.gen_fifo.i_results.mem[place] : flowing) == marked_q);
      a_order: assert (!(valid && given_q == mark_q) || data == marked_q);
      a_stable: assert (!waited_q || (valid && data == waiting_q));
    end
  end
endmodule
