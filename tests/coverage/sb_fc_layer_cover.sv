// SPDX-License-Identifier: Apache-2.0
// Who waits for whom in sb_fc_layer, batches that it makes up, where resets find it.
`include "sb_cover.svh"

module sb_fc_layer_cover (
    input logic        clk_i,
    input logic        rst_ni,
    input logic [31:0] rows_i,
    input logic        batch_q,
    input logic        padding_q,
    input logic        loaded,
    input logic        error,
    input logic        in_valid,
    input logic        in_ready,
    input logic        in_last,
    input logic        load_valid,
    input logic        load_ready,
    input logic        out_valid,
    input logic        out_ready
);
  logic run_q, late_q;
  always_ff @(posedge clk_i) begin
    run_q  <= rst_ni;
    late_q <= in_valid && in_ready && !in_last && !error;
  end
  `SB_COVER(LoadWaitsForBatch_C, load_valid && !load_ready && batch_q)
  `SB_COVER(LoadWaitsForResults_C, load_valid && !load_ready && !batch_q && out_valid)
  `SB_COVER(LoadAgain_C, load_valid && load_ready && loaded)
  `SB_COVER(BatchWaitsForLoad_C, in_valid && !loaded)
  `SB_COVER(BeatWaits_C, batch_q && in_valid && !in_ready && !padding_q)
  `SB_COVER(BatchOfNoRows_C, in_valid && !batch_q && loaded && rows_i == '0)
  `SB_COVER(BatchEndsEarly_C, padding_q)
  `SB_COVER(BatchEndsLate_C, late_q && error)
  `SB_COVER(ResultWaits_C, out_valid && !out_ready)
  `SB_COVER_RESET(ResetIdle_C, loaded && !batch_q && !out_valid)
  `SB_COVER_RESET(ResetLoading_C, !loaded && load_valid)
  `SB_COVER_RESET(ResetBatch_C, batch_q)
  `SB_COVER_RESET(ResetPadding_C, padding_q)
  `SB_COVER_RESET(ResetResults_C, out_valid)
endmodule

bind sb_fc_layer sb_fc_layer_cover i_cover (
    .clk_i,
    .rst_ni,
    .rows_i,
    .batch_q,
    .padding_q,
    .loaded(loaded_o),
    .error(error_o),
    .in_valid(s_axis_tvalid),
    .in_ready(s_axis_tready),
    .in_last(s_axis_tlast),
    .load_valid(s_axis_w_tvalid),
    .load_ready(s_axis_w_tready),
    .out_valid(m_axis_tvalid),
    .out_ready(m_axis_tready)
);
