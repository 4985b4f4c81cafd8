// SPDX-License-Identifier: Apache-2.0
// The bursts of sb_axi_bursts are those of the requests: every beat once, in order, none across a
// multiple of Burst beats, the last one marked, whenever requests come and bursts are taken.
module burst_order (
    input logic       clk_i,
    input logic       req_valid_i,
    input logic [5:0] req_beat_i,   // address in beats
    input logic [3:0] req_words_i,
    input logic       ready_i
);
  localparam int unsigned Burst = 4;
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic req_ready, valid, last, bad;
  logic [39:0] addr;
  logic [8:0] beats;
  wire req_valid = started_q && req_valid_i && req_words_i != '0;
  sb_axi_bursts #(
      .DataBytes(4),
      .AddrBits (32),
      .WordBytes(4),
      .Burst    (Burst)
  ) i_bursts (
      .clk_i,
      .rst_ni(started_q),
      .req_valid_i(req_valid),
      .req_ready_o(req_ready),
      .req_addr_i({32'b0, req_beat_i, 2'b0}),
      .req_words_i({28'b0, req_words_i}),
      .burst_valid_o(valid),
      .burst_ready_i(ready_i),
      .burst_addr_o(addr),
      .burst_beats_o(beats),
      .burst_last_o(last),
      .bad_o(bad)
  );

  // What is still to come of the oldest request, and the one behind it.
  logic [6:0] at_q = '0, next_at_q = '0;
  logic [4:0] left_q = '0, next_left_q = '0;
  wire take = req_valid && req_ready;
  wire done = started_q && valid && ready_i;
  wire [4:0] left = done ? left_q - 5'(beats) : left_q;
  always_ff @(posedge clk_i) begin
    at_q   <= done ? at_q + 7'(beats) : at_q;
    left_q <= left;
    if (left == '0) begin
      at_q <= next_left_q != '0 ? next_at_q : 7'(req_beat_i);
      left_q <= next_left_q != '0 ? next_left_q : take ? 5'(req_words_i) : '0;
      next_left_q <= next_left_q != '0 && take ? 5'(req_words_i) : '0;
      next_at_q <= 7'(req_beat_i);
    end else if (take) begin
      next_at_q   <= 7'(req_beat_i);
      next_left_q <= 5'(req_words_i);
    end
    if (started_q) begin
      assert (!bad);
      assert (!take || left == '0 || next_left_q == '0);
      if (valid) begin
        assert (beats != '0 && beats <= 9'(left_q));
        assert (addr == {31'b0, at_q, 2'b0});
        assert (last == (beats == 9'(left_q)));
        assert (9'(at_q[1:0]) + beats <= 9'(Burst));
      end
    end
  end
endmodule
