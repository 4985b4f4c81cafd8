// SPDX-License-Identifier: Apache-2.0
// One column group of sb_array made of LUTs: as sb_cell_column, one cycle later, with multipliers
// of its own for each channel and so no negated dot products. It takes no multiplier of the device.
//
//   act_i --+--[act_q]--> act_o (next column)
//           +--> digit 0 of w_q: place 0 -> ... -> ChainLength-1 -> adder tree --+
//                digit 1:        place 0 -> ... -> ChainLength-1 -> adder tree --+--> dot_o
//                ...                                                 sum of digit * 4^n
//   w_i --[shadow_q]--[w_q]
//
// Booth's radix 4: a weight is four digits of -2 .. 2, each three neighbouring bits of it. Each
// digit has chains and a tree of its own, which are weighed where they join: so a place adds 10
// bits of digit * act, one LUT6 and one carry a bit.
//
// Latency from act_i (place 0) to dot_o: column_latency + column_extra (sb_latency_pkg), 3 +
// ChainLength + log2(M / ChainLength) cycles. Runs freely, no reset.
module sb_lut_column
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // multipliers per channel: power of two, 4 to 64; 65 LUT each
    parameter int unsigned ChainLength = 4,  // places per chain: a power of two, at most M
    parameter int unsigned PerGroup = 2,  // channels
    localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M)
) (
    input  logic                          clk_i,
    input  logic signed [     OpBits-1:0] act_i [       M],
    output logic signed [     OpBits-1:0] act_o [       M],
    input  logic        [ChainLength-1:0] swap_i,               // one per place
    output logic        [ChainLength-1:0] swap_o,
    input  logic                          load_i,               // take w_i as the shadow weights
    input  logic        [ WeightBits-1:0] w_i   [PerGroup][M],
    output logic signed [    DotBits-1:0] dot_o [PerGroup]
);
  if (PerGroup < 1 || PerGroup > 2) begin : gen_illegal_per_group
    $fatal(1, "sb_lut_column: PerGroup = %0d, must be 1 or 2", PerGroup);
  end
  localparam int unsigned Chains = M / ChainLength;
  localparam int unsigned Digits = WeightBits / 2;
  localparam int unsigned LeafBits = OpBits + 2 + $clog2(ChainLength);  // one digit, one chain
  localparam int unsigned TreeBits = LeafBits + $clog2(Chains);  // one digit
  localparam int unsigned PairBits = TreeBits + 2;  // two digits

  logic signed [OpBits-1:0] act_q[M];
  logic [ChainLength-1:0] swap_q;
  always_ff @(posedge clk_i) begin
    act_q  <= act_i;
    swap_q <= swap_i;
  end
  assign act_o  = act_q;
  assign swap_o = swap_q;

  // sum + digit * act, with digit = -2 * bits[2] + bits[1] + bits[0], as sum - (-digit * act): so
  // the carry chain takes sum as it is. The subtrahend is |digit| * act or its complement; what
  // that lacks is borrowed from a bit below.
  function automatic logic signed [LeafBits-1:0] add_row(
      logic signed [LeafBits-1:0] sum, logic [2:0] bits, logic signed [OpBits-1:0] act);
    logic signed [  OpBits:0] row;
    logic signed [LeafBits:0] total;
    unique case (bits)
      3'b000, 3'b111: row = '0;
      3'b001, 3'b010, 3'b101, 3'b110: row = (OpBits + 1)'(act);
      default: row = {act, 1'b0};
    endcase
    row   = row ^ {(OpBits + 1) {!bits[2]}};
    total = $signed({sum, bits[2]}) - (LeafBits + 1)'($signed({row, !bits[2]}));
    return LeafBits'(total >>> 1);
  endfunction

  for (genvar h = 0; h < PerGroup; h++) begin : gen_lane
    logic [WeightBits-1:0] shadow_q[M], w_q[M];
    always_ff @(posedge clk_i) if (load_i) shadow_q <= w_i[h];
    for (genvar k = 0; k < M; k++) begin : gen_weight
      always_ff @(posedge clk_i) if (swap_i[k/Chains]) w_q[k] <= shadow_q[k];
    end

    logic signed [TreeBits-1:0] digit_sum[Digits];
    for (genvar n = 0; n < Digits; n++) begin : gen_digit
      logic signed [LeafBits-1:0] leaf[Chains];
      for (genvar k = 0; k < M; k++) begin : gen_place
        wire [2:0] bits = {w_q[k][2*n+1], w_q[k][2*n], n > 0 && w_q[k][n>0?2*n-1 : 0]};
        localparam int unsigned SumBits = $clog2(
            (k / Chains + 1) * 2 ** OpBits + 1
        ) + 1;  // as many as can differ
        logic signed [SumBits-1:0] p_q;
        if (k < Chains) begin : gen_first
          always_ff @(posedge clk_i) p_q <= SumBits'(add_row('0, bits, act_q[k]));
        end else begin : gen_next
          always_ff @(posedge clk_i)
            p_q <= SumBits'(add_row(
                LeafBits'(gen_place[k-Chains].p_q), bits, act_q[k]
            ));
        end
        if (k >= M - Chains) begin : gen_leaf
          assign leaf[k-M+Chains] = p_q;
        end
      end
      sb_adder_tree #(
          .Leaves(Chains),
          .Width (LeafBits)
      ) i_tree (
          .clk_i,
          .leaf_i(leaf),
          .sum_o(digit_sum[n])
      );
    end

    logic signed [PairBits-1:0] pair_q[Digits/2];
    logic signed [ DotBits-1:0] dot_q;
    always_ff @(posedge clk_i) begin
      for (int unsigned n = 0; n < Digits / 2; n++) begin
        pair_q[n] <= PairBits'(digit_sum[2*n]) + (PairBits'(digit_sum[2*n+1]) <<< 2);
      end
      dot_q <= DotBits'(pair_q[0]) + (DotBits'(pair_q[1]) <<< 4);
    end
    assign dot_o[h] = dot_q;
  end
endmodule
