// SPDX-License-Identifier: Apache-2.0
// Three forms of an array side by side for its unit tests, each with its own pins: packed chains of
// 4 (the limit), packed chains of M / 4, plain chains of M.
module sb_array_forms
  import sb_pkg::*;
#(
    parameter int unsigned M = 4,
    parameter int unsigned MulStyle = 0,  // see sb_array
    localparam int unsigned Forms = 3,
    localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M)
) (
    input  logic                                         clk_i,
    input  logic                                         rst_ni,
    input  logic [Forms-1:0][M-1:0][OpBits-1:0]     act_i,
    input  logic [Forms-1:0]                        swap_i,
    input  logic [Forms-1:0][15:0]                  tag_i,
    input  logic [Forms-1:0]                        load_i,
    input  logic [Forms-1:0][$clog2(M)-1:0]         load_channel_i,
    input  logic [Forms-1:0][M-1:0][WeightBits-1:0] w_i,
    output logic [Forms-1:0][M-1:0][DotBits-1:0]    dot_o,
    output logic [Forms-1:0][15:0]                  tag_o,
    output logic                                    reset_o
);
  for (genvar f = 0; f < Forms; f++) begin : gen_form
    logic signed [DotBits-1:0] dot[M];
    sb_array #(
        .M(M),
        .ChainLength(f == 0 ? 4 : f == 1 ? M / 4 : M),
        .Packed(f < 2),
        .MulStyle(MulStyle),
        .TagBits(16)
    ) i_array (
        .clk_i,
        .act_i(act_i[f]),
        .act_unsigned_i(1'b0),
        .swap_i(swap_i[f]),
        .tag_i(tag_i[f]),
        .load_i(load_i[f]),
        .load_channel_i(load_channel_i[f]),
        .w_i(w_i[f]),
        .dot_o(dot),
        .tag_o(tag_o[f])
    );
    for (genvar c = 0; c < M; c++) begin : gen_dot
      assign dot_o[f][c] = dot[c];
    end
  end
  assign reset_o = rst_ni;  // the array has no reset
endmodule
