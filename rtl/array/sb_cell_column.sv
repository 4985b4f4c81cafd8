// SPDX-License-Identifier: Apache-2.0
// One column group of sb_array, made of multiplier cells of a device: one output channel (Packed =
// 0), or two that share each multiplier (Packed = 1, see sb_array; the chain subtracts). It holds M
// weights per channel and forms one dot product of length M per channel and cycle.
//
//   act_i --+--[act_q]--> act_o (next column)              element k is at place k / Chains of
//           +--> multiplier cell: place 0 -> ... ->        chain k % Chains (M / ChainLength)
//   w_i ----->  (weights inside)  ChainLength-1 = leaf -> adder tree -> dot_o
//
// The activations of place i must arrive i cycles after those of place 0 (sb_array skews them), and
// so must swap_i[i]. With the first row of a new weight tile, swap_i moves the loaded (shadow)
// weights to the multipliers, seen by that row and those behind it.
//
// MulDsp48e2: weights, products and chains are all inside the cells. MulMult18x18d: the multiplying
// weight and three pipeline registers are, the shadow weight and the chains are not; a register
// between a product and its chain is for the way from the column of multipliers.
//
// Latency from act_i (place 0) to dot_o: column_latency + column_extra (sb_latency_pkg). Runs
// freely, no reset.
module sb_cell_column
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // multipliers per channel: a power of two, 4 to 64
    parameter int unsigned ChainLength = 4,  // places per chain: a power of two, at most M
    parameter bit Packed = 1,  // two channels per multiplier; ChainLength at most 4
    parameter int unsigned MulStyle = MulDsp48e2,  // or, if not Packed, MulMult18x18d
    localparam int unsigned PerGroup = Packed ? 2 : 1,
    localparam int unsigned LoadBits = Packed ? 2 * WeightBits + 1 : WeightBits,
    localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M)
) (
    input logic clk_i,
    input logic signed [OpBits-1:0] act_i[M],
    output logic signed [OpBits-1:0] act_o[M],
    input logic [ChainLength-1:0] swap_i,  // one per place
    output logic [ChainLength-1:0] swap_o,
    input logic load_i,  // take w_i as the shadow weights
    input logic [LoadBits-1:0] w_i[M],  // Packed: {-w1 - (w0 < 0), w0}; else the weight
    output logic signed [DotBits-1:0] dot_o[PerGroup]  // Packed: -dot of channel 0, then dot of 1
);
  if (MulStyle != MulDsp48e2 && (MulStyle != MulMult18x18d || Packed)) begin : gen_illegal_style
    $fatal(1, "sb_cell_column: MulStyle = %0d, must be 1 or, if not Packed, 2", MulStyle);
  end

  localparam int unsigned Chains = M / ChainLength;
  localparam int unsigned Pairs = (Chains + 1) / 2;
  localparam int unsigned MulBits = Packed ? PackGap + WeightBits + 1 : WeightBits;  // multiplicand
  localparam int unsigned LeafBits = OpBits + WeightBits + $clog2(
      ChainLength
  );  // one channel, one chain
  localparam int unsigned SumBits = Packed ? PackGap + LeafBits : LeafBits;

  logic signed [OpBits-1:0] act_q[M];
  logic [ChainLength-1:0] swap_q;
  logic signed [SumBits-1:0] leaf_q[Chains];  // place ChainLength-1

  function automatic logic signed [MulBits-1:0] multiplicand(logic [LoadBits-1:0] w);
    // The upper field, if there is one, is what is left above the lower weight.
    localparam int unsigned UpperBits = Packed ? WeightBits + 1 : 1;
    logic [UpperBits-1:0] upper;
    upper = w[LoadBits-1-:UpperBits];
    if (Packed)
      return MulBits'($signed(
          {upper, {(PackGap - WeightBits) {w[WeightBits-1]}}, w[WeightBits-1:0]}
      ));
    return MulBits'($signed(w[WeightBits-1:0]));
  endfunction

  always_ff @(posedge clk_i) begin
    act_q  <= act_i;
    swap_q <= swap_i;
  end
  if (MulStyle == MulDsp48e2) begin : gen_dsp48e2
    logic [M-1:0][47:0] cascade, sum;
    for (genvar k = 0; k < M; k++) begin : gen_place
      localparam bit First = k < Chains;
      sb_dsp48e2 #(
          .AReg(2),
          .First(First),
          .Start(Packed && k < Pairs ? 48'(PackStart) : '0),
          .Subtract(Packed)
      ) i_mac (
          .clk_i,
          .a1_en_i(load_i),
          .a2_en_i(swap_i[k/Chains]),
          .a_i(27'(multiplicand(w_i[k]))),
          .b_i(18'(act_i[k])),
          .d_i('0),
          .c_i('0),
          .cascade_i(cascade[First?k : k-Chains]),
          .cascade_o(cascade[k]),
          .p_o(sum[k])
      );
      if (k >= M - Chains) begin : gen_leaf
        assign leaf_q[k-M+Chains] = sum[k][SumBits-1:0];
      end
    end
  end else begin : gen_mult18x18d
    logic [LoadBits-1:0] shadow_q[M];
    logic [M-1:0][35:0] product;
    logic signed [OpBits+WeightBits-1:0] product_q[M];
    logic signed [SumBits-1:0] p_q[M];
    for (genvar k = 0; k < M; k++) begin : gen_place
      sb_mult18x18d i_mac (
          .clk_i,
          .a_en_i(swap_i[k/Chains]),
          .a_i(18'($signed(shadow_q[k][WeightBits-1:0]))),
          .b_i(18'(act_i[k])),
          .p_o(product[k])
      );
      always_ff @(posedge clk_i) begin
        product_q[k] <= product[k][OpBits+WeightBits-1:0];
        p_q[k] <= (k < Chains ? '0 : p_q[k<Chains?k : k-Chains]) + SumBits'(product_q[k]);
      end
    end
    for (genvar l = 0; l < Chains; l++) begin : gen_leaf
      assign leaf_q[l] = p_q[M-Chains+l];
    end
    always_ff @(posedge clk_i) if (load_i) shadow_q <= w_i;
  end
  assign act_o  = act_q;
  assign swap_o = swap_q;

  // The parts of a channel's dot product that two chains give, or the only chain, and a tree of
  // them.
  for (genvar h = 0; h < PerGroup; h++) begin : gen_channel
    localparam int unsigned PartBits = LeafBits + (Chains > 1 ? 1 : 0);
    logic signed [PartBits-1:0] part[Pairs];
    function automatic logic signed [PartBits-1:0] leaf(logic signed [SumBits-1:0] chain,
                                                        logic started);
      if (!Packed) return PartBits'(chain);
      if (h == 0) return PartBits'(packed_low(PackBits'(chain), started));
      return PartBits'(packed_high(PackBits'(chain)));
    endfunction
    if (Chains == 1) begin : gen_single
      assign part[0] = leaf(leaf_q[0], 1'b1);
    end else begin : gen_pairs
      always_ff @(posedge clk_i) begin
        automatic logic signed [PartBits-1:0] part_d[Pairs];
        for (int unsigned i = 0; i < Pairs; i++) begin
          part_d[i] = leaf(leaf_q[i], 1'b1) + leaf(leaf_q[Pairs+i], 1'b0) +
              PartBits'(Packed && h == 1 && leaf_q[Pairs+i][Packed ? PackGap - 1 : 0]);
        end
        part <= part_d;
      end
    end
    logic signed [PartBits+$clog2(Pairs)-1:0] sum;
    sb_adder_tree #(
        .Leaves(Pairs),
        .Width (PartBits)
    ) i_tree (
        .clk_i,
        .leaf_i(part),
        .sum_o(sum)
    );
    assign dot_o[h] = DotBits'(sum);
  end
endmodule
