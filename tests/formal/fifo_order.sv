// SPDX-License-Identifier: Apache-2.0
// sb_fifo: any two words that enter leave in the same order, unchanged, each once. The word taken
// as number `mark_i` (any constant) is followed: it leaves as number `mark_i`, with its data.
// Proven for every sequence by k-induction.
module fifo_order (
    input logic       clk_i,
    input logic       valid_i,
    input logic [3:0] data_i,
    input logic       ready_i,
    input logic [2:0] mark_i
);
  logic started_q = 1'b0;  // the first cycle is a reset
  always_ff @(posedge clk_i) started_q <= 1'b1;
  wire rst_n = started_q;

  logic ready, valid;
  logic [3:0] data;
  sb_fifo #(.Width(4), .Depth(4)) i_fifo (
      .clk_i, .rst_ni(rst_n), .valid_i, .ready_o(ready), .data_i,
      .valid_o(valid), .ready_i, .data_o(data)
  );

  // Counts of words taken and given, modulo 8 (the FIFO holds at most 4).
  logic [2:0] taken_q = '0, given_q = '0, mark_q;
  logic [3:0] marked_q;
  logic known_q = 1'b0;  // the marked word is inside
  always_ff @(posedge clk_i) begin
    mark_q <= started_q ? mark_q : mark_i;
    if (rst_n) begin
      if (valid_i && ready) taken_q <= taken_q + 1'b1;
      if (valid && ready_i) given_q <= given_q + 1'b1;
      if (valid_i && ready && taken_q == mark_q) begin
        marked_q <= data_i;
        known_q  <= 1'b1;
      end else if (valid && ready_i && given_q == mark_q) known_q <= 1'b0;
    end
    if (rst_n) begin
      a_count: assert (i_fifo.fill_q == taken_q - given_q);
      a_fill: assert (2'(i_fifo.write_q - i_fifo.read_q) == i_fifo.fill_q[1:0]);
      a_bound: assert (3'(taken_q - given_q) <= 3'd4);
      a_valid: assert (valid == (taken_q != given_q));
      a_room: assert (ready == (3'(taken_q - given_q) != 3'd4));
      a_known: assert (known_q == (3'(mark_q - given_q) < 3'(taken_q - given_q)));
      a_stored: assert (
          !known_q || i_fifo.mem[2'(i_fifo.read_q + 2'(mark_q - given_q))] == marked_q);
      a_order: assert (!(valid && given_q == mark_q) || data == marked_q);
    end
  end
endmodule
