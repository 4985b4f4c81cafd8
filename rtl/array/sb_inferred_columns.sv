// SPDX-License-Identifier: Apache-2.0
// Column groups of sb_array with multipliers that the synthesis tool infers: all groups in one
// module and one process, which is what makes them quick to simulate.
//
//   act_i --+--[act_q]------> next group              w_i --[shadow_q, if load]--[w_q, if swap]
//           |    x w_q
//           |   [m_q] product
//           |     + place 0 -> place 1 -> ... -> place ChainLength-1     p_q
//           |                        chains -> adder tree -> dot_o       node_q, dot_q
//
// Packed as in the header of sb_array, the products added. Ports as those of the other columns, for
// `Groups` groups: group g is g cycles later than group 0. Latency from act_i (place 0) to dot_o of
// group 0: column_latency(M, ChainLength) cycles. Runs freely, no reset.
//
// Registers that this process alone reads are updated in place, with blocking assignments, last
// stage first: the same registers, but each word moves once in a cycle and not twice. This is the
// only module that does so. What others read (dot_q) is assigned as everywhere.
module sb_inferred_columns
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // multipliers per channel: a power of two, 4 to 64
    parameter int unsigned ChainLength = 4,  // products per chain: a power of two, at most M
    parameter bit Packed = 1,  // two channels per multiplier; ChainLength at most 4
    parameter int unsigned Groups = 8,  // column groups, 1 or more
    localparam int unsigned PerGroup = Packed ? 2 : 1,  // channels
    localparam int unsigned Channels = PerGroup * Groups,
    localparam int unsigned WordBits = Packed ? 2 * (WeightBits + 1) : WeightBits,
    localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M)
) (
    input logic clk_i,
    input logic signed [OpBits-1:0] act_i[M],
    input logic [ChainLength-1:0] swap_i,  // one per place
    input logic [Groups-1:0] load_i,  // take w_i as the shadow weights of a group
    input logic [WordBits-1:0] w_i[M],
    output logic signed [DotBits-1:0] dot_o[Channels]
);
  localparam int unsigned Chains = M / ChainLength;
  localparam int unsigned Pairs = (Chains + 1) / 2;
  localparam int unsigned MulBits = Packed ? PackGap + WeightBits + 1 : WeightBits;
  localparam int unsigned ProdBits = MulBits + OpBits - 32'(Packed);  // packed: below 2^25 + 2^8
  localparam int unsigned LeafBits = OpBits + WeightBits + $clog2(ChainLength);
  localparam int unsigned SumBits = Packed ? PackGap + LeafBits : LeafBits;
  localparam logic signed [SumBits-1:0] Start = Packed ? SumBits'(PackStart) : '0;

  logic signed [OpBits-1:0] act_q[Groups][M];
  logic [ChainLength-1:0] swap_q[Groups];
  logic signed [MulBits-1:0] shadow_q[Groups][M], w_q[Groups][M];
  logic signed [ProdBits-1:0] m_q[Groups][M];
  logic signed [SumBits-1:0] p_q[Groups][M];
  logic signed [DotBits-1:0] node_q[Channels][Chains];  // heaps, see sb_adder_tree
  logic signed [DotBits-1:0] late_q[Groups][Channels];  // late_q[s] is s + 1 cycles old: a triangle
  logic signed [DotBits-1:0] dot_d[Channels], dot_q[Channels];
  assign dot_o = dot_q;

  function automatic logic signed [MulBits-1:0] multiplicand(logic [WordBits-1:0] w);
    // What is left above the low field is the high one; a plain weight has none.
    localparam int unsigned HighBits = Packed ? WeightBits + 1 : 1;
    logic [HighBits-1:0] high;
    high = w[WordBits-1-:HighBits];
    if (!Packed) return MulBits'($signed(w));
    return MulBits'($signed({high, {(PackGap - HighBits) {w[HighBits-1]}}, w[HighBits-1:0]}));
  endfunction

  // A chain's part of the dot product of a channel, and that of a chain that started at PackStart
  // with one that did not.
  function automatic logic signed [DotBits-1:0] leaf(logic signed [SumBits-1:0] chain, logic odd,
                                                     logic started);
    if (!Packed) return DotBits'(chain);
    if (odd) return DotBits'(packed_high(PackBits'(chain)));
    return DotBits'(packed_low(PackBits'(chain), started));
  endfunction
  function automatic logic signed [DotBits-1:0] add_leaves(
      logic signed [SumBits-1:0] started, logic signed [SumBits-1:0] other, logic odd);
    return leaf(started, odd, 1'b1) + leaf(other, odd, 1'b0) +
        DotBits'(Packed && odd && other[Packed ? PackGap - 1 : 0]);
  endfunction

  // The whole dot product of a channel: the root of its tree, or its only chain.
  function automatic logic signed [DotBits-1:0] root(int unsigned c);
    return Chains > 1 ? node_q[c][Chains > 1 ? 1 : 0] : leaf(p_q[c/PerGroup][M-Chains], c[0], 1'b1);
  endfunction

  always_ff @(posedge clk_i) begin
    // Alignment: group g waits Groups - 1 - g cycles, then all leave through one register.
    for (int unsigned c = 0; c < Channels; c++) begin
      dot_d[c] = c / PerGroup == Groups - 1 ? root(c) : late_q[Groups-2-c/PerGroup][c];
    end
    dot_q <= dot_d;
    for (int unsigned s = Groups - 2; s > 0; s--) begin
      for (int unsigned c = 0; c < Channels - s * PerGroup; c++) late_q[s][c] = late_q[s-1][c];
    end
    for (int unsigned c = 0; c < Channels; c++) late_q[0][c] = root(c);
    // Adder trees, parents before children.
    for (int unsigned c = 0; c < Channels; c++) begin
      for (int unsigned i = 1; i < Chains / 2; i++)
      node_q[c][i] = node_q[c][2*i] + node_q[c][2*i+1];
    end
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned i = 0; i < Chains / 2; i++) begin
        for (int unsigned l = 0; l < PerGroup; l++) begin
          node_q[g*PerGroup+l][Chains/2+i] =
              add_leaves(p_q[g][M-Chains+i], p_q[g][M-Chains/2+i], l[0]);
        end
      end
    end
    // Chains, last place first.
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned k = 0; k < M - Chains; k++)
      p_q[g][M-1-k] = p_q[g][M-1-k-Chains] + SumBits'(m_q[g][M-1-k]);
      for (int unsigned i = 0; i < Pairs; i++) p_q[g][i] = Start + SumBits'(m_q[g][i]);
      for (int unsigned i = Pairs; i < Chains; i++) p_q[g][i] = SumBits'(m_q[g][i]);
    end
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned k = 0; k < M; k++)
      m_q[g][k] = ProdBits'(w_q[g][k]) * ProdBits'(act_q[g][k]);
    end
    // Weights: the swap that is about to reach a group, then the load, then all moves on.
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned i = 0; i < ChainLength; i++) begin
        if (g == 0 ? swap_i[i] : swap_q[g-1][i]) begin
          for (int unsigned l = 0; l < Chains; l++) w_q[g][i*Chains+l] = shadow_q[g][i*Chains+l];
        end
      end
      if (load_i[g]) for (int unsigned k = 0; k < M; k++) shadow_q[g][k] = multiplicand(w_i[k]);
    end
    for (int unsigned g = Groups - 1; g > 0; g--) begin
      for (int unsigned k = 0; k < M; k++) act_q[g][k] = act_q[g-1][k];
      swap_q[g] = swap_q[g-1];
    end
    for (int unsigned k = 0; k < M; k++) act_q[0][k] = act_i[k];
    swap_q[0] = swap_i;
  end
endmodule
