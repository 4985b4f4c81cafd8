// Arrays with every way to make the multipliers, side by side on the same inputs. Simulation top.
module mac_styles_top
  import sb_pkg::*;
#(
    parameter int unsigned M = 8,
    parameter int unsigned Chain = 4,
    localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M),
    // Packed: inferred, DSP48E2, DSP48E2 and half LUTs, LUTs; single: inferred, DSP48E2, MULT18X18D, the two last with LUTs.
    localparam int unsigned Styles = 9
) (
    input  logic                             clk_i,
    input  logic [M-1:0][OpBits-1:0]         act_i,
    input  logic                             swap_i,
    input  logic [15:0]                      tag_i,
    input  logic                             load_i,
    input  logic [$clog2(M)-1:0]             load_channel_i,
    input  logic [M-1:0][WeightBits-1:0]     w_i,
    output logic [Styles-1:0][M-1:0][DotBits-1:0] dot_o,
    output logic [Styles-1:0][15:0]          tag_o
);
  for (genvar i = 0; i < Styles; i++) begin : gen_style
    localparam bit Packed = i < 4;
    localparam int unsigned MulStyle = Packed ? (i == 0 ? 0 : 1) : (i < 7 ? i - 4 : i - 6);
    localparam int unsigned LutChannels = i == 2 ? M / 2 : i == 3 ? M : i == 7 ? M : i == 8 ? M / 2 - 1 : 0;
    logic signed [DotBits-1:0] dot[M];
    if (MulStyle == 0) begin : gen_inferred
      sb_array #(.M(M), .Chain(Chain), .Packed(Packed), .TagBits(16)) i_array (
          .clk_i, .act_i, .act_unsigned_i(1'b0), .swap_i, .tag_i, .load_i, .load_channel_i, .w_i, .dot_o(dot), .tag_o(tag_o[i])
      );
    end else begin : gen_cells
      sb_cell_array #(.M(M), .Chain(Chain), .Packed(Packed), .MulStyle(MulStyle), .LutChannels(LutChannels), .DotBits(DotBits), .TagBits(16)) i_array (
          .clk_i, .act_i, .act_unsigned_i(1'b0), .swap_i, .tag_i, .load_i, .load_channel_i, .w_i, .dot_o(dot), .tag_o(tag_o[i])
      );
    end
    for (genvar c = 0; c < M; c++) begin : gen_dot
      assign dot_o[i][c] = dot[c];
    end
  end
endmodule
