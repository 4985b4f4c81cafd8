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
  localparam int unsigned Half = 26;  // bits of a lower half
  // p = q * w < 2^50; |r| <= 2p + w, and sums modulo 2^RBits give it right.
  localparam int unsigned PBits = 50, RBits = 53;

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

  // The digits.
  typedef struct packed {
    logic [Digits-1:0] d;
    logic [31:0]       w;
    logic [PBits-1:0]  p;
    logic [RBits-1:0]  r;
  } state_t;
  typedef struct packed {
    logic [Digits-1:0] d;
    logic [31:0]       w;     // inverted where the digit is -1
    logic [PBits-1:0]  p;
    logic [RBits-1:0]  ones;  // r' is the sum of both, and 1 where the digit is 1
    logic [RBits-1:0]  twos;
  } terms_t;
  typedef struct packed {
    logic [Digits-1:0]   d;
    logic [31:0]         w;
    logic [Half:0]       p;       // lower half with its carry
    logic [PBits-1:Half] p_high;  // upper half of 2p
    logic [Half:0]       r;
    logic [RBits-1:Half] ones;    // upper half of r' as the sum of two
    logic [RBits-1:Half] twos;
  } half_t;

  function automatic terms_t terms(state_t from);
    terms_t to;
    logic   minus;
    logic [RBits-1:0] a, b, c;
    minus = from.r[RBits-1];  // the digit is -1
    to.d = {from.d[Digits-2:0], !minus};
    to.w = from.w ^ {32{minus}};
    to.p = from.p;
    a = {from.r[RBits-3:0], 2'b00};
    b = RBits'({1'b0, from.p, 2'b00}) ^ {RBits{!minus}};
    c = ~RBits'(from.w);
    to.ones = a ^ b ^ c;
    to.twos = {(RBits - 1)'((a & b) | (c & (a | b))), 1'b1};  // +1 for ~w
    return to;
  endfunction
  function automatic half_t lower(terms_t from);
    half_t to;
    logic minus;
    logic [PBits-1:0] double_p;
    minus = !from.d[0];
    to.d = from.d;
    to.w = from.w ^ {32{minus}};
    double_p = {from.p[PBits-2:0], 1'b0};
    to.p = {1'b0, double_p[Half-1:0]} + {1'b0, from.w[Half-1:0]} + (Half + 1)'(minus);
    to.p_high = double_p[PBits-1:Half];
    to.r = {1'b0, from.ones[Half-1:0]} + {1'b0, from.twos[Half-1:0]} + (Half + 1)'(!minus);
    to.ones = from.ones[RBits-1:Half];
    to.twos = from.twos[RBits-1:Half];
    return to;
  endfunction
  function automatic state_t upper(half_t from);
    state_t to;
    logic [PBits-1:Half] w;
    w = (PBits - Half)'(from.w[31:Half]) ^ {(PBits - Half) {!from.d[0]}};
    to.d = from.d;
    to.w = from.w;
    to.p = {from.p_high + w + (PBits - Half)'(from.p[Half]), from.p[Half-1:0]};
    to.r = {from.ones + from.twos + (RBits - Half)'(from.r[Half]), from.r[Half-1:0]};
    return to;
  endfunction

  state_t [Digits:0] state;
  assign state[0] = '{d: '0, w: w4_q, p: '0, r: RBits'(1) << 30};
  for (genvar s = 0; s < Digits; s++) begin : gen_digit
    terms_t terms_q;
    half_t  half_q;
    state_t state_q;
    always_ff @(posedge clk_i) begin
      if (valid[Shift+3*s]) terms_q <= terms(state[s]);
      if (valid[Shift+3*s+1]) half_q <= lower(terms_q);
      if (valid[Shift+3*s+2]) state_q <= upper(half_q);
    end
    assign state[s+1] = state_q;
  end

  // Round. h = 13 - pairs shifted, and 0 for W = 0.
  always_ff @(posedge clk_i) begin
    automatic logic [16:0] d;
    if (valid[Latency-1]) begin
      d = state[Digits].d[16:0];
      if (zero) m_o <= '0;
      else if (d == '1) m_o <= '1;
      else m_o <= d + 17'(!state[Digits].r[RBits-1]);
      h_o <= zero ? '0 : 5'sd13 - $signed(up);
    end
  end
endmodule
