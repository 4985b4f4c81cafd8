// SPDX-License-Identifier: Apache-2.0
// Clamps of the stages on both sides.
`include "sb_cover.svh"

module sb_residual_cover #(
    parameter int unsigned M = 1
) (
    input logic clk_i,
    input logic rst_ni,
    input logic valid_i,
    input logic [M-1:0][15:0] h_i,
    input logic [M-1:0][15:0] d_i
);
  for (genvar c = 0; c < M; c++) begin : gen_lane
    wire signed [16:0] sum = 17'($signed(h_i[c])) + 17'($signed(d_i[c]));
    `SB_COVER(Low_C, valid_i && sum < -17'sd32768)
    `SB_COVER(High_C, valid_i && sum > 17'sd32767)
  end
endmodule
bind sb_residual sb_residual_cover #(
    .M(M)
) i_cover (
    .clk_i,
    .rst_ni,
    .valid_i,
    .h_i,
    .d_i
);

module sb_layernorm_cover
  import sb_pkg::*;
#(
    parameter int unsigned M = 1
) (
    input logic clk_i,
    input logic rst_ni,
    input logic valid_o,
    input logic [M-1:0][ResBits-1:0] y16_o,
    input logic [M-1:0][OpBits-1:0] y8_o,
    input operand_t operand_i
);
  for (genvar c = 0; c < M; c++) begin : gen_lane
    `SB_COVER(Y16Low_C, valid_o && y16_o[c] == 16'h8000)
    `SB_COVER(Y16High_C, valid_o && y16_o[c] == 16'h7fff)
    `SB_COVER(Y8Low_C, valid_o && !operand_i.nine && y8_o[c] == 9'h180)
    `SB_COVER(Y8High_C, valid_o && !operand_i.nine && y8_o[c] == 9'h07f)
    `SB_COVER(Y9Low_C, valid_o && operand_i.nine && y8_o[c] == 9'h100)
    `SB_COVER(Y9High_C, valid_o && operand_i.nine && y8_o[c] == 9'h0ff)
  end
  `SB_COVER(Shift16_C, valid_o && operand_i.shift_sel == 2'd0)
  `SB_COVER(Shift20_C, valid_o && operand_i.shift_sel == 2'd1)
  `SB_COVER(Shift24_C, valid_o && operand_i.shift_sel == 2'd2)
  `SB_COVER(Shift28_C, valid_o && operand_i.shift_sel == 2'd3)
endmodule
bind sb_layernorm sb_layernorm_cover #(
    .M(M)
) i_cover (
    .clk_i,
    .rst_ni,
    .valid_o,
    .y16_o,
    .y8_o,
    .operand_i
);

module sb_softmax_top_cover #(
    parameter int unsigned M = 1
) (
    input logic clk_i,
    input logic rst_ni,
    input logic int8_i,
    input logic in_waits,
    input logic valid,
    input logic out_waits,
    input logic [M-1:0][7:0] data
);
  logic run_q, valid_q;
  always_ff @(posedge clk_i) begin
    run_q   <= rst_ni;
    valid_q <= valid;
  end
  for (genvar c = 0; c < M; c++) begin : gen_lane
    `SB_COVER(Int8High_C, valid && int8_i && data[c] == 8'd127)
    `SB_COVER(Uint8High_C, valid && !int8_i && data[c] == 8'd255)
    `SB_COVER(Zero_C, valid && data[c] == '0)
  end
  `SB_COVER(InputWaits_C, in_waits)
  `SB_COVER(OutputWaits_C, out_waits)
  `SB_COVER_RESET(ResetOutput_C, valid_q)
  `SB_COVER_RESET(ResetNoOutput_C, !valid_q)
endmodule
bind sb_softmax_top sb_softmax_top_cover #(
    .M(M)
) i_cover (
    .clk_i,
    .rst_ni,
    .int8_i,
    .in_waits(in_valid_i && !in_ready_o),
    .valid(out_valid_o),
    .out_waits(out_valid_o && !out_ready_i),
    .data(out_data_o)
);
