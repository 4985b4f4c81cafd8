// SPDX-License-Identifier: Apache-2.0
// The accumulators of sb_gemm_core never read a sum that is still on its way to the memory,
// whatever jobs come, however each stream stalls, with resets at any time. M = 4, up to 3 x 3
// blocks, jobs of 0 to 3 rows, so that a row comes back as early as it can. Data are zero: control
// alone is looked at. run.sh proves it by k-induction, for any length.
module sum_order
  import sb_pkg::*;
#(
    parameter int unsigned ChainLength = 2
) (
    input logic       clk_i,
    input logic       rst_ni,
    input logic       job_valid_i,
    input logic [1:0] rows_i,
    input logic [1:0] k_blocks_i,
    input logic [1:0] n_blocks_i,
    input logic       w_valid_i,
    input logic       chan_valid_i,
    input logic       act_valid_i,
    input logic       out_ready_i
);
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;
  wire  run = started_q && rst_ni;
  job_t job;
  assign job = '{
          act_unsigned: 1'b0,
          clamp: ClampS8,
          zero_point: '0,
          rows: 16'(rows_i),
          k_blocks: 16'(k_blocks_i),
          n_blocks: 16'(n_blocks_i)
      };
  logic job_ready, w_ready, chan_ready, act_ready, out_valid, out_last, error, idle;
  logic [3:0][7:0] out;
  sb_gemm_core #(
      .M(4),
      .Rows(3),
      .OutBits(8),
      .ChainLength(ChainLength)
  ) i_core (
      .clk_i,
      .rst_ni(run),
      .job_valid_i,
      .job_ready_o(job_ready),
      .job_i(job),
      .w_valid_i,
      .w_ready_o(w_ready),
      .w_data_i('0),
      .chan_valid_i,
      .chan_ready_o(chan_ready),
      .chan_data_i('0),
      .act_valid_i,
      .act_ready_o(act_ready),
      .act_data_i('0),
      .out_valid_o(out_valid),
      .out_ready_i,
      .out_data_o(out),
      .out_last_o(out_last),
      .error_o(error),
      .idle_o(idle)
  );

  // Words that entered the accumulators one and two cycles ago and leave a sum to be written.
  typedef struct packed {
    logic       valid;
    logic [1:0] row;
  } word_t;
  word_t before_q, before2_q;
  wire stores = i_core.i_accumulator.valid_i && !i_core.i_accumulator.last_i;
  always_ff @(posedge clk_i) begin
    before_q  <= '{valid: run && stores, row: i_core.i_accumulator.row_i};
    before2_q <= '{valid: run && before_q.valid, row: before_q.row};
  end

  wire reads = i_core.i_accumulator.i_sums.read_i;
  wire [1:0] read_row = i_core.i_accumulator.i_sums.read_addr_i;
  wire writes = i_core.i_accumulator.i_sums.write_i;
  wire [1:0] written_row = i_core.i_accumulator.i_sums.write_addr_i;

  // Rows issued one and two cycles ago.
  word_t issued_q, issued2_q;
  always_ff @(posedge clk_i) begin
    issued_q  <= '{valid: run && act_valid_i && act_ready, row: i_core.row_q[1:0]};
    issued2_q <= '{valid: run && issued_q.valid, row: issued_q.row};
  end
  // Nothing but the sum may be in the way: the first row waits for its tile anyway.
  wire may_issue = i_core.job_valid && !i_core.job_bad && (!i_core.row_first || i_core.tile_full_q);
  wire waits = i_core.sum_pending_q && may_issue;

  always_ff @(posedge clk_i) begin
    if (run) begin
      // Invariant for the induction: a tile that is loaded has no further word.
      a_tile : assert (!i_core.tile_full_q || i_core.channel_q == '0);
      // The sum is written at the end of the second cycle after its word entered ...
      a_written : assert (!before2_q.valid || (writes && written_row == before2_q.row));
      // ... and not read up to then: the memory would give the one before.
      a_not_in_add : assert (!reads || !before_q.valid || before_q.row != read_row);
      a_not_in_write : assert (!reads || !before2_q.valid || before2_q.row != read_row);
      // A row waits only for its own sum, and only in jobs of 2 rows.
      a_needed : assert (!waits || (issued2_q.valid && issued2_q.row == i_core.row_q[1:0]));
      a_no_cost : assert (!waits || i_core.job.rows == 16'd2);
    end
  end
endmodule
