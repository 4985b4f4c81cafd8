// SPDX-License-Identifier: Apache-2.0
// sb_gemm_core never hangs: whatever jobs arrive and however the streams stall, once every stream
// is willing something moves within Bound cycles until the core is idle. Data are zero (only the
// control is looked at). M = 4, jobs up to 3 rows and 2 x 2 blocks, bad jobs included. Checked for
// all sequences up to the depth that run.sh gives.
module job_progress
  import sb_pkg::*;
#(
    parameter int unsigned Bound = 28
) (
    input logic clk_i,
    input logic job_valid_i,
    input logic [1:0] rows_i,
    input logic [1:0] k_blocks_i,
    input logic [1:0] n_blocks_i,
    input logic w_valid_i,
    input logic chan_valid_i,
    input logic act_valid_i,
    input logic out_ready_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;
  job_t job;
  assign job = '{
      act_unsigned: 1'b0, clamp: ClampS8, zero_point: '0, rows: 16'(rows_i),
      k_blocks: 16'(k_blocks_i), n_blocks: 16'(n_blocks_i)
  };
  logic job_ready, w_ready, chan_ready, act_ready, out_valid, out_last, error, idle;
  logic [3:0][7:0] out;
  sb_gemm_core #(.M(4), .Rows(3), .OutBits(8), .ChainLength(2)) i_core (
      .clk_i, .rst_ni(started_q), .job_valid_i, .job_ready_o(job_ready), .job_i(job),
      .w_valid_i, .w_ready_o(w_ready), .w_data_i('0),
      .chan_valid_i, .chan_ready_o(chan_ready), .chan_data_i('0),
      .act_valid_i, .act_ready_o(act_ready), .act_data_i('0),
      .out_valid_o(out_valid), .out_ready_i, .out_data_o(out), .out_last_o(out_last),
      .error_o(error), .idle_o(idle)
  );
  wire willing = w_valid_i && chan_valid_i && act_valid_i && out_ready_i;
  wire moves = (job_valid_i && job_ready) || (w_valid_i && w_ready) ||
      (chan_valid_i && chan_ready) || (act_valid_i && act_ready) || out_valid;
  logic [5:0] still_q = '0;
  always_ff @(posedge clk_i) begin
    still_q <= !started_q || !willing || moves || idle ? '0 : still_q + 1'b1;
    if (started_q) a_progress: assert (still_q < 6'(Bound));
  end
endmodule
