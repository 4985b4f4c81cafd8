// One column group of the systolic array: one output channel (Packed = 0), or two that share each
// multiplier (Packed = 1). It holds M weights per channel and forms one dot product of length M per channel and cycle.
//
//   act_i --+--[act_q]--> act_o (next column)         element k is at place k / (M/Chain) of
//           |     | w_q <-swap- shadow_q <-load- w_i   chain k % (M/Chain)
//           |     x   [m_q]
//           |     +   [p_q] place 0 -> place 1 -> ... place Chain-1 = leaf -> adder tree -> dot_o
//
// A chain adds its products from place to place, as a DSP cascade does, so the activations of place i must arrive i
// cycles after those of place 0 (sb_array skews them), and so must swap_i[i]. With the first row of a new weight tile,
// swap_i moves the loaded (shadow) weights to the multipliers, seen by that row and those behind it.
//
// Packed: the multiplicand holds both weights, `w1 * 2^18 + w0`, so one 27 x 9 bit product is two. A chain starts at
// 2^17 - 1 and has at most 4 places: its low 18 bits, unsigned, are 2^17 - 1 + sum0 and never borrow from the high
// field, which is sum1 itself. Inverting all low bits but the top one leaves -sum0, with no adder: dot 0 comes out negated.
//
// Latency from act_i (place 0) to dot_o: 2 + Chain + log2(M / Chain) cycles. Runs freely, no reset.
module sb_column
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // multipliers per channel: a power of two, 4 to 64
    parameter int unsigned Chain = 4,  // places per chain: a power of two, at most M, at most 4 if Packed
    parameter bit Packed = 1,  // two channels per multiplier
    localparam int unsigned Lanes = Packed ? 2 : 1,
    localparam int unsigned LoadBits = Packed ? 2 * WeightBits + 1 : WeightBits,
    localparam int unsigned DotBits = OpBits + WeightBits + 1 + $clog2(M)
) (
    input  logic                       clk_i,
    input  logic signed [  OpBits-1:0] act_i[M],
    output logic signed [  OpBits-1:0] act_o[M],
    input  logic        [   Chain-1:0] swap_i,    // one per place
    output logic        [   Chain-1:0] swap_o,
    input  logic                       load_i,    // take w_i as the shadow weights
    input  logic        [LoadBits-1:0] w_i[M],    // Packed: {w1 - (w0 < 0), w0}; else the weight
    output logic signed [ DotBits-1:0] dot_o[Lanes]  // Packed: -dot of channel 0, dot of channel 1
);
  if (M < 4 || M > 64 || (M & (M - 1)) != 0) begin : gen_illegal_m
    $fatal(1, "sb_column: M = %0d, must be 4, 8, 16, 32 or 64", M);
  end
  if (Chain < 1 || Chain > M || (Chain & (Chain - 1)) != 0) begin : gen_illegal_chain
    $fatal(1, "sb_column: Chain = %0d, must be a power of two, at most M", Chain);
  end
  if (Packed && Chain > 4) begin : gen_illegal_packed
    $fatal(1, "sb_column: Chain = %0d, a packed chain of more than 4 places overflows its low field", Chain);
  end

  localparam int unsigned Chains = M / Chain;
  localparam int unsigned Gap = 18;  // where the high field starts
  localparam int unsigned MulBits = Packed ? Gap + WeightBits + 1 : WeightBits;  // multiplicand
  localparam int unsigned ProdBits = MulBits + OpBits;
  localparam int unsigned LeafBits = OpBits + WeightBits + $clog2(Chain);  // one channel, one chain
  localparam int unsigned SumBits = Packed ? Gap + LeafBits : LeafBits;
  localparam logic signed [SumBits-1:0] Start = Packed ? SumBits'((1 << (Gap - 1)) - 1) : '0;

  // All of these but leaf_q, act_q and swap_q are read by the process below alone. It updates them in place with
  // blocking assignments, last pipeline stage first, which makes the same registers and simulates twice as fast.
  logic signed [OpBits-1:0] act_q[M];
  logic [Chain-1:0] swap_q;
  logic [LoadBits-1:0] shadow_q[M], w_q[M];
  logic signed [ProdBits-1:0] m_q[M];
  logic signed [SumBits-1:0] p_q[M];  // places 0 .. Chain-2
  logic signed [SumBits-1:0] leaf_d[Chains], leaf_q[Chains];  // place Chain-1

  function automatic logic signed [MulBits-1:0] multiplicand(logic [LoadBits-1:0] w);
    // The upper field, if there is one, is what is left above the lower weight.
    localparam int unsigned UpperBits = Packed ? WeightBits + 1 : 1;
    logic [UpperBits-1:0] upper;
    upper = w[LoadBits-1-:UpperBits];
    if (Packed) return MulBits'($signed({upper, {(Gap - WeightBits) {w[WeightBits-1]}}, w[WeightBits-1:0]}));
    return MulBits'($signed(w[WeightBits-1:0]));
  endfunction

  always_ff @(posedge clk_i) begin
    for (int unsigned l = 0; l < Chains; l++) begin
      leaf_d[l] = (Chain > 1 ? p_q[M-2*Chains+l] : Start) + SumBits'(m_q[M-Chains+l]);
    end
    leaf_q <= leaf_d;
    for (int unsigned k = 0; k + 2 * Chains < M; k++) begin
      p_q[M-Chains-1-k] = p_q[M-2*Chains-1-k] + SumBits'(m_q[M-Chains-1-k]);
    end
    if (Chain > 1) for (int unsigned l = 0; l < Chains; l++) p_q[l] = Start + SumBits'(m_q[l]);
    for (int unsigned k = 0; k < M; k++) m_q[k] = ProdBits'(multiplicand(w_q[k])) * ProdBits'(act_q[k]);
    for (int unsigned i = 0; i < Chain; i++) begin
      if (swap_i[i]) for (int unsigned l = 0; l < Chains; l++) w_q[i*Chains+l] = shadow_q[i*Chains+l];
    end
    if (load_i) for (int unsigned k = 0; k < M; k++) shadow_q[k] = w_i[k];
    act_q  <= act_i;
    swap_q <= swap_i;
  end
  assign act_o  = act_q;
  assign swap_o = swap_q;

  // One adder tree per channel.
  for (genvar h = 0; h < Lanes; h++) begin : gen_lane
    logic signed [LeafBits-1:0] leaf[Chains];
    logic signed [LeafBits+$clog2(Chains)-1:0] sum;
    always_comb begin
      for (int unsigned l = 0; l < Chains; l++) begin
        if (!Packed) leaf[l] = leaf_q[l][LeafBits-1:0];
        else if (h == 0) leaf[l] = LeafBits'($signed({leaf_q[l][Gap-1], ~leaf_q[l][Gap-2:0]}));
        else leaf[l] = leaf_q[l][SumBits-1-:LeafBits];
      end
    end
    sb_adder_tree #(.Leaves(Chains), .Width(LeafBits)) i_tree (.clk_i, .leaf_i(leaf), .sum_o(sum));
    assign dot_o[h] = DotBits'(sum);
  end
endmodule
