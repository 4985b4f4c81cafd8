// SPDX-License-Identifier: Apache-2.0
// Units of rtl/stages by themselves, with parameters that the stand-alone tops do not use, one
// Verilated model for their unit test. Each has its own pins; each latency is that of
// sb_latency_pkg, asserted here.
`include "sb_assert.svh"

module sb_stage_cells
  import sb_pkg::*, sb_latency_pkg::*;
(
    input  logic                      clk_i,
    input  logic                      rst_ni,
    // sb_norm_row
    input  logic                      norm_valid_i,
    input  logic [   NormJobBits-1:0] norm_job_i,
    input  logic [    RowSumBits-1:0] norm_sum_i,
    input  logic [     RowSqBits-1:0] norm_sumsq_i,
    input  logic [               7:0] norm_tag_i,
    output logic                      norm_valid_o,
    output logic [   NormRowBits-1:0] norm_row_o,
    output logic [               7:0] norm_tag_o,
    // sb_layernorm
    input  logic                      layer_valid_i,
    input  logic [  1:0][ResBits-1:0] layer_s_i,
    input  logic [   NormRowBits-1:0] layer_row_i,
    input  logic [1:0][NormChanBits-1:0] layer_chan_i,
    input  logic [               2:0] layer_operand_i,
    input  logic [               7:0] layer_tag_i,
    output logic                      layer_valid_o,
    output logic [  1:0][ResBits-1:0] layer_y16_o,
    output logic [   1:0][OpBits-1:0] layer_y8_o,
    output logic [               7:0] layer_tag_o,
    // sb_row_max of 8 lanes and of the first 2
    input  logic                      max_valid_i,
    input  logic                      max_first_i,
    input  logic                      max_last_i,
    input  logic [               1:0] max_row_i,
    input  logic [               7:0] max_keep_i,
    input  logic [          7:0][7:0] max_score_i,
    output logic                      max8_valid_o,
    output logic [               1:0] max8_row_o,
    output logic [               7:0] max8_o,
    output logic                      max2_valid_o,
    output logic [               1:0] max2_row_o,
    output logic [               7:0] max2_o,
    // sb_table: 4 tables looked up by unsigned codes in 4 lanes, and 2 by signed ones in 2 lanes
    input  logic                      table_load_i,
    input  logic [               1:0] table_load_select_i,
    input  logic [               7:0] table_load_addr_i,
    input  logic [               4:0] table_load_data_i,
    input  logic                      table_valid_i,
    input  logic [               1:0] table_select_i,
    input  logic [          3:0][7:0] table_index_i,
    input  logic [               7:0] table_tag_i,
    output logic                      table4_valid_o,
    output logic [          3:0][4:0] table4_data_o,
    output logic [               7:0] table4_tag_o,
    output logic                      table2_valid_o,
    output logic [          1:0][4:0] table2_data_o,
    output logic [               7:0] table2_tag_o,
    // sb_exp
    input  logic                      exp_load_i,
    input  logic                      exp_load_select_i,
    input  logic [               7:0] exp_load_addr_i,
    input  logic [               7:0] exp_load_data_i,
    input  logic                      exp_valid_i,
    input  logic                      exp_first_i,
    input  logic                      exp_last_i,
    input  logic [               1:0] exp_row_i,
    input  logic                      exp_select_i,
    input  logic [               7:0] exp_max_i,
    input  logic [               3:0] exp_keep_i,
    input  logic [          3:0][7:0] exp_score_i,
    input  logic [               7:0] exp_tag_i,
    output logic                      exp_valid_o,
    output logic [          3:0][7:0] exp_u_o,
    output logic [               7:0] exp_tag_o,
    output logic                      recip_valid_o,
    output logic [               1:0] recip_row_o,
    output logic [    FactorBits-1:0] recip_o,
    // sb_residual
    input  logic                      res_valid_i,
    input  logic                      res_first_i,
    input  logic                      res_last_i,
    input  logic [               1:0] res_row_i,
    input  logic [  1:0][ResBits-1:0] res_h_i,
    input  logic [  1:0][ResBits-1:0] res_d_i,
    input  logic [               7:0] res_tag_i,
    output logic                      res_valid_o,
    output logic [  1:0][ResBits-1:0] res_s_o,
    output logic [               7:0] res_tag_o,
    output logic                      stats_valid_o,
    output logic [               1:0] stats_row_o,
    output logic [    RowSumBits-1:0] stats_sum_o,
    output logic [     RowSqBits-1:0] stats_sumsq_o,
    // sb_rsqrt
    input  logic                      root_valid_i,
    input  logic [              56:0] root_w_i,
    input  logic [               7:0] root_tag_i,
    output logic                      root_valid_o,
    output logic [              16:0] root_m_o,
    output logic [               4:0] root_h_o,
    output logic [               7:0] root_tag_o,
    // sb_requant with row factor and 9-bit lanes
    input  logic                      req_valid_i,
    input  logic [  1:0][AccBits-1:0] req_acc_i,
    input  logic                      req_factor_on_i,
    input  logic [    FactorBits-1:0] req_factor_i,
    input  logic [ 1:0][ChanBits-1:0] req_chan_i,
    input  logic [               2:0] req_clamp_i,
    input  logic [              15:0] req_zero_point_i,
    input  logic [               7:0] req_tag_i,
    output logic                      req_valid_o,
    output logic [          1:0][8:0] req_data_o,
    output logic [               7:0] req_tag_o
);
  localparam int unsigned Rows = 3;
  localparam int unsigned ExpStageBits = 5;

  sb_norm_row #(.TagBits(8)) i_norm (
      .clk_i, .rst_ni, .job_i(norm_job_i), .valid_i(norm_valid_i), .sum_i(norm_sum_i),
      .sumsq_i(norm_sumsq_i), .tag_i(norm_tag_i), .valid_o(norm_valid_o), .row_o(norm_row_o),
      .tag_o(norm_tag_o)
  );
  sb_layernorm #(.M(2), .TagBits(8)) i_layer (
      .clk_i, .rst_ni, .valid_i(layer_valid_i), .s_i(layer_s_i), .row_i(layer_row_i),
      .chan_i(layer_chan_i), .operand_i(operand_t'(layer_operand_i)), .tag_i(layer_tag_i),
      .valid_o(layer_valid_o), .y16_o(layer_y16_o), .y8_o(layer_y8_o), .tag_o(layer_tag_o)
  );
  sb_row_max #(.M(8), .Rows(Rows)) i_max8 (
      .clk_i, .rst_ni, .valid_i(max_valid_i), .first_i(max_first_i), .last_i(max_last_i),
      .row_i(max_row_i), .keep_i(max_keep_i), .score_i(max_score_i), .valid_o(max8_valid_o),
      .row_o(max8_row_o), .max_o(max8_o)
  );
  sb_row_max #(.M(2), .Rows(Rows)) i_max2 (
      .clk_i, .rst_ni, .valid_i(max_valid_i), .first_i(max_first_i), .last_i(max_last_i),
      .row_i(max_row_i), .keep_i(max_keep_i[1:0]), .score_i(max_score_i[1:0]),
      .valid_o(max2_valid_o), .row_o(max2_row_o), .max_o(max2_o)
  );
  sb_table #(.M(4), .Width(5), .Signed(0), .Tables(4), .TagBits(8)) i_table4 (
      .clk_i, .rst_ni, .load_i(table_load_i), .load_select_i(table_load_select_i),
      .load_addr_i(table_load_addr_i), .load_data_i(table_load_data_i), .valid_i(table_valid_i),
      .select_i(table_select_i), .index_i(table_index_i), .tag_i(table_tag_i),
      .valid_o(table4_valid_o), .data_o(table4_data_o), .tag_o(table4_tag_o)
  );
  sb_table #(.M(2), .Width(5), .Signed(1), .Tables(2), .TagBits(8)) i_table2 (
      .clk_i, .rst_ni, .load_i(table_load_i), .load_select_i(table_load_select_i[0]),
      .load_addr_i(table_load_addr_i), .load_data_i(table_load_data_i), .valid_i(table_valid_i),
      .select_i(table_select_i[0]), .index_i(table_index_i[1:0]), .tag_i(table_tag_i),
      .valid_o(table2_valid_o), .data_o(table2_data_o), .tag_o(table2_tag_o)
  );
  sb_exp #(.M(4), .Rows(Rows), .Tables(2), .StageBits(ExpStageBits), .TagBits(8)) i_exp (
      .clk_i, .rst_ni, .load_i(exp_load_i), .load_select_i(exp_load_select_i),
      .load_addr_i(exp_load_addr_i), .load_data_i(exp_load_data_i), .valid_i(exp_valid_i),
      .first_i(exp_first_i), .last_i(exp_last_i), .row_i(exp_row_i), .select_i(exp_select_i),
      .max_i(exp_max_i), .keep_i(exp_keep_i), .score_i(exp_score_i), .tag_i(exp_tag_i),
      .valid_o(exp_valid_o), .u_o(exp_u_o), .tag_o(exp_tag_o), .recip_valid_o, .recip_row_o,
      .recip_o
  );
  sb_residual #(.M(2), .Rows(Rows), .TagBits(8)) i_residual (
      .clk_i, .rst_ni, .valid_i(res_valid_i), .first_i(res_first_i), .last_i(res_last_i),
      .row_i(res_row_i), .h_i(res_h_i), .d_i(res_d_i), .tag_i(res_tag_i), .valid_o(res_valid_o),
      .s_o(res_s_o), .tag_o(res_tag_o), .stats_valid_o, .stats_row_o, .stats_sum_o, .stats_sumsq_o
  );
  sb_rsqrt #(.TagBits(8)) i_root (
      .clk_i, .rst_ni, .valid_i(root_valid_i), .w_i(root_w_i), .tag_i(root_tag_i),
      .valid_o(root_valid_o), .m_o(root_m_o), .h_o(root_h_o), .tag_o(root_tag_o)
  );
  sb_requant #(.M(2), .OutBits(9), .RowFactor(1), .TagBits(8)) i_requant (
      .clk_i, .rst_ni, .valid_i(req_valid_i), .acc_i(req_acc_i), .factor_on_i(req_factor_on_i),
      .factor_i(req_factor_i), .chan_i(req_chan_i), .clamp_i(clamp_e'(req_clamp_i)),
      .zero_point_i(req_zero_point_i), .tag_i(req_tag_i), .valid_o(req_valid_o),
      .data_o(req_data_o), .tag_o(req_tag_o)
  );

  // Each valid after the latency that the package says, and at no other time.
  localparam int unsigned Units = 11;
  localparam int unsigned Latencies[Units] = '{
      norm_row_latency(),
      layernorm_latency(),
      row_max_latency(8),
      row_max_latency(2),
      table_latency(),
      table_latency(),
      exp_latency(),
      exp_recip_latency(4, ExpStageBits),
      residual_latency(),
      residual_stats_latency(2),
      rsqrt_latency()
  };
  wire [Units-1:0] goes_in = {
    root_valid_i,
    res_valid_i && res_last_i,
    res_valid_i,
    exp_valid_i && exp_last_i,
    exp_valid_i,
    {2{table_valid_i}},
    {2{max_valid_i && max_last_i}},
    layer_valid_i,
    norm_valid_i
  };
  wire [Units-1:0] comes_out = {
    root_valid_o,
    stats_valid_o,
    res_valid_o,
    recip_valid_o,
    exp_valid_o,
    table2_valid_o,
    table4_valid_o,
    max2_valid_o,
    max8_valid_o,
    layer_valid_o,
    norm_valid_o
  };
  for (genvar u = 0; u < Units; u++) begin : gen_latency
    logic due;
    sb_valid_delay #(.Depth(Latencies[u]), .TagBits(1)) i_due (
        .clk_i, .rst_ni, .valid_i(goes_in[u]), .tag_i(1'b0), .valid_o(due), .tag_o(),
        .stage_valid_o()
    );
    `SB_ASSERT(LatencyHolds_A, comes_out[u] == due)
  end
  logic req_due;
  sb_valid_delay #(.Depth(requant_latency(1)), .TagBits(1)) i_req_due (
      .clk_i, .rst_ni, .valid_i(req_valid_i), .tag_i(1'b0), .valid_o(req_due), .tag_o(),
      .stage_valid_o()
  );
  `SB_ASSERT(RequantLatencyHolds_A, req_valid_o == req_due)
endmodule
