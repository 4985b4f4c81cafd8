// SPDX-License-Identifier: Apache-2.0
// Fully-connected layer: y = requantize(x * W^T + bias), weights on chip, AXI4-Stream in and out.
//
//   s_axis_w --> weight memory --+--> sb_gemm_core --> m_axis
//                channel memory -+        ^
//   s_axis ----> replay buffer -----------+
//
// A batch is `rows_i` rows (1 or more), sampled with its first beat together with the other *_i
// options. Beats carry M columns of one row (the last block of K is filled up with anything); they
// come in chunks of up to Rows rows, each chunk in (k-block, row) order, and results leave in
// (chunk, n-block, row) order, which is the order in which a next layer with the same Rows takes
// them. tlast marks the last beat of a batch; a batch that ends early or late, or has no rows, sets
// error_o (until reset) and is made up with what came. tkeep is low for the lanes past N. Weights:
// from WeightFile and ChanFile ($readmemh), or by s_axis_w: for each n-block, k-block, channel a
// word of M weights; then for each n-block 8 words of channel data (chan_t of lane 0 first). They
// may be loaded again whenever the layer is idle; s_axis_w_tready waits for that, and batches wait
// for the end of a load. Cycles: rows * ceil(K/M) * ceil(N/M) per batch, batches back to back; plus
// at most 3 * M + 40 from the first beat in to the last beat out of a batch on its own. Rows
// shorter than M + ChainLength wait for their weight tiles.
`include "sb_assert.svh"

module sb_fc_layer
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // array size: 4, 8, 16, 32 or 64
    parameter int unsigned K = 256,  // inputs, 1 or more
    parameter int unsigned N = 256,  // outputs, 1 or more
    parameter int unsigned Rows = 128,  // accumulator depth, and rows of a chunk
    parameter int unsigned ActBits = 8,  // activation lanes: 8, or 9 (in 16 bits on the stream)
    parameter int unsigned OutBits = 8,  // result lanes: 8, 16 or 32 (raw accumulators: 32)
    parameter int unsigned ChainLength = 4,  // see sb_array
    parameter bit Packed = 1,  // see sb_array
    parameter int unsigned MulStyle = MulInferred,  // see sb_array
    parameter int unsigned LutChannels = 0,  // see sb_array
    parameter WeightFile = "",  // $readmemh files; empty: load by s_axis_w
    parameter ChanFile = "",
    localparam int unsigned ActLane = ActBits == 9 ? 16 : 8
) (
    input  logic                           clk_i,
    input  logic                           rst_ni,           // synchronous, active low
    input  logic        [            31:0] rows_i,
    input  logic                           act_unsigned_i,
    input  logic        [             2:0] clamp_i,          // clamp_e
    input  logic signed [            15:0] zero_point_i,
    input  logic        [ M * ActLane-1:0] s_axis_tdata,
    input  logic                           s_axis_tvalid,
    output logic                           s_axis_tready,
    input  logic                           s_axis_tlast,
    input  logic        [M*WeightBits-1:0] s_axis_w_tdata,
    input  logic                           s_axis_w_tvalid,
    output logic                           s_axis_w_tready,
    output logic        [   M*OutBits-1:0] m_axis_tdata,
    output logic        [ M*OutBits/8-1:0] m_axis_tkeep,
    output logic                           m_axis_tvalid,
    input  logic                           m_axis_tready,
    output logic                           m_axis_tlast,
    output logic                           error_o,
    output logic                           loaded_o          // weights are there
);
  localparam int unsigned KBlocks = (K + M - 1) / M;
  localparam int unsigned NBlocks = (N + M - 1) / M;
  if (K < 1 || N < 1 || KBlocks > 65535 || NBlocks > 65535) begin : gen_illegal_size
    $fatal(1, "sb_fc_layer: K = %0d, N = %0d, must be 1 to 65535 blocks of M", K, N);
  end
  if (64'(KBlocks) * 64'(NBlocks) * 64'(M * M) > 64'h4000_0000) begin : gen_illegal_weights
    $fatal(1, "sb_fc_layer: K = %0d, N = %0d, more than 2^30 weights", K, N);
  end
  if (OutBits != 8 && OutBits != 16 && OutBits != 32) begin : gen_illegal_out
    $fatal(1, "sb_fc_layer: OutBits = %0d, must be 8, 16 or 32", OutBits);
  end

  localparam int unsigned WeightWords = NBlocks * KBlocks * M;
  localparam int unsigned ChanWords = ChanBits / WeightBits;  // load words per n-block
  localparam int unsigned LoadWords = WeightWords + NBlocks * ChanWords;
  localparam int unsigned LoadBits = $clog2(LoadWords + 1);
  localparam int unsigned WeightAddrBits = WeightWords > 1 ? $clog2(WeightWords) : 1;
  localparam int unsigned ChanAddrBits = NBlocks > 1 ? $clog2(NBlocks) : 1;
  localparam int unsigned BufferDepth = Rows * KBlocks > 1 ? Rows * KBlocks : 2;
  localparam int unsigned BufferBits = $clog2(BufferDepth + 1);

  // Loading of weights and channel data. While it goes on no batch starts and the core is held in
  // reset.
  logic idle, loading_q, batch_q;
  logic [LoadBits-1:0] load_q;  // words taken
  logic load_end_q;  // the next word is the last
  logic chan_part_q;  // it belongs to the channel data
  assign s_axis_w_tready = loading_q;
  wire load = s_axis_w_tvalid && loading_q;
  wire [LoadBits-1:0] load_next = load_q + 1'b1;
  logic [$clog2(ChanWords)-1:0] chan_word_at_q;  // of the words of an n-block
  logic [ChanAddrBits-1:0] chan_block_q;
  logic [M*(ChanBits-WeightBits)-1:0] chan_word_q;  // the words of an n-block but the last
  wire [M*ChanBits-1:0] chan_word = {s_axis_w_tdata, chan_word_q};
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      loading_q <= WeightFile == "";
      {load_q, load_end_q, chan_part_q, chan_word_at_q, chan_block_q} <= '0;
    end else if (load) begin
      loading_q   <= !load_end_q;
      load_q      <= load_end_q ? '0 : load_next;
      load_end_q  <= load_next == LoadBits'(LoadWords - 1);
      chan_part_q <= !load_end_q && (chan_part_q || load_next == LoadBits'(WeightWords));
      if (chan_part_q) begin
        chan_word_at_q <= chan_word_at_q + 1'b1;
        if (chan_word_at_q == '1) chan_block_q <= load_end_q ? '0 : chan_block_q + 1'b1;
      end
    end else if (s_axis_w_tvalid && !s_axis_tvalid && !batch_q && idle) begin
      loading_q <= 1'b1;
    end
    if (load) chan_word_q <= chan_word[M*ChanBits-1:M*WeightBits];
  end
  assign loaded_o = !loading_q;

  logic w_valid, w_ready, chan_valid, chan_ready;
  logic [M*WeightBits-1:0] w_data;
  logic [  M*ChanBits-1:0] chan_data;
  sb_rom_stream #(
      .Width(M * WeightBits),
      .Depth(WeightWords),
      .MulStyle(MulStyle),
      .InitFile(WeightFile)
  ) i_weights (
      .clk_i,
      .rst_ni,
      .run_i(!loading_q),
      .write_i(load && !chan_part_q),
      .write_addr_i(WeightAddrBits'(load_q)),
      .write_data_i(s_axis_w_tdata),
      .valid_o(w_valid),
      .ready_i(w_ready),
      .data_o(w_data)
  );
  sb_rom_stream #(
      .Width(M * ChanBits),
      .Depth(NBlocks),
      .MulStyle(MulStyle),
      .InitFile(ChanFile)
  ) i_channels (
      .clk_i,
      .rst_ni,
      .run_i(!loading_q),
      .write_i(load && chan_part_q && chan_word_at_q == '1),
      .write_addr_i(chan_block_q),
      .write_data_i(chan_word),
      .valid_o(chan_valid),
      .ready_i(chan_ready),
      .data_o(chan_data)
  );

  // A batch: its first beat waits until what comes with it is sampled; then its beats go to the
  // replay buffer, and its rows become jobs of up to Rows rows.
  logic opened_q;  // sampled in the cycle before
  logic [31:0] rows_q;
  logic [2:0] clamp_q;
  logic act_unsigned_q;
  logic signed [15:0] zero_point_q;
  wire open = s_axis_tvalid && !batch_q && !loading_q;
  wire no_rows = rows_q == '0;
  wire [31:0] rows = {rows_q[31:1], rows_q[0] || rows_q[31:1] == '0};  // 1 or more

  // Beats: for row: for kb. Made up, from where the batch ended early.
  logic taking_q, padding_q, buffer_ready, row_end, kb_end;
  assign s_axis_tready = taking_q && !padding_q && buffer_ready;
  wire beat = taking_q && buffer_ready && (s_axis_tvalid || padding_q);
  wire beats_end = row_end && kb_end;
  sb_loop_counter #(
      .Bits(32)
  ) i_beat_row (
      .clk_i,
      .step_i(opened_q || (beat && kb_end)),
      .load_i(opened_q),
      .total_i(rows),
      .first_o(),
      .last_o(row_end)
  );
  sb_loop_counter i_beat_kb (
      .clk_i,
      .step_i(opened_q || beat),
      .load_i(opened_q),
      .total_i(16'(KBlocks)),
      .first_o(),
      .last_o(kb_end)
  );

  // Jobs, one every few cycles: how many rows are left after it, how many it has, its words.
  logic jobs_q;  // rows are left that are in no job
  logic job_end_q, job_ready, frame_ready, note_ready;
  logic room_q;  // for it in all three queues, which only a job takes
  logic [2:0] made_q;  // steps that are done
  logic [31:0] left_q, after_q;  // rows from this job on, and behind it
  logic [15:0] job_rows_q;
  logic [BufferBits-1:0] job_words_q;
  wire job_push = made_q[2] && room_q;
  wire last_beat = beat && beats_end;
  wire last_job = job_push && job_end_q;
  always_ff @(posedge clk_i) begin
    made_q <= !rst_ni || opened_q || job_push ? '0 : {made_q[1:0], jobs_q};
    room_q <= job_ready && frame_ready && note_ready;
    if (opened_q || job_push) left_q <= opened_q ? rows : after_q;
    after_q   <= left_q - 32'(Rows);
    job_end_q <= left_q <= 32'(Rows);
    // Behind the comparison.
    job_rows_q  <= job_end_q ? left_q[15:0] : 16'(Rows);
    job_words_q <= BufferBits'(32'(job_rows_q) * 32'(KBlocks));
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {opened_q, batch_q, taking_q, jobs_q, padding_q} <= '0;
      error_o <= 1'b0;
    end else begin
      opened_q <= open;
      if (open) batch_q <= 1'b1;
      else if (!opened_q && (!taking_q || last_beat) && (!jobs_q || last_job)) batch_q <= 1'b0;
      taking_q <= opened_q || (taking_q && !last_beat);
      jobs_q   <= opened_q || (jobs_q && !last_job);
      if (beat) padding_q <= !beats_end && (padding_q || s_axis_tlast);
      if ((opened_q && no_rows) || (beat && !padding_q && s_axis_tlast != beats_end))
        error_o <= 1'b1;
    end
    if (open) begin
      rows_q         <= rows_i;
      clamp_q        <= clamp_i;
      act_unsigned_q <= act_unsigned_i;
      zero_point_q   <= zero_point_i;
    end
  end

  logic [M-1:0][ActBits-1:0] act_in;
  for (genvar k = 0; k < M; k++) begin : gen_lane
    assign act_in[k] = s_axis_tdata[k*ActLane+:ActBits];
  end
  logic act_valid, act_ready;
  logic [M-1:0][ActBits-1:0] act_data;
  sb_replay_buffer #(
      .Width(M * ActBits),
      .Depth(BufferDepth),
      .MulStyle(MulStyle)
  ) i_buffer (
      .clk_i,
      .rst_ni,
      .frame_valid_i(job_push),
      .frame_ready_o(frame_ready),
      .frame_words_i(job_words_q),
      .frame_passes_i(16'(NBlocks)),
      .valid_i(beat),
      .ready_o(buffer_ready),
      .data_i(act_in),
      .valid_o(act_valid),
      .ready_i(act_ready),
      .data_o(act_data)
  );

  job_t job;
  assign job = '{
          act_unsigned: act_unsigned_q,
          clamp: clamp_e'(clamp_q),
          zero_point: zero_point_q,
          rows: job_rows_q,
          k_blocks: 16'(KBlocks),
          n_blocks: 16'(NBlocks)
      };
  logic out_last, core_idle, core_error;
  sb_gemm_core #(
      .M(M),
      .Rows(Rows),
      .ActBits(ActBits),
      .OutBits(OutBits),
      .ChainLength(ChainLength),
      .Packed(Packed),
      .MulStyle(MulStyle),
      .LutChannels(LutChannels)
  ) i_core (
      .clk_i,
      .rst_ni(rst_ni && !loading_q),
      .job_valid_i(job_push),
      .job_ready_o(job_ready),
      .job_i(job),
      .w_valid_i(w_valid),
      .w_ready_o(w_ready),
      .w_data_i(w_data),
      .chan_valid_i(chan_valid),
      .chan_ready_o(chan_ready),
      .chan_data_i(chan_data),
      .act_valid_i(act_valid),
      .act_ready_o(act_ready),
      .act_data_i(act_data),
      .out_valid_o(m_axis_tvalid),
      .out_ready_i(m_axis_tready),
      .out_data_o(m_axis_tdata),
      .out_last_o(out_last),
      .error_o(core_error),
      .idle_o(core_idle)
  );

  // What the output side must know of each job, long before its first result: its rows and whether
  // it ends the batch. Loops for nb: for row go along with the results.
  logic [15:0] note_rows;
  logic note_end, note_valid, out_open_q, out_end_q, out_row_last, out_nb_last;
  wire out_beat = m_axis_tvalid && m_axis_tready;
  wire out_next = !out_open_q || out_last;  // the next step takes a note
  wire note_take = !out_open_q || (out_beat && out_last);
  sb_fifo #(
      .Width(17),
      .Depth(8)
  ) i_notes (
      .clk_i,
      .rst_ni,
      .valid_i(job_push),
      .ready_o(note_ready),
      .data_i({job_rows_q, job_end_q}),
      .valid_o(note_valid),
      .ready_i(note_take),
      .data_o({note_rows, note_end})
  );
  sb_loop_counter i_out_row (
      .clk_i,
      .step_i(out_beat || !out_open_q),
      .load_i(out_next),
      .total_i(note_rows),
      .first_o(),
      .last_o(out_row_last)
  );
  sb_loop_counter i_out_nb (
      .clk_i,
      .step_i((out_beat && out_row_last) || !out_open_q),
      .load_i(out_next),
      .total_i(16'(NBlocks)),
      .first_o(),
      .last_o(out_nb_last)
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) out_open_q <= 1'b0;
    else if (note_take) out_open_q <= note_valid;
    if (note_take) out_end_q <= note_end;
  end
  localparam int unsigned LastBytes = (N - (NBlocks - 1) * M) * OutBits / 8;
  localparam int unsigned AllBytes = M * OutBits / 8;
  assign m_axis_tkeep = out_nb_last ? {AllBytes{1'b1}} >> (AllBytes - LastBytes) : '1;
  assign m_axis_tlast = out_last && out_end_q;
  assign idle = core_idle && !act_valid && !note_valid && !out_open_q;

  `SB_ASSERT(CoreTakesEveryJob_A, !core_error)
  `SB_ASSERT(ResultHasNote_A, m_axis_tvalid |-> out_open_q)
  `SB_ASSERT_STABLE(OutStable_A, m_axis_tvalid, m_axis_tready, m_axis_tdata)
  `SB_ASSERT_STABLE(InStable_A, s_axis_tvalid, s_axis_tready, s_axis_tdata)
endmodule
