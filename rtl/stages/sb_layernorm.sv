// SPDX-License-Identifier: Apache-2.0
// LayerNorm of int16 rows, element by element, to 16 bits and to the 8- or 9-bit array operand
// (golden/ops/numerics.md section 8).
//
//   t = 256 * s - mean8                             row: norm_row_t, from sb_norm_row
//   z = sat_27(floor(t * m * 2^-q))                 three steps of a barrel shifter, and one more
//   y16 = sat_16(rhe((z * gain + bias * 2^14) * 2^-22))          chan: norm_chan_t per lane
//   y8 = sat_8or9(rhe(y16 * k * 2^-(16 + 4 * shift_sel)))        operand: operand_t
//
//   s, row -> t -> [x m] -> shift -> [x gain + bias] -> round -> [x k + half] -> round -> y8
//                                                         `---------- wait --------------> y16
//
// Three multiplications per lane (sb_mul), each within 27 x 18 bits, half of the last place of what
// is rounded already added; a tie, whose bits below are then all 0, goes to the even one below.
// row_i, chan_i and operand_i come with the word. Latency layernorm_latency(), both results in the
// same cycle, one word per cycle, no stall.
`include "sb_assert.svh"

module sb_layernorm
  import sb_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes
    parameter int unsigned TagBits = 1,  // payload that leaves with a word
    parameter int unsigned MulStyle = MulInferred  // mul_style_e
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous, active low
    input logic valid_i,
    input logic [M-1:0][ResBits-1:0] s_i,  // int16
    input logic [NormRowBits-1:0] row_i,
    input logic [M-1:0][NormChanBits-1:0] chan_i,
    input operand_t operand_i,
    input logic [TagBits-1:0] tag_i,
    output logic valid_o,
    output logic [M-1:0][ResBits-1:0] y16_o,  // int16
    output logic [M-1:0][OpBits-1:0] y8_o,  // int9; int8 codes are sign-extended
    output logic [TagBits-1:0] tag_o
);
  if (M < 1) begin : gen_illegal_m
    $fatal(1, "sb_layernorm: M = %0d, must be at least 1", M);
  end
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_layernorm: TagBits = %0d, must be at least 1", TagBits);
  end
  localparam int unsigned TBits = 26;
  localparam int unsigned ProdBits = TBits + 17;  // t * m
  localparam int unsigned Left = 7;  // q is at least -Left
  localparam int unsigned ZBits = 27;
  localparam int unsigned GainFraction = 22;
  localparam int unsigned ScaledBits = ZBits + 18;  // z * gain + bias * 2^14
  localparam int unsigned WholeBits = ScaledBits - GainFraction;
  localparam int unsigned OperandBits = ResBits + 17;  // y16 * k

  // Cycles after valid_i at which each part begins; the number of a register is the part it feeds.
  localparam int unsigned Latency = layernorm_latency(MulStyle);
  localparam int unsigned ProdLatency = mul_latency(MulStyle, TBits, 18);
  localparam int unsigned ScaleLatency = mul_latency(MulStyle, ZBits, 18, 1'b0, 1'b1);
  localparam int unsigned OperLatency = mul_latency(MulStyle, ResBits, 17, 1'b0, 1'b1);
  localparam int unsigned Prod = 2;
  localparam int unsigned Shift = Prod + ProdLatency;
  localparam int unsigned Scale = Shift + 4;
  localparam int unsigned Round = Scale + ScaleLatency;
  localparam int unsigned Oper = Round + 2;
  localparam int unsigned Clamp = Oper + OperLatency;  // two cycles: Latency

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

  // What waits for its part: [i] is i + 1 cycles late. Registers hold unless a word comes.
  operand_t [Clamp:0] operand_q;
  logic [Shift+1:0][5:0] up_q;  // q + Left
  // The last of a row of words is lane by lane, as multipliers take it.
  logic [M-1:0][17:0] gain_q[Scale-1];
  logic [M-1:0][26:0] bias_q[Scale-1];  // and half of the last place of y16
  logic [M-1:0][15:0] k_q[Oper-1];
  logic [17:0] gain[M];
  logic signed [40:0] bias[M];
  logic [15:0] k[M];
  norm_row_t row;
  assign row = row_i;
  always_ff @(posedge clk_i) begin
    operand_q <= {operand_q[Clamp-1:0], operand_i};
    up_q      <= {up_q[Shift:0], 6'(row.q + 7'sd7)};
  end
  always_ff @(posedge clk_i) begin
    automatic logic [M-1:0][17:0] gain_word;
    automatic logic [M-1:0][26:0] bias_word;
    automatic logic [M-1:0][15:0] k_word;
    automatic logic [17:0] gain_d[M];
    automatic logic signed [40:0] bias_d[M];
    automatic logic [15:0] k_d[M];
    if (valid[Scale-1]) begin
      gain_word = gain_q[Scale-2];
      bias_word = bias_q[Scale-2];
      for (int unsigned c = 0; c < M; c++) begin
        gain_d[c] = gain_word[c];
        bias_d[c] = {bias_word[c], 14'b0};
      end
      gain <= gain_d;
      bias <= bias_d;
    end
    if (valid[Oper-1]) begin
      k_word = k_q[Oper-2];
      for (int unsigned c = 0; c < M; c++) k_d[c] = k_word[c];
      k <= k_d;
    end
  end
  for (genvar s = 0; s < Oper - 1; s++) begin : gen_wait
    if (s == 0) begin : gen_first
      always_ff @(posedge clk_i) begin
        automatic norm_chan_t chan;
        automatic logic [M-1:0][17:0] gain_d;
        automatic logic [M-1:0][26:0] bias_d;
        automatic logic [M-1:0][15:0] k_d;
        if (valid[0]) begin
          for (int unsigned c = 0; c < M; c++) begin
            chan = chan_i[c];
            gain_d[c] = chan.gain;
            bias_d[c] = 27'(chan.bias) + 27'(1 << (GainFraction - 1 - 14));
            k_d[c] = chan.k;
          end
          gain_q[0] <= gain_d;
          bias_q[0] <= bias_d;
          k_q[0] <= k_d;
        end
      end
    end else begin : gen_next
      always_ff @(posedge clk_i) if (valid[s]) k_q[s] <= k_q[s-1];
      if (s < Scale - 1) begin : gen_scale
        always_ff @(posedge clk_i) begin
          if (valid[s]) begin
            gain_q[s] <= gain_q[s-1];
            bias_q[s] <= bias_q[s-1];
          end
        end
      end
    end
  end

  // t. The mean is negated for all lanes at once, and its lower bits are those of t.
  logic [M-1:0][ResBits-1:0] s1_q;
  logic [7:0] low1_q;
  logic [16:0] high1_q;
  logic carry1_q;
  logic [16:0] m1_q, m2_q;
  logic [TBits-1:0] t2_q[M];
  always_ff @(posedge clk_i) begin
    automatic logic [TBits-1:0] t_d[M];
    if (valid[0]) begin
      s1_q     <= s_i;
      low1_q   <= -row.mean8[7:0];
      carry1_q <= row.mean8[7:0] == '0;
      high1_q  <= ~row.mean8[24:8];
      m1_q     <= row.m;
    end
    if (valid[1]) begin
      for (int unsigned c = 0; c < M; c++) begin
        t_d[c] = {
          (TBits - 8)'($signed(s1_q[c])) + (TBits - 8)'($signed(high1_q)) + (TBits - 8)'(carry1_q),
          low1_q
        };
      end
      t2_q <= t_d;
      m2_q <= m1_q;
    end
  end

  // t * m, shifted up by Left and down by up: by sixteens, fours and ones. A step keeps the bits
  // below the sign from which later ones can still bring the value down to 27. Whether it fits is
  // known behind the second step, so that saturation is a reset of flip-flops: to all zeros of a
  // negative one with the third, to all ones of a positive one in a step of its own.
  logic signed [ProdBits-1:0] prod[M];
  sb_mul #(
      .M(M),
      .XBits(TBits),
      .YBits(17),
      .YSigned(1'b0),
      .PBits(ProdBits),
      .MulStyle(MulStyle)
  ) i_prod (
      .clk_i,
      .stage_valid_i(valid[Prod+:ProdLatency]),
      .x_i(t2_q),
      .x2_i('{default: '0}),
      .y_i('{default: m2_q}),
      .c_i('{default: '0}),
      .p_o(prod)
  );
  localparam int unsigned Wide1 = ZBits + 14, Wide2 = ZBits + 2;
  localparam int unsigned Above = Wide1 - ZBits + 1;  // bits of the first that may not fit
  logic [M-1:0][Wide1-1:0] wide1_q;
  logic [M-1:0][Wide2-1:0] wide2_q;
  logic [M-1:0][ZBits-1:0] wide3_q;
  logic [ZBits-1:0] z_q[M];
  logic [M-1:0] sign1_q, sign2_q, over1_q, over2_q, high3_q;
  logic [Above-1:0] above1_q;  // those that the other two shifts leave there
  wire [5:0] up1 = up_q[Shift-1], up2 = up_q[Shift], up3 = up_q[Shift+1];
  always_ff @(posedge clk_i) begin
    automatic logic signed [ProdBits+Left-1:0] value, top;
    automatic logic [M-1:0][Wide1-1:0] wide1_d;
    automatic logic [M-1:0][Wide2-1:0] wide2_d;
    automatic logic [M-1:0][ZBits-1:0] wide3_d;
    automatic logic [ZBits-1:0] z_d[M];
    automatic logic [M-1:0] sign1_d, over1_d, over2_d, high3_d;
    if (valid[Shift]) begin
      for (int unsigned c = 0; c < M; c++) begin
        value = $signed({prod[c], {Left{1'b0}}});
        top = value >>> Wide1;  // from sixteen on all is kept
        sign1_d[c] = value[ProdBits+Left-1];
        over1_d[c] = up1[5:4] == '0 && top != '0 && top != '1;
        wide1_d[c] = Wide1'(value >>> {up1[5:4], 4'b0});
      end
      wide1_q  <= wide1_d;
      sign1_q  <= sign1_d;
      over1_q  <= over1_d;
      above1_q <= {Above{1'b1}} << up1[3:0];
    end
    if (valid[Shift+1]) begin
      for (int unsigned c = 0; c < M; c++) begin
        wide2_d[c] = Wide2'(wide1_q[c] >> {up2[3:2], 2'b0});
        over2_d[c] = over1_q[c] ||
            ((wide1_q[c][Wide1-1:ZBits-1] ^ {Above{sign1_q[c]}}) & above1_q) != '0;
      end
      wide2_q <= wide2_d;
      sign2_q <= sign1_q;
      over2_q <= over2_d;
    end
    if (valid[Shift+2]) begin
      for (int unsigned c = 0; c < M; c++) begin
        wide3_d[c] = {sign2_q[c], (ZBits - 1)'(wide2_q[c] >> up3[1:0])};
        if (over2_q[c] && sign2_q[c]) wide3_d[c] = {1'b1, {(ZBits - 1) {1'b0}}};
        high3_d[c] = over2_q[c] && !sign2_q[c];
      end
      wide3_q <= wide3_d;
      high3_q <= high3_d;
    end
    if (valid[Shift+3]) begin
      for (int unsigned c = 0; c < M; c++)
      z_d[c] = high3_q[c] ? {1'b0, {(ZBits - 1) {1'b1}}} : wide3_q[c];
      z_q <= z_d;
    end
  end

  // z * gain + bias, rounded and saturated to 16 bits.
  logic signed [ScaledBits-1:0] scaled[M];
  sb_mul #(
      .M(M),
      .XBits(ZBits),
      .YBits(18),
      .CBits(41),
      .PBits(ScaledBits),
      .MulStyle(MulStyle)
  ) i_scale (
      .clk_i,
      .stage_valid_i(valid[Scale+:ScaleLatency]),
      .x_i(z_q),
      .x2_i('{default: '0}),
      .y_i(gain),
      .c_i(bias),
      .p_o(scaled)
  );

  logic signed [WholeBits-1:0] whole_q[M];
  logic [M-1:0] tie1_q;
  logic [ResBits-1:0] y_q[M];
  always_ff @(posedge clk_i) begin
    automatic logic signed [WholeBits-1:0] whole_d[M];
    automatic logic [M-1:0] tie_d;
    automatic logic [ResBits-1:0] y_d[M];
    if (valid[Round]) begin
      for (int unsigned c = 0; c < M; c++) begin
        whole_d[c] = scaled[c][ScaledBits-1:GainFraction];
        tie_d[c] = scaled[c][GainFraction-1:0] == '0;
      end
      whole_q <= whole_d;
      tie1_q  <= tie_d;
    end
    if (valid[Round+1]) begin
      for (int unsigned c = 0; c < M; c++) begin
        y_d[c] = {whole_q[c][ResBits-1:1], whole_q[c][0] && !tie1_q[c]};
        if (whole_q[c][WholeBits-1:ResBits-1] != '0 && whole_q[c][WholeBits-1:ResBits-1] != '1)
          y_d[c] = {whole_q[c][WholeBits-1], {(ResBits - 1) {!whole_q[c][WholeBits-1]}}};
      end
      y_q <= y_d;
    end
  end

  // y16 * k, rounded and clamped; y16 waits.
  logic signed [OperandBits-1:0] half, scaled8[M];
  operand_t oper_half, oper_round, oper_clamp;
  assign oper_half  = operand_q[Oper-1];
  assign oper_round = operand_q[Clamp-1];
  assign oper_clamp = operand_q[Clamp];
  always_comb begin
    unique case (oper_half.shift_sel)
      2'd0: half = OperandBits'(1 << 15);
      2'd1: half = OperandBits'(1 << 19);
      2'd2: half = OperandBits'(1 << 23);
      default: half = OperandBits'(1 << 27);
    endcase
  end
  sb_mul #(
      .M(M),
      .XBits(ResBits),
      .YBits(16),
      .YSigned(1'b0),
      .CBits(OperandBits),
      .PBits(OperandBits),
      .MulStyle(MulStyle)
  ) i_operand (
      .clk_i,
      .stage_valid_i(valid[Oper+:OperLatency]),
      .x_i(y_q),
      .x2_i('{default: '0}),
      .y_i(k),
      .c_i('{default: half}),
      .p_o(scaled8)
  );
  localparam int unsigned Whole8Bits = OperandBits - 16;
  logic signed [Whole8Bits-1:0] whole8_q[M];
  logic [M-1:0] tie8_q;
  always_ff @(posedge clk_i) begin
    automatic logic signed [Whole8Bits-1:0] whole_d[M], limit;
    automatic logic [M-1:0] tie_d;
    automatic logic [M-1:0][OpBits-1:0] y8_d;
    if (valid[Clamp]) begin
      for (int unsigned c = 0; c < M; c++) begin
        whole_d[c] = Whole8Bits'($signed(scaled8[c][OperandBits-1:16]) >>>
                                 {oper_round.shift_sel, 2'b00});
        tie_d[c] = scaled8[c][15:0] == '0;
        for (int unsigned i = 1; i < 4; i++)
        if (2'(i) <= oper_round.shift_sel && scaled8[c][12+4*i+:4] != '0) tie_d[c] = 1'b0;
      end
      whole8_q <= whole_d;
      tie8_q   <= tie_d;
    end
    if (valid[Clamp+1]) begin
      for (int unsigned c = 0; c < M; c++) begin
        y8_d[c] = {whole8_q[c][OpBits-1:1], whole8_q[c][0] && !tie8_q[c]};
        limit = oper_clamp.nine ? whole8_q[c] >>> 8 : whole8_q[c] >>> 7;
        if (limit != '0 && limit != '1)
          y8_d[c] = {
            whole8_q[c][Whole8Bits-1],
            oper_clamp.nine ^ whole8_q[c][Whole8Bits-1],
            {7{!whole8_q[c][Whole8Bits-1]}}
          };
      end
      y8_o <= y8_d;
    end
  end
  logic [M-1:0][ResBits-1:0] y_wait_q[Latency-Oper];
  for (genvar s = 0; s < Latency - Oper; s++) begin : gen_y_wait
    if (s == 0) begin : gen_first
      always_ff @(posedge clk_i) begin
        automatic logic [M-1:0][ResBits-1:0] y_d;
        if (valid[Oper]) begin
          for (int unsigned c = 0; c < M; c++) y_d[c] = y_q[c];
          y_wait_q[0] <= y_d;
        end
      end
    end else begin : gen_next
      always_ff @(posedge clk_i) if (valid[Oper+s]) y_wait_q[s] <= y_wait_q[s-1];
    end
  end
  assign y16_o = y_wait_q[Latency-Oper-1];

  `SB_ASSERT(ShiftInRange_A, valid_i |-> row.q >= -7'sd7 && row.q <= 7'sd44)
endmodule
