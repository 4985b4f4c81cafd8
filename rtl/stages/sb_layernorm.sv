// LayerNorm of int16 rows, element by element, to 16 bits and to the 8- or 9-bit array operand (numerics.md section 8).
//
//   t = 256 * s - mean8                             row: norm_row_t, from sb_norm_row
//   z = sat_27(floor(t * m * 2^-q))                 one barrel shifter
//   y16 = sat_16(rhe((z * gain + bias * 2^14) * 2^-22))          chan: norm_chan_t per lane
//   y8 = sat_8or9(rhe(y16 * k * 2^-(16 + 4 * shift_sel)))        operand: operand_t
//
// Three multiplications per lane, each within 27 x 18 bits. row_i, chan_i and operand_i come with the word.
// Latency 9 cycles, both results in the same cycle, one word per cycle, no stall.
`include "sb_assert.svh"

module sb_layernorm
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes
    parameter int unsigned TagBits = 1  // payload that leaves with a word
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
  localparam int unsigned Latency = 9;
  localparam int unsigned TBits = 26;
  localparam int unsigned ProdBits = TBits + 17;  // t * m
  localparam int unsigned Left = 7;  // q is at least -Left
  localparam int unsigned WideBits = ProdBits + Left;
  localparam int unsigned ZBits = 27;
  localparam int unsigned GainFraction = 22;
  localparam int unsigned ScaledBits = ZBits + 18;  // z * gain + bias * 2^14
  localparam int unsigned OperandBits = ResBits + 17;  // y16 * k

  logic [Latency-1:0] valid_q;
  operand_t [Latency-2:0] operand_q;

  // Private to the process below and updated in place, last stage first (see sb_array). The number says after which stage.
  norm_row_t row;
  norm_chan_t chan;
  logic signed [TBits-1:0] t1_q[M];
  logic [16:0] m1_q;
  logic [5:0] up1_q, up2_q, up3_q;  // q + Left
  logic signed [ProdBits-1:0] prod2_q[M];
  logic signed [WideBits-1:0] wide3_q[M];
  logic signed [ZBits-1:0] z4_q[M];
  logic signed [17:0] gain_q[4][M];
  logic signed [25:0] bias_q[4][M];
  logic [15:0] k_q[6][M];
  logic signed [ScaledBits-1:0] scaled5_q[M];
  logic signed [ResBits-1:0] y6_q[M], y7_q[M], y8_q[M];
  logic signed [OperandBits-1:0] oper7_q[M];
  logic signed [ResBits:0] oper8_q[M];
  logic [M-1:0][ResBits-1:0] y16_d;
  logic [M-1:0][OpBits-1:0] y8_d;

  // The rest of the shift, then saturation.
  function automatic logic signed [ZBits-1:0] fine(logic signed [WideBits-1:0] value,
                                                   logic [2:0] shift);
    logic signed [WideBits-1:0] z;
    z = value >>> shift;
    if (z[WideBits-1:ZBits-1] == '0 || z[WideBits-1:ZBits-1] == '1) return z[ZBits-1:0];
    return {z[WideBits-1], {(ZBits - 1) {!z[WideBits-1]}}};
  endfunction

  function automatic logic signed [ResBits-1:0] round16(logic signed [ScaledBits-1:0] value);
    logic signed [ScaledBits-GainFraction:0] whole;
    logic up;
    up = value[GainFraction-1] && (value[GainFraction-2:0] != '0 || value[GainFraction]);
    whole = (ScaledBits - GainFraction + 1)'($signed(value[ScaledBits-1:GainFraction])) +
        $signed((ScaledBits - GainFraction + 1)'(up));
    if (whole > (ScaledBits - GainFraction + 1)'(32767)) return 16'sh7fff;
    if (whole < -(ScaledBits - GainFraction + 1)'(32768)) return 16'sh8000;
    return whole[ResBits-1:0];
  endfunction

  // rhe(value * 2^-(16 + 4 * sel)); the result has at most 17 bits.
  function automatic logic signed [ResBits:0] round_operand(logic signed [OperandBits-1:0] value,
                                                            logic [1:0] sel);
    logic signed [ResBits:0] whole;
    logic guard, sticky;
    unique case (sel)
      2'd0: {whole, guard, sticky} = {value[32:16], value[15], value[14:0] != '0};
      2'd1: {whole, guard, sticky} = {{4{value[32]}}, value[32:20], value[19], value[18:0] != '0};
      2'd2: {whole, guard, sticky} = {{8{value[32]}}, value[32:24], value[23], value[22:0] != '0};
      default: {whole, guard, sticky} = {{12{value[32]}}, value[32:28], value[27], value[26:0] != '0};
    endcase
    return whole + $signed((ResBits + 1)'(guard && (sticky || whole[0])));
  endfunction

  function automatic logic [OpBits-1:0] clamp(logic signed [ResBits:0] value, logic nine);
    logic signed [ResBits:0] low, high;
    {low, high} = nine ? {-(ResBits + 1)'(256), (ResBits + 1)'(255)} : {-(ResBits + 1)'(128), (ResBits + 1)'(127)};
    if (value < low) return low[OpBits-1:0];
    if (value > high) return high[OpBits-1:0];
    return value[OpBits-1:0];
  endfunction

  always_ff @(posedge clk_i) begin
    valid_q   <= rst_ni ? {valid_q[Latency-2:0], valid_i} : '0;
    operand_q <= {operand_q[Latency-3:0], operand_i};
    row = row_i;

    if (valid_q[7]) begin  // 9: clamp the operand
      for (int unsigned c = 0; c < M; c++) begin
        y8_d[c]  = clamp(oper8_q[c], operand_q[7].nine);
        y16_d[c] = y8_q[c];
      end
      y8_o  <= y8_d;
      y16_o <= y16_d;
    end
    if (valid_q[6]) begin  // 8: round the operand
      for (int unsigned c = 0; c < M; c++) begin
        oper8_q[c] = round_operand(oper7_q[c], operand_q[6].shift_sel);
        y8_q[c] = y7_q[c];
      end
    end
    if (valid_q[5]) begin  // 7: third product
      for (int unsigned c = 0; c < M; c++) begin
        oper7_q[c] = OperandBits'(y6_q[c]) * OperandBits'($signed({1'b0, k_q[5][c]}));
        y7_q[c] = y6_q[c];
      end
    end
    if (valid_q[4]) begin  // 6: round and saturate to 16 bits
      for (int unsigned c = 0; c < M; c++) begin
        y6_q[c] = round16(scaled5_q[c]);
        k_q[5][c] = k_q[4][c];
      end
    end
    if (valid_q[3]) begin  // 5: second product
      for (int unsigned c = 0; c < M; c++) begin
        scaled5_q[c] = ScaledBits'(z4_q[c]) * ScaledBits'(gain_q[3][c]) + (ScaledBits'(bias_q[3][c]) <<< 14);
        k_q[4][c] = k_q[3][c];
      end
    end
    if (valid_q[2]) begin  // 4: shift by the low 3 bits, saturate
      for (int unsigned c = 0; c < M; c++) begin
        z4_q[c] = fine(wide3_q[c], up3_q[2:0]);
        gain_q[3][c] = gain_q[2][c];
        bias_q[3][c] = bias_q[2][c];
        k_q[3][c] = k_q[2][c];
      end
    end
    if (valid_q[1]) begin  // 3: shift by the high 3 bits
      for (int unsigned c = 0; c < M; c++) begin
        wide3_q[c] = $signed({prod2_q[c], {Left{1'b0}}}) >>> {up2_q[5:3], 3'b000};
        gain_q[2][c] = gain_q[1][c];
        bias_q[2][c] = bias_q[1][c];
        k_q[2][c] = k_q[1][c];
      end
      up3_q = up2_q;
    end
    if (valid_q[0]) begin  // 2: first product
      for (int unsigned c = 0; c < M; c++) begin
        prod2_q[c] = ProdBits'(t1_q[c]) * ProdBits'($signed({1'b0, m1_q}));
        gain_q[1][c] = gain_q[0][c];
        bias_q[1][c] = bias_q[0][c];
        k_q[1][c] = k_q[0][c];
      end
      up2_q = up1_q;
    end
    if (valid_i) begin  // 1: deviation from the mean
      for (int unsigned c = 0; c < M; c++) begin
        chan = chan_i[c];
        t1_q[c] = $signed({{(TBits - ResBits - 8) {s_i[c][ResBits-1]}}, s_i[c], 8'b0}) - TBits'(row.mean8);
        gain_q[0][c] = chan.gain;
        bias_q[0][c] = chan.bias;
        k_q[0][c] = chan.k;
      end
      m1_q  = row.m;
      up1_q = 6'(row.q + 7'sd7);
    end
  end
  assign valid_o = valid_q[Latency-1];

  sb_delay #(
      .Width(TagBits),
      .Depth(Latency)
  ) i_tag (
      .clk_i,
      .data_i(tag_i),
      .data_o(tag_o)
  );

  norm_row_t row_in;
  assign row_in = row_i;
  `SB_ASSERT(ShiftInRange_A, valid_i |-> row_in.q >= -7'sd7 && row_in.q <= 7'sd44)
endmodule
