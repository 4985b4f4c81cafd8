// SPDX-License-Identifier: Apache-2.0
// Requantizer: M lanes of bias, multiplication, shift with round half to even, zero point, clamp.
//
//   y = clamp(rhe((acc' + bias) * mult * 2^-(16 + 10 * shift_sel)) + zero_point)
//   acc' = floor(acc * factor * 2^-8) if RowFactor and factor_on_i, else acc
//   (golden/ops/numerics.md sections 2 and 3)
//
//   acc_i --[acc * factor]--[+]--[operands]-- (acc + bias) * mult + half --[shift]--[ties]
//                                    --[+ zero point]--[fits?]--[clamp]--> data_o
//
// Half of the last place is added inside the multiplier (sb_mul). If what is shifted out is 0 then,
// it was a tie, and the last bit of the result is cleared. The shift is one of four, so no barrel
// shifter is needed. With ClampRaw the lane carries acc + bias (OutBits = 32 only). acc + bias must
// stay inside int32, acc within 27 bits where a factor is on and acc' inside int32: asserted.
// Latency requant_latency(RowFactor, MulStyle, OutBits == 32), one word per cycle, no stall.
`include "sb_assert.svh"

module sb_requant
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes
    parameter int unsigned OutBits = 8,  // of a result: 8, 9, 16 or 32; less than a clamp truncates
    parameter bit RowFactor = 0,  // multiply by a factor per row first: a multiplier more per lane
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e
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

  localparam bit Raw = OutBits == 32;
  localparam int unsigned Latency = requant_latency(RowFactor, MulStyle, Raw);
  localparam int unsigned Product = requant_product_latency(MulStyle);
  // Cycles after which each step has its word.
  localparam int unsigned AtFactor = RowFactor ? 1 + requant_factor_latency(MulStyle) : 0;
  localparam int unsigned AtOperands = AtFactor + 32'(RowFactor);
  localparam int unsigned AtProduct = AtOperands + requant_operand_latency(MulStyle, Raw);
  localparam int unsigned AtShift = AtProduct + Product;

  // Half of the last place, signed; the product with it.
  localparam int unsigned HalfBits = ShiftBase + 3 * ShiftStep + 1;
  localparam int unsigned ProdBits = AccBits + MultBits + 1;
  localparam int unsigned IntBits = 18;  // of the rounded number: beyond them every clamp saturates
  localparam int unsigned BoundBits = 17;  // of a clamped result

  typedef struct packed {
    clamp_e             clamp;
    logic signed [15:0] zero_point;
  } option_t;

  logic [Latency:0] valid;  // a word came so many cycles ago
  option_t [Latency-1:0] option;  // its options
  option_t [Latency-1:1] option_q;
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
  assign option = {option_q, clamp_i, zero_point_i};
  always_ff @(posedge clk_i) option_q <= option[Latency-2:0];

  // Row factor: multiplied, and the lanes of acc' put together.
  logic [M-1:0][ AccBits-1:0] acc;
  logic [M-1:0][ChanBits-1:0] chans;
  if (RowFactor) begin : gen_factor
    localparam int unsigned Fraction = 8;
    localparam int unsigned InBits = 27;
    localparam int unsigned ScaledBits = InBits + FactorBits;
    // Without a factor the lower bits pass by a factor of one, the upper ones beside it.
    logic [InBits-1:0] low_q[M];
    logic [FactorBits-1:0] factor_q[M];
    logic signed [ScaledBits-1:0] scaled[M];
    logic [AtFactor:1] on_q;
    logic [AtFactor:1][M-1:0][AccBits-InBits-1:0] high_q;
    logic [AtOperands:1][M-1:0][ChanBits-1:0] chan_q;
    logic [M-1:0][AccBits-1:0] acc_q;
    sb_mul #(
        .M(M),
        .XBits(InBits),
        .YBits(FactorBits),
        .YSigned(0),
        .MulStyle(MulStyle)
    ) i_scale (
        .clk_i,
        .stage_valid_i(valid[AtFactor-1:1]),
        .x_i(low_q),
        .x2_i('{default: '0}),
        .y_i(factor_q),
        .c_i('{default: '0}),
        .p_o(scaled)
    );
    always_ff @(posedge clk_i) begin
      automatic logic [InBits-1:0] low_d[M];
      automatic logic [FactorBits-1:0] factor_d[M];
      automatic logic [M-1:0][AccBits-1:0] acc_d;
      on_q <= AtFactor'({on_q, factor_on_i});
      if (valid_i) begin
        chan_q[1] <= chan_i;
        for (int unsigned c = 0; c < M; c++) begin
          low_d[c] = acc_i[c][InBits-1:0];
          factor_d[c] = factor_on_i ? factor_i : FactorBits'(1 << Fraction);
          high_q[1][c] <= acc_i[c][AccBits-1:InBits];
        end
        low_q <= low_d;
        factor_q <= factor_d;
      end
      if (valid[AtFactor]) begin
        for (int unsigned c = 0; c < M; c++) begin
          acc_d[c] = scaled[c][Fraction+:AccBits];
          if (!on_q[AtFactor]) acc_d[c][AccBits-1:InBits] = high_q[AtFactor][c];
        end
        acc_q <= acc_d;
      end
    end
    // A process for each step: Verilator 5.48 gets loops over them wrong
    // (tests/examples/README.md).
    for (genvar s = 2; s <= AtOperands; s++) begin : gen_wait
      always_ff @(posedge clk_i) if (valid[s-1]) chan_q[s] <= chan_q[s-1];
      if (s <= AtFactor) begin : gen_high
        always_ff @(posedge clk_i) if (valid[s-1]) high_q[s] <= high_q[s-1];
      end
    end
    assign acc   = acc_q;
    assign chans = chan_q[AtOperands];
    for (genvar c = 0; c < M; c++) begin : gen_check
      wire signed [ScaledBits:0] exact = (ScaledBits + 1)'($signed(
          low_q[c]
      )) * (ScaledBits + 1)'($signed(
          {1'b0, factor_q[c]}
      ));
      wire lane_fits = $signed(high_q[1][c]) == $signed({(AccBits - InBits) {low_q[c][InBits-1]}});
      wire result_fits = exact[ScaledBits:Fraction+AccBits] ==
          {(ScaledBits + 1 - Fraction - AccBits) {exact[Fraction+AccBits-1]}};
      `SB_ASSERT(FactorInRange_A, valid[1] && on_q[1] |-> lane_fits && result_fits)
    end
  end else begin : gen_plain
    assign acc   = acc_i;
    assign chans = chan_i;
    `SB_ASSERT(NoFactor_A, valid_i |-> !factor_on_i)
  end

  // Product, of operands in registers or, where the multiplier has them for all, straight from the
  // word. A raw word is multiplied by one.
  logic [AccBits-1:0] addend[M], bias[M];
  logic [MultBits-1:0] mult[M];
  logic signed [HalfBits-1:0] half[M];
  logic [M-1:0][1:0] select_in, select;
  logic signed [ProdBits-1:0] product[M];
  wire raw = Raw && option[AtOperands].clamp == ClampRaw;
  function automatic logic signed [HalfBits-1:0] half_of(logic [1:0] shift_sel);
    logic signed [HalfBits-1:0] to;
    to = '0;
    for (int unsigned s = 0; s < 4; s++) to[ShiftBase+ShiftStep*s-1] = shift_sel == 2'(s);
    return to;
  endfunction
  if (AtProduct > AtOperands) begin : gen_registers
    always_ff @(posedge clk_i) begin
      automatic chan_t chan;
      automatic logic [AccBits-1:0] addend_d[M], bias_d[M];
      automatic logic [MultBits-1:0] mult_d[M];
      automatic logic signed [HalfBits-1:0] half_d[M];
      automatic logic [M-1:0][1:0] select_d;
      if (valid[AtOperands]) begin
        for (int unsigned c = 0; c < M; c++) begin
          chan = chans[c];
          addend_d[c] = acc[c];
          bias_d[c] = chan.bias;
          mult_d[c] = raw ? MultBits'(1) : chan.mult;
          half_d[c] = raw ? '0 : half_of(chan.shift_sel);
          select_d[c] = chan.shift_sel;
        end
        addend <= addend_d;
        bias <= bias_d;
        mult <= mult_d;
        half <= half_d;
        select_in <= select_d;
      end
    end
  end else begin : gen_wires
    always_comb begin
      automatic chan_t chan;
      for (int unsigned c = 0; c < M; c++) begin
        chan = chans[c];
        addend[c] = acc[c];
        bias[c] = chan.bias;
        mult[c] = raw ? MultBits'(1) : chan.mult;
        half[c] = raw ? '0 : half_of(chan.shift_sel);
        select_in[c] = chan.shift_sel;
      end
    end
  end
  sb_mul #(
      .M(M),
      .XBits(AccBits),
      .YBits(MultBits),
      .YSigned(0),
      .XSum(1),
      .CBits(HalfBits),
      .CMask(64'd1 << 15 | 64'd1 << 25 | 64'd1 << 35 | 64'd1 << 45),
      .PBits(ProdBits),
      .MulStyle(MulStyle)
  ) i_product (
      .clk_i,
      .stage_valid_i(valid[AtShift-1:AtProduct]),
      .x_i(addend),
      .x2_i(bias),
      .y_i(mult),
      .c_i(half),
      .p_o(product)
  );
  sb_delay #(
      .Width(2 * M),
      .Depth(Product)
  ) i_select (
      .clk_i,
      .data_i(select_in),
      .data_o(select)
  );

  // What of a product the shifts look at: parts that are shifted out, and parts above the number.
  typedef struct packed {
    logic [1:0]         select;
    logic [3:0]         zero;    // bits below 16, 26, 36, 46, from the border before
    logic [2:0]         same;    // bits 33 to 42, 43 to 52, 53 up: like the sign
    logic               neg;
    logic [IntBits-1:0] number;
  } shifted_t;
  function automatic shifted_t shift(logic signed [ProdBits-1:0] prod, logic [1:0] sel);
    shifted_t to;
    to.select = sel;
    to.zero   = {prod[45:36] == '0, prod[35:26] == '0, prod[25:16] == '0, prod[15:0] == '0};
    to.neg    = prod[ProdBits-1];
    to.same   = {
      prod[ProdBits-1:53] == {(ProdBits - 53) {to.neg}}, prod[52:43] == {10{to.neg}},
      prod[42:33] == {10{to.neg}}
    };
    unique case (sel)
      2'd0: to.number = prod[16+:IntBits];
      2'd1: to.number = prod[26+:IntBits];
      2'd2: to.number = prod[36+:IntBits];
      default: to.number = IntBits'($signed(prod[ProdBits-1:46]));
    endcase
    return to;
  endfunction

  typedef struct packed {
    logic                      over;    // does not fit IntBits
    logic                      neg;     // sign if so
    logic signed [IntBits-1:0] number;
  } rounded_t;
  function automatic rounded_t round(shifted_t from);
    rounded_t to;
    logic tie;
    unique case (from.select)
      2'd0: {tie, to.over} = {from.zero[0], from.same != '1};
      2'd1: {tie, to.over} = {from.zero[1:0] == '1, from.same[2:1] != '1};
      2'd2: {tie, to.over} = {from.zero[2:0] == '1, !from.same[2]};
      default: {tie, to.over} = {from.zero == '1, 1'b0};
    endcase
    to.neg = from.neg;
    to.number = {from.number[IntBits-1:1], from.number[0] && !tie};
    return to;
  endfunction

  typedef struct packed {
    logic                    over;
    logic                    neg;
    logic signed [IntBits:0] number;
  } sum_t;
  function automatic sum_t add(rounded_t from, logic signed [15:0] zero_point);
    sum_t to;
    to.over = from.over;
    to.number = (IntBits + 1)'(from.number) + (IntBits + 1)'(zero_point);
    to.neg = from.neg;
    return to;
  endfunction

  typedef struct packed {
    logic                        fits;    // the clamp's range
    logic                        neg;     // below it if not
    logic signed [BoundBits-1:0] number;
  } checked_t;
  function automatic checked_t check(sum_t from, clamp_e mode);
    checked_t to;
    logic wide, middle, bit7;  // bits 15 up, 8 to 14, 7: like the sign
    to.neg = from.over ? from.neg : from.number[IntBits];
    wide = from.number[IntBits-1:15] == {(IntBits - 15) {from.number[IntBits]}};
    middle = from.number[14:8] == {7{from.number[IntBits]}};
    bit7 = from.number[7] == from.number[IntBits];
    unique case (mode)
      ClampU8: to.fits = wide && middle && !from.number[IntBits];
      ClampS9: to.fits = wide && middle;
      ClampS16: to.fits = wide;
      default: to.fits = wide && middle && bit7;
    endcase
    to.fits = to.fits && !from.over;
    to.number = BoundBits'(from.number);
    return to;
  endfunction

  // {lowest, highest} result.
  function automatic logic [1:0][BoundBits-1:0] bounds(clamp_e mode);
    unique case (mode)
      ClampU8: return {BoundBits'(0), BoundBits'(255)};
      ClampS9: return {-BoundBits'(256), BoundBits'(255)};
      ClampS16: return {-BoundBits'(32768), BoundBits'(32767)};
      default: return {-BoundBits'(128), BoundBits'(127)};
    endcase
  endfunction

  shifted_t shifted_q[M];
  rounded_t rounded_q[M];
  sum_t sum_q[M];
  checked_t checked_q[M];
  logic [1:0][BoundBits-1:0] bounds_q;
  logic raw_q;
  logic [M-1:0][AccBits-1:0] biased;  // of raw words
  always_ff @(posedge clk_i) begin
    automatic shifted_t shifted_d[M];
    automatic rounded_t rounded_d[M];
    automatic sum_t sum_d[M];
    automatic checked_t checked_d[M];
    automatic logic [M-1:0][OutBits-1:0] data_d;
    if (valid[AtShift]) begin
      for (int unsigned c = 0; c < M; c++) shifted_d[c] = shift(product[c], select[c]);
      shifted_q <= shifted_d;
    end
    if (valid[AtShift+1]) begin
      for (int unsigned c = 0; c < M; c++) rounded_d[c] = round(shifted_q[c]);
      rounded_q <= rounded_d;
    end
    if (valid[AtShift+2]) begin
      for (int unsigned c = 0; c < M; c++)
      sum_d[c] = add(rounded_q[c], option[AtShift+2].zero_point);
      sum_q <= sum_d;
    end
    if (valid[AtShift+3]) begin
      for (int unsigned c = 0; c < M; c++) checked_d[c] = check(sum_q[c], option[AtShift+3].clamp);
      checked_q <= checked_d;
      bounds_q  <= bounds(option[AtShift+3].clamp);
      raw_q     <= Raw && option[AtShift+3].clamp == ClampRaw;
    end
    if (valid[AtShift+4]) begin
      for (int unsigned c = 0; c < M; c++) begin
        data_d[c] =
            OutBits'($signed(checked_q[c].fits ? checked_q[c].number : bounds_q[checked_q[c].neg]));
        if (raw_q) data_d[c] = OutBits'($signed(biased[c]));
      end
      data_o <= data_d;
    end
  end

  // Raw words wait beside the shift and the clamp.
  if (Raw) begin : gen_raw
    logic [3:0][M-1:0][AccBits-1:0] biased_q;
    always_ff @(posedge clk_i) begin
      for (int unsigned c = 0; c < M; c++) begin
        if (valid[AtShift]) biased_q[0][c] <= product[c][AccBits-1:0];
      end
    end
    for (genvar s = 1; s < 4; s++) begin : gen_wait
      always_ff @(posedge clk_i) if (valid[AtShift+s]) biased_q[s] <= biased_q[s-1];
    end
    assign biased = biased_q[3];
  end else begin : gen_no_raw
    assign biased = '0;
  end

  for (genvar c = 0; c < M; c++) begin : gen_check
    wire signed [AccBits:0] exact = (AccBits + 1)'($signed(
        addend[c]
    )) + (AccBits + 1)'($signed(
        bias[c]
    ));
    `SB_ASSERT(BiasNoOverflow_A, valid[AtProduct] |-> exact[AccBits] == exact[AccBits-1])
  end
endmodule
