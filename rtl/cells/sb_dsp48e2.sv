// SPDX-License-Identifier: Apache-2.0
// One multiply-add in one DSP48E2 of UltraScale+, all registers inside.
//
//   a_i --[A1 if AReg = 2]--[A2]----------------+
//   b_i --[B1 if BReg = 2]--[B2]--+             x--[M]--+--[P]--> p_o, cascade_o
//   d_i -------[D]----------------+--[AD]-------+       |
//                  (PreAdd: b + d, else b alone)        |
//   c_i ---------------------[C]--(Addend)--------------+
//   cascade_i, cascade_i >>> 17 (Shift), 0 (First) ------+
//
// Without Addend the constant Start is added instead. With Subtract, product and Start are taken
// off what the cascade brings. A1 and A2 run with their enables, all others always.
module sb_dsp48e2 #(
    parameter int unsigned AReg = 1,  // 1 or 2
    parameter int unsigned BReg = 1,  // 1 or 2; 1 with PreAdd
    parameter bit PreAdd = 0,  // the multiplier takes (b + d) modulo 2^18, a cycle later
    parameter bit Addend = 0,  // add c
    parameter bit First = 1,  // cascade_i is not looked at
    parameter bit Shift = 0,  // cascade_i counts 2^17 times less
    parameter logic [47:0] Start = '0,  // added without Addend
    parameter bit Subtract = 0
) (
    input  logic        clk_i,
    input  logic        a1_en_i,    // enable of A1
    input  logic        a2_en_i,    // of A2
    input  logic [26:0] a_i,
    input  logic [17:0] b_i,
    input  logic [26:0] d_i,
    input  logic [47:0] c_i,
    input  logic [47:0] cascade_i,
    output logic [47:0] cascade_o,  // to the next place alone: a dedicated wire between neighbours
    output logic [47:0] p_o
);
  if (AReg < 1 || AReg > 2 || BReg < 1 || BReg > 2 || (PreAdd && BReg != 1)) begin : gen_illegal
    $fatal(1, "sb_dsp48e2: AReg = %0d, BReg = %0d, PreAdd = %0d", AReg, BReg, PreAdd);
  end
  // Y and X: the product. Z: cascade or nothing. W: C or RND.
  // Subtracting takes W off too: Z - (W + X + Y).
  localparam logic [8:0] OpMode = {
    Addend ? 2'b11 : First ? 2'b10 : 2'b00, First ? 3'b000 : Shift ? 3'b101 : 3'b001, 4'b0101
  };

  DSP48E2 #(
      .AREG(AReg),
      .ACASCREG(AReg),
      .BREG(BReg),
      .BCASCREG(BReg),
      .CREG(1),
      .DREG(1),
      .ADREG(1),
      .MREG(1),
      .PREG(1),
      .ALUMODEREG(0),
      .CARRYINREG(0),
      .CARRYINSELREG(0),
      .INMODEREG(0),
      .OPMODEREG(0),
      .AMULTSEL("A"),
      .BMULTSEL(PreAdd ? "AD" : "B"),
      .PREADDINSEL(PreAdd ? "B" : "A"),
      .USE_MULT("MULTIPLY"),
      .RND(Subtract ? -Start : Start)
  ) i_dsp (
      .CLK(clk_i),
      .A({{3{a_i[26]}}, a_i}),
      .B(b_i),
      .C(Addend ? c_i : '1),
      .D(PreAdd ? d_i : '0),
      .PCIN(First ? 48'd0 : cascade_i),
      .P(p_o),
      .PCOUT(cascade_o),
      .OPMODE(OpMode),
      .ALUMODE(Subtract ? 4'b0011 : 4'b0000),
      .INMODE(PreAdd ? 5'b00100 : 5'b00000),
      .CARRYINSEL(3'd0),
      .CARRYIN(1'b0),
      .CEA1(AReg == 2 && a1_en_i),
      .CEA2(a2_en_i),
      .CEB1(BReg == 2),
      .CEB2(1'b1),
      .CEM(1'b1),
      .CEP(1'b1),
      .CEC(Addend),
      .CED(PreAdd),
      .CEAD(PreAdd),
      .CEALUMODE(1'b0),
      .CECARRYIN(1'b0),
      .CECTRL(1'b0),
      .CEINMODE(1'b0),
      .RSTA(1'b0),
      .RSTB(1'b0),
      .RSTC(1'b0),
      .RSTD(1'b0),
      .RSTM(1'b0),
      .RSTP(1'b0),
      .RSTALLCARRYIN(1'b0),
      .RSTALUMODE(1'b0),
      .RSTCTRL(1'b0),
      .RSTINMODE(1'b0)
  );
endmodule
