// SPDX-License-Identifier: Apache-2.0
//  Simulation model of the part of AMD's DSP48E2 that this project instantiates, written from its
// user guide (UG579).
//
// Modelled: A and B inputs with one or two registers (A2, B2 feed the multiplier), the pre-adder
// B2 + D with registers D and AD in place of B, multiplier with register M, register C, W/X/Y/Z
// multiplexers for M, C, RND, PCIN and PCIN shifted by 17, P register, cascade output. The ALU
// adds, or subtracts from Z. Every other use ends elaboration or simulation with a message. Not
// for synthesis: the tools have the cell itself.
module DSP48E2 #(
    parameter integer AREG = 1,
    parameter integer ACASCREG = 1,
    parameter integer BREG = 1,
    parameter integer BCASCREG = 1,
    parameter integer CREG = 1,
    parameter integer DREG = 1,
    parameter integer ADREG = 1,
    parameter integer MREG = 1,
    parameter integer PREG = 1,
    parameter integer ALUMODEREG = 1,
    parameter integer CARRYINREG = 1,
    parameter integer CARRYINSELREG = 1,
    parameter integer INMODEREG = 1,
    parameter integer OPMODEREG = 1,
    parameter AMULTSEL = "A",
    parameter BMULTSEL = "B",
    parameter PREADDINSEL = "A",
    parameter USE_MULT = "MULTIPLY",
    parameter [47:0] RND = 48'h0
) (
    input  wire        CLK,
    input  wire [29:0] A,
    input  wire [17:0] B,
    input  wire [47:0] C,
    input  wire [26:0] D,
    input  wire [47:0] PCIN,
    input  wire [ 8:0] OPMODE,
    input  wire [ 3:0] ALUMODE,
    input  wire [ 4:0] INMODE,
    input  wire [ 2:0] CARRYINSEL,
    input  wire        CARRYIN,
    input  wire        CEA1,
    input  wire        CEA2,
    input  wire        CEB1,
    input  wire        CEB2,
    input  wire        CEC,
    input  wire        CED,
    input  wire        CEAD,
    input  wire        CEM,
    input  wire        CEP,
    input  wire        CEALUMODE,
    input  wire        CECARRYIN,
    input  wire        CECTRL,
    input  wire        CEINMODE,
    input  wire        RSTA,
    input  wire        RSTB,
    input  wire        RSTC,
    input  wire        RSTD,
    input  wire        RSTM,
    input  wire        RSTP,
    input  wire        RSTALLCARRYIN,
    input  wire        RSTALUMODE,
    input  wire        RSTCTRL,
    input  wire        RSTINMODE,
    output wire [47:0] P,
    output wire [47:0] PCOUT
);
  // No localparam: read_slang takes those of a cell for parameters, which Yosys's cell has not.
  if ((AREG != 1 && AREG != 2) || (BREG != 1 && BREG != 2) || CREG != 1 || DREG != 1 ||
      ADREG != 1 || MREG != 1 || PREG != 1 || ALUMODEREG != 0 || CARRYINREG != 0 ||
      CARRYINSELREG != 0 || INMODEREG != 0 || OPMODEREG != 0 ||
      USE_MULT != "MULTIPLY" || AMULTSEL != "A" || (BMULTSEL != "B" && BMULTSEL != "AD") ||
      ((BMULTSEL == "AD") && (PREADDINSEL != "B" || BREG != 1))) begin : gen_not_modelled
    $fatal(1, "DSP48E2: this use of the registers is not modelled");
  end

  reg signed [26:0] a1_q, a2_q, d_q, ad_q;
  reg signed [17:0] b1_q, b2_q;
  reg [47:0] c_q;
  reg signed [44:0] m_q;
  reg [47:0] p_q;

  wire signed [17:0] b_mult = (BMULTSEL == "AD") ? ad_q[17:0] : b2_q;
  wire [47:0] product = {{3{m_q[44]}}, m_q};
  wire [47:0] xy = OPMODE[3:0] == 4'b0101 ? product : 48'd0;
  wire [47:0] z =
      OPMODE[6:4] == 3'b001 ? PCIN :
      OPMODE[6:4] == 3'b101 ? {{17{PCIN[47]}}, PCIN[47:17]} : 48'd0;
  wire [47:0] w = OPMODE[8:7] == 2'b10 ? RND : OPMODE[8:7] == 2'b11 ? c_q : 48'd0;

  always @(posedge CLK) begin
    if (CEP) p_q <= ALUMODE == 4'b0011 ? z - (xy + w) : z + (xy + w);
    if (CEM) m_q <= 45'(a2_q) * 45'(b_mult);
    if (CEAD) ad_q <= d_q + 27'(b2_q);
    if (CED) d_q <= D;
    if (CEB2) b2_q <= BREG == 2 ? b1_q : B;
    if (CEB1) b1_q <= B;
    if (CEA2) a2_q <= AREG == 2 ? a1_q : A[26:0];
    if (CEA1) a1_q <= A[26:0];
    if (CEC) c_q <= C;
  end
  assign P = p_q;
  assign PCOUT = p_q;

  always @(posedge CLK) begin
    if ((ALUMODE != 4'b0000 && ALUMODE != 4'b0011) ||
        INMODE != ((BMULTSEL == "AD") ? 5'b00100 : 5'd0) ||
        CARRYINSEL != 3'd0 || CARRYIN || OPMODE[3:0] != 4'b0101 ||
        (OPMODE[6:4] != 3'b000 && OPMODE[6:4] != 3'b001 && OPMODE[6:4] != 3'b101) ||
        OPMODE[8:7] == 2'b01 ||
        RSTA || RSTB || RSTC || RSTD || RSTM || RSTP)
      $fatal(1, "DSP48E2: this mode is not modelled");
  end
endmodule
