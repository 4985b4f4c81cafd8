// SPDX-License-Identifier: Apache-2.0
// sb_mul in several sizes and all styles, side by side on the same operands. Simulation top.
module mul_styles_top
  import sb_pkg::*;
  import sb_latency_pkg::*;
#(
    localparam int unsigned M = 2,
    localparam int unsigned Sizes = 13,
    localparam int unsigned Styles = 3,
    localparam int unsigned MaxLatency = 11
) (
    input  logic                                                 clk_i,
    input  logic [MaxLatency-1:0]                                stage_valid_i,
    input  logic [         M-1:0]                        [63:0] x_i,
    input  logic [         M-1:0]                        [63:0] x2_i,
    input  logic [         M-1:0]                        [63:0] y_i,
    input  logic [         M-1:0]                        [63:0] c_i,
    output logic [    Styles-1:0][Sizes-1:0]             [ 7:0] latency_o,
    output logic [    Styles-1:0][Sizes-1:0][     M-1:0][63:0] p_o    // sign extended
);
  typedef struct packed {
    int unsigned x_bits;
    bit x_signed;
    int unsigned y_bits;
    bit y_signed;
    bit x_sum;
    int unsigned c_bits;
    int unsigned p_bits;
  } size_t;
  // In the order of sb_mul_test.cpp.
  localparam size_t Size[Sizes] = '{
      '{18, 1, 18, 1, 0, 0, 36},
      '{32, 1, 26, 0, 1, 47, 58},
      '{32, 1, 26, 0, 0, 0, 58},
      '{26, 1, 17, 0, 0, 0, 43},
      '{27, 1, 18, 1, 0, 40, 45},
      '{16, 1, 16, 0, 0, 0, 32},
      '{28, 1, 28, 1, 0, 0, 56},
      '{13, 0, 43, 0, 0, 0, 56},
      '{28, 1, 26, 0, 0, 0, 54},
      '{17, 0, 27, 1, 0, 36, 44},
      '{16, 1, 16, 1, 0, 8, 32},
      '{44, 1, 20, 1, 1, 50, 64},
      '{30, 1, 33, 0, 0, 60, 63}
  };
  for (genvar s = 0; s < Styles; s++) begin : gen_style
    for (genvar i = 0; i < Sizes; i++) begin : gen_size
      localparam size_t S = Size[i];
      localparam int unsigned CPort = S.c_bits > 0 ? S.c_bits : 1;
      localparam int unsigned Latency = mul_latency(
          s, S.x_bits + 32'(!S.x_signed), S.y_bits + 32'(!S.y_signed), S.x_sum, S.c_bits > 0
      );
      logic [S.x_bits-1:0] x[M], x2[M];
      logic [S.y_bits-1:0] y[M];
      logic signed [CPort-1:0] c[M];
      logic signed [S.p_bits-1:0] p[M];
      for (genvar l = 0; l < M; l++) begin : gen_lane
        assign x[l] = x_i[l][S.x_bits-1:0];
        assign x2[l] = x2_i[l][S.x_bits-1:0];
        assign y[l] = y_i[l][S.y_bits-1:0];
        assign c[l] = c_i[l][CPort-1:0];
        assign p_o[s][i][l] = 64'(p[l]);
      end
      sb_mul #(
          .M(M),
          .XBits(S.x_bits),
          .XSigned(S.x_signed),
          .YBits(S.y_bits),
          .YSigned(S.y_signed),
          .XSum(S.x_sum),
          .CBits(S.c_bits),
          .PBits(S.p_bits),
          .MulStyle(s)
      ) i_mul (
          .clk_i,
          .stage_valid_i(stage_valid_i[Latency-1:0]),
          .x_i(x),
          .x2_i(x2),
          .y_i(y),
          .c_i(c),
          .p_o(p)
      );
      assign latency_o[s][i] = 8'(Latency);
    end
  end
endmodule
