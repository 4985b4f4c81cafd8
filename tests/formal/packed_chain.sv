// SPDX-License-Identifier: Apache-2.0
// Two products in one multiplier: the arithmetic of sb_array for all values.
//
// 1. a_join*: the word that the loader joins is w1 * 2^18 - w0 for chains that add, and
//    -w1 * 2^18 + w0 for chains that subtract, for every pair of weights. So a chain is
//    start + sum1 * 2^18 - sum0 either way: products are linear.
// 2. a_low*, a_high*: the fields of a chain that starts at 2^17 (the first half of the chains) or
//    at 0 (the other half) unpack to both sums, whatever the sums of `Places` products of 8 x 9
//    bits are.
// With Places = 4 all hold; with Places = 5 not, so 4 is the limit.
module packed_chain
  import sb_pkg::*;
#(
    parameter int unsigned Places = 4
) (
    input logic signed [7:0] w0,
    input logic signed [7:0] w1,
    input logic signed [19:0] sum0,
    input logic signed [19:0] sum1
);
  wire signed [8:0] minus_w0 = -9'(w0);
  wire signed [26:0] plus_word = {9'(w1) - 9'(minus_w0[8]), {9{minus_w0[8]}}, minus_w0};
  wire signed [26:0] minus_word = {~9'(w1) + 9'(!w0[7]), {10{w0[7]}}, w0};

  // A product is -128 * 255 .. -128 * -256.
  localparam logic signed [19:0] Least = -20'(32640 * Places), Most = 20'(32768 * Places);
  wire in_range = sum0 >= Least && sum0 <= Most && sum1 >= Least && sum1 <= Most;
  wire signed [36:0] from_0 = (37'(sum1) <<< 18) - 37'(sum0);
  wire signed [36:0] started = 37'(PackStart) + from_0;

  always_comb begin
    a_join_plus: assert (37'(plus_word) == (37'(w1) <<< 18) - 37'(w0));
    a_join_minus: assert (37'(minus_word) == -(37'(w1) <<< 18) + 37'(w0));
    if (in_range) begin
      a_low_from_0: assert (37'(packed_low(from_0, 1'b0)) == -37'(sum0));
      a_high_from_0: assert (37'(packed_high(from_0)) + 37'(from_0[PackGap-1]) == 37'(sum1));
      a_low_started: assert (37'(packed_low(started, 1'b1)) == -37'(sum0));
      a_high_started: assert (37'(packed_high(started)) == 37'(sum1));
    end
  end
endmodule
