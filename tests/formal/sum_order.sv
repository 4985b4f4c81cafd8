// SPDX-License-Identifier: Apache-2.0
// The accumulators of sb_gemm_core never read a sum that is still on its way to the memory,
// whatever jobs come, however each stream stalls, with resets at any time. M = 4, up to 3 x 3
// blocks, jobs of 0 to 7 rows, of which 1 to 4 are legal, so that a row comes back as early as it
// can. Data are zero: control alone is looked at. run.sh proves it by k-induction, for any length.
module sum_order
  import sb_pkg::*;
#(
    parameter int unsigned ChainLength = 2
) (
    input logic       clk_i,
    input logic       rst_ni,
    input logic       job_valid_i,
    input logic [2:0] rows_i,
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
      .Rows(4),
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

  // Words that entered the accumulators up to three cycles ago and leave a sum to be written.
  typedef struct packed {
    logic       valid;
    logic [1:0] row;
  } word_t;
  word_t before_q, before2_q, before3_q;
  wire stores = i_core.i_accumulator.valid_i && !i_core.i_accumulator.last_i;
  always_ff @(posedge clk_i) begin
    before_q  <= '{valid: run && stores, row: i_core.i_accumulator.row_i};
    before2_q <= '{valid: run && before_q.valid, row: before_q.row};
    before3_q <= '{valid: run && before2_q.valid, row: before2_q.row};
  end

  wire reads = i_core.i_accumulator.i_sums.read_i;
  wire [1:0] read_row = i_core.i_accumulator.i_sums.read_addr_i;
  wire writes = i_core.i_accumulator.i_sums.write_i;
  wire [1:0] written_row = i_core.i_accumulator.i_sums.write_addr_i;

  // Cycles since a tile ended, up to 3; whether it had fewer than 4 rows.
  logic [1:0] since_q;
  logic few_q;
  always_ff @(posedge clk_i) begin
    if (!run || i_core.tile_done) since_q <= '0;
    else if (since_q != 2'd3) since_q <= since_q + 1'b1;
    if (i_core.tile_done) few_q <= i_core.place.few_rows;
  end
  logic waits;
  always_ff @(posedge clk_i) waits <= run && i_core.settling;

  // Rows on their way to the issue: in the loops, and in the two buffers behind them.
  typedef struct packed {
    logic       first;
    logic       last;
    logic       kb_last;
    logic       few_rows;
    logic [1:0] row;
  } row_t;
  localparam int unsigned PlaceBits = 9;
  function automatic row_t row_of(logic [PlaceBits-1:0] place);
    return '{
        first: place[PlaceBits-1],
        last: place[PlaceBits-2],
        kb_last: place[PlaceBits-4],
        few_rows: place[PlaceBits-6],
        row: place[1:0]
    };
  endfunction
  function automatic logic legal(row_t r);
    return r.first == (r.row == '0) && (r.few_rows ? r.row != 2'd3 : r.last == (r.row == 2'd3)) &&
        (!r.few_rows || r.last || r.row < 2'd2);
  endfunction
  function automatic logic follows(row_t earlier, row_t r);
    if (earlier.last) return r.first;
    return r.row == earlier.row + 1'b1 && r.few_rows == earlier.few_rows &&
        r.kb_last == earlier.kb_last;
  endfunction
  row_t loops, ahead, ahead_spare, head, spare, issued, newest;
  assign loops = row_of(i_core.place_in);
  assign ahead = row_of(i_core.i_ahead.head_q);
  assign ahead_spare = row_of(i_core.i_ahead.spare_q);
  assign head  = row_of(i_core.i_place.head_q);
  assign spare = row_of(i_core.i_place.spare_q);
  wire ahead_valid = i_core.i_ahead.head_valid_q;
  wire ahead_spare_valid = !i_core.i_ahead.spare_free_q;
  wire head_valid = i_core.i_place.head_valid_q, spare_valid = !i_core.i_place.spare_free_q;
  assign issued = spare_valid ? spare : head;  // the newest one in front of the issue
  assign newest = ahead_spare_valid ? ahead_spare : ahead_valid ? ahead : issued;

  wire [15:0] rows_total = i_core.i_row.total_q, rows_ahead = i_core.i_row.ahead_q;
  wire [15:0] kb_total = i_core.i_kb.total_q, kb_ahead = i_core.i_kb.ahead_q;
  // Swaps on their way to the first column's last place.
  wire [ChainLength-1:0] swaps = i_core.swapped_q & ChainLength'((1 << (ChainLength - 1)) - 1);
  always_ff @(posedge clk_i) begin
    if (run) begin
      // Invariants for the induction: a tile is being loaded, loaded, or waits for the swap of the
      // one before; the loops stand where they say; rows follow each other.
      a_tile : assert ($countones({i_core.w_open_q, i_core.tile_full_q, swaps}) == 1);
      a_channel : assert (i_core.w_open_q || i_core.channel_q == '0);
      if (i_core.job_valid_q) begin
        a_first : assert (i_core.row_first == (rows_ahead == 16'd2));
        a_last : assert (i_core.row_last == (rows_ahead == rows_total + 1'b1));
        a_single : assert (i_core.i_row.single_q == (rows_total == 16'd1));
        a_row : assert (rows_ahead >= 16'd2 && rows_ahead <= rows_total + 1'b1);
        a_index : assert (i_core.row_q == 2'(rows_ahead - 16'd2));
        a_rows : assert (rows_total >= 16'd1 && rows_total <= 16'd4);
        a_few : assert (i_core.few_rows_q == (rows_total < 16'd4));
        a_kb_first : assert (i_core.kb_first == (kb_ahead == 16'd2));
        a_kb_last : assert (i_core.kb_last == (kb_ahead == kb_total + 1'b1));
        a_kb_single : assert (i_core.i_kb.single_q == (kb_total == 16'd1));
        a_kb_inside : assert (16'(kb_ahead - 16'd2) < kb_total);
      end
      a_head_first : assert (head_valid || !spare_valid);
      a_head : assert (!head_valid || legal(head));
      a_spare : assert (!spare_valid || (legal(spare) && follows(head, spare)));
      a_ahead_first : assert (ahead_valid || !ahead_spare_valid);
      a_ahead : assert (!ahead_valid || (legal(ahead) && (!head_valid || follows(issued, ahead))));
      a_ahead_spare : assert (!ahead_spare_valid ||
                              (legal(ahead_spare) && follows(ahead, ahead_spare)));
      a_loops : assert ((!head_valid && !ahead_valid) ||
                        (i_core.job_valid_q ? follows(newest, loops) : newest.last));
      // The sum is written at the end of the third cycle after its word entered ...
      a_written : assert (!before3_q.valid || (writes && written_row == before3_q.row));
      // ... and not read up to then: the memory would give the one before.
      a_not_in_read : assert (!reads || !before_q.valid || before_q.row != read_row);
      a_not_in_add : assert (!reads || !before2_q.valid || before2_q.row != read_row);
      a_not_in_write : assert (!reads || !before3_q.valid || before3_q.row != read_row);
      // The first row of a tile may go when the tile is there and nothing waits.
      a_open : assert (i_core.open_q == (i_core.tile_full_q && !waits));
      // Only jobs of fewer than 4 rows wait, and for two cycles after a tile.
      a_no_cost : assert (!waits || (few_q && since_q < 2'd2));
    end
  end
endmodule
