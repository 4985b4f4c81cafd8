// Two products in one multiplier: the arithmetic of sb_array (a_plus) and sb_cell_array (a_minus), for all values.
//
// 1. a_join*: the word that the loader joins is w1 * 2^18 + w0, or -w1 * 2^18 + w0 for the form that subtracts, for every
//    pair of weights. So a chain is start + sum1 * 2^18 + sum0, or start + sum1 * 2^18 - sum0: products are linear.
// 2. a_plus*, a_minus*: the fields of a chain unpack to both sums, whatever the sums of `Places` products of 8 x 9 bits are.
// With Places = 4 all hold; with Places = 5 not, so 4 is the limit.
module packed_chain #(
    parameter int unsigned Places = 4
) (
    input logic signed [7:0] w0,
    input logic signed [7:0] w1,
    input logic signed [19:0] sum0,
    input logic signed [19:0] sum1
);
  wire signed [26:0] plus_word = {9'(w1) - 9'(w0[7]), {10{w0[7]}}, w0};
  wire signed [26:0] minus_word = {~9'(w1) + 9'(!w0[7]), {10{w0[7]}}, w0};

  // A product is -128 * 255 .. -128 * -256.
  localparam logic signed [19:0] Least = -20'(32640 * Places), Most = 20'(32768 * Places);
  wire in_range = sum0 >= Least && sum0 <= Most && sum1 >= Least && sum1 <= Most;
  wire signed [36:0] plus = 37'((1 << 17) - 1) + (37'(sum1) <<< 18) + 37'(sum0);
  wire signed [36:0] minus = 37'(1 << 17) + (37'(sum1) <<< 18) - 37'(sum0);
  wire signed [17:0] plus_low = {plus[17], ~plus[16:0]};

  always_comb begin
    a_join_plus: assert (37'(plus_word) == (37'(w1) <<< 18) + 37'(w0));
    a_join_minus: assert (37'(minus_word) == -(37'(w1) <<< 18) + 37'(w0));
    if (in_range) begin
      a_plus_low: assert (37'(plus_low) == -37'(sum0));
      a_plus_high: assert (37'($signed(plus[36:18])) == 37'(sum1));
      a_minus_low: assert (37'(minus[17:0]) == 37'(1 << 17) - 37'(sum0));
      a_minus_high: assert (37'($signed(minus[36:18])) == 37'(sum1));
    end
  end
endmodule
