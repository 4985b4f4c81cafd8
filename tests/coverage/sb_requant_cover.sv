// SPDX-License-Identifier: Apache-2.0
// Every clamp of sb_requant on both sides, ties at every shift, to an even number below and above,
// from its inputs: words without row factor.
`include "sb_cover.svh"

module sb_requant_cover
  import sb_pkg::*;
#(
    parameter int unsigned M = 1
) (
    input logic clk_i,
    input logic rst_ni,
    input logic valid_i,
    input logic factor_on_i,
    input logic [M-1:0][AccBits-1:0] acc_i,
    input logic [M-1:0][ChanBits-1:0] chan_i,
    input clamp_e clamp_i,
    input logic signed [15:0] zero_point_i
);
  wire plain = valid_i && !factor_on_i;
  `SB_COVER(WithFactor_C, valid_i && factor_on_i)
  for (genvar c = 0; c < M; c++) begin : gen_lane
    chan_t chan;
    logic signed [63:0] product, whole, y;
    logic [63:0] rest, half;
    logic [5:0] shift;
    logic tie;
    always_comb begin
      chan = chan_i[c];
      shift = 6'(ShiftBase + ShiftStep * 32'(chan.shift_sel));
      product = (64'($signed(acc_i[c])) + 64'(chan.bias)) * 64'($signed({1'b0, chan.mult}));
      half = 64'd1 << (shift - 6'd1);
      whole = product >>> shift;
      rest = product & ((64'd1 << shift) - 64'd1);
      tie = plain && clamp_i != ClampRaw && rest == half;
      y = whole + 64'($signed({1'b0, rest > half || (rest == half && whole[0])})) +
          64'(zero_point_i);
    end
    `SB_COVER(Raw_C, plain && clamp_i == ClampRaw)
    `SB_COVER(S8Low_C, plain && clamp_i == ClampS8 && y < -64'sd128)
    `SB_COVER(S8High_C, plain && clamp_i == ClampS8 && y > 64'sd127)
    `SB_COVER(U8Low_C, plain && clamp_i == ClampU8 && y < 64'sd0)
    `SB_COVER(U8High_C, plain && clamp_i == ClampU8 && y > 64'sd255)
    `SB_COVER(S9Low_C, plain && clamp_i == ClampS9 && y < -64'sd256)
    `SB_COVER(S9High_C, plain && clamp_i == ClampS9 && y > 64'sd255)
    `SB_COVER(S16Low_C, plain && clamp_i == ClampS16 && y < -64'sd32768)
    `SB_COVER(S16High_C, plain && clamp_i == ClampS16 && y > 64'sd32767)
    `SB_COVER(TieDown16_C, tie && chan.shift_sel == 2'd0 && !whole[0])
    `SB_COVER(TieUp16_C, tie && chan.shift_sel == 2'd0 && whole[0])
    `SB_COVER(TieDown26_C, tie && chan.shift_sel == 2'd1 && !whole[0])
    `SB_COVER(TieUp26_C, tie && chan.shift_sel == 2'd1 && whole[0])
    `SB_COVER(TieDown36_C, tie && chan.shift_sel == 2'd2 && !whole[0])
    `SB_COVER(TieUp36_C, tie && chan.shift_sel == 2'd2 && whole[0])
    `SB_COVER(TieDown46_C, tie && chan.shift_sel == 2'd3 && !whole[0])
    `SB_COVER(TieUp46_C, tie && chan.shift_sel == 2'd3 && whole[0])
    `SB_COVER(TieOfNegative_C, tie && whole < 0)
  end
endmodule

bind sb_requant sb_requant_cover #(
    .M(M)
) i_cover (
    .clk_i,
    .rst_ni,
    .valid_i,
    .factor_on_i,
    .acc_i,
    .chan_i,
    .clamp_i,
    .zero_point_i
);
