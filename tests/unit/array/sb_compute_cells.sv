// SPDX-License-Identifier: Apache-2.0
// Adder trees, accumulators and requantizer side by side, one Verilated model for their unit tests.
module sb_compute_cells
  import sb_pkg::*;
(
    input  logic             clk_i,
    input  logic             rst_ni,
    // sb_adder_tree over the first 1, 2 and 8 leaves
    input  logic [7:0][ 9:0] leaf_i,
    output logic      [ 9:0] sum1_o,
    output logic      [10:0] sum2_o,
    output logic      [12:0] sum8_o,
    // sb_accumulator; lanes 0 and 2 subtract
    input  logic             acc_valid_i,
    input  logic             acc_first_i,
    input  logic             acc_last_i,
    input  logic      [ 2:0] acc_row_i,
    input  logic [3:0][29:0] acc_dot_i,
    input  logic      [ 7:0] acc_tag_i,
    output logic             acc_valid_o,
    output logic [3:0][31:0] acc_sum_o,
    output logic      [ 7:0] acc_tag_o,
    // sb_requant: without and with the row factor, of each style
    input  logic             requant_valid_i,
    input  logic [7:0][31:0] requant_acc_i,
    input  logic [7:0][63:0] requant_chan_i,
    input  logic             requant_factor_on_i,  // of those that can
    input  logic      [16:0] requant_factor_i,
    input  logic      [ 2:0] requant_clamp_i,
    input  logic      [15:0] requant_zero_point_i,
    input  logic      [ 7:0] requant_tag_i,
    output logic [5:0][ 7:0] requant_latency_o,
    output logic [5:0]       requant_valid_o,
    output logic [5:0][7:0][31:0] requant_data_o,
    output logic [5:0][ 7:0] requant_tag_o
);
  logic signed [9:0] leaf1[1], leaf2[2], leaf8[8];
  logic signed [29:0] dot[4];
  for (genvar i = 0; i < 8; i++) begin : gen_leaf
    assign leaf8[i] = leaf_i[i];
    if (i < 2) begin : gen_pair
      assign leaf2[i] = leaf_i[i];
    end
    if (i < 4) begin : gen_dot
      assign dot[i] = acc_dot_i[i];
    end
  end
  assign leaf1[0] = leaf_i[0];
  sb_adder_tree #(.Leaves(1), .Width(10)) i_tree1 (.clk_i, .leaf_i(leaf1), .sum_o(sum1_o));
  sb_adder_tree #(.Leaves(2), .Width(10)) i_tree2 (.clk_i, .leaf_i(leaf2), .sum_o(sum2_o));
  sb_adder_tree #(.Leaves(8), .Width(10)) i_tree8 (.clk_i, .leaf_i(leaf8), .sum_o(sum8_o));

  sb_accumulator #(.M(4), .Rows(5), .DotBits(30), .TagBits(8), .Subtract(4'b0101)) i_accumulator (
      .clk_i, .rst_ni, .valid_i(acc_valid_i), .first_i(acc_first_i), .last_i(acc_last_i),
      .row_i(acc_row_i),
      .dot_i(dot), .tag_i(acc_tag_i), .valid_o(acc_valid_o), .sum_o(acc_sum_o), .tag_o(acc_tag_o)
  );
  for (genvar i = 0; i < 6; i++) begin : gen_requant
    localparam bit RowFactor = i >= 3;
    localparam int unsigned MulStyle = i % 3;
    sb_requant #(.M(8), .OutBits(32), .RowFactor(RowFactor), .MulStyle(MulStyle),
                 .TagBits(8)) i_requant (
        .clk_i, .rst_ni, .valid_i(requant_valid_i), .acc_i(requant_acc_i), .chan_i(requant_chan_i),
        .clamp_i(clamp_e'(requant_clamp_i)), .zero_point_i(requant_zero_point_i),
        .tag_i(requant_tag_i),
        .factor_on_i(RowFactor && requant_factor_on_i), .factor_i(requant_factor_i),
        .valid_o(requant_valid_o[i]), .data_o(requant_data_o[i]), .tag_o(requant_tag_o[i])
    );
    assign requant_latency_o[i] = 8'(sb_latency_pkg::requant_latency(RowFactor, MulStyle,
                                                                1'b1));
  end
endmodule
