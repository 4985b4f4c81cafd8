// M x M weight-stationary systolic array: one activation word in, M dot products of length M out, every cycle.
//
// The columns stand in groups that share each multiplier: two output channels per group (Packed = 1) or one. An
// activation word moves from group to group, one per cycle, and each group adds its own dot products:
//
//   act_i -> skew -> group 0 -> group 1 -> ... -> group Groups-1
//                       |          |                  |
//                    trees      trees              trees
//                    delay      delay ..              |        -> dot_o, tag_o
//
//   one group:   act_q --+---------------> next group      element k of a word is at place k / Chains
//                        x  w_q <-swap- shadow_q <-load-    of chain k % Chains, Chains = M / Chain
//                       [m_q]
//                        + place 0 -> place 1 -> ... -> place Chain-1 -> adder tree over the chains -> root_q
//
// A chain adds its products from place to place, as a DSP cascade does, so the elements of place i enter i cycles
// after those of place 0 (skew). The dot products are aligned on the way out, so a whole word leaves at once, with
// the tag that came in with it.
//
// Packed: the multiplicand holds both weights, w1 * 2^18 - w0, so one 27 x 9 bit product is two. A chain has at most 4 places:
// its low 18 bits are -sum0, signed (2^17 itself would not fit), and the dot products of even channels come out negated.
// A negative low field borrows 1 from the high one. The first half of the chains starts at 2^17, so their low fields are not negative;
// the others give back what they borrowed as the carry into the adder that takes one of each.
//
// Weights: with load_i, w_i is the word of output channel load_channel_i (M weights); channels must be loaded in
// order. A row issued with swap_i, at least one cycle after the last channel, uses them, and so do the rows behind
// it. The next tile's first word may come Chain - 1 cycles after that row: the swap moves on by one group per
// cycle, loading never faster.
//
// Latency cycles from act_i to dot_o, no stall, no reset.
module sb_array
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // rows and columns: 4, 8, 16, 32 or 64
    parameter int unsigned Chain = 4,  // products per chain: a power of two, at most M, at most 4 if Packed
    parameter bit Packed = 1,  // two channels per multiplier: halves the DSPs where their ports are 27 x 18 bits
    parameter int unsigned TagBits = 1,  // payload that travels with a word
    parameter int unsigned ActBits = OpBits,  // activation lanes: 9, or 8 with act_unsigned_i
    localparam int unsigned Lanes = Packed ? 2 : 1,  // channels per group
    localparam int unsigned Groups = M / Lanes,
    localparam int unsigned Chains = M / Chain,
    localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M),
    localparam int unsigned Latency = 1 + (2 + Chain + $clog2(Chains)) + (Groups - 1) + 1
) (
    input logic clk_i,
    input logic [M-1:0][ActBits-1:0] act_i,
    input logic act_unsigned_i,  // lanes of 8 bits are uint8, else int8
    input logic swap_i,
    input logic [TagBits-1:0] tag_i,
    input logic load_i,
    input logic [$clog2(M)-1:0] load_channel_i,
    input logic [M-1:0][WeightBits-1:0] w_i,
    output logic signed [DotBits-1:0] dot_o[M],  // negated in even channels if Packed
    output logic [TagBits-1:0] tag_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_array: TagBits = %0d, must be at least 1", TagBits);
  end
  if (ActBits != 8 && ActBits != 9) begin : gen_illegal_act_bits
    $fatal(1, "sb_array: ActBits = %0d, must be 8 or 9", ActBits);
  end
  if (M < 4 || M > 64 || (M & (M - 1)) != 0) begin : gen_illegal_m
    $fatal(1, "sb_array: M = %0d, must be 4, 8, 16, 32 or 64", M);
  end
  if (Chain < 1 || Chain > M || (Chain & (Chain - 1)) != 0) begin : gen_illegal_chain
    $fatal(1, "sb_array: Chain = %0d, must be a power of two, at most M", Chain);
  end
  if (Packed && Chain > 4) begin : gen_illegal_packed
    $fatal(
        1,
        "sb_array: Chain = %0d, a packed chain of more than 4 places overflows its low field",
        Chain
    );
  end

  localparam int unsigned Gap = 18;  // where the high field starts
  localparam int unsigned LoadBits = Packed ? 2 * (WeightBits + 1) : WeightBits;
  localparam int unsigned MulBits = Packed ? Gap + WeightBits + 1 : WeightBits;  // multiplicand
  localparam int unsigned ProdBits = MulBits + OpBits - 32'(Packed);  // packed weights stay below 2^25 + 2^8 in size
  localparam int unsigned LeafBits = OpBits + WeightBits + $clog2(Chain);  // one channel, one chain
  localparam int unsigned SumBits = Packed ? Gap + LeafBits : LeafBits;
  localparam logic signed [SumBits-1:0] Start = Packed ? SumBits'(1 << (Gap - 1)) : '0;

  // Pipeline registers, in the order of the data. The one process below alone reads them, and updates them in place
  // with blocking assignments, last stage first: the same registers, and the simulation runs twice as fast.
  logic signed [OpBits-1:0] skew_q[Chain][M];  // skew_q[s] is s + 1 cycles old
  logic [Chain-1:0] skew_swap_q;
  logic [M-1:0][WeightBits-1:0] even_q;  // Packed: the word of an even channel waits for the odd one's
  logic [LoadBits-1:0] word_q[M];
  logic [Groups-1:0] load_q;
  logic signed [OpBits-1:0] act_q[Groups][M];
  logic [Chain-1:0] swap_q[Groups];  // one per place
  logic [LoadBits-1:0] shadow_q[Groups][M], w_q[Groups][M];
  logic signed [ProdBits-1:0] m_q[Groups][M];
  logic signed [SumBits-1:0] p_q[Groups][M];
  logic signed [DotBits-1:0] node_q[M][Chains];  // adder trees as heaps: node i adds nodes 2i and 2i + 1; 1 is the root
  logic signed [DotBits-1:0] late_q[Groups][M];  // late_q[s] is s + 1 cycles old; a triangle of it is used
  logic signed [DotBits-1:0] dot_d[M], dot_q[M];

  // An activation lane as operand of the multipliers.
  function automatic logic signed [OpBits-1:0] operand(logic [ActBits-1:0] lane, logic is_unsigned);
    if (ActBits == OpBits) return OpBits'(lane);
    return OpBits'($signed({lane[ActBits-1] && !is_unsigned, lane}));
  endfunction

  function automatic logic signed [MulBits-1:0] multiplicand(logic [LoadBits-1:0] w);
    // The upper field, if there is one, is what is left above the lower one.
    localparam int unsigned UpperBits = Packed ? WeightBits + 1 : 1;
    logic [UpperBits-1:0] upper;
    upper = w[LoadBits-1-:UpperBits];
    if (Packed)
      return MulBits'($signed({upper, {(Gap - UpperBits) {w[UpperBits-1]}}, w[UpperBits-1:0]}));
    return MulBits'($signed(w[WeightBits-1:0]));
  endfunction

  // Both weights in one word, -w0 below. Its sign is taken off w1 here, once, so that the multiplicand needs no carry.
  function automatic logic [LoadBits-1:0] join_weights(logic [WeightBits-1:0] w1,
                                                       logic [WeightBits-1:0] w0);
    logic [WeightBits:0] low;
    low = -(WeightBits + 1)'($signed(w0));
    if (Packed)
      return LoadBits'({(WeightBits + 1)'($signed(w1)) - (WeightBits + 1)'(low[WeightBits]), low});
    return LoadBits'(w1);
  endfunction

  // The dot product of one channel over one chain. Packed: negated in even channels; in odd ones less what a chain that did not start at
  // 2^17 has borrowed.
  function automatic logic signed [DotBits-1:0] unpack_leaf(logic signed [SumBits-1:0] p, logic odd,
                                                            logic started);
    logic signed [Gap+LeafBits-1:0] fields;
    fields = (Gap + LeafBits)'(p);
    if (!Packed) return DotBits'(p);
    if (odd) return DotBits'($signed(fields[Gap+:LeafBits]));
    return DotBits'($signed({fields[Gap-1] ^ started, fields[Gap-2:0]}));
  endfunction

  // A chain of the first half and one of the second. The carry is what the latter's low field borrowed.
  function automatic logic signed [DotBits-1:0] add_leaves(
      logic signed [SumBits-1:0] p_first, logic signed [SumBits-1:0] p_second, logic odd);
    return unpack_leaf(p_first, odd, 1'b1) + unpack_leaf(p_second, odd, 1'b0) +
        DotBits'(Packed && odd && p_second[Packed?Gap-1 : 0]);
  endfunction

  // The whole dot product of a channel: the root of its tree, or its only chain.
  function automatic logic signed [DotBits-1:0] root(int unsigned c);
    return Chains > 1 ? node_q[c][Chains > 1 ? 1 : 0] :
        unpack_leaf(p_q[c/Lanes][M-Chains], c[0], 1'b1);
  endfunction

  always_ff @(posedge clk_i) begin
    // Alignment: group g waits Groups - 1 - g cycles, then all leave through one register.
    for (int unsigned c = 0; c < M; c++) begin
      dot_d[c] = c / Lanes == Groups - 1 ? root(c) : late_q[Groups-2-c/Lanes][c];
    end
    dot_q <= dot_d;
    for (int unsigned s = Groups - 2; s > 0; s--) begin
      for (int unsigned c = 0; c < M - s * Lanes; c++) late_q[s][c] = late_q[s-1][c];
    end
    for (int unsigned c = 0; c < M; c++) late_q[0][c] = root(c);
    // Adder trees, parents before children.
    for (int unsigned c = 0; c < M; c++) begin
      for (int unsigned i = 1; i < Chains / 2; i++)
      node_q[c][i] = node_q[c][2*i] + node_q[c][2*i+1];
    end
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned i = 0; i < Chains / 2; i++) begin
        for (int unsigned l = 0; l < Lanes; l++) begin
          node_q[g*Lanes+l][Chains/2+i] =
              add_leaves(p_q[g][M-Chains+i], p_q[g][M-Chains/2+i], l[0]);
        end
      end
    end
    for (int unsigned g = 0; g < Groups; g++) begin
      // Chains, last place first.
      for (int unsigned k = 0; k < M - Chains; k++)
      p_q[g][M-1-k] = p_q[g][M-1-k-Chains] + SumBits'(m_q[g][M-1-k]);
      for (int unsigned l = 0; l < (Chains + 1) / 2; l++) p_q[g][l] = Start + SumBits'(m_q[g][l]);
      for (int unsigned l = (Chains + 1) / 2; l < Chains; l++) p_q[g][l] = SumBits'(m_q[g][l]);
    end
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned k = 0; k < M; k++) begin
        m_q[g][k] = ProdBits'(multiplicand(w_q[g][k])) * ProdBits'(act_q[g][k]);
      end
    end
    // Weights: the swap that is about to reach a group, then the load, then both move on with the activations.
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned i = 0; i < Chain; i++) begin
        if (g == 0 ? skew_swap_q[i] : swap_q[g-1][i]) begin
          for (int unsigned l = 0; l < Chains; l++) w_q[g][i*Chains+l] = shadow_q[g][i*Chains+l];
        end
      end
      if (load_q[g]) for (int unsigned k = 0; k < M; k++) shadow_q[g][k] = word_q[k];
    end
    for (int unsigned g = Groups - 1; g > 0; g--) begin
      for (int unsigned k = 0; k < M; k++) act_q[g][k] = act_q[g-1][k];
      swap_q[g] = swap_q[g-1];
    end
    for (int unsigned i = 0; i < Chain; i++) begin
      for (int unsigned l = 0; l < Chains; l++) act_q[0][i*Chains+l] = skew_q[i][i*Chains+l];
    end
    swap_q[0] = skew_swap_q;
    // Input registers: skew of the activations and of the swap, pairing of the weight words.
    for (int unsigned s = Chain - 1; s > 0; s--) begin
      for (int unsigned k = s * Chains; k < M; k++) skew_q[s][k] = skew_q[s-1][k];
    end
    for (int unsigned k = 0; k < M; k++) skew_q[0][k] = operand(act_i[k], act_unsigned_i);
    skew_swap_q = Chain'({skew_swap_q, swap_i});
    for (int unsigned k = 0; k < M; k++) word_q[k] = join_weights(w_i[k], even_q[k]);
    for (int unsigned g = 0; g < Groups; g++) begin
      load_q[g] = load_i && load_channel_i == ($clog2(M))'((g + 1) * Lanes - 1);
    end
    if (Packed && load_i && !load_channel_i[0]) even_q = w_i;
  end
  assign dot_o = dot_q;

  sb_delay #(
      .Width(TagBits),
      .Depth(Latency)
  ) i_tag (
      .clk_i,
      .data_i(tag_i),
      .data_o(tag_o)
  );
endmodule
