// SPDX-License-Identifier: Apache-2.0
// Feeds the array: weight tiles into its shadow, activation words behind them, dot products into
// the accumulators; finished sums leave.
//
// A row is issued when its word has come and, at the first row of a tile, the tile is loaded. Rows
// of the last block of inputs, whose sums leave, wait besides
//   - at their first row for the channel word of their block (chan_new_i counts those that have
//     come);
//   - while results of LayerNorm of an older command have still to be written, or, if this one
//     writes the residual, a load: a result of this one may belong to the same place, or be added
//     to it;
//   - in a command that adds to the residual, until residual results of the command before are
//     written;
//   - in the last block of a command that makes row constants, while an older one still makes them.
// The first row of a tile waits until the sums of a tile of fewer than 4 rows before it are stored
// (sb_accumulator). Nothing behind the issue ever stalls.
// Contract: sum_* leave accumulated, in order of the issue, a fixed number of cycles after it;
// last_valid_o announces each accumulator_latency() cycles before, with its row in last_row_o.
`include "sb_assert.svh"

module sb_encoder_array
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,
    parameter int unsigned Rows = 128,
    parameter int unsigned ActBits = 8,
    parameter int unsigned ChainLength = 4,
    parameter bit Packed = 1,
    parameter int unsigned MulStyle = MulInferred,
    parameter int unsigned ChanDepth = 8,
    parameter int unsigned ResidualGap = 5,  // cycles from a read of the residual to its write
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous, active low
    input op_t [Slots-1:0] ring_i,
    input seq_t head_i,
    input seq_t tail_i,
    input pending_t [Slots-1:0] pending_i,
    output seq_t load_seq_o,  // all tiles before it are loaded
    output seq_t seq_o,  // all commands before it are issued
    input logic tile_valid_i,  // tiles of the parameter stream
    output logic tile_ready_o,
    input logic [M-1:0][WeightBits-1:0] tile_data_i,
    input logic key_valid_i,  // tiles of K and V
    output logic key_ready_o,
    input logic [M-1:0][WeightBits-1:0] key_data_i,
    input logic act_valid_i,
    output logic act_ready_o,
    input logic [M-1:0][ActBits-1:0] act_data_i,
    input logic chan_new_i,
    output logic last_valid_o,
    output logic [RowBits-1:0] last_row_o,
    output logic sum_valid_o,
    output logic [M-1:0][AccBits-1:0] sum_o,
    input why_e act_why_i,  // why no word came in this cycle
    input logic full_i,  // a command waits for a free slot
    output why_e why_o
);
  localparam int unsigned DotBits = OpBits + WeightBits + $clog2(M);
  localparam int unsigned ArrayLatency = array_latency(M, ChainLength, Packed, MulStyle);
  localparam logic [M-1:0] Subtract = M'(array_negated(Packed, 0));

  // Tile loader.
  logic load_job_valid, load_job_done;
  op_t load_job;
  sb_op_feed i_load_feed (
      .clk_i,
      .rst_ni,
      .ring_i,
      .tail_i,
      .job_valid_o(load_job_valid),
      .job_o(load_job),
      .seq_o(load_seq_o),
      .done_i(load_job_done)
  );
  cmd_t load_cmd;
  assign load_cmd = op_cmd(load_job);
  localparam int unsigned HoldBits = $clog2(ChainLength + 1);
  logic tile_full_q;
  logic [$clog2(M)-1:0] channel_q;
  logic [HoldBits-1:0] hold_q;
  logic [15:0] load_kb_q, load_nb_q;
  wire load_open = load_job_valid && !tile_full_q && hold_q == '0;
  wire from_stream = load_cmd.weight == WeightStream;
  assign tile_ready_o = load_open && from_stream;
  assign key_ready_o  = load_open && !from_stream;
  wire load = load_open && (from_stream ? tile_valid_i : key_valid_i);
  wire load_last = load && channel_q == '1;
  wire load_kb_last = load_kb_q == load_cmd.k_blocks - 1'b1;
  assign load_job_done = load_last && load_kb_last && load_nb_q == load_cmd.n_blocks - 1'b1;

  // Issue.
  logic job_valid, job_done;
  op_t job;
  sb_op_feed i_issue_feed (
      .clk_i,
      .rst_ni,
      .ring_i,
      .tail_i,
      .job_valid_o(job_valid),
      .job_o(job),
      .seq_o,
      .done_i(job_done)
  );
  cmd_t cmd;
  assign cmd = op_cmd(job);
  logic [15:0] row_q, kb_q, nb_q;
  wire row_first = row_q == '0;
  wire row_last = row_q == cmd.rows - 1'b1;
  wire kb_first = kb_q == '0;
  wire kb_last = kb_q == cmd.k_blocks - 1'b1;
  wire nb_last = nb_q == cmd.n_blocks - 1'b1;

  logic [$clog2(ChanDepth):0] chans_q;  // channel words that no block has claimed
  logic settle_q, settling_q;  // first, both cycles in which the sums of a short tile are written
  logic [$clog2(ResidualGap+1)-1:0] gap_q;
  logic [Slots-1:0] older;
  logic write_wait, stats_wait;
  always_comb begin
    older = older_slots(head_i, seq_o);
    write_wait = 1'b0;
    stats_wait = 1'b0;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (older[s]) begin
        if (pending_i[s].back.valid || pending_i[s].norm[0].valid || pending_i[s].norm[1].valid ||
            (cmd.dest != DestAct && pending_i[s].load &&
             (pending_i[s].result[0].valid || pending_i[s].result[1].valid)))
          write_wait = 1'b1;
        if (pending_i[s].stats.valid) stats_wait = 1'b1;
      end
    end
  end
  wire claim = row_first && kb_last;
  wire chan_wait = claim && chans_q == '0;
  wire result_wait = kb_last && (write_wait || (cmd.dest == DestAdd && gap_q != '0) ||
      (cmd.norm_stats && nb_last && stats_wait));
  wire tile_wait = row_first && !tile_full_q;
  wire sum_wait = row_first && settling_q;
  assign act_ready_o = job_valid && !tile_wait && !chan_wait && !result_wait && !sum_wait;
  wire issue = act_valid_i && act_ready_o;
  wire swap = issue && row_first;
  assign job_done = issue && row_last && kb_last && nb_last;
  // The next tile adds to the sums of this one: as in sb_gemm_core.
  wire settle = issue && row_last && !kb_last && cmd.rows < 16'd4;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {row_q, kb_q, nb_q} <= '0;
      {settle_q, settling_q} <= '0;
      chans_q <= '0;
      gap_q <= '0;
      tile_full_q <= 1'b0;
      channel_q <= '0;
      hold_q <= '0;
      {load_kb_q, load_nb_q} <= '0;
    end else begin
      settle_q <= settle;
      settling_q <= settle || settle_q;
      if (issue) begin
        row_q <= row_last ? '0 : row_q + 1'b1;
        if (row_last) kb_q <= kb_last ? '0 : kb_q + 1'b1;
        if (row_last && kb_last) nb_q <= nb_last ? '0 : nb_q + 1'b1;
      end
      // Only the next command may add to what this one writes.
      if (job_done && cmd.dest != DestAct) gap_q <= ($clog2(ResidualGap + 1))'(ResidualGap);
      else if (gap_q != '0) gap_q <= gap_q - 1'b1;
      if (chan_new_i != (issue && claim)) chans_q <= chan_new_i ? chans_q + 1'b1 : chans_q - 1'b1;
      if (load) channel_q <= channel_q + 1'b1;
      if (load_last) begin
        load_kb_q <= load_kb_last ? '0 : load_kb_q + 1'b1;
        if (load_kb_last) load_nb_q <= load_job_done ? '0 : load_nb_q + 1'b1;
      end
      if (load_last) tile_full_q <= 1'b1;
      else if (swap) tile_full_q <= 1'b0;
      if (swap) hold_q <= HoldBits'(ChainLength - 1);
      else if (hold_q != '0) hold_q <= hold_q - 1'b1;
    end
  end

  // Why nothing is issued. Of a tile: of the cycle in which it could have been loaded.
  always_comb begin
    if (issue) why_o = WhyBusy;
    else if (!job_valid) why_o = full_i ? WhyContext : WhyIdle;
    else if (!act_valid_i)
      why_o = act_why_i == WhyBusy || act_why_i == WhyIdle ? WhyFill : act_why_i;
    else if (tile_wait) begin
      if (!load_open || load) why_o = WhyLoad;
      else why_o = from_stream ? WhyStream : WhyKeys;
    end else if (chan_wait) why_o = WhyChan;
    else if (result_wait) why_o = WhyPort;
    else why_o = WhyLoad;
  end

  // Array.
  typedef struct packed {
    logic               valid;
    logic               kb_first;
    logic               kb_last;
    logic [RowBits-1:0] row;
  } tag_t;
  tag_t tag_in, tag;
  assign tag_in = '{
          valid: issue && rst_ni,
          kb_first: kb_first,
          kb_last: kb_last,
          row: row_q[RowBits-1:0]
      };
  // Lanes of 8 bits: exp codes are unsigned, operands of LayerNorm signed.
  wire act_unsigned = ActBits == 8 && (cmd.prologue == ProExp || cmd.act_unsigned);
  wire [M-1:0][WeightBits-1:0] w_data = from_stream ? tile_data_i : key_data_i;
  logic signed [DotBits-1:0] dot[M];
  logic [$bits(tag_t)-1:0] tag_bits;
  sb_array #(
      .M(M),
      .ChainLength(ChainLength),
      .Packed(Packed),
      .MulStyle(MulStyle),
      .TagBits($bits(tag_t)),
      .TagLead(accumulator_lead()),
      .ActBits(ActBits)
  ) i_array (
      .clk_i,
      .act_i(act_data_i),
      .act_unsigned_i(act_unsigned),
      .swap_i(swap),
      .tag_i(tag_in),
      .load_i(load),
      .load_channel_i(channel_q),
      .w_i(w_data),
      .dot_o(dot),
      .tag_o(tag_bits)
  );
  assign tag = tag_bits;

  // Words that entered before a reset: the tags in the array carry none, so they are masked until
  // it has run dry.
  logic [$clog2(ArrayLatency+1)-1:0] flush_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) flush_q <= ($clog2(ArrayLatency + 1))'(ArrayLatency);
    else if (flush_q != '0) flush_q <= flush_q - 1'b1;
  end
  wire  dot_valid = tag.valid && flush_q == '0;

  logic unused_tag;
  sb_accumulator #(
      .M(M),
      .Rows(Rows),
      .DotBits(DotBits),
      .TagBits(1),
      .Subtract(Subtract)
  ) i_accumulator (
      .clk_i,
      .rst_ni,
      .valid_i(dot_valid),
      .first_i(tag.kb_first),
      .last_i(tag.kb_last),
      .row_i(tag.row),
      .dot_i(dot),
      .tag_i(1'b0),
      .valid_o(sum_valid_o),
      .sum_o,
      .tag_o(unused_tag)
  );
  assign last_valid_o = dot_valid && tag.kb_last;
  assign last_row_o   = tag.row;

  `SB_ASSERT(SwapOnlyWhenLoaded_A, swap |-> tile_full_q)
endmodule
