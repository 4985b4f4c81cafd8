// Reciprocal square root with a 17-bit mantissa, correctly rounded (golden/ops/numerics.md section 8):
//
//   h: 2^30 <= floor(W * 2^(-2h)) = w < 2^32      m = min(131071, round(2^32 / sqrt(w)))      W = 0: m = 0, h = 0
//
// so 1 / sqrt(W) ~ m * 2^-(32 + h). Normalization takes 3 stages; then q = floor(2^33 / sqrt(w)), the largest q with
// q^2 * w <= 2^66, is found bit by bit, StageBits per stage, without a multiplier. After the leading bits q of the root,
// with p = q * w and r = 2^66 - q^2 * w, both scaled to the place of q's last bit, the next bit is 1 if 4r >= 4p + w:
//
//   q' = 2q + 1,  p' = 2p + w,  r' = 4r - 4p - w      else      q' = 2q,  p' = 2p,  r' = 4r
//
// The first bit is always 1, and m = (q + 1) / 2 rounds. One root per cycle, latency 4 + ceil(17 / StageBits), no stall.
module sb_rsqrt
  import sb_pkg::*;
#(
    parameter int unsigned StageBits = 1,  // bits per stage, 1 to 16: shortens the latency, lengthens the path
    parameter int unsigned TagBits = 1,  // payload that leaves with a root
    localparam int unsigned RootStages = (17 + StageBits - 1) / StageBits,
    localparam int unsigned Latency = 4 + RootStages
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
  if (StageBits < 1 || StageBits > 16) begin : gen_illegal
    $fatal(1, "sb_rsqrt: StageBits = %0d, must be 1 to 16", StageBits);
  end
  localparam int unsigned Bits = 17;  // bits after the first
  localparam int unsigned Pairs = 29;  // W as pairs of bits
  localparam int unsigned PBits = 50, RBits = 52;  // p = q * w < 2^50; r < 2p + w

  typedef struct packed {
    logic             zero;
    logic [31:0]      w;
    logic [PBits-1:0] p;
    logic [RBits-1:0] r;
    logic [Bits:0]    q;
  } state_t;

  function automatic state_t step(state_t from, int unsigned bits);
    state_t to;
    logic [RBits+1:0] rest;
    logic [PBits-1:0] p_next;
    to = from;
    for (int unsigned b = 0; b < bits; b++) begin
      // 4r - 4p - w
      rest = (RBits + 2)'(sum3(Sum3Bits'({to.r, 2'b00}), ~Sum3Bits'({to.p, 2'b00}), ~Sum3Bits'(to.w), 1'b1, 1'b1));
      // 2p + w, beside the comparison, not behind it
      p_next = PBits'(sum3(Sum3Bits'({to.p, 1'b0}), Sum3Bits'(to.w), '0, 1'b0, 1'b0));
      to.q = {to.q[Bits-1:0], !rest[RBits+1]};
      to.r = rest[RBits+1] ? {to.r[RBits-3:0], 2'b00} : rest[RBits-1:0];
      to.p = rest[RBits+1] ? {to.p[PBits-2:0], 1'b0} : p_next;
    end
    return to;
  endfunction

  // The first of the bits, from q = 1, p = w and r = 2^32 - w, with 4r - 4p - w in one sum.
  function automatic state_t first_step(logic [31:0] w);
    state_t to;
    logic [RBits+1:0] rest;
    logic [PBits-1:0] p_next;
    p_next = PBits'({w, 1'b0}) + PBits'(w);
    rest = (RBits + 2)'(sum3(Sum3Bits'({1'b1, 34'b0}), ~Sum3Bits'({w, 3'b000}), ~Sum3Bits'(w), 1'b1, 1'b1));
    to.zero = w == '0;
    to.w = w;
    to.q = {(Bits)'(1), !rest[RBits+1]};
    to.r = rest[RBits+1] ? {(RBits - 2)'({1'b1, 32'b0}) - (RBits - 2)'(w), 2'b00} : rest[RBits-1:0];
    to.p = rest[RBits+1] ? PBits'({w, 1'b0}) : p_next;
    return to;
  endfunction

  // Private to the process below and updated in place, last stage first (see sb_array).
  logic [2*Pairs-1:0] w1_q, w2_q, shifted;
  logic [31:0] w3_q;
  logic [4:0] up1_q, up2_q, up_d;  // pairs to shift up by
  state_t stage_q[RootStages], from;
  localparam int unsigned LastBits = Bits - (RootStages - 1) * StageBits;

  function automatic logic [4:0] leading_zero_pairs(logic [2*Pairs-1:0] value);
    logic [4:0] count;
    count = 5'(Pairs - 1);
    for (int unsigned i = 0; i < Pairs; i++) if (value[2*i+:2] != '0) count = 5'(Pairs - 1 - i);
    return count;
  endfunction

  assign up_d = leading_zero_pairs({1'b0, w_i});
  always_ff @(posedge clk_i) begin
    // last: round
    from = stage_q[RootStages-1];
    m_o <= from.zero ? '0 : &from.q ? '1 : 17'((from.q + 1'b1) >> 1);
    // the root
    stage_q[RootStages-1] = step(stage_q[RootStages-2], LastBits);
    for (int unsigned s = RootStages - 2; s > 0; s--) stage_q[s] = step(stage_q[s-1], StageBits);
    stage_q[0] = step(first_step(w3_q), StageBits - 1);
    // 3, 2: shift W up until its highest pair of bits is not 0
    shifted = w2_q;
    for (int unsigned i = 0; i < 3; i++) if (up2_q[i]) shifted = shifted << (2 << i);
    w3_q = shifted[2*Pairs-1-:32];
    shifted = w1_q;
    for (int unsigned i = 3; i < 5; i++) if (up1_q[i]) shifted = shifted << (2 << i);
    w2_q = shifted;
    up2_q = up1_q;
    // 1: by how much
    up1_q = up_d;
    w1_q = {1'b0, w_i};
  end

  // h = 13 - pairs shifted, and 0 for W = 0.
  logic [4:0] up;
  logic up_zero;
  logic [Latency-1:0] valid_q;
  always_ff @(posedge clk_i) valid_q <= rst_ni ? {valid_q[Latency-2:0], valid_i} : '0;
  assign valid_o = valid_q[Latency-1];
  sb_delay #(
      .Width(6 + TagBits),
      .Depth(Latency)
  ) i_tag (
      .clk_i,
      .data_i({up_d, w_i == '0, tag_i}),
      .data_o({up, up_zero, tag_o})
  );
  assign h_o = up_zero ? '0 : 5'sd13 - $signed(up);
endmodule
