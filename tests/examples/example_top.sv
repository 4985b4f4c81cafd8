// SPDX-License-Identifier: Apache-2.0
// A top of one's own around sb_fc_layer: y = x * W^T + bias for 8 inputs and 4 outputs, int8 times
// int8, results as they are in the accumulators (32 bits). Streams of four lanes: a beat of x_i
// holds four inputs of a row, all rows' first four inputs before the second four; a beat of y_o the
// four outputs of a row. Weights come first, by w_i: README.md has the order.
module example_top
  import sb_pkg::*;
(
    input  logic         clk_i,
    input  logic         rst_ni,
    input  logic [ 31:0] rows_i,
    input  logic [ 31:0] w_i,
    input  logic         w_valid_i,
    output logic         w_ready_o,
    input  logic [ 31:0] x_i,
    input  logic         x_valid_i,
    input  logic         x_last_i,
    output logic         x_ready_o,
    output logic [127:0] y_o,
    output logic         y_valid_o,
    output logic         y_last_o,
    input  logic         y_ready_i,
    output logic         error_o
);
  sb_fc_layer #(.M(4), .K(8), .N(4), .Rows(16), .OutBits(32)) i_layer (
      .clk_i, .rst_ni, .rows_i, .error_o,
      .act_unsigned_i(1'b0), .clamp_i(ClampRaw), .zero_point_i('0),
      .s_axis_w_tdata(w_i), .s_axis_w_tvalid(w_valid_i), .s_axis_w_tready(w_ready_o),
      .s_axis_tdata(x_i), .s_axis_tvalid(x_valid_i), .s_axis_tlast(x_last_i),
      .s_axis_tready(x_ready_o),
      .m_axis_tdata(y_o), .m_axis_tvalid(y_valid_o), .m_axis_tlast(y_last_o),
      .m_axis_tready(y_ready_i), .m_axis_tkeep(), .loaded_o()
  );
endmodule
