// SPDX-License-Identifier: Apache-2.0
// Arrays with every way to make the multipliers, side by side on the same inputs. Simulation top.
module mac_styles_top
  import sb_pkg::*;
#(
    parameter int unsigned M = 8,
    parameter int unsigned ChainLength = 4,
    localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M),
    localparam int unsigned Styles = 11
) (
    input  logic                                     clk_i,
    input  logic             [M-1:0][    OpBits-1:0] act_i,
    input  logic                                     swap_i,
    input  logic                    [          15:0] tag_i,
    input  logic                                     load_i,
    input  logic                    [ $clog2(M)-1:0] load_channel_i,
    input  logic             [M-1:0][WeightBits-1:0] w_i,
    output logic [Styles-1:0][M-1:0][   DotBits-1:0] dot_o,
    output logic [Styles-1:0]       [          15:0] tag_o
);
  typedef struct packed {
    logic        pairs;
    int unsigned style;
    int unsigned lut_channels;
  } style_t;
  // In the order of mac_styles_test.cpp.
  localparam style_t Style[Styles] = '{
      '{1, MulInferred, 0},
      '{1, MulDsp48e2, 0},
      '{1, MulDsp48e2, M / 2},
      '{1, MulInferred, M / 2},
      '{1, MulDsp48e2, M},
      '{0, MulInferred, 0},
      '{0, MulDsp48e2, 0},
      '{0, MulMult18x18d, 0},
      '{0, MulInferred, M},
      '{0, MulMult18x18d, M / 2 - 1},
      '{0, MulInferred, M / 2 - 1}
  };
  for (genvar i = 0; i < Styles; i++) begin : gen_style
    logic signed [DotBits-1:0] dot[M];
    sb_array #(
        .M(M),
        .ChainLength(ChainLength),
        .Packed(Style[i].pairs),
        .MulStyle(Style[i].style),
        .LutChannels(Style[i].lut_channels),
        .TagBits(16)
    ) i_array (
        .clk_i,
        .act_i,
        .act_unsigned_i(1'b0),
        .swap_i,
        .tag_i,
        .load_i,
        .load_channel_i,
        .w_i,
        .dot_o(dot),
        .tag_o(tag_o[i])
    );
    for (genvar c = 0; c < M; c++) begin : gen_dot
      assign dot_o[i][c] = dot[c];
    end
  end
endmodule
