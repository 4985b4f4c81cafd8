// SPDX-License-Identifier: Apache-2.0
// Matrix product engine: systolic array, accumulators and requantizer behind four streams and a job
// queue.
//
//   weights --> shadow tiles --+
//                              v
//   activations --> issue --> array --> accumulators --> requantizer --> result FIFO --> results
//                     ^ job                                 ^ channels
//
// A job multiplies a (rows, K) activation matrix by K x N weights: `rows` up to Rows, K and N in
// blocks of M, no other limit (more rows: more jobs). For nb in blocks of N: for kb in blocks of K:
// one weight tile, then `rows` activation words. Streams, all valid / ready, in the order of the
// jobs:
//   job    job_t, one per job; a job with 0 rows or blocks or with more than Rows rows is dropped and error_o set
//   w      M words per tile, word c = the M weights of output channel nb * M + c
//   chan   one word per nb: bias, multiplier and shift of its M channels (chan_t)
//   act    per tile `rows` words, word r = columns kb * M .. kb * M + M - 1 of row r
//   out    per nb `rows` words, word r = the M results of row r; out_last_o marks the last word of a job
// Columns past K must have zero weights; lanes past N are whatever their weights make them.
//
// The array never stalls: a row of the last kb enters only when the result FIFO has room for it
// (credits). The next tile loads behind the current one, jobs follow each other without a bubble.
// Issue takes max(rows, M + ChainLength) cycles per tile when no stream is late; the first result
// of a job leaves Latency cycles after its first row of the last kb.
//
// The accumulators need 3 cycles or more between two uses of a row (sb_accumulator). With 3 rows or
// more that is so; the first row of a tile waits for its tile, which takes longer to load. What is
// left is row 1 of 2 when activations come late and the next tile is there already: 1, 0, 1. It
// waits one cycle at issue (sum_pending_q). That costs two flip-flops; forwarding sums would cost a
// second register and a multiplexer per bit of a word. Proven: tests/formal/sum_order.sv.
`include "sb_assert.svh"

module sb_gemm_core
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,  // rows and columns of the array: 4, 8, 16, 32 or 64
    parameter int unsigned Rows = 128,  // depth of the accumulators, 1 to 65535
    parameter int unsigned ActBits = 8,  // activation lanes: 8 (signed or unsigned by job) or 9 (signed)
    parameter int unsigned OutBits = 32,  // result lanes: 8, 9, 16 or 32 (32 needed for raw accumulators)
    parameter int unsigned ChainLength = 4,  // products per DSP chain (sb_array)
    parameter bit Packed = 1,  // two products per multiplier (sb_array)
    parameter int unsigned MulStyle = MulInferred,  // how multipliers are made: mul_style_e (sb_array)
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
  if (ActBits != 8 && ActBits != 9) begin : gen_illegal_act
    $fatal(1, "sb_gemm_core: ActBits = %0d, must be 8 or 9", ActBits);
  end
  if (Rows < 1 || Rows > 65535) begin : gen_illegal_rows
    $fatal(1, "sb_gemm_core: Rows = %0d, must be 1 to 65535", Rows);
  end

  localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M);
  localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1;
  localparam int unsigned ArrayLatency = array_latency(M, ChainLength, Packed);
  localparam int unsigned Latency = ArrayLatency + accumulator_latency() + requant_latency(
      1'b0, MulStyle
  ) + 1;  // and the result FIFO
  localparam int unsigned OutDepth = 1 << $clog2(Latency + 4);
  localparam int unsigned SideDepth = 4;  // jobs and n-blocks that may be in flight

  // Jobs: the head of the queue is the job being issued.
  job_t job;
  logic job_valid, job_pop;
  sb_fifo #(
      .Width(JobBits),
      .Depth(SideDepth)
  ) i_jobs (
      .clk_i,
      .rst_ni,
      .valid_i(job_valid_i),
      .ready_o(job_ready_o),
      .data_i(job_i),
      .valid_o(job_valid),
      .ready_i(job_pop),
      .data_o(job)
  );
  wire job_bad = job.rows == '0 || job.rows > 16'(Rows) || job.k_blocks == '0 || job.n_blocks == '0;

  // Loop counters of the row that is issued next.
  logic [15:0] row_q, kb_q, nb_q;
  wire row_first = row_q == '0;
  wire row_last = row_q == job.rows - 1'b1;
  wire kb_first = kb_q == '0;
  wire kb_last = kb_q == job.k_blocks - 1'b1;
  wire nb_last = nb_q == job.n_blocks - 1'b1;

  // What a row needs before it may enter.
  logic tile_full_q;  // its weight tile is loaded
  logic [$clog2(
OutDepth
):0] credit_q;  // free places in the result FIFO, less the rows on their way
  logic [$clog2(SideDepth):0] chan_free_q;  // channel words that no n-block in flight has claimed
  logic option_ready;
  logic tile_end_q;  // the last row of a tile was issued in the cycle before
  logic sum_pending_q;  // row 1 of 2 is next, and its sum is not written yet
  wire claim = row_first && kb_last;  // claims a channel word
  assign act_ready_o = job_valid && !job_bad && (!row_first || tile_full_q) && (!kb_last || credit_q != '0) &&
      (!claim || chan_free_q != '0) && (!(row_first && kb_first && nb_q == '0) || option_ready) &&
      !sum_pending_q;
  wire issue = act_valid_i && act_ready_o;
  wire swap = issue && row_first;
  wire job_done = issue && row_last && kb_last && nb_last;
  assign job_pop = job_done || (job_valid && job_bad);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {row_q, kb_q, nb_q} <= '0;
      {tile_end_q, sum_pending_q} <= '0;
      error_o <= 1'b0;
    end else begin
      if (job_valid && job_bad) error_o <= 1'b1;
      tile_end_q <= issue && row_last;
      sum_pending_q <= swap && !kb_first && job.rows == 16'd2 && tile_end_q;
      if (issue) begin
        row_q <= row_last ? '0 : row_q + 1'b1;
        if (row_last) kb_q <= kb_last ? '0 : kb_q + 1'b1;
        if (row_last && kb_last) nb_q <= nb_last ? '0 : nb_q + 1'b1;
      end
    end
  end

  // Weight tiles: words go to the shadow registers; after a swap they wait until it has passed
  // every place of the first column.
  localparam int unsigned HoldBits = $clog2(ChainLength + 1);
  logic [$clog2(M)-1:0] channel_q;
  logic [ HoldBits-1:0] hold_q;
  assign w_ready_o = !tile_full_q && hold_q == '0;
  wire load = w_valid_i && w_ready_o;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      tile_full_q <= 1'b0;
      channel_q   <= '0;
      hold_q      <= '0;
    end else begin
      if (load) channel_q <= channel_q + 1'b1;
      if (load && channel_q == '1) tile_full_q <= 1'b1;
      else if (swap) tile_full_q <= 1'b0;
      if (swap) hold_q <= HoldBits'(ChainLength - 1);
      else if (hold_q != '0) hold_q <= hold_q - 1'b1;
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
        kb_first: kb_first,
        kb_last: kb_last,
        row: row_q[RowBits-1:0],
        nb_end: row_last,
        job_end: row_last && nb_last
    };
  end
  logic [$bits(tag_t)-1:0] tag_bits;
  sb_array #(
      .M(M),
      .ChainLength(ChainLength),
      .Packed(Packed),
      .MulStyle(MulStyle),
      .LutChannels(LutChannels),
      .TagBits($bits(tag_t)),
      .ActBits(ActBits)
  ) i_array (
      .clk_i,
      .act_i(act_data_i),
      .act_unsigned_i(job.act_unsigned),
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
  logic [$clog2(ArrayLatency+1)-1:0] flush_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) flush_q <= ($clog2(ArrayLatency + 1))'(ArrayLatency);
    else if (flush_q != '0) flush_q <= flush_q - 1'b1;
  end
  wire array_valid = tag.valid && flush_q == '0;

  // Accumulators.
  logic sum_valid, sum_nb_end, sum_job_end;
  logic [M-1:0][AccBits-1:0] sum;
  sb_accumulator #(
      .M(M),
      .Rows(Rows),
      .DotBits(DotBits),
      .TagBits(2),
      .Subtract(M'(array_negated(Packed, LutChannels)))
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
  typedef struct packed {
    clamp_e             clamp;
    logic signed [15:0] zero_point;
  } option_t;
  option_t option;
  logic option_valid;
  sb_fifo #(
      .Width($bits(option_t)),
      .Depth(SideDepth)
  ) i_options (
      .clk_i,
      .rst_ni,
      .valid_i(swap && kb_first && nb_q == '0),
      .ready_o(option_ready),
      .data_i({job.clamp, job.zero_point}),
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
  sb_fifo #(
      .Width(M * OutBits + 1),
      .Depth(OutDepth)
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

  wire spend = issue && kb_last;
  wire refund = out_valid_o && out_ready_i;
  wire chan_take = chan_valid_i && chan_ready_o;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      credit_q    <= ($clog2(OutDepth) + 1)'(OutDepth);
      chan_free_q <= '0;
    end else begin
      if (spend != refund) credit_q <= spend ? credit_q - 1'b1 : credit_q + 1'b1;
      if ((issue && claim) != chan_take)
        chan_free_q <= chan_take ? chan_free_q + 1'b1 : chan_free_q - 1'b1;
    end
  end
  assign idle_o = !job_valid && credit_q == ($clog2(OutDepth) + 1)'(OutDepth);

  `SB_ASSERT_STABLE(ResultStable_A, out_valid_o, out_ready_i, out_data_o)
  `SB_ASSERT(ResultHasRoom_A, result_valid |-> result_ready)
  `SB_ASSERT(ChannelsPresent_A, sum_valid |-> chan_valid && option_valid)
  `SB_ASSERT(SwapOnlyWhenLoaded_A, swap |-> tile_full_q)
  `SB_ASSERT_STABLE(ActStable_A, act_valid_i, act_ready_o, act_data_i)
  `SB_ASSERT_STABLE(WeightStable_A, w_valid_i, w_ready_o, w_data_i)
  `SB_ASSERT_STABLE(ChanStable_A, chan_valid_i, chan_ready_o, chan_data_i)
  `SB_ASSERT_STABLE(JobStable_A, job_valid_i, job_ready_o, job_i)
endmodule
