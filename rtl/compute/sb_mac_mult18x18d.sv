// One multiplier of an ECP5 with its three register stages: MULT18X18D.
//
//   w_i --[input register A, if swap_i]--+
//   act_i -------[input register B]------x--[pipeline register]--[output register]--> product_o
//
// Latency 3 cycles from act_i. The last register is one more than sb_array has.
module sb_mac_mult18x18d (
    input  logic        clk_i,
    input  logic        swap_i,  // take w_i
    input  logic [17:0] w_i,  // signed
    input  logic [17:0] act_i,  // signed
    output logic [35:0] product_o
);
  MULT18X18D #(
      .REG_INPUTA_CLK("CLK0"), .REG_INPUTA_CE("CE0"), .REG_INPUTA_RST("RST0"),
      .REG_INPUTB_CLK("CLK0"), .REG_INPUTB_CE("CE1"), .REG_INPUTB_RST("RST0"),
      .REG_PIPELINE_CLK("CLK0"), .REG_PIPELINE_CE("CE1"), .REG_PIPELINE_RST("RST0"),
      .REG_OUTPUT_CLK("CLK0"), .REG_OUTPUT_CE("CE1"), .REG_OUTPUT_RST("RST0"), .GSR("DISABLED")
  ) i_mult (
      .CLK0(clk_i), .CLK1(1'b0), .CLK2(1'b0), .CLK3(1'b0), .CE0(swap_i), .CE1(1'b1), .CE2(1'b0), .CE3(1'b0),
      .RST0(1'b0), .RST1(1'b0), .RST2(1'b0), .RST3(1'b0), .SIGNEDA(1'b1), .SIGNEDB(1'b1), .SOURCEA(1'b0), .SOURCEB(1'b0),
      .A17(w_i[17]), .A16(w_i[16]), .A15(w_i[15]), .A14(w_i[14]), .A13(w_i[13]), .A12(w_i[12]), .A11(w_i[11]), .A10(w_i[10]), .A9(w_i[9]),
      .A8(w_i[8]), .A7(w_i[7]), .A6(w_i[6]), .A5(w_i[5]), .A4(w_i[4]), .A3(w_i[3]), .A2(w_i[2]), .A1(w_i[1]), .A0(w_i[0]),
      .B17(act_i[17]), .B16(act_i[16]), .B15(act_i[15]), .B14(act_i[14]), .B13(act_i[13]), .B12(act_i[12]), .B11(act_i[11]), .B10(act_i[10]), .B9(act_i[9]),
      .B8(act_i[8]), .B7(act_i[7]), .B6(act_i[6]), .B5(act_i[5]), .B4(act_i[4]), .B3(act_i[3]), .B2(act_i[2]), .B1(act_i[1]), .B0(act_i[0]),
      .P35(product_o[35]), .P34(product_o[34]), .P33(product_o[33]), .P32(product_o[32]), .P31(product_o[31]), .P30(product_o[30]), .P29(product_o[29]), .P28(product_o[28]), .P27(product_o[27]),
      .P26(product_o[26]), .P25(product_o[25]), .P24(product_o[24]), .P23(product_o[23]), .P22(product_o[22]), .P21(product_o[21]), .P20(product_o[20]), .P19(product_o[19]), .P18(product_o[18]),
      .P17(product_o[17]), .P16(product_o[16]), .P15(product_o[15]), .P14(product_o[14]), .P13(product_o[13]), .P12(product_o[12]), .P11(product_o[11]), .P10(product_o[10]), .P9(product_o[9]),
      .P8(product_o[8]), .P7(product_o[7]), .P6(product_o[6]), .P5(product_o[5]), .P4(product_o[4]), .P3(product_o[3]), .P2(product_o[2]), .P1(product_o[1]), .P0(product_o[0])
  );
endmodule
