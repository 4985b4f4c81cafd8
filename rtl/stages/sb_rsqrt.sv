// SPDX-License-Identifier: Apache-2.0
// Reciprocal square root with a 17-bit mantissa, correctly rounded (golden/ops/numerics.md section
// 8):
//
//   h: 2^30 <= floor(W * 2^(-2h)) = w < 2^32      m = min(131071, round(2^32 / sqrt(w)))
//
// so 1 / sqrt(W) ~ m * 2^-(32 + h). W = 0: m = 0, h = 0.
//
// Four stages shift W up to w. Then the root q of 2^66 / w is approached digit by digit, each 1 or
// -1, without a multiplier: with p = q * w and r = 2^66 - q^2 * w, both scaled to the place of q's
// last digit, the next digit is the sign of r, and
//
//   q' = 2q +- 1,  p' = 2p +- w,  r' = 4r -+ 4p - w         (from q = 0, p = 0, r = 2^30)
//
// A digit is three stages: r' as the sum of two instead of three, the lower and the upper half of
// both sums. q is odd and at most 1 away from the root. The first digit is 1; with the 17 others
// written as bits d, 1 for 1 and 0 for -1, q = 2d + 1, and m = d + (r >= 0) rounds. One root per
// cycle, latency rsqrt_latency(), no stall.
module sb_rsqrt
  import sb_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned TagBits = 1  // payload that leaves with a root
) (
    input  logic                      clk_i,
    input  logic                      rst_ni,   // synchronous, active low
    input  logic                      valid_i,
    input  logic        [       56:0] w_i,      // W
    input  logic        [TagBits-1:0] tag_i,
    output logic                      valid_o,
    output logic        [       16:0] m_o,
    output logic signed [        4:0] h_o,      // -15 .. 13
    output logic        [TagBits-1:0] tag_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_rsqrt: TagBits = %0d, must be at least 1", TagBits);
  end
  localparam int unsigned Latency = rsqrt_latency();
  localparam int unsigned Digits = RootDigits;
  localparam int unsigned Shift = 4;  // stages before the digits
  localparam int unsigned PBits = 50, RBits = 53;  // of the last digit

  logic [Latency:0] valid;
  sb_valid_delay #(
      .Depth  (Latency),
      .TagBits(TagBits)
  ) i_valid (
      .clk_i,
      .rst_ni,
      .valid_i,
      .tag_i,
      .valid_o,
      .tag_o,
      .stage_valid_o(valid)
  );

  // 1: in each of eight groups of four pairs, whether one is not 0, and how many above it are.
  // 2: how many pairs to shift up by. 3, 4: shift by 8 pairs and more, and by fewer.
  localparam int unsigned Groups = 8;
  logic [63:0] w1_q, w2_q, w3_q;
  logic [Groups-1:0] some1_q;
  logic [Groups-1:0][1:0] skip1_q;
  logic [4:0] up2_q, up3_q;
  logic zero2_q, zero3_q;
  logic [31:0] w4_q;
  function automatic logic [1:0] zero_pairs(logic [5:0] group);
    if (group[5:4] != '0) return 2'd0;
    if (group[3:2] != '0) return 2'd1;
    return group[1:0] != '0 ? 2'd2 : 2'd3;
  endfunction
  always_ff @(posedge clk_i) begin
    automatic logic [63:0] w_d;
    automatic logic [Groups-1:0] some_d;
    automatic logic [Groups-1:0][1:0] skip_d;
    automatic logic [4:0] up_d;
    if (valid[0]) begin
      w_d = {1'b0, w_i, 6'b0};
      for (int unsigned g = 0; g < Groups; g++) begin
        some_d[g] = w_d[8*g+:8] != '0;
        skip_d[g] = zero_pairs(w_d[8*g+2+:6]);  // above its lowest pair
      end
      w1_q    <= w_d;
      some1_q <= some_d;
      skip1_q <= skip_d;
    end
    if (valid[1]) begin
      up_d = '0;
      for (int unsigned g = 0; g < Groups; g++)
      if (some1_q[g]) up_d = {3'(Groups - 1 - g), skip1_q[g]};
      w2_q    <= w1_q;
      up2_q   <= up_d;
      zero2_q <= some1_q == '0;
    end
    if (valid[2]) begin
      w3_q    <= w2_q << {up2_q[4:3], 4'b0};
      up3_q   <= up2_q;
      zero3_q <= zero2_q;
    end
    if (valid[3]) w4_q <= 32'((w3_q << {up3_q[2:0], 1'b0}) >> 32);
  end
  logic zero;  // W = 0
  logic [4:0] up;  // pairs of bits shifted
  sb_delay #(
      .Width(6),
      .Depth(Latency - 4)
  ) i_up (
      .clk_i,
      .data_i({zero3_q, up3_q}),
      .data_o({zero, up})
  );

  // The digits. Behind the first s of them |q| < 2^s, so p = q * w < 2^(32 + s), and
  // |r| <= 2p + w < 2^(34 + s).
  logic [Digits-1:0] d[Digits+1];
  logic [31:0] w[Digits+1];
  logic [PBits-1:0] p[Digits+1];
  logic [RBits-1:0] r[Digits+1];
  assign d[0] = '0;
  assign w[0] = w4_q;
  assign p[0] = '0;
  assign r[0] = RBits'(1) << 30;
  for (genvar s = 0; s < Digits; s++) begin : gen_digit
    localparam int unsigned P = 33 + s, R = 36 + s;  // bits of p' and r'
    localparam int unsigned Half = R / 2;  // bits of a lower half
    logic minus, minus1_q, minus2_q;  // the digit is -1
    logic [Digits-1:0] d_q, d1_q, d2_q;
    logic [31:0] w_q, to_add_q, added_q;
    logic [P-1:0] twice, p_q;
    logic [Half-1:0] add_low;
    logic [P-1:Half] add_high;
    logic [P-2:0] p1_q;
    logic [R-1:0] a, b, c, r_q;
    logic [R-1:0] ones1_q, twos1_q;  // r' is the sum of both, and 1 where the digit is 1
    logic [Half:0] p_low2_q, r_low2_q;  // with their carry
    logic [P-1:Half] p_high2_q;
    logic [R-1:Half] ones2_q, twos2_q;
    assign minus = r[s][RBits-1];
    assign a = {r[s][R-3:0], 2'b00};
    assign b = R'({p[s], 2'b00}) ^ {R{!minus}};
    assign c = ~R'(w[s]);
    assign twice = {p1_q, 1'b0};
    assign add_low = Half'(to_add_q) ^ {Half{minus1_q}};
    assign add_high = (P - Half)'(added_q[31:Half]) ^ {(P - Half) {minus2_q}};
    always_ff @(posedge clk_i) begin
      if (valid[Shift+3*s]) begin
        minus1_q <= minus;
        d1_q     <= {d[s][Digits-2:0], !minus};
        to_add_q <= w[s];
        p1_q     <= p[s][P-2:0];
        ones1_q  <= a ^ b ^ c;
        twos1_q  <= {(R - 1)'((a & b) | (c & (a | b))), 1'b1};  // +1 for ~w
      end
      if (valid[Shift+3*s+1]) begin
        minus2_q <= minus1_q;
        d2_q     <= d1_q;
        added_q  <= to_add_q;
        p_low2_q <= {1'b0, twice[Half-1:0]} + {1'b0, add_low} + (Half + 1)'(minus1_q);
        r_low2_q <= {1'b0, ones1_q[Half-1:0]} + {1'b0, twos1_q[Half-1:0]} +
            (Half + 1)'(!minus1_q);
        p_high2_q <= twice[P-1:Half];
        ones2_q   <= ones1_q[R-1:Half];
        twos2_q   <= twos1_q[R-1:Half];
      end
      if (valid[Shift+3*s+2]) begin
        d_q <= d2_q;
        w_q <= added_q;
        p_q <= {p_high2_q + add_high + (P - Half)'(p_low2_q[Half]), p_low2_q[Half-1:0]};
        r_q <= {ones2_q + twos2_q + (R - Half)'(r_low2_q[Half]), r_low2_q[Half-1:0]};
      end
    end
    assign d[s+1] = d_q;
    assign w[s+1] = w_q;
    assign p[s+1] = PBits'(p_q);
    assign r[s+1] = RBits'($signed(r_q));
  end

  // Round, in two stages. h = 13 - pairs shifted, and 0 for W = 0.
  logic [16:0] rounded_q;
  logic ones_q;
  always_ff @(posedge clk_i) begin
    if (valid[Latency-2]) begin
      rounded_q <= d[Digits][16:0] + 17'(!r[Digits][RBits-1]);
      ones_q    <= d[Digits][16:0] == '1;
    end
    if (valid[Latency-1]) begin
      if (zero) m_o <= '0;
      else m_o <= rounded_q | {17{ones_q}};
      h_o <= zero ? '0 : 5'sd13 - $signed(up);
    end
  end
endmodule
