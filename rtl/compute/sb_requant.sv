// Requantizer: M lanes of bias, multiplication, shift with round half to even, zero point, clamp.
//
//   y = clamp(rhe((acc + bias) * mult * 2^-(16 + 10 * shift_sel)) + zero_point)      golden/numerics.md section 2
//
// The product is exact (32 x 26 bits in two steps of 17 and 15 bits, each a DSP). The shift is one of four, so no
// barrel shifter is needed. With ClampRaw the lane carries acc + bias (OutBits = 32 only). acc + bias must stay
// inside int32: asserted. Latency 6 cycles, one word per cycle, no stall.
`include "sb_assert.svh"

module sb_requant
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes
    parameter int unsigned OutBits = 8,  // lane width of the result: 8, 9, 16 or 32; narrower than a clamp truncates
    parameter int unsigned TagBits = 1  // payload that leaves with a word
) (
    input  logic                                    clk_i,
    input  logic                                    rst_ni,        // synchronous, active low
    input  logic                                    valid_i,
    input  logic        [      M-1:0][ AccBits-1:0] acc_i,
    input  logic        [      M-1:0][ChanBits-1:0] chan_i,        // chan_t per lane
    input  clamp_e                                  clamp_i,
    input  logic signed [       15:0]               zero_point_i,
    input  logic        [TagBits-1:0]               tag_i,
    output logic                                    valid_o,
    output logic        [      M-1:0][ OutBits-1:0] data_o,
    output logic        [TagBits-1:0]               tag_o
);
  localparam int unsigned Latency = 6;
  localparam int unsigned LowBits = 17;  // bits of the accumulator in the first product
  localparam int unsigned ProdBits = AccBits + MultBits;
  localparam int unsigned HighBits = ProdBits - LowBits;
  // The integer part is clamped to 18 bits before rounding: beyond that every clamp saturates, whatever the zero
  // point.
  localparam int unsigned IntBits = 18;

  typedef struct packed {
    clamp_e             clamp;
    logic signed [15:0] zero_point;
  } option_t;

  logic [Latency-1:0] valid_q;
  option_t [Latency-2:0] option_q;

  // Private to the process below and updated in place, last stage first (see sb_array).
  chan_t chan;
  logic signed [AccBits-1:0] biased_q[M], raw2_q[M], raw3_q[M], raw4_q[M], raw5_q[M];
  logic [MultBits-1:0] mult1_q[M], mult2_q[M];
  logic [1:0] sel1_q[M], sel2_q[M], sel3_q[M];
  logic [MultBits+LowBits-1:0] low_q[M];
  logic signed [AccBits-LowBits-1:0] high2_q[M];
  logic signed [ProdBits-1:0] prod_q[M];
  logic signed [IntBits-1:0] int_q[M];
  logic round_q[M];
  logic signed [IntBits+1:0] sum_q[M];
  logic [M-1:0][OutBits-1:0] data_d;

  function automatic logic signed [IntBits-1:0] saturate(logic signed [ProdBits-ShiftBase-1:0] value);
    if (value[ProdBits-ShiftBase-1:IntBits-1] == '0 || value[ProdBits-ShiftBase-1:IntBits-1] == '1)
      return value[IntBits-1:0];
    return value[ProdBits-ShiftBase-1] ? {1'b1, {(IntBits - 1) {1'b0}}} : {1'b0, {(IntBits - 1) {1'b1}}};
  endfunction

  // {integer part, round up?} of prod * 2^-(ShiftBase + ShiftStep * sel), ties to even.
  function automatic logic [IntBits:0] split(logic signed [ProdBits-1:0] prod, logic [1:0] sel);
    logic signed [ProdBits-ShiftBase-1:0] value;
    logic guard, sticky;
    unique case (sel)
      2'd0: {value, guard, sticky} = {prod[ProdBits-1:16], prod[15], |prod[14:0]};
      2'd1: {value, guard, sticky} = {{10{prod[ProdBits-1]}}, prod[ProdBits-1:26], prod[25], |prod[24:0]};
      2'd2: {value, guard, sticky} = {{20{prod[ProdBits-1]}}, prod[ProdBits-1:36], prod[35], |prod[34:0]};
      default: {value, guard, sticky} = {{30{prod[ProdBits-1]}}, prod[ProdBits-1:46], prod[45], |prod[44:0]};
    endcase
    return {saturate(value), guard && (sticky || value[0])};
  endfunction

  function automatic logic signed [16:0] clamp(logic signed [IntBits+1:0] value, clamp_e mode);
    logic signed [IntBits+1:0] low, high;
    unique case (mode)
      ClampU8: {low, high} = {(IntBits + 2)'(0), (IntBits + 2)'(255)};
      ClampS9: {low, high} = {-(IntBits + 2)'(256), (IntBits + 2)'(255)};
      ClampS16: {low, high} = {-(IntBits + 2)'(32768), (IntBits + 2)'(32767)};
      default: {low, high} = {-(IntBits + 2)'(128), (IntBits + 2)'(127)};
    endcase
    if (value < low) return 17'(low);
    if (value > high) return 17'(high);
    return 17'(value);
  endfunction

  always_ff @(posedge clk_i) begin
    valid_q <= rst_ni ? {valid_q[Latency-2:0], valid_i} : '0;
    option_q <= {option_q[Latency-3:0], clamp_i, zero_point_i};

    if (valid_q[4]) begin  // 6: clamp
      for (int unsigned c = 0; c < M; c++) begin
        data_d[c] = option_q[4].clamp == ClampRaw ? OutBits'(raw5_q[c]) : OutBits'(clamp(sum_q[c], option_q[4].clamp));
      end
      data_o <= data_d;
    end
    if (valid_q[3]) begin  // 5: round, zero point
      for (int unsigned c = 0; c < M; c++) begin
        sum_q[c] = (IntBits + 2)'(int_q[c]) + (IntBits + 2)'(option_q[3].zero_point) + (IntBits + 2)'(round_q[c]);
        raw5_q[c] = raw4_q[c];
      end
    end
    if (valid_q[2]) begin  // 4: shift
      for (int unsigned c = 0; c < M; c++) begin
        {int_q[c], round_q[c]} = split(prod_q[c], sel3_q[c]);
        raw4_q[c] = raw3_q[c];
      end
    end
    if (valid_q[1]) begin  // 3: second product, onto the first
      for (int unsigned c = 0; c < M; c++) begin
        prod_q[c][ProdBits-1:LowBits] =
            HighBits'($signed({1'b0, mult2_q[c]})) * HighBits'(high2_q[c]) + HighBits'(low_q[c] >> LowBits);
        prod_q[c][LowBits-1:0] = low_q[c][LowBits-1:0];
        sel3_q[c] = sel2_q[c];
        raw3_q[c] = raw2_q[c];
      end
    end
    if (valid_q[0]) begin  // 2: first product
      for (int unsigned c = 0; c < M; c++) begin
        low_q[c] = (MultBits + LowBits)'(mult1_q[c]) * (MultBits + LowBits)'(biased_q[c][LowBits-1:0]);
        high2_q[c] = biased_q[c][AccBits-1:LowBits];
        mult2_q[c] = mult1_q[c];
        sel2_q[c] = sel1_q[c];
        raw2_q[c] = biased_q[c];
      end
    end
    if (valid_i) begin  // 1: bias
      for (int unsigned c = 0; c < M; c++) begin
        chan = chan_i[c];
        biased_q[c] = acc_i[c] + chan.bias;
        mult1_q[c] = chan.mult;
        sel1_q[c] = chan.shift_sel;
      end
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

  for (genvar c = 0; c < M; c++) begin : gen_check
    chan_t lane;
    assign lane = chan_i[c];
    wire signed [AccBits:0] biased = (AccBits + 1)'($signed(acc_i[c])) + (AccBits + 1)'(lane.bias);
    `SB_ASSERT(BiasNoOverflow_A, valid_i |-> biased[AccBits] == biased[AccBits-1])
  end
endmodule
