// SPDX-License-Identifier: Apache-2.0
// Simulation model of the part of Lattice's MULT18X18D (ECP5) that this project instantiates,
// written from its sysDSP guide (TN-02205): two signed inputs, all three register stages on CLK0,
// register A enabled by CE0 and the rest by CE1. Another use ends elaboration or simulation with a
// message. Not for synthesis: the tools have the cell itself.
module MULT18X18D #(
    parameter REG_INPUTA_CLK = "NONE",
    parameter REG_INPUTA_CE = "CE0",
    parameter REG_INPUTA_RST = "RST0",
    parameter REG_INPUTB_CLK = "NONE",
    parameter REG_INPUTB_CE = "CE0",
    parameter REG_INPUTB_RST = "RST0",
    parameter REG_PIPELINE_CLK = "NONE",
    parameter REG_PIPELINE_CE = "CE0",
    parameter REG_PIPELINE_RST = "RST0",
    parameter REG_OUTPUT_CLK = "NONE",
    parameter REG_OUTPUT_CE = "CE0",
    parameter REG_OUTPUT_RST = "RST0",
    parameter GSR = "ENABLED"
) (
    input  wire A17,
    A16,
    A15,
    A14,
    A13,
    A12,
    A11,
    A10,
    A9,
    input  wire A8,
    A7,
    A6,
    A5,
    A4,
    A3,
    A2,
    A1,
    A0,
    input  wire B17,
    B16,
    B15,
    B14,
    B13,
    B12,
    B11,
    B10,
    B9,
    input  wire B8,
    B7,
    B6,
    B5,
    B4,
    B3,
    B2,
    B1,
    B0,
    input  wire SIGNEDA,
    SIGNEDB,
    SOURCEA,
    SOURCEB,
    CLK0,
    CLK1,
    CLK2,
    CLK3,
    CE0,
    CE1,
    CE2,
    CE3,
    RST0,
    RST1,
    RST2,
    RST3,
    output wire P35,
    P34,
    P33,
    P32,
    P31,
    P30,
    P29,
    P28,
    P27,
    output wire P26,
    P25,
    P24,
    P23,
    P22,
    P21,
    P20,
    P19,
    P18,
    output wire P17,
    P16,
    P15,
    P14,
    P13,
    P12,
    P11,
    P10,
    P9,
    output wire P8,
    P7,
    P6,
    P5,
    P4,
    P3,
    P2,
    P1,
    P0
);
  if (REG_INPUTA_CLK != "CLK0" || REG_INPUTB_CLK != "CLK0" || REG_PIPELINE_CLK != "CLK0" ||
      REG_OUTPUT_CLK != "CLK0" ||
      REG_INPUTA_CE != "CE0" || REG_INPUTB_CE != "CE1" || REG_PIPELINE_CE != "CE1" ||
      REG_OUTPUT_CE != "CE1")
  begin : gen_not_modelled
    $fatal(1, "MULT18X18D: this use of the registers is not modelled");
  end

  wire [17:0] a = {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
  wire [17:0] b = {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
  reg signed [17:0] a_q, b_q;
  reg signed [35:0] pipe_q, out_q;
  always @(posedge CLK0) begin
    if (CE1) out_q <= pipe_q;
    if (CE1) pipe_q <= 36'(a_q) * 36'(b_q);
    if (CE0) a_q <= a;
    if (CE1) b_q <= b;
  end
  assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
          P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = out_q;

  always @(posedge CLK0) begin
    if (!SIGNEDA || !SIGNEDB || SOURCEA || SOURCEB || RST0)
      $fatal(1, "MULT18X18D: this mode is not modelled");
  end
endmodule
