// Requantizer: M lanes of bias, multiplication, shift with round half to even, zero point, clamp.
//
//   y = clamp(rhe((acc' + bias) * mult * 2^-(16 + 10 * shift_sel)) + zero_point)     golden/ops/numerics.md section 2
//   acc' = floor(acc * factor * 2^-8) if RowFactor and factor_on_i (acc then within 27 bits: asserted), else acc   section 3
//
// The product is exact: 32 x 26 bits as two products of 17 and 15 bits, each a DSP, and one addition. The shift is one of
// four, so no barrel shifter is
// needed. With ClampRaw the lane carries acc + bias (OutBits = 32 only). acc + bias must stay inside int32: asserted.
// Latency 6 cycles, 7 with RowFactor; one word per cycle, no stall.
`include "sb_assert.svh"

module sb_requant
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes
    parameter int unsigned OutBits = 8,  // lane width of the result: 8, 9, 16 or 32; narrower than a clamp truncates
    parameter bit RowFactor = 0,  // multiply by a factor per row first: one more stage and multiplier per lane
    parameter int unsigned TagBits = 1  // payload that leaves with a word
) (
    input  logic                                       clk_i,
    input  logic                                       rst_ni,        // synchronous, active low
    input  logic                                       valid_i,
    input  logic        [         M-1:0][ AccBits-1:0] acc_i,
    input  logic                                       factor_on_i,   // 0 without RowFactor
    input  logic        [FactorBits-1:0]               factor_i,      // of the word's row, unsigned
    input  logic        [         M-1:0][ChanBits-1:0] chan_i,        // chan_t per lane
    input  clamp_e                                     clamp_i,
    input  logic signed [          15:0]               zero_point_i,
    input  logic        [   TagBits-1:0]               tag_i,
    output logic                                       valid_o,
    output logic        [         M-1:0][ OutBits-1:0] data_o,
    output logic        [   TagBits-1:0]               tag_o
);
  if (M < 1) begin : gen_illegal_m
    $fatal(1, "sb_requant: M = %0d, must be at least 1", M);
  end
  if (OutBits != 8 && OutBits != 9 && OutBits != 16 && OutBits != 32) begin : gen_illegal_out_bits
    $fatal(1, "sb_requant: OutBits = %0d, must be 8, 9, 16 or 32", OutBits);
  end
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_requant: TagBits = %0d, must be at least 1", TagBits);
  end
  localparam int unsigned Stages = 6;
  localparam int unsigned Latency = Stages + 32'(RowFactor);
  localparam int unsigned LowBits = 17;  // bits of the accumulator in the first product
  localparam int unsigned ProdBits = AccBits + MultBits;
  // The integer part is clamped to 18 bits before rounding: beyond that every clamp saturates, whatever the zero point.
  localparam int unsigned IntBits = 18;

  typedef struct packed {
    clamp_e             clamp;
    logic signed [15:0] zero_point;
  } option_t;

  logic [Stages-1:0] valid_q;
  option_t [Stages-2:0] option_q;

  // Row factor.
  logic valid;
  logic [M-1:0][AccBits-1:0] acc;
  logic [M-1:0][ChanBits-1:0] chans;
  option_t option;
  if (RowFactor) begin : gen_factor
    localparam int unsigned Fraction = 8;
    localparam int unsigned InBits = 27;
    function automatic logic [AccBits-1:0] scale(logic signed [InBits-1:0] value,
                                                 logic [FactorBits-1:0] factor);
      logic signed [InBits+FactorBits:0] prod;
      prod = (InBits + FactorBits + 1)'(value) *
          (InBits + FactorBits + 1)'($signed({1'b0, factor}));
      return prod[Fraction+:AccBits];
    endfunction
    logic [M-1:0][AccBits-1:0] scaled_d;
    always_ff @(posedge clk_i) begin
      valid <= rst_ni && valid_i;
      if (valid_i) begin
        for (int unsigned c = 0; c < M; c++) begin
          scaled_d[c] = factor_on_i ? scale(acc_i[c][InBits-1:0], factor_i) : acc_i[c];
        end
        acc    <= scaled_d;
        chans  <= chan_i;
        option <= '{clamp: clamp_i, zero_point: zero_point_i};
      end
    end
    for (genvar c = 0; c < M; c++) begin : gen_check
      wire signed [AccBits-1:0] lane = $signed(acc_i[c]);
      wire signed [AccBits+FactorBits:0] exact =
          (AccBits + FactorBits + 1)'(lane) * (AccBits + FactorBits + 1)'($signed(
          {1'b0, factor_i}
      ));
      `SB_ASSERT(FactorInRange_A,
                 valid_i && factor_on_i |-> lane == AccBits'($signed(
                     lane[InBits-1:0]
                 )) && (exact >>> Fraction) == (AccBits + FactorBits + 1)'($signed(
                     exact[Fraction+:AccBits]
                 )))
    end
  end else begin : gen_plain
    assign valid  = valid_i;
    assign acc    = acc_i;
    assign chans  = chan_i;
    assign option = '{clamp: clamp_i, zero_point: zero_point_i};
    `SB_ASSERT(NoFactor_A, valid_i |-> !factor_on_i)
  end

  // Private to the process below and updated in place, last stage first (see sb_array).
  chan_t chan;
  logic signed [AccBits-1:0] biased_q[M], raw2_q[M], raw3_q[M], raw4_q[M], raw5_q[M];
  logic [MultBits-1:0] mult1_q[M];
  logic [1:0] sel1_q[M], sel2_q[M], sel3_q[M];
  logic [MultBits+LowBits-1:0] low_q[M];
  logic signed [ProdBits-LowBits-1:0] high_q[M];
  logic signed [ProdBits-1:0] prod_q[M];
  logic signed [IntBits-1:0] int_q[M];
  logic round_q[M];
  logic signed [IntBits+1:0] sum_q[M];
  logic [M-1:0][OutBits-1:0] data_d;

  function automatic logic signed [IntBits-1:0] saturate(
      logic signed [ProdBits-ShiftBase-1:0] value);
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
    valid_q <= rst_ni ? {valid_q[Stages-2:0], valid} : '0;
    option_q <= {option_q[Stages-3:0], option};

    if (valid_q[4]) begin  // 6: clamp
      for (int unsigned c = 0; c < M; c++) begin
        data_d[c] = option_q[4].clamp == ClampRaw ? OutBits'(raw5_q[c]) :
            OutBits'(clamp(sum_q[c], option_q[4].clamp));
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
    if (valid_q[1]) begin  // 3: exact product
      for (int unsigned c = 0; c < M; c++) begin
        prod_q[c][ProdBits-1:LowBits] = high_q[c] + (ProdBits - LowBits)'(low_q[c][MultBits+LowBits-1:LowBits]);
        prod_q[c][LowBits-1:0] = low_q[c][LowBits-1:0];
        sel3_q[c] = sel2_q[c];
        raw3_q[c] = raw2_q[c];
      end
    end
    if (valid_q[0]) begin  // 2: products of the low and the high part
      for (int unsigned c = 0; c < M; c++) begin
        low_q[c] = (MultBits + LowBits)'(mult1_q[c]) * (MultBits + LowBits)'(biased_q[c][LowBits-1:0]);
        high_q[c] = (ProdBits - LowBits)'($signed({1'b0, mult1_q[c]})) *
            (ProdBits - LowBits)'($signed(biased_q[c][AccBits-1:LowBits]));
        sel2_q[c] = sel1_q[c];
        raw2_q[c] = biased_q[c];
      end
    end
    if (valid) begin  // 1: bias
      for (int unsigned c = 0; c < M; c++) begin
        chan = chans[c];
        biased_q[c] = acc[c] + chan.bias;
        mult1_q[c] = chan.mult;
        sel1_q[c] = chan.shift_sel;
      end
    end
  end
  assign valid_o = valid_q[Stages-1];

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
    assign lane = chans[c];
    wire signed [AccBits:0] biased = (AccBits + 1)'($signed(acc[c])) + (AccBits + 1)'(lane.bias);
    `SB_ASSERT(BiasNoOverflow_A, valid |-> biased[AccBits] == biased[AccBits-1])
  end
endmodule
