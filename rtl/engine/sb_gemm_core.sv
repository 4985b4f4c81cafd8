// SPDX-License-Identifier: Apache-2.0
// Matrix product engine: systolic array, accumulators and requantizer behind four streams and a job
// queue.
//
//   weights --> shadow tiles --+
//                              v
//   activations --> issue --> array --> accumulators --> requantizer --> result FIFO --> results
//     jobs --> loops --^                                    ^ channels
//
// A job multiplies a (rows, K) activation matrix by K x N weights: `rows` up to Rows, K and N in
// blocks of M, no other limit (more rows: more jobs). For nb in blocks of N: for kb in blocks of K:
// one weight tile, then `rows` activation words. Streams, all valid / ready, in the order of the
// jobs:
//   job    job_t, one per job; one of 0 rows or blocks or of more than Rows rows is dropped and
//          error_o set
//   w      M words per tile, word c = the M weights of output channel nb * M + c
//   chan   one word per nb: bias, multiplier and shift of its M channels (chan_t)
//   act    per tile `rows` words, word r = columns kb * M .. kb * M + M - 1 of row r
//   out    per nb `rows` words, word r = the M results of row r; out_last_o marks a job's last word
// Columns past K must have zero weights; lanes past N are whatever their weights make them.
//
// The array never stalls: a row of the last kb enters only when the result FIFO has room for it
// (credits, taken between the loops, which are up to four rows ahead, and the issue). The next tile
// loads behind the current one, jobs follow each other without a bubble. Issue takes max(rows, M +
// ChainLength) cycles per tile when no stream is late; the first result of a job leaves Latency
// cycles after its first row of the last kb.
//
// The accumulators need 4 cycles or more between two uses of a row (sb_accumulator). With 4 rows or
// more that is so; tiles of fewer rows end before the next one is loaded, unless activations come
// late. So the first row of the next tile waits until the sums of a tile of fewer than 4 rows are
// written (settling), at most 2 cycles. That costs two flip-flops; forwarding sums would cost two
// registers and a multiplexer per bit of a word. Proven: tests/formal/sum_order.sv.
`include "sb_assert.svh"

module sb_gemm_core
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,  // rows and columns of the array: 4, 8, 16, 32 or 64
    parameter int unsigned Rows = 128,  // depth of the accumulators, 1 to 65535
    parameter int unsigned ActBits = 8,  // activation lanes: 8 (sign by job) or 9 (signed)
    parameter int unsigned OutBits = 32,  // result lanes: 8, 9, 16 or 32 (raw results: 32)
    parameter int unsigned ChainLength = 4,  // products per DSP chain (sb_array)
    parameter bit Packed = 1,  // two products per multiplier (sb_array)
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e (sb_array)
    parameter int unsigned LutChannels = 0  // channels whose multipliers are LUTs (sb_array)
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous, active low
    input logic job_valid_i,
    output logic job_ready_o,
    input logic [JobBits-1:0] job_i,  // job_t
    input logic w_valid_i,
    output logic w_ready_o,
    input logic [M-1:0][WeightBits-1:0] w_data_i,
    input logic chan_valid_i,
    output logic chan_ready_o,
    input logic [M-1:0][ChanBits-1:0] chan_data_i,
    input logic act_valid_i,
    output logic act_ready_o,
    input logic [M-1:0][ActBits-1:0] act_data_i,
    output logic out_valid_o,
    input logic out_ready_i,
    output logic [M-1:0][OutBits-1:0] out_data_o,
    output logic out_last_o,
    output logic error_o,  // a job was refused; stays set until reset
    output logic idle_o  // no job queued or in flight, no result waiting
);
  if (OutBits != 8 && OutBits != 9 && OutBits != 16 && OutBits != 32) begin : gen_illegal_out_bits
    $fatal(1, "sb_gemm_core: OutBits = %0d, must be 8, 9, 16 or 32", OutBits);
  end
  if (MulStyle > MulMult18x18d) begin : gen_illegal_mul_style
    $fatal(1, "sb_gemm_core: MulStyle = %0d, must be 0, 1 or 2", MulStyle);
  end
  if (M < 4 || M > 64 || (M & (M - 1)) != 0) begin : gen_illegal_m
    $fatal(1, "sb_gemm_core: M = %0d, must be 4, 8, 16, 32 or 64", M);
  end
  if (ChainLength < 1 || ChainLength > M ||
      (ChainLength & (ChainLength - 1)) != 0) begin : gen_illegal_chain
    $fatal(1, "sb_gemm_core: ChainLength = %0d, must be a power of two, at most M", ChainLength);
  end
  if (ActBits != 8 && ActBits != 9) begin : gen_illegal_act
    $fatal(1, "sb_gemm_core: ActBits = %0d, must be 8 or 9", ActBits);
  end
  if (Rows < 1 || Rows > 65535) begin : gen_illegal_rows
    $fatal(1, "sb_gemm_core: Rows = %0d, must be 1 to 65535", Rows);
  end

  localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M);
  localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1;
  // Not 0, by which Verilator 5.006 would divide before it says what is wrong.
  localparam int unsigned Places = ChainLength > 0 ? ChainLength : 1;
  // Latencies: of the tags in the array, which come before their dot products; of all.
  localparam int unsigned TagLatency = array_latency(
      M, Places, Packed, MulStyle
  ) - accumulator_lead();
  localparam int unsigned Latency = TagLatency + accumulator_latency() + requant_latency(
      1'b0, MulStyle, OutBits == 32
  ) + ram_fifo_latency();
  localparam int unsigned OutDepth = 1 << $clog2(
      Latency + 6
  );  // its credits are 5 cycles under way
  localparam int unsigned CreditBits = $clog2(OutDepth) + 1;
  localparam int unsigned SideDepth = 4;  // jobs and n-blocks that may be in flight

  // Jobs: the head of the queue waits in registers until the loops take it, and leaves them a cycle
  // later. One that cannot be issued is dropped there.
  typedef struct packed {
    clamp_e             clamp;
    logic signed [15:0] zero_point;
  } option_t;
  logic [JobBits-1:0] job_queued;
  job_t job_in;
  logic job_queued_valid, job_queued_ready, job_in_valid, job_take, job_taken_q, job_bad_q;
  sb_fifo #(
      .Width(JobBits),
      .Depth(SideDepth)
  ) i_jobs (
      .clk_i,
      .rst_ni,
      .valid_i(job_valid_i),
      .ready_o(job_ready_o),
      .data_i(job_i),
      .valid_o(job_queued_valid),
      .ready_i(job_queued_ready),
      .data_o(job_queued)
  );
  sb_skid_buffer #(
      .Width(JobBits)
  ) i_job (
      .clk_i,
      .rst_ni,
      .valid_i(job_queued_valid),
      .ready_o(job_queued_ready),
      .data_i(job_queued),
      .valid_o(job_in_valid),
      .ready_i(job_taken_q),
      .data_o(job_in)
  );
  wire job_bad = job_in.rows == '0 || {1'b0, job_in.rows} > 17'(Rows) || job_in.k_blocks == '0 ||
      job_in.n_blocks == '0;

  // The loops, for nb: for kb: for row, run ahead of the issue, into two buffers of two places.
  // From the first to the second a row of the last kb takes a credit, the first one of them a
  // channel word; a job takes a place for its options when the loops take it. So the loops wait for
  // a place alone, and the issue for its word and its weight tile.
  typedef struct packed {
    logic               first;         // of its tile: the array swaps weights
    logic               last;          // of its tile
    logic               kb_first;
    logic               kb_last;
    logic               job_end;       // the last row of this tile ends the job
    logic               few_rows;      // fewer than 4 to a tile
    logic               act_unsigned;
    logic [RowBits-1:0] row;
  } place_t;
  place_t place_in, ahead, place;
  logic act_unsigned_q, few_rows_q, job_valid_q;
  logic row_first, row_last, kb_first, kb_last, nb_last;
  logic [RowBits-1:0] row_q;
  logic ahead_free, ahead_valid, place_free, place_valid, issue;
  logic [CreditBits-1:0] credit_q;  // free places in the result FIFO, less the rows on their way
  logic [$clog2(SideDepth):0] chan_free_q;  // channel words that no n-block in flight has claimed
  logic credit_some_q, chan_some_q;  // those two are not 0
  logic option_free;
  wire  step = job_valid_q && ahead_free;
  wire  tile_step = step && row_last;
  wire  job_end = !job_valid_q || (row_last && kb_last && nb_last);  // the next step takes a job
  sb_loop_counter i_row (
      .clk_i,
      .step_i(step || !job_valid_q),
      .load_i(job_end),
      .total_i(job_in.rows),
      .first_o(row_first),
      .last_o(row_last)
  );
  sb_loop_counter i_kb (
      .clk_i,
      .step_i(tile_step || !job_valid_q),
      .load_i(job_end),
      .total_i(job_in.k_blocks),
      .first_o(kb_first),
      .last_o(kb_last)
  );
  sb_loop_counter i_nb (
      .clk_i,
      .step_i((tile_step && kb_last) || !job_valid_q),
      .load_i(job_end),
      .total_i(job_in.n_blocks),
      .first_o(),
      .last_o(nb_last)
  );
  // Of a job of one row the next one is seen a cycle late, which its tile's weights hide.
  assign job_take = job_in_valid && !job_taken_q && option_free && job_end &&
      (!job_valid_q || ahead_free);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      job_valid_q <= 1'b0;
      job_taken_q <= 1'b0;
      error_o     <= 1'b0;
    end else begin
      job_taken_q <= job_take;
      if (job_take) job_valid_q <= !job_bad;
      else if (step && job_end) job_valid_q <= 1'b0;
      if (job_taken_q && job_bad_q) error_o <= 1'b1;
    end
    job_bad_q <= job_bad;  // of the head: the job that was taken in the cycle before
    if (job_take) begin
      act_unsigned_q <= job_in.act_unsigned;
      few_rows_q     <= job_in.rows < 16'd4;
    end
    if (!job_valid_q || tile_step) row_q <= '0;
    else if (step) row_q <= row_q + 1'b1;
  end
  assign place_in = '{
          first: row_first,
          last: row_last,
          kb_first: kb_first,
          kb_last: kb_last,
          job_end: row_last && nb_last,
          few_rows: few_rows_q,
          act_unsigned: act_unsigned_q,
          row: row_q
      };
  wire claim = ahead.first && ahead.kb_last;  // claims a channel word
  wire admit_row = (!ahead.kb_last || credit_some_q) && (!claim || chan_some_q);
  wire admit = admit_row && place_free;
  sb_skid_buffer #(
      .Width($bits(place_t))
  ) i_ahead (
      .clk_i,
      .rst_ni,
      .valid_i(job_valid_q),
      .ready_o(ahead_free),
      .data_i(place_in),
      .valid_o(ahead_valid),
      .ready_i(admit),
      .data_o(ahead)
  );
  sb_skid_buffer #(
      .Width($bits(place_t))
  ) i_place (
      .clk_i,
      .rst_ni,
      .valid_i(ahead_valid && admit_row),
      .ready_o(place_free),
      .data_i(ahead),
      .valid_o(place_valid),
      .ready_i(issue),
      .data_o(place)
  );

  // Activations wait where they can be issued from: nothing passes from issue to act_ready_o, nor
  // to an enable of their bits, which are many.
  logic act_valid;
  logic [M-1:0][ActBits-1:0] act;
  sb_fifo #(
      .Width(M * ActBits),
      .Depth(2)
  ) i_act (
      .clk_i,
      .rst_ni,
      .valid_i(act_valid_i),
      .ready_o(act_ready_o),
      .data_i(act_data_i),
      .valid_o(act_valid),
      .ready_i(issue),
      .data_o(act)
  );

  // Issue.
  logic tile_full_q;  // the weight tile of the next row that is the first of its tile is loaded
  logic settle_q;  // the first of two cycles in which the sums of a short tile are written
  logic open_q;  // tile_full_q, in neither of them: such a row may go
  assign issue = place_valid && act_valid && (!place.first || open_q);
  wire swap = issue && place.first;
  wire tile_done = issue && place.last;
  // The next tile adds to the sums of this one.
  wire settle = tile_done && place.few_rows && !place.kb_last;
  wire settling = settle || settle_q;

  // Weight tiles: words go to the shadow registers; after a swap they wait until it has passed
  // every place of the first column.
  logic [$clog2(M)-1:0] channel_q;
  logic [Places-1:0] swapped_q;  // a swap, so many cycles ago and one
  logic w_open_q;
  wire [Places:0] swapped = {swapped_q, swap};
  assign w_ready_o = w_open_q;
  wire load = w_valid_i && w_open_q;
  wire load_last = load && channel_q == '1;
  wire tile_full = load_last || (tile_full_q && !swap);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      tile_full_q <= 1'b0;
      settle_q    <= 1'b0;
      open_q      <= 1'b0;
      channel_q   <= '0;
      swapped_q   <= '0;
      w_open_q    <= 1'b1;
    end else begin
      if (load) channel_q <= channel_q + 1'b1;
      tile_full_q <= tile_full;
      settle_q    <= settle;
      open_q      <= tile_full && !settling;
      swapped_q   <= swapped[Places-1:0];
      w_open_q    <= swapped[Places-1] || (w_open_q && !load_last);
    end
  end

  // Array.
  typedef struct packed {
    logic               valid;
    logic               kb_first;
    logic               kb_last;
    logic [RowBits-1:0] row;
    logic               nb_end;    // last row of an n-block: the next word needs the next channels
    logic               job_end;
  } tag_t;
  tag_t tag_in, tag;
  logic signed [DotBits-1:0] dot[M];
  always_comb begin
    tag_in = '{
        valid: issue && rst_ni,
        kb_first: place.kb_first,
        kb_last: place.kb_last,
        row: place.row,
        nb_end: place.last,
        job_end: place.job_end
    };
  end
  logic [$bits(tag_t)-1:0] tag_bits;
  sb_array #(
      .M(M),
      .ChainLength(Places),
      .Packed(Packed),
      .MulStyle(MulStyle),
      .LutChannels(LutChannels),
      .TagBits($bits(tag_t)),
      .TagLead(accumulator_lead()),
      .ActBits(ActBits)
  ) i_array (
      .clk_i,
      .act_i(act),
      .act_unsigned_i(place.act_unsigned),
      .swap_i(swap),
      .tag_i(tag_in),
      .load_i(load),
      .load_channel_i(channel_q),
      .w_i(w_data_i),
      .dot_o(dot),
      .tag_o(tag_bits)
  );
  assign tag = tag_bits;

  // Words that entered before a reset are not ours: the tags in the array carry no reset, so they
  // are masked until the array has run dry.
  logic [$clog2(TagLatency+1)-1:0] flush_q;
  logic flushing_q;  // flush_q is not 0
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      flush_q    <= ($clog2(TagLatency + 1))'(TagLatency);
      flushing_q <= 1'b1;
    end else if (flushing_q) begin
      flush_q    <= flush_q - 1'b1;
      flushing_q <= flush_q != ($clog2(TagLatency + 1))'(1);
    end
  end
  wire array_valid = tag.valid && !flushing_q;

  // Accumulators.
  logic sum_valid, sum_nb_end, sum_job_end;
  logic [M-1:0][AccBits-1:0] sum;
  sb_accumulator #(
      .M(M),
      .Rows(Rows),
      .DotBits(DotBits),
      .TagBits(2),
      .Subtract(M'(array_negated(Packed, LutChannels))),
      .MulStyle(MulStyle)
  ) i_accumulator (
      .clk_i,
      .rst_ni,
      .valid_i(array_valid),
      .first_i(tag.kb_first),
      .last_i(tag.kb_last),
      .row_i(tag.row),
      .dot_i(dot),
      .tag_i({tag.nb_end, tag.job_end}),
      .valid_o(sum_valid),
      .sum_o(sum),
      .tag_o({sum_nb_end, sum_job_end})
  );

  // Channel words and job options wait in FIFOs until the rows that need them reach the
  // requantizer.
  logic [M-1:0][ChanBits-1:0] chan;
  logic chan_valid;
  sb_fifo #(
      .Width(M * ChanBits),
      .Depth(SideDepth)
  ) i_chans (
      .clk_i,
      .rst_ni,
      .valid_i(chan_valid_i),
      .ready_o(chan_ready_o),
      .data_i(chan_data_i),
      .valid_o(chan_valid),
      .ready_i(sum_valid && sum_nb_end),
      .data_o(chan)
  );
  option_t option_in, option;
  logic [$bits(option_t)-1:0] option_queued;
  logic option_queued_valid, option_queued_ready, option_valid;
  assign option_in = '{clamp: job_in.clamp, zero_point: job_in.zero_point};
  sb_fifo #(
      .Width($bits(option_t)),
      .Depth(SideDepth)
  ) i_options (
      .clk_i,
      .rst_ni,
      .valid_i(job_taken_q && !job_bad_q),
      .ready_o(option_free),
      .data_i(option_in),
      .valid_o(option_queued_valid),
      .ready_i(option_queued_ready),
      .data_o(option_queued)
  );
  sb_skid_buffer #(
      .Width($bits(option_t))
  ) i_option (
      .clk_i,
      .rst_ni,
      .valid_i(option_queued_valid),
      .ready_o(option_queued_ready),
      .data_i(option_queued),
      .valid_o(option_valid),
      .ready_i(sum_valid && sum_job_end),
      .data_o(option)
  );

  // Requantizer and result FIFO.
  logic result_valid, result_last, result_ready;
  logic [M-1:0][OutBits-1:0] result;
  sb_requant #(
      .M(M),
      .OutBits(OutBits),
      .MulStyle(MulStyle),
      .TagBits(1)
  ) i_requant (
      .clk_i,
      .rst_ni,
      .valid_i(sum_valid),
      .acc_i(sum),
      .factor_on_i(1'b0),
      .factor_i('0),
      .chan_i(chan),
      .clamp_i(option.clamp),
      .zero_point_i(option.zero_point),
      .tag_i(sum_job_end),
      .valid_o(result_valid),
      .data_o(result),
      .tag_o(result_last)
  );
  sb_ram_fifo #(
      .Width(M * OutBits + 1),
      .Depth(OutDepth),
      .MulStyle(MulStyle)
  ) i_results (
      .clk_i,
      .rst_ni,
      .valid_i(result_valid),
      .ready_o(result_ready),
      .data_i({result_last, result}),
      .valid_o(out_valid_o),
      .ready_i(out_ready_i),
      .data_o({out_last_o, out_data_o})
  );

  // What comes back is counted a cycle later.
  logic refund_q, chan_take_q;
  wire refund = out_valid_o && out_ready_i;
  wire spend = ahead_valid && admit && ahead.kb_last;
  wire chan_claim = ahead_valid && admit && claim;
  always_ff @(posedge clk_i) begin
    refund_q    <= rst_ni && refund;
    chan_take_q <= rst_ni && chan_valid_i && chan_ready_o;
    if (!rst_ni) begin
      credit_q      <= CreditBits'(OutDepth);
      credit_some_q <= 1'b1;
      chan_free_q   <= '0;
      chan_some_q   <= 1'b0;
    end else begin
      if (spend != refund_q) begin
        credit_q      <= spend ? credit_q - 1'b1 : credit_q + 1'b1;
        credit_some_q <= refund_q || credit_q != CreditBits'(1);
      end
      if (chan_claim != chan_take_q) begin
        chan_free_q <= chan_take_q ? chan_free_q + 1'b1 : chan_free_q - 1'b1;
        chan_some_q <= chan_take_q || chan_free_q != ($clog2(SideDepth) + 1)'(1);
      end
    end
  end
  assign idle_o = !job_queued_valid && !job_in_valid && !job_valid_q && !ahead_valid &&
      credit_q == CreditBits'(OutDepth) - CreditBits'(refund_q);

  `SB_ASSERT_STABLE(ResultStable_A, out_valid_o, out_ready_i, out_data_o)
  `SB_ASSERT(ResultHasRoom_A, result_valid |-> result_ready)
  `SB_ASSERT(ChannelsPresent_A, sum_valid |-> chan_valid && option_valid)
  `SB_ASSERT(SwapOnlyWhenLoaded_A, swap |-> tile_full_q)
  `SB_ASSERT_STABLE(ActStable_A, act_valid_i, act_ready_o, act_data_i)
  `SB_ASSERT_STABLE(WeightStable_A, w_valid_i, w_ready_o, w_data_i)
  `SB_ASSERT_STABLE(ChanStable_A, chan_valid_i, chan_ready_o, chan_data_i)
  `SB_ASSERT_STABLE(JobStable_A, job_valid_i, job_ready_o, job_i)
endmodule
