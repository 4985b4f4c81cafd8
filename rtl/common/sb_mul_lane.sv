// SPDX-License-Identifier: Apache-2.0
// One lane of sb_mul, made of the multipliers of a device; see there for what it does.
//
// Operands are cut into digits (sb_pkg::digits). Each pair of digits is a step, lowest weight
// first, and adds its product to the sum of the step before:
//
//   digits, s cycles later --[multiplier]--+--> sum s    its lower 17 bits are bits of the result
//      sum s-1, or sum s-1 >>> 17 ---------+             when the weight goes up with step s+1
//
// DSP48E2: sums are in the cascade; x + x2 and c are added in the cells too. A digit of x + x2 that
// is not the highest has 18 bits and no sign, one more than the cell takes: 2^17 is taken off x2
// there, and y << 17 comes with the addend in its place. MULT18X18D: x + x2, c and the sums are
// added in LUTs, each with a register; one between the multiplier and its sum is for the way from
// the column of multipliers.
//
// Waits are written here, not made of sb_delay, so that constant bits of an addend cost nothing
// where modules keep their borders.
module sb_mul_lane
  import sb_pkg::*;
#(
    parameter int unsigned XBits = 18,  // signed
    parameter int unsigned YBits = 18,  // signed
    parameter bit XSum = 0,  // x + x2; YBits at most 27
    parameter int unsigned CBits = 0,  // of the addend; 0: none
    parameter logic [63:0] CMask = '1,  // bits of c that are not always 0
    parameter int unsigned PBits = 36,  // of the result
    parameter int unsigned MulStyle = MulDsp48e2  // or MulMult18x18d
) (
    input  logic                    clk_i,
    input  logic signed [XBits-1:0] x_i,
    input  logic signed [XBits-1:0] x2_i,
    input  logic signed [YBits-1:0] y_i,
    input  logic signed [     63:0] c_i,
    output logic signed [PBits-1:0] p_o
);
  localparam bit Dsp = MulStyle == MulDsp48e2;
  localparam bit XWhole = mul_x_whole(MulStyle, XBits, YBits, XSum);
  localparam int unsigned XDigits = mul_x_digits(MulStyle, XBits, YBits, XSum);
  localparam int unsigned YDigits = mul_y_digits(MulStyle, XBits, YBits, XSum);
  localparam int unsigned Steps = XDigits * YDigits;
  localparam int unsigned Weights = XDigits + YDigits - 1;

  typedef struct packed {
    int unsigned weight;
    int unsigned x;  // digit of x; that of y is weight - x
  } step_t;
  // Step s: the pairs of digits by their weight.
  function automatic step_t step(int unsigned s);
    int unsigned count;
    count = 0;
    for (int unsigned w = 0; w < Weights; w++) begin
      for (int unsigned x = 0; x < XDigits; x++) begin
        if (x <= w && w - x < YDigits) begin
          if (count == s) return '{w, x};
          count++;
        end
      end
    end
    return '{0, 0};
  endfunction

  // Digit from bit `low`; the highest one has what is left and the sign.
  function automatic logic signed [26:0] digit(logic signed [63:0] value, int unsigned low,
                                               bit top);
    return top ? 27'(value >>> low) : 27'({1'b0, DigitBits'(value >> low)});
  endfunction

  localparam int unsigned TopBits = PBits - DigitBits * (Weights - 1);  // of the last sum
  if (PBits <= DigitBits * (Weights - 1) || TopBits > 48) begin : gen_illegal
    $fatal(
        1,
        "sb_mul_lane: PBits = %0d, must be %0d to %0d",
        PBits,
        DigitBits * (Weights - 1) + 1,
        DigitBits * (Weights - 1) + 48
    );
  end

  logic signed [XBits-1:0] x;
  logic signed [YBits-1:0] y;
  logic signed [63:0] c;
  if (XSum && !Dsp) begin : gen_sum
    always_ff @(posedge clk_i) begin
      x <= x_i + x2_i;
      y <= y_i;
      c <= c_i & CMask;
    end
  end else begin : gen_plain
    assign {x, y, c} = {x_i, y_i, c_i & CMask};
  end
  logic signed [47:0] sum[Steps];
  logic [47:0] cascade[Steps];

  for (genvar s = 0; s < Steps; s++) begin : gen_step
    localparam int unsigned Before = s > 0 ? s - 1 : 0;
    localparam step_t Step = step(s), StepBefore = step(Before), StepAfter = step(s + 1);
    localparam int unsigned Weight = Step.weight;
    localparam int unsigned XLow = DigitBits * Step.x;
    localparam int unsigned YLow = DigitBits * (Weight - Step.x);
    localparam bit XTop = Step.x == XDigits - 1;
    localparam bit YTop = Weight - Step.x == YDigits - 1;
    localparam bit Top = Weight == Weights - 1;
    localparam bit Lowest = s == 0;
    localparam bit Shift = Weight != StepBefore.weight;
    // The first step of a weight adds the addend's digit.
    localparam bit Adds = (Lowest || Shift) && CBits > 0;
    wire signed [26:0] x_part = digit(64'(x), XLow, XTop);
    wire signed [26:0] y_part = digit(64'(y), YLow, YTop);
    wire signed [47:0] c_part = !Adds ? '0 : Top ? 48'(c >>> (DigitBits * Weight)) :
        48'({1'b0, DigitBits'(c >> (DigitBits * Weight))});

    if (Dsp) begin : gen_dsp48e2
      // The second operand registers of a cell are a cycle of its wait.
      localparam bit Offset = XSum && !XTop;
      localparam int unsigned Wait = XSum ? s : Before;
      wire signed [26:0] x2_part = digit(64'(x2_i), XLow, XTop) | {{10{Offset}}, 17'd0};
      logic [26:0] wide, x2_late;
      logic [17:0] narrow;
      logic [47:0] addend;
      localparam int unsigned WaitC = s + 1 + 32'(XSum);
      logic [Wait:0][27+18+27-1:0] parts;  // so many cycles late
      logic [WaitC:0][47:0] addends;
      logic [WaitC:1][47:0] addends_q;
      wire [27+18+27-1:0] part = {
        XWhole ? x_part : y_part, XWhole ? y_part[17:0] : x_part[17:0], XSum ? x2_part : 27'd0
      };
      wire [47:0] c_now = Offset ? {{(31 - YBits) {y[YBits-1]}}, y, c_part[DigitBits-1:0]} : c_part;
      if (Wait > 0) begin : gen_wait
        logic [Wait:1][27+18+27-1:0] parts_q;
        always_ff @(posedge clk_i) parts_q <= parts[Wait-1:0];
        assign parts = {parts_q, part};
      end else begin : gen_now
        assign parts = part;
      end
      always_ff @(posedge clk_i) addends_q <= addends[WaitC-1:0];
      assign addends = {addends_q, c_now};
      assign {wide, narrow, x2_late} = parts[Wait];
      assign addend = addends[WaitC];
      sb_dsp48e2 #(
          .AReg  (XSum || !Lowest ? 2 : 1),
          .BReg  (!XSum && !Lowest ? 2 : 1),
          .PreAdd(XSum),
          .Addend(Offset || Adds),
          .First (Lowest),
          .Shift (Shift)
      ) i_dsp (
          .clk_i,
          .a1_en_i(1'b1),
          .a2_en_i(1'b1),
          .a_i(wide),
          .b_i(narrow),
          .d_i(x2_late),
          .c_i(addend),
          .cascade_i(cascade[Before]),
          .cascade_o(cascade[s]),
          .p_o(sum[s])
      );
    end else begin : gen_mult18x18d
      // Bits of the sum: products of digits have 35, at most three of them and what is carried.
      localparam int unsigned Rest = PBits - DigitBits * Weight;
      localparam int unsigned SumBits = Top || Rest < 38 ? Rest : 38;
      logic [17:0] x_late, y_late;
      logic signed [35:0] product, product_q;
      logic signed [SumBits-1:0] term;
      logic [Before:0][18+18-1:0] parts;  // so many cycles late
      if (Before > 0) begin : gen_wait
        logic [Before:1][18+18-1:0] parts_q;
        always_ff @(posedge clk_i) parts_q <= parts[Before-1:0];
        assign parts = {parts_q, x_part[17:0], y_part[17:0]};
      end else begin : gen_now
        assign parts = {x_part[17:0], y_part[17:0]};
      end
      assign {x_late, y_late} = parts[Before];
      sb_mult18x18d i_mult (
          .clk_i,
          .a_en_i(1'b1),
          .a_i(x_late),
          .b_i(y_late),
          .p_o(product)
      );
      always_ff @(posedge clk_i) product_q <= product;
      if (CBits > 0) begin : gen_addend
        localparam int unsigned WaitC = 4 + Before;
        logic [WaitC:0][SumBits-1:0] addends;
        logic [WaitC:1][SumBits-1:0] addends_q;
        assign addends = {addends_q, c_part[SumBits-1:0]};
        always_ff @(posedge clk_i) begin
          addends_q <= addends[WaitC-1:0];
          term <= SumBits'(product_q) + $signed(addends[WaitC]);
        end
      end else begin : gen_none
        assign term = SumBits'(product_q);
      end
      if (Lowest) begin : gen_first
        assign sum[s] = 48'(term);
      end else begin : gen_next
        logic signed [SumBits-1:0] sum_q;
        always_ff @(posedge clk_i)
          sum_q <= SumBits'(Shift ? sum[Before] >>> DigitBits : sum[Before]) + term;
        assign sum[s] = 48'(sum_q);
      end
      assign cascade[s] = '0;
    end

    // Result: the lower digits wait for the last sum.
    if (s == Steps - 1) begin : gen_top
      assign p_o[PBits-1:DigitBits*Weight] = sum[s][TopBits-1:0];
    end else if (StepAfter.weight != Weight) begin : gen_digit
      sb_delay #(
          .Width(DigitBits),
          .Depth(Steps - 1 - s)
      ) i_wait_p (
          .clk_i,
          .data_i(sum[s][DigitBits-1:0]),
          .data_o(p_o[DigitBits*Weight+:DigitBits])
      );
    end
  end
endmodule
