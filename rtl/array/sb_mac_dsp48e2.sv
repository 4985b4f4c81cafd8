// SPDX-License-Identifier: Apache-2.0
// One place of a multiply-add chain in one DSP48E2 of UltraScale+, all registers inside.
//
//   w_i --[A1 if load_i]--[A2 if swap_i]--+
//   act_i ------------------------[B]-----x--[M]--+--[P]--> sum_o, cascade_o
//                          cascade_i or Start ----+
//
// The first place of a chain starts at the constant Start (the RND input of the adder), the others
// add what arrives on the cascade. With Subtract the products are taken off.
module sb_mac_dsp48e2 #(
    parameter bit First = 1,  // first place of its chain: cascade_i is not looked at
    parameter logic [47:0] Start = '0,  // where a chain starts
    parameter bit Subtract = 0  // subtract the products
) (
    input  logic        clk_i,
    input  logic        load_i,     // take w_i as the shadow weight
    input  logic        swap_i,     // shadow weight to the multiplier
    input  logic [26:0] w_i,
    input  logic [17:0] act_i,
    input  logic [47:0] cascade_i,
    output logic [47:0] cascade_o,  // to the next place alone: a dedicated wire between neighbours
    output logic [47:0] sum_o
);
  // Y and X: the product. Z: cascade or nothing. W: RND or nothing.
  // Subtracting takes W off too: Z - (W + X + Y).
  localparam logic [8:0] OpMode = First ? 9'b10_000_01_01 : 9'b00_001_01_01;

  DSP48E2 #(
      .AREG(2),
      .ACASCREG(2),
      .BREG(1),
      .BCASCREG(1),
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
      .BMULTSEL("B"),
      .USE_MULT("MULTIPLY"),
      .RND(Subtract ? -Start : Start)
  ) i_dsp (
      .CLK(clk_i),
      .A({{3{w_i[26]}}, w_i}),
      .B(act_i),
      .C('1),
      .D('0),
      .PCIN(First ? 48'd0 : cascade_i),
      .P(sum_o),
      .PCOUT(cascade_o),
      .OPMODE(OpMode),
      .ALUMODE(Subtract ? 4'b0011 : 4'b0000),
      .INMODE(5'd0),
      .CARRYINSEL(3'd0),
      .CARRYIN(1'b0),
      .CEA1(load_i),
      .CEA2(swap_i),
      .CEB1(1'b0),
      .CEB2(1'b1),
      .CEM(1'b1),
      .CEP(1'b1),
      .CEC(1'b0),
      .CED(1'b0),
      .CEAD(1'b0),
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
