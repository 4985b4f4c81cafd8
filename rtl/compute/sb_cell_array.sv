// sb_array, made of multiplier cells of a device (MulStyle 1: DSP48E2, 2: MULT18X18D) instead of inferred multipliers: the
// same ports, results and latency, in every cycle. See there for the contract; this one is for synthesis, the other for
// speed of simulation and for other devices. One sb_cell_column per column group.
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
    parameter int unsigned DotBits = OpBits + WeightBits + $clog2(M),  // width of the dot products: that many or more
    parameter int unsigned TagBits = 1,  // payload that travels with a word
    parameter int unsigned ActBits = OpBits,  // activation lanes: 9, or 8 with act_unsigned_i
    localparam int unsigned Lanes = Packed ? 2 : 1,
    localparam int unsigned Groups = M / Lanes,
    localparam int unsigned Latency = 1 + (2 + Chain + $clog2(M / Chain)) + (Groups - 1) + 1
) (
    input  logic                                        clk_i,
    input  logic        [        M-1:0][   ActBits-1:0] act_i,
    input  logic                                        act_unsigned_i,     // lanes of 8 bits are uint8, else int8
    input  logic                                        swap_i,
    input  logic        [  TagBits-1:0]                 tag_i,
    input  logic                                        load_i,
    input  logic        [$clog2(M)-1:0]                 load_channel_i,
    input  logic        [        M-1:0][WeightBits-1:0] w_i,
    output logic signed [  DotBits-1:0]                 dot_o         [M],  // negated in even channels if Packed
    output logic        [  TagBits-1:0]                 tag_o
);
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
  logic [M-1:0][WeightBits-1:0] even_q;
  if (Packed) begin : gen_pairs
    always_comb begin
      for (int unsigned k = 0; k < M; k++) begin
        word_d[k] = LoadBits'({
          ~(WeightBits + 1)'($signed(w_i[k])) + (WeightBits + 1)'(!even_q[k][WeightBits-1]), even_q[k]
        });
      end
    end
    always_ff @(posedge clk_i) if (load_i && !load_channel_i[0]) even_q <= w_i;
  end else begin : gen_singles
    assign even_q = '0;
    always_comb for (int unsigned k = 0; k < M; k++) word_d[k] = LoadBits'(w_i[k]);
  end
  always_ff @(posedge clk_i) begin
    for (int unsigned j = 0; j < Groups; j++) begin
      load_q[j] <= load_i && load_channel_i == ($clog2(M))'((j + 1) * Lanes - 1);
    end
    word_q <= word_d;
  end

  // Columns. Generate-local signals, not slices of one array, keep the simulator from copying them.
  for (genvar j = 0; j < Groups; j++) begin : gen_column
    logic signed [OpBits-1:0] act[M];
    logic [Chain-1:0] swap;
    logic signed [DotBits-1:0] dot[Lanes];
    if (j == 0) begin : gen_first
      sb_cell_column #(
          .M(M),
          .Chain(Chain),
          .Packed(Packed),
          .MulStyle(MulStyle),
          .DotBits(DotBits)
      ) i_column (
          .clk_i,
          .act_i(act_q),
          .act_o(act),
          .swap_i(swap_q),
          .swap_o(swap),
          .load_i(load_q[j]),
          .w_i(word_q),
          .dot_o(dot)
      );
    end else begin : gen_next
      sb_cell_column #(
          .M(M),
          .Chain(Chain),
          .Packed(Packed),
          .MulStyle(MulStyle),
          .DotBits(DotBits)
      ) i_column (
          .clk_i,
          .act_i(gen_column[j-1].act),
          .act_o(act),
          .swap_i(gen_column[j-1].swap),
          .swap_o(swap),
          .load_i(load_q[j]),
          .w_i(word_q),
          .dot_o(dot)
      );
    end
  end

  // Alignment: group j waits Groups - 1 - j cycles, then all leave through one register, dot_q. MULT18X18D cells have a
  // register more, which takes the place of that one: all wait a cycle less, the last group not at all.
  localparam int unsigned ExitCycles = MulStyle == 2 ? 0 : 1;
  localparam int unsigned OneLate = (Groups - 2 + ExitCycles) * Lanes;  // first channel that waits one cycle in all
  logic signed [DotBits-1:0] dot[M], dot_d[M], dot_q[M];
  logic signed [DotBits-1:0] late_q[Groups-1][M];  // in place: late_q[s] is s + 1 cycles old; a triangle is used
  for (genvar c = 0; c < M; c++) begin : gen_dot
    assign dot[c] = gen_column[c/Lanes].dot[c%Lanes];
  end
  always_ff @(posedge clk_i) begin
    for (int unsigned c = OneLate; c < M; c++) dot_d[c] = dot[c];
    for (int unsigned c = 0; c < OneLate; c++) dot_d[c] = late_q[Groups-3+ExitCycles-c/Lanes][c];
    dot_q <= dot_d;
    for (int unsigned s = Groups - 2; s > 0; s--) begin
      for (int unsigned c = 0; c < M - s * Lanes; c++) late_q[s][c] = late_q[s-1][c];
    end
    for (int unsigned c = 0; c < M; c++) late_q[0][c] = dot[c];
  end
  if (MulStyle == 2) begin : gen_direct
    for (genvar c = 0; c < M; c++) begin : gen_exit
      assign dot_o[c] = c < M - Lanes ? dot_q[c] : dot[c];
    end
  end else begin : gen_register
    assign dot_o = dot_q;
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
