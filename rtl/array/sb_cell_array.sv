// sb_array, made of multiplier cells of a device (MulStyle 1: DSP48E2, 2: MULT18X18D) instead of inferred multipliers: the
// same ports, results and latency, in every cycle. See there for the contract; this one is for synthesis, the other for
// speed of simulation and for other devices. One sb_cell_column per column group; the groups of the first LutChannels
// channels are sb_lut_column instead, which have the longest way to the exit and so time to spare for a register more.
// Their dot products are never negated.
//
//   act_i -> skew -> column 0 -> column 1 -> ... -> column M/Lanes-1
//                       |           |                   |
//                     delay ..    delay ..              |      -> dot_o, tag_o
//
module sb_cell_array
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // rows and columns: 4, 8, 16, 32 or 64
    parameter int unsigned Chain = 4,  // products per chain (see sb_cell_column)
    parameter bit Packed = 1,  // two channels per multiplier (see sb_cell_column)
    parameter int unsigned MulStyle = 1,  // 1: DSP48E2 cells; 2: MULT18X18D cells (Packed = 0)
    parameter int unsigned LutChannels = 0,  // channels whose multipliers are LUTs: whole column groups, at most M
    parameter int unsigned DotBits = OpBits + WeightBits + $clog2(
        M
    ),  // width of the dot products: that many or more
    parameter int unsigned TagBits = 1,  // payload that travels with a word
    parameter int unsigned ActBits = OpBits,  // activation lanes: 9, or 8 with act_unsigned_i
    localparam int unsigned Lanes = Packed ? 2 : 1,
    localparam int unsigned Groups = M / Lanes,
    localparam int unsigned Latency = 1 + (2 + Chain + $clog2(M / Chain)) + (Groups - 1) + 1
) (
    input logic clk_i,
    input logic [M-1:0][ActBits-1:0] act_i,
    input logic act_unsigned_i,  // lanes of 8 bits are uint8, else int8
    input logic swap_i,
    input logic [TagBits-1:0] tag_i,
    input logic load_i,
    input logic [$clog2(M)-1:0] load_channel_i,
    input logic [M-1:0][WeightBits-1:0] w_i,
    output logic signed [DotBits-1:0] dot_o[M],  // Packed: negated in even channels of cells
    output logic [TagBits-1:0] tag_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_cell_array: TagBits = %0d, must be at least 1", TagBits);
  end
  if (ActBits != 8 && ActBits != 9) begin : gen_illegal_act_bits
    $fatal(1, "sb_cell_array: ActBits = %0d, must be 8 or 9", ActBits);
  end
  if (LutChannels > M || LutChannels % Lanes != 0) begin : gen_illegal_lut
    $fatal(
        1,
        "sb_cell_array: LutChannels = %0d, must be at most M and whole groups of %0d",
        LutChannels,
        Lanes
    );
  end

  localparam int unsigned Chains = M / Chain;
  localparam int unsigned LoadBits = Packed ? 2 * WeightBits + 1 : WeightBits;

  logic signed [OpBits-1:0] operand[M];
  always_comb begin
    for (int unsigned k = 0; k < M; k++) begin
      operand[k] = ActBits == OpBits ? OpBits'(act_i[k]) :
          OpBits'($signed({act_i[k][ActBits-1] && !act_unsigned_i, act_i[k]}));
    end
  end

  // Input register and skew: place i is i cycles late.
  logic signed [OpBits-1:0] skew_q[Chain][M];  // in place (see sb_cell_column): skew_q[s] is s + 1 cycles old
  logic signed [OpBits-1:0] act_d[M], act_q[M];
  logic [Chain-1:0] swap_q;
  always_ff @(posedge clk_i) begin
    for (int unsigned l = 0; l < Chains; l++) act_d[l] = operand[l];
    for (int unsigned i = 1; i < Chain; i++) begin
      for (int unsigned l = 0; l < Chains; l++) act_d[i*Chains+l] = skew_q[i-1][i*Chains+l];
    end
    act_q <= act_d;
    for (int unsigned s = Chain - 1; s > 0; s--) begin
      for (int unsigned k = 0; k < M; k++) skew_q[s][k] = skew_q[s-1][k];
    end
    for (int unsigned k = 0; k < M; k++) skew_q[0][k] = operand[k];
    swap_q <= Chain'({swap_q, swap_i});
  end

  // Weight words on their way to the shadow registers. Packed: the even channel's word waits for the odd one's, and
  // the sign of w0 is taken off -w1 once, here: -w1 - (w0 < 0) = ~w1 + (w0 >= 0).
  logic [Groups-1:0] load_q;
  logic [LoadBits-1:0] word_d[M], word_q[M];
  logic [WeightBits-1:0]
      plain_d[Lanes][M], plain_q[Lanes][M];  // the same weights for sb_lut_column
  logic [M-1:0][WeightBits-1:0] even_q;
  if (Packed) begin : gen_pairs
    always_comb begin
      for (int unsigned k = 0; k < M; k++) begin
        word_d[k] = LoadBits'({
          ~(WeightBits + 1)'($signed(w_i[k])) + (WeightBits + 1)'(!even_q[k][WeightBits-1]), even_q[k]
        });
        plain_d[0][k] = even_q[k];
        plain_d[Lanes-1][k] = w_i[k];
      end
    end
    always_ff @(posedge clk_i) if (load_i && !load_channel_i[0]) even_q <= w_i;
  end else begin : gen_singles
    assign even_q = '0;
    always_comb begin
      for (int unsigned k = 0; k < M; k++) begin
        word_d[k] = LoadBits'(w_i[k]);
        plain_d[0][k] = w_i[k];
      end
    end
  end
  always_ff @(posedge clk_i) begin
    for (int unsigned j = 0; j < Groups; j++) begin
      load_q[j] <= load_i && load_channel_i == ($clog2(M))'((j + 1) * Lanes - 1);
    end
    word_q  <= word_d;
    plain_q <= plain_d;
  end

  // Columns. Generate-local signals, not slices of one array, keep the simulator from copying them.
  for (genvar j = 0; j < Groups; j++) begin : gen_column
    logic signed [OpBits-1:0] act_in[M], act[M];
    logic [Chain-1:0] swap_in, swap;
    logic signed [DotBits-1:0] dot[Lanes];
    if (j == 0) begin : gen_first
      assign act_in  = act_q;
      assign swap_in = swap_q;
    end else begin : gen_next
      assign act_in  = gen_column[j-1].act;
      assign swap_in = gen_column[j-1].swap;
    end
    if (j * Lanes < LutChannels) begin : gen_lut
      sb_lut_column #(
          .M(M),
          .Chain(Chain),
          .Lanes(Lanes),
          .DotBits(DotBits)
      ) i_column (
          .clk_i,
          .act_i(act_in),
          .act_o(act),
          .swap_i(swap_in),
          .swap_o(swap),
          .load_i(load_q[j]),
          .w_i(plain_q),
          .dot_o(dot)
      );
    end else begin : gen_cells
      sb_cell_column #(
          .M(M),
          .Chain(Chain),
          .Packed(Packed),
          .MulStyle(MulStyle),
          .DotBits(DotBits)
      ) i_column (
          .clk_i,
          .act_i(act_in),
          .act_o(act),
          .swap_i(swap_in),
          .swap_o(swap),
          .load_i(load_q[j]),
          .w_i(word_q),
          .dot_o(dot)
      );
    end
  end

  // Alignment: group j waits Groups - j cycles, the last of them in dot_q. Columns of MULT18X18D cells and of LUTs have a
  // register more, so they wait a cycle less, and the last group of them not at all.
  function automatic int unsigned wait_cycles(int unsigned c);
    return Groups - c / Lanes - (MulStyle == 2 || c < LutChannels ? 1 : 0);
  endfunction
  logic signed [DotBits-1:0] dot[M], dot_d[M], dot_q[M];
  logic signed [DotBits-1:0] late_q[Groups-1][M];  // in place: late_q[s] is s + 1 cycles old; a triangle is used
  for (genvar c = 0; c < M; c++) begin : gen_dot
    assign dot[c] = gen_column[c/Lanes].dot[c%Lanes];
    assign dot_o[c] = wait_cycles(c) == 0 ? dot[c] : dot_q[c];
  end
  always_ff @(posedge clk_i) begin
    for (int unsigned c = 0; c < M; c++) begin
      dot_d[c] = wait_cycles(c) < 2 ? dot[c] : late_q[wait_cycles(c)<2?0 : wait_cycles(c)-2][c];
    end
    dot_q <= dot_d;
    for (int unsigned s = Groups - 2; s > 0; s--) begin
      for (int unsigned c = 0; c < M - s * Lanes; c++) late_q[s][c] = late_q[s-1][c];
    end
    for (int unsigned c = 0; c < M; c++) late_q[0][c] = dot[c];
  end

  sb_delay #(
      .Width(TagBits),
      .Depth(Latency)
  ) i_tag (
      .clk_i,
      .data_i(tag_i),
      .data_o(tag_o)
  );
endmodule
