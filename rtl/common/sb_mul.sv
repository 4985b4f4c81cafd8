// SPDX-License-Identifier: Apache-2.0
// Multiplier of M lanes, with every register that the device's multipliers have:
//
//   p = x * y            XSum: (x + x2) * y            CBits > 0: .. + c
//
// Exact as long as the result fits PBits signed bits (unsigned if both operands are) and, with
// XSum, x + x2 the range of x. All operands of a word come in the same cycle and leave as a product
// mul_latency(MulStyle, XBits + !XSigned, YBits + !YSigned, XSum, CBits > 0) cycles later, one word
// per cycle, no stall.
//
// MulInferred: one product, left to the tool. Operands should come from registers, which it takes
// into the multiplier. Registers hold unless stage_valid_i (sb_valid_delay) says that a word comes.
// MulDsp48e2, MulMult18x18d: sb_mul_lane. They run freely.
module sb_mul
  import sb_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned M = 1,  // lanes
    parameter int unsigned XBits = 18,
    parameter bit XSigned = 1,
    parameter int unsigned YBits = 18,
    parameter bit YSigned = 1,
    parameter bit XSum = 0,  // x is a sum; YBits at most 27 as a signed number
    parameter int unsigned CBits = 0,  // of the addend, signed; 0: none
    parameter logic [63:0] CMask = '1,  // bits of c, sign extended, that are not always 0
    parameter int unsigned PBits = XBits + YBits,  // of the product, at most 64
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e
    localparam int unsigned XWide = XBits + 32'(!XSigned),  // as signed numbers
    localparam int unsigned YWide = YBits + 32'(!YSigned),
    localparam int unsigned CPort = CBits > 0 ? CBits : 1,
    localparam int unsigned Latency = mul_latency(MulStyle, XWide, YWide, XSum, CBits > 0)
) (
    input  logic                      clk_i,
    input  logic        [Latency-1:0] stage_valid_i,     // a word came so many cycles ago
    input  logic        [  XBits-1:0] x_i          [M],
    input  logic        [  XBits-1:0] x2_i         [M],  // 0 without XSum
    input  logic        [  YBits-1:0] y_i          [M],
    input  logic signed [  CPort-1:0] c_i          [M],  // 0 without an addend
    output logic signed [  PBits-1:0] p_o          [M]
);
  if (M < 1) begin : gen_illegal_m
    $fatal(1, "sb_mul: M = %0d, must be at least 1", M);
  end
  if (XBits < 2) begin : gen_illegal_x
    $fatal(1, "sb_mul: XBits = %0d, must be at least 2", XBits);
  end
  if (YBits < 2) begin : gen_illegal_y
    $fatal(1, "sb_mul: YBits = %0d, must be at least 2", YBits);
  end
  if (MulStyle > MulMult18x18d) begin : gen_illegal_style
    $fatal(1, "sb_mul: MulStyle = %0d, must be 0, 1 or 2", MulStyle);
  end
  if (XSum && !XSigned) begin : gen_illegal_sum
    $fatal(1, "sb_mul: XSum needs a signed x");
  end
  if (XSum && YWide > 27) begin : gen_illegal_sum_y
    $fatal(1, "sb_mul: XSum: YBits = %0d, must be at most 27 as a signed number", YWide);
  end
  if (PBits > 64) begin : gen_illegal_p
    $fatal(1, "sb_mul: PBits = %0d, must be at most 64", PBits);
  end
  if (CBits > PBits) begin : gen_illegal_c
    $fatal(1, "sb_mul: CBits = %0d, must be at most PBits", CBits);
  end

  function automatic logic signed [XWide-1:0] x_wide(logic [XBits-1:0] x);
    return $signed(XWide'({XSigned && x[XBits-1], x}));
  endfunction
  function automatic logic signed [YWide-1:0] y_wide(logic [YBits-1:0] y);
    return $signed(YWide'({YSigned && y[YBits-1], y}));
  endfunction

  if (MulStyle == MulInferred) begin : gen_inferred
    logic signed [PBits-1:0] product_q[M];
    logic signed [CPort-1:0] c_q[M];
    if (XSum) begin : gen_sum
      logic signed [XWide-1:0] x[M];
      logic signed [YWide-1:0] y[M];
      logic signed [CPort-1:0] c[M];
      always_ff @(posedge clk_i) begin
        automatic logic signed [PBits-1:0] product_d[M];
        automatic logic signed [XWide-1:0] x_d[M];
        automatic logic signed [YWide-1:0] y_d[M];
        if (stage_valid_i[0]) begin
          for (int unsigned l = 0; l < M; l++) begin
            x_d[l] = x_wide(x_i[l]) + x_wide(x2_i[l]);
            y_d[l] = y_wide(y_i[l]);
          end
          x <= x_d;
          y <= y_d;
          c <= c_i;
        end
        if (stage_valid_i[Latency-2]) begin
          for (int unsigned l = 0; l < M; l++) product_d[l] = PBits'(x[l]) * PBits'(y[l]);
          product_q <= product_d;
          c_q <= c;
        end
      end
    end else begin : gen_plain
      always_ff @(posedge clk_i) begin
        automatic logic signed [PBits-1:0] product_d[M];
        if (stage_valid_i[Latency-2]) begin
          for (int unsigned l = 0; l < M; l++)
          product_d[l] = PBits'(x_wide(x_i[l])) * PBits'(y_wide(y_i[l]));
          product_q <= product_d;
          c_q <= c_i;
        end
      end
    end
    always_ff @(posedge clk_i) begin
      automatic logic signed [PBits-1:0] p_d[M];
      if (stage_valid_i[Latency-1]) begin
        for (int unsigned l = 0; l < M; l++) p_d[l] = product_q[l] + PBits'(c_q[l]);
        p_o <= CBits > 0 ? p_d : product_q;
      end
    end
  end else begin : gen_cells
    for (genvar l = 0; l < M; l++) begin : gen_lane
      sb_mul_lane #(
          .XBits(XWide),
          .YBits(YWide),
          .XSum(XSum),
          .CBits(CBits),
          .CMask(CMask),
          .PBits(PBits),
          .MulStyle(MulStyle)
      ) i_lane (
          .clk_i,
          .x_i(x_wide(x_i[l])),
          .x2_i(XSum ? x_wide(x2_i[l]) : '0),
          .y_i(y_wide(y_i[l])),
          .c_i(CBits > 0 ? 64'(c_i[l]) : '0),
          .p_o(p_o[l])
      );
    end
  end
endmodule
