// SPDX-License-Identifier: Apache-2.0
// Why sb_gemm_core does not issue, which tiles follow each other at once, what it refuses, where
// resets find it.
`include "sb_cover.svh"

module sb_gemm_core_cover
  import sb_pkg::*;
#(
    parameter int unsigned Rows = 1
) (
    input logic clk_i,
    input logic rst_ni,
    input logic job_valid_i,
    input logic job_ready_i,
    input job_t job_in,
    input logic job_refused,
    input logic job_valid_q,
    input logic act_valid,
    input logic act_waits,  // at the input
    input logic w_waits,
    input logic chan_waits,
    input logic first,  // the next row is the first of its tile
    input logic issue,
    input logic swap,
    input logic tile_done,
    input logic tile_full_q,
    input logic settling,
    input logic kb_last,
    input logic claim,
    input logic credit_some_q,
    input logic chan_some_q,
    input logic option_free,
    input logic all_credits,
    input logic flushing,
    input logic out_waits,
    input logic out_moves
);
  logic run_q, full_before_q, settling_q, settled_q;
  logic [1:0] rows_q, tile_rows_q;  // issued of this tile; of the tile before; up to 3
  wire [1:0] rows = swap ? 2'd1 : rows_q + 2'(rows_q != 2'd3);
  logic long_q, tile_long_q;  // more than 3 rows
  always_ff @(posedge clk_i) begin
    run_q         <= rst_ni;
    full_before_q <= tile_full_q;
    settling_q    <= rst_ni && settling;
    settled_q     <= settling_q;
    if (issue) rows_q <= rows;
    if (issue) long_q <= !swap && (long_q || rows_q == 2'd3);
    if (tile_done) tile_rows_q <= rows;
    if (tile_done) tile_long_q <= !swap && (long_q || rows_q == 2'd3);
  end
  wire waits = job_valid_q && act_valid && !issue;
  `SB_COVER(NoJob_C, !job_valid_q && act_valid)
  `SB_COVER(NoActivation_C, job_valid_q && !act_valid)
  `SB_COVER(NoTile_C, waits && first && !tile_full_q)
  `SB_COVER(Settling_C, waits && tile_full_q && settling_q)
  `SB_COVER(NoCredit_C, job_valid_q && kb_last && !credit_some_q)
  `SB_COVER(NoChannelWord_C, job_valid_q && claim && !chan_some_q)
  `SB_COVER(NoPlaceForOptions_C, !option_free)
  `SB_COVER(JobsFull_C, job_valid_i && !job_ready_i)
  `SB_COVER(ActivationWaits_C, act_waits)
  `SB_COVER(WeightsWait_C, w_waits)
  `SB_COVER(ChannelsFull_C, chan_waits)
  `SB_COVER(ResultWaits_C, out_waits)
  `SB_COVER(ResultWhileIssue_C, out_moves && issue)
  // A tile as soon as its weights are there, behind one of so many rows.
  wire at_once = swap && !full_before_q && !tile_long_q;
  `SB_COVER(TileBehind1Row_C, at_once && tile_rows_q == 2'd1)
  `SB_COVER(TileBehind2Rows_C, at_once && tile_rows_q == 2'd2)
  `SB_COVER(TileBehind3Rows_C, at_once && tile_rows_q == 2'd3)
  `SB_COVER(TileBehindManyRows_C, swap && tile_long_q && full_before_q)
  // As soon as the sums of so few rows are written: its weights were there before.
  wire settled = swap && settled_q && !settling_q && !tile_long_q;
  `SB_COVER(SettledBehind2Rows_C, settled && tile_rows_q == 2'd2)
  `SB_COVER(SettledBehind3Rows_C, settled && tile_rows_q == 2'd3)
  `SB_COVER(RefusesNoRows_C, job_refused && job_in.rows == '0)
  `SB_COVER(RefusesTooManyRows_C, job_refused && 32'(job_in.rows) > Rows)
  `SB_COVER(RefusesNoKBlocks_C, job_refused && job_in.k_blocks == '0)
  `SB_COVER(RefusesNoNBlocks_C, job_refused && job_in.n_blocks == '0)
  `SB_COVER_RESET(ResetIdle_C, !job_valid_q && all_credits)
  `SB_COVER_RESET(ResetWaitsForTile_C, job_valid_q && !tile_full_q)
  `SB_COVER_RESET(ResetWaitsForActivation_C, job_valid_q && tile_full_q && !act_valid)
  `SB_COVER_RESET(ResetIssue_C, issue)
  `SB_COVER_RESET(ResetSettling_C, settling_q)
  `SB_COVER_RESET(ResetNoCredit_C, !credit_some_q)
  `SB_COVER_RESET(ResetDrains_C, !job_valid_q && !all_credits)
  `SB_COVER_RESET(ResetResultWaits_C, out_waits)
  `SB_COVER_RESET(ResetFlushing_C, flushing)
endmodule

bind sb_gemm_core sb_gemm_core_cover #(
    .Rows(Rows)
) i_cover (
    .clk_i,
    .rst_ni,
    .job_valid_i,
    .job_ready_i(job_ready_o),
    .job_in,
    .job_refused(job_taken_q && job_bad_q),
    .job_valid_q,
    .act_valid,
    .act_waits(act_valid_i && !act_ready_o),
    .w_waits(w_valid_i && !w_ready_o),
    .chan_waits(chan_valid_i && !chan_ready_o),
    .first(place.first),
    .issue,
    .swap,
    .tile_done,
    .tile_full_q,
    .settling,
    .kb_last(ahead_valid && ahead.kb_last),
    .claim(ahead_valid && claim),
    .credit_some_q,
    .chan_some_q,
    .option_free,
    .all_credits(credit_q == CreditBits'(OutDepth)),
    .flushing(flushing_q),
    .out_waits(out_valid_o && !out_ready_i),
    .out_moves(out_valid_o && out_ready_i)
);
