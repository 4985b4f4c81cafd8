// SPDX-License-Identifier: Apache-2.0
// sb_fc_layer for Vivado's IP packager, which takes as the top of a core plain Verilog alone and
// keeps the type of a parameter only if it is an integer. Ports and behaviour are those of
// sb_fc_layer; weights come by s_axis_w. Widths of the ports are written with + - * / alone, the
// operators that the packager turns into expressions of its own.
module sb_fc_layer_ip #(
    parameter integer M = 16,
    parameter integer K = 256,
    parameter integer N = 256,
    parameter integer Rows = 128,
    parameter integer ActBits = 8,  // 8, or 9: a lane of s_axis_tdata then has 16 bits
    parameter integer OutBits = 8,
    parameter integer ChainLength = 4,
    parameter integer Packed = 1,
    parameter integer MulStyle = 0,
    parameter integer LutChannels = 0
) (
    input  wire                              clk_i,
    input  wire                              rst_ni,
    input  wire [                      31:0] rows_i,
    input  wire                              act_unsigned_i,
    input  wire [                       2:0] clamp_i,
    input  wire [                      15:0] zero_point_i,
    input  wire [M*(8 + (ActBits-8)*8) -1:0] s_axis_tdata,
    input  wire                              s_axis_tvalid,
    output wire                              s_axis_tready,
    input  wire                              s_axis_tlast,
    input  wire [                   M*8-1:0] s_axis_w_tdata,
    input  wire                              s_axis_w_tvalid,
    output wire                              s_axis_w_tready,
    output wire [             M*OutBits-1:0] m_axis_tdata,
    output wire [         (M*OutBits)/8-1:0] m_axis_tkeep,
    output wire                              m_axis_tvalid,
    input  wire                              m_axis_tready,
    output wire                              m_axis_tlast,
    output wire                              error_o,
    output wire                              loaded_o
);
  sb_fc_layer #(
      .M(M),
      .K(K),
      .N(N),
      .Rows(Rows),
      .ActBits(ActBits),
      .OutBits(OutBits),
      .ChainLength(ChainLength),
      .Packed(Packed),
      .MulStyle(MulStyle),
      .LutChannels(LutChannels)
  ) i_layer (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .rows_i(rows_i),
      .act_unsigned_i(act_unsigned_i),
      .clamp_i(clamp_i),
      .zero_point_i(zero_point_i),
      .s_axis_tdata(s_axis_tdata),
      .s_axis_tvalid(s_axis_tvalid),
      .s_axis_tready(s_axis_tready),
      .s_axis_tlast(s_axis_tlast),
      .s_axis_w_tdata(s_axis_w_tdata),
      .s_axis_w_tvalid(s_axis_w_tvalid),
      .s_axis_w_tready(s_axis_w_tready),
      .m_axis_tdata(m_axis_tdata),
      .m_axis_tkeep(m_axis_tkeep),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tlast(m_axis_tlast),
      .error_o(error_o),
      .loaded_o(loaded_o)
  );
endmodule
