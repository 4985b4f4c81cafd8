// SPDX-License-Identifier: Apache-2.0
// M x M weight-stationary systolic array: an activation word in, M dot products of length M out,
// every cycle.
//
// The channels stand in column groups that share each multiplier: two channels per group (Packed =
// 1) or one. An activation word moves from group to group, one per cycle; each group adds its own
// dot products; the array aligns them, so that a whole word leaves at once with the tag that came
// in.
//
//   act_i -> skew -> group 0 -> group 1 -> ... -> group Groups-1
//                       |          |                  |
//                    delay      delay ..              |        -> dot_o, tag_o
//
// Column groups come in three kinds, with the same ports and results (element k of a word is at
// place k / Chains of chain k % Chains, Chains = M / ChainLength):
//   sb_inferred_columns  multipliers of the synthesis tool: every device, and the simulation's
//                        speed
//   sb_cell_column       cells of a device: DSP48E2 or MULT18X18D
//   sb_lut_column        LUTs, for the first LutChannels channels: they have the longest way to the
//                        exit and so time to spare for a register more. Never negated.
// A chain adds its products from place to place, as a DSP cascade does, so the elements of place i
// enter i cycles after those of place 0 (skew).
//
// Packed: one 27 x 9 bit product is two. The multiplicand is w1 * 2^18 - w0, so a chain is
//
//    bit  36            18 17              0
//        |     sum1       |     -sum0       |      + 2^17 in the first half of the chains
//
// A chain has at most 4 places: -sum0 is -131072 .. 130560, which fits 18 signed bits (2^17 itself
// would not), and the dot products of even channels leave the array negated. A negative low field
// borrows 1 from the high one. The chains that start at 2^17 never borrow: their low field is -sum0
// with bit 17 inverted. The others give back what they borrowed, bit 17, as the carry into the
// adder that takes one chain of each half. Cells hold -w1 * 2^18 + w0, which needs no negation on
// the way in, and subtract: the same chain. Inferred chains add, which saves a carry chain at each
// first place.
//
// Weights: with load_i, w_i is the word of output channel load_channel_i (M weights); channels must
// be loaded in order. A row issued with swap_i, at least one cycle after the last channel, uses
// them, and so do the rows behind it. The next tile's first word may come ChainLength - 1 cycles
// after that row: the swap moves on by one group per cycle, loading never faster.
//
// Latency array_latency(M, ChainLength, Packed, MulStyle) cycles from act_i to dot_o, no stall, no
// reset; from tag_i to tag_o TagLead less.
module sb_array
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,  // rows and columns: 4, 8, 16, 32 or 64
    parameter int unsigned ChainLength = 4,  // of one chain: power of two up to M (Packed: 4)
    parameter bit Packed = 1,  // two channels per multiplier: halves the DSPs of 27 x 18 bits
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e; MulMult18x18d takes Packed = 0
    parameter int unsigned LutChannels = 0,  // channels whose multipliers are LUTs: whole groups
    parameter int unsigned TagBits = 1,  // payload that travels with a word
    parameter int unsigned TagLead = 0,  // cycles by which tag_o comes before dot_o
    parameter int unsigned ActBits = OpBits,  // activation lanes: 9, or 8 with act_unsigned_i
    localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M)
) (
    input  logic                                        clk_i,
    input  logic        [        M-1:0][   ActBits-1:0] act_i,
    input  logic                                        act_unsigned_i,     // uint8, else int8
    input  logic                                        swap_i,
    input  logic        [  TagBits-1:0]                 tag_i,
    input  logic                                        load_i,
    input  logic        [$clog2(M)-1:0]                 load_channel_i,
    input  logic        [        M-1:0][WeightBits-1:0] w_i,
    output logic signed [  DotBits-1:0]                 dot_o         [M],  // array_negated
    output logic        [  TagBits-1:0]                 tag_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_array: TagBits = %0d, must be at least 1", TagBits);
  end
  if (ActBits != 8 && ActBits != 9) begin : gen_illegal_act_bits
    $fatal(1, "sb_array: ActBits = %0d, must be 8 or 9", ActBits);
  end
  if (M < 4 || M > MaxM || (M & (M - 1)) != 0) begin : gen_illegal_m
    $fatal(1, "sb_array: M = %0d, must be 4, 8, 16, 32 or 64", M);
  end
  if (ChainLength < 1 || ChainLength > M || (ChainLength & (ChainLength - 1)) != 0)
  begin : gen_illegal_chain
    $fatal(1, "sb_array: ChainLength = %0d, must be a power of two, at most M", ChainLength);
  end
  if (Packed && ChainLength > 4) begin : gen_illegal_packed
    $fatal(
        1,
        "sb_array: ChainLength = %0d, a packed chain of more than 4 places overflows its low field",
        ChainLength
    );
  end
  if (MulStyle > MulMult18x18d || (MulStyle == MulMult18x18d && Packed)) begin : gen_illegal_style
    $fatal(1, "sb_array: MulStyle = %0d, must be 0, 1 or, if not Packed, 2", MulStyle);
  end
  localparam int unsigned PerGroup = Packed ? 2 : 1;  // channels
  if (LutChannels > M || LutChannels % PerGroup != 0) begin : gen_illegal_lut
    $fatal(
        1,
        "sb_array: LutChannels = %0d, must be at most M and whole groups of %0d",
        LutChannels,
        PerGroup
    );
  end

  localparam int unsigned Groups = array_groups(M, Packed);
  localparam int unsigned LutGroups = LutChannels / PerGroup;
  localparam int unsigned Chains = M / ChainLength;

  // Input registers: the elements of place i are i cycles late, and so is the swap.
  logic signed [OpBits-1:0] act_q[M];
  logic [ChainLength-1:0] swap_q;
  for (genvar i = 0; i < ChainLength; i++) begin : gen_place
    logic [Chains-1:0][ActBits-1:0] late;
    logic late_unsigned;
    sb_delay #(
        .Width(1 + Chains * ActBits),
        .Depth(i)
    ) i_skew (
        .clk_i,
        .data_i({act_unsigned_i, act_i[i*Chains+:Chains]}),
        .data_o({late_unsigned, late})
    );
    for (genvar l = 0; l < Chains; l++) begin : gen_lane
      always_ff @(posedge clk_i)
        act_q[i*Chains+l] <= OpBits'($signed(
            {late[l][ActBits-1] && !late_unsigned, late[l]}
        ));
    end
  end
  always_ff @(posedge clk_i) swap_q <= ChainLength'({swap_q, swap_i});

  // Weight words on their way to the shadow registers. Packed: the even channel's word waits for
  // the odd one's; the sign of the low weight is taken off the high one here, once.
  localparam bit Subtract = Packed && MulStyle != MulInferred;
  localparam int unsigned LowBits = Subtract ? WeightBits : WeightBits + 1;  // -w0 has a bit more
  localparam int unsigned WordBits = Packed ? WeightBits + 1 + LowBits : WeightBits;
  logic [Groups-1:0] load_q;
  logic [WordBits-1:0] word_q[M];
  logic [M-1:0][WeightBits-1:0] even_q;
  function automatic logic [WordBits-1:0] join_weights(logic [WeightBits-1:0] w1,
                                                       logic [WeightBits-1:0] w0);
    logic [WeightBits:0] high, low;
    if (!Packed) return WordBits'(w1);
    // -w1 - (w0 < 0) = ~w1 + (w0 >= 0)
    if (Subtract)
      return WordBits'({
        ~(WeightBits + 1)'($signed(w1)) + (WeightBits + 1)'(!w0[WeightBits-1]), w0
      });
    low  = -(WeightBits + 1)'($signed(w0));
    high = (WeightBits + 1)'($signed(w1)) - (WeightBits + 1)'(low[WeightBits]);
    return WordBits'({high, low});
  endfunction
  always_ff @(posedge clk_i) begin
    automatic logic [WordBits-1:0] word_d[M];
    for (int unsigned k = 0; k < M; k++) word_d[k] = join_weights(w_i[k], even_q[k]);
    if (load_i) word_q <= word_d;
    for (int unsigned g = 0; g < Groups; g++) begin
      load_q[g] <= load_i && load_channel_i == ($clog2(M))'((g + 1) * PerGroup - 1);
    end
    if (Packed && load_i && !load_channel_i[0]) even_q <= w_i;
  end

  // The same weights, not joined, for columns of LUTs.
  if (LutChannels != 0) begin : gen_plain
    logic [WeightBits-1:0] plain_q[PerGroup][M];
    always_ff @(posedge clk_i) begin
      automatic logic [WeightBits-1:0] plain_d[PerGroup][M];
      for (int unsigned k = 0; k < M; k++) begin
        plain_d[0][k] = even_q[k];
        plain_d[PerGroup-1][k] = w_i[k];
      end
      if (load_i) plain_q <= plain_d;
    end
  end

  // Column groups, each with what its dot products wait for those of the last group; then the
  // inferred ones, all in one, which wait inside.
  localparam int unsigned OwnGroups = MulStyle == MulInferred ? LutGroups : Groups;
  for (genvar g = 0; g < OwnGroups; g++) begin : gen_group
    localparam bit Lut = g < LutGroups;
    logic signed [OpBits-1:0] act_in[M], act[M];
    logic [ChainLength-1:0] swap_in, swap;
    logic signed [DotBits-1:0] dot[PerGroup];
    if (g == 0) begin : gen_first
      assign act_in  = act_q;
      assign swap_in = swap_q;
    end else begin : gen_next
      assign act_in  = gen_group[g-1].act;
      assign swap_in = gen_group[g-1].swap;
    end
    if (Lut) begin : gen_lut
      sb_lut_column #(
          .M(M),
          .ChainLength(ChainLength),
          .PerGroup(PerGroup)
      ) i_column (
          .clk_i,
          .act_i(act_in),
          .act_o(act),
          .swap_i(swap_in),
          .swap_o(swap),
          .load_i(load_q[g]),
          .w_i(gen_plain.plain_q),
          .dot_o(dot)
      );
    end else begin : gen_cells
      sb_cell_column #(
          .M(M),
          .ChainLength(ChainLength),
          .Packed(Packed),
          .MulStyle(MulStyle)
      ) i_column (
          .clk_i,
          .act_i(act_in),
          .act_o(act),
          .swap_i(swap_in),
          .swap_o(swap),
          .load_i(load_q[g]),
          .w_i(word_q),
          .dot_o(dot)
      );
    end
    for (genvar l = 0; l < PerGroup; l++) begin : gen_channel
      sb_delay #(
          .Width(DotBits),
          .Depth(Groups - 1 - g + array_exit(MulStyle) - column_extra(MulStyle, Lut))
      ) i_align (
          .clk_i,
          .data_i(dot[l]),
          .data_o(dot_o[g*PerGroup+l])
      );
    end
  end
  if (OwnGroups < Groups) begin : gen_inferred
    logic signed [OpBits-1:0] act_in[M];
    logic [ChainLength-1:0] swap_in;
    logic signed [DotBits-1:0] dot[M-LutChannels];
    if (OwnGroups == 0) begin : gen_first
      assign act_in  = act_q;
      assign swap_in = swap_q;
    end else begin : gen_next
      assign act_in  = gen_group[OwnGroups-1].act;
      assign swap_in = gen_group[OwnGroups-1].swap;
    end
    sb_inferred_columns #(
        .M(M),
        .ChainLength(ChainLength),
        .Packed(Packed),
        .Groups(Groups - OwnGroups)
    ) i_columns (
        .clk_i,
        .act_i(act_in),
        .swap_i(swap_in),
        .load_i(load_q[Groups-1:OwnGroups]),
        .w_i(word_q),
        .dot_o(dot)
    );
    for (genvar c = LutChannels; c < M; c++) begin : gen_dot
      assign dot_o[c] = dot[c-LutChannels];
    end
  end

  sb_delay #(
      .Width(TagBits),
      .Depth(array_latency(M, ChainLength, Packed, MulStyle) - TagLead)
  ) i_tag (
      .clk_i,
      .data_i(tag_i),
      .data_o(tag_o)
  );
endmodule
