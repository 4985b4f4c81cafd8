// One column group of sb_cell_array: one output channel (Packed = 0), or two that share each multiplier
// (Packed = 1). It holds M weights per channel and forms one dot product of length M per channel and cycle.
//
//   act_i --+--[act_q]--> act_o (next column)                 element k is at place k / (M/Chain) of
//           +--> multiplier cell: place 0 -> ... -> Chain-1    chain k % (M/Chain)
//   w_i ----->  (weights inside)                    = leaf -> adder tree -> dot_o
//
// A chain adds its products from place to place, so the activations of place i must arrive i cycles after those of place
// 0 (sb_cell_array skews them), and so must swap_i[i]. With the first row of a new weight tile, swap_i moves the loaded
// (shadow) weights to the multipliers, seen by that row and those behind it.
//
// Packed: the multiplicand holds both weights, `-w1 * 2^18 + w0`, so one 27 x 9 bit product is two, and the chain subtracts:
// it starts at 2^17 and has at most 4 places. Its low 18 bits, unsigned, are 2^17 - sum0, which never leave 0 .. 2^18 - 1
// (sum0 is -130560 .. 131072), and its high field is sum1 itself. The adder tree adds the low fields as they are; the
// starts of all chains add up to its top bit, which is inverted. So dot 0 comes out negated, without an adder or an inverter.
//
// MulStyle 1, DSP48E2: weights, products and chains are all inside the cells. MulStyle 2, MULT18X18D: the multiplying
// weight and three pipeline registers are, the shadow weight and the chains are not.
//
// Latency from act_i (place 0) to dot_o: 2 + Chain + log2(M / Chain) cycles, one more with MulStyle = 2, whose multipliers
// have one more register. Runs freely, no reset.
module sb_cell_column
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // multipliers per channel: a power of two, 4 to 64
    parameter int unsigned Chain = 4,  // places per chain: a power of two, at most M, at most 4 if Packed
    parameter bit Packed = 1,  // two channels per multiplier
    parameter int unsigned MulStyle = 1,  // 1: DSP48E2 cells; 2: MULT18X18D cells (Packed = 0)
    parameter int unsigned DotBits = OpBits + WeightBits + $clog2(M),  // that many or more
    localparam int unsigned Lanes = Packed ? 2 : 1,
    localparam int unsigned LoadBits = Packed ? 2 * WeightBits + 1 : WeightBits
) (
    input logic clk_i,
    input logic signed [OpBits-1:0] act_i[M],
    output logic signed [OpBits-1:0] act_o[M],
    input logic [Chain-1:0] swap_i,  // one per place
    output logic [Chain-1:0] swap_o,
    input logic load_i,  // take w_i as the shadow weights
    input logic [LoadBits-1:0] w_i[M],  // Packed: {-w1 - (w0 < 0), w0}; else the weight
    output logic signed [DotBits-1:0] dot_o[Lanes]  // Packed: -dot of channel 0, dot of channel 1
);
  if (M < 4 || M > 64 || (M & (M - 1)) != 0) begin : gen_illegal_m
    $fatal(1, "sb_cell_column: M = %0d, must be 4, 8, 16, 32 or 64", M);
  end
  if (Chain < 1 || Chain > M || (Chain & (Chain - 1)) != 0) begin : gen_illegal_chain
    $fatal(1, "sb_cell_column: Chain = %0d, must be a power of two, at most M", Chain);
  end
  if (Packed && Chain > 4) begin : gen_illegal_packed
    $fatal(
        1,
        "sb_cell_column: Chain = %0d, a packed chain of more than 4 places overflows its low field",
        Chain
    );
  end
  if (MulStyle < 1 || MulStyle > 2 || (MulStyle == 2 && Packed)) begin : gen_illegal_style
    $fatal(1, "sb_cell_column: MulStyle = %0d, must be 1 or, if not Packed, 2", MulStyle);
  end

  localparam int unsigned Chains = M / Chain;
  localparam int unsigned Gap = 18;  // where the high field starts
  localparam int unsigned MulBits = Packed ? Gap + WeightBits + 1 : WeightBits;  // multiplicand
  localparam int unsigned LeafBits = OpBits + WeightBits + $clog2(Chain);  // one channel, one chain
  localparam int unsigned SumBits = Packed ? Gap + LeafBits : LeafBits;
  localparam logic signed [SumBits-1:0] Start = Packed ? SumBits'(1 << (Gap - 1)) : '0;

  logic signed [OpBits-1:0] act_q[M];
  logic [Chain-1:0] swap_q;
  logic signed [SumBits-1:0] leaf_q[Chains];  // place Chain-1

  function automatic logic signed [MulBits-1:0] multiplicand(logic [LoadBits-1:0] w);
    // The upper field, if there is one, is what is left above the lower weight.
    localparam int unsigned UpperBits = Packed ? WeightBits + 1 : 1;
    logic [UpperBits-1:0] upper;
    upper = w[LoadBits-1-:UpperBits];
    if (Packed)
      return MulBits'($signed({upper, {(Gap - WeightBits) {w[WeightBits-1]}}, w[WeightBits-1:0]}));
    return MulBits'($signed(w[WeightBits-1:0]));
  endfunction

  always_ff @(posedge clk_i) begin
    act_q  <= act_i;
    swap_q <= swap_i;
  end
  if (MulStyle == 1) begin : gen_dsp48e2
    logic [M-1:0][47:0] cascade, sum;
    for (genvar k = 0; k < M; k++) begin : gen_place
      localparam bit First = k < Chains;
      sb_mac_dsp48e2 #(
          .First(First),
          .Start(48'(Start)),
          .Subtract(Packed)
      ) i_mac (
          .clk_i,
          .load_i,
          .swap_i(swap_i[k/Chains]),
          .w_i(27'(multiplicand(w_i[k]))),
          .act_i(18'(act_i[k])),
          .cascade_i(cascade[First?k : k-Chains]),
          .cascade_o(cascade[k]),
          .sum_o(sum[k])
      );
      if (k >= M - Chains) begin : gen_leaf
        assign leaf_q[k-M+Chains] = sum[k][SumBits-1:0];
      end
    end
  end else begin : gen_mult18x18d
    logic [LoadBits-1:0] shadow_q[M];
    logic [M-1:0][35:0] product;
    logic signed [SumBits-1:0] p_q[M];
    for (genvar k = 0; k < M; k++) begin : gen_place
      sb_mac_mult18x18d i_mac (
          .clk_i,
          .swap_i(swap_i[k/Chains]),
          .w_i(18'($signed(shadow_q[k][WeightBits-1:0]))),
          .act_i(18'(act_i[k])),
          .product_o(product[k])
      );
      always_ff @(posedge clk_i)
        p_q[k] <= (k < Chains ? '0 : p_q[k<Chains?k : k-Chains]) + SumBits'($signed(
            product[k]
        ));
    end
    for (genvar l = 0; l < Chains; l++) begin : gen_leaf
      assign leaf_q[l] = p_q[M-Chains+l];
    end
    always_ff @(posedge clk_i) if (load_i) shadow_q <= w_i;
  end
  assign act_o  = act_q;
  assign swap_o = swap_q;

  // One adder tree per channel.
  for (genvar h = 0; h < Lanes; h++) begin : gen_lane
    // The low field is unsigned; leaves of chains of 1 or 2 places would be too narrow for it.
    localparam bit Low = Packed && h == 0;
    localparam int unsigned NodeBits = Low && LeafBits < Gap + 1 ? Gap + 1 : LeafBits;
    localparam int unsigned TopBit = Gap - 1 + $clog2(Chains);
    logic signed [NodeBits-1:0] leaf[Chains];
    logic signed [NodeBits+$clog2(Chains)-1:0] sum;
    always_comb begin
      for (int unsigned l = 0; l < Chains; l++) begin
        if (Low) leaf[l] = NodeBits'(leaf_q[l][Gap-1:0]);
        else leaf[l] = NodeBits'($signed(leaf_q[l][SumBits-1-:LeafBits]));
      end
    end
    sb_adder_tree #(
        .Leaves(Chains),
        .Width (NodeBits)
    ) i_tree (
        .clk_i,
        .leaf_i(leaf),
        .sum_o(sum)
    );
    assign dot_o[h] = Low ? DotBits'($signed({~sum[TopBit], sum[TopBit-1:0]})) : DotBits'(sum);
  end
endmodule
