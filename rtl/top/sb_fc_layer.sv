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
    parameter int unsigned OutBits = 8,  // result lanes: 8, 16 or 32 (32 needed for raw accumulators)
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
  localparam int unsigned ChanWords = ChanBits / WeightBits;  // words of the load stream per n-block
  localparam int unsigned LoadWords = WeightWords + NBlocks * ChanWords;
  localparam int unsigned LoadBits = $clog2(LoadWords + 1);
  localparam int unsigned WeightAddrBits = WeightWords > 1 ? $clog2(WeightWords) : 1;
  localparam int unsigned ChanAddrBits = NBlocks > 1 ? $clog2(NBlocks) : 1;
  localparam int unsigned BufferDepth = Rows * KBlocks > 1 ? Rows * KBlocks : 2;
  localparam int unsigned BufferBits = $clog2(BufferDepth + 1);

  // Loading of weights and channel data. While it goes on the core is held in reset.
  logic idle, loading_q, loaded_q;
  logic [LoadBits-1:0] load_q;  // words taken
  logic batch_q;
  assign s_axis_w_tready = loading_q || (idle && !batch_q && !s_axis_tvalid) || !loaded_q;
  wire load = s_axis_w_tvalid && s_axis_w_tready;
  wire load_end = load && load_q == LoadBits'(LoadWords - 1);
  wire [LoadBits-1:0] chan_load = load_q - LoadBits'(WeightWords);
  wire load_chan = load_q >= LoadBits'(WeightWords);
  logic [M*(ChanBits-WeightBits)-1:0] chan_word_q;  // the words of an n-block but the last
  wire [M*ChanBits-1:0] chan_word = {s_axis_w_tdata, chan_word_q};
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      loading_q <= 1'b0;
      loaded_q  <= WeightFile != "";
      load_q    <= '0;
    end else if (load) begin
      loading_q <= !load_end;
      loaded_q  <= load_end;
      load_q    <= load_end ? '0 : load_q + 1'b1;
    end
    if (load) chan_word_q <= chan_word[M*ChanBits-1:M*WeightBits];
  end
  assign loaded_o = loaded_q;

  logic w_valid, w_ready, chan_valid, chan_ready;
  logic [M*WeightBits-1:0] w_data;
  logic [  M*ChanBits-1:0] chan_data;
  sb_rom_stream #(
      .Width(M * WeightBits),
      .Depth(WeightWords),
      .InitFile(WeightFile)
  ) i_weights (
      .clk_i,
      .rst_ni,
      .run_i(loaded_q && !load),
      .write_i(load && !load_chan),
      .write_addr_i(WeightAddrBits'(load_q)),
      .write_data_i(s_axis_w_tdata),
      .valid_o(w_valid),
      .ready_i(w_ready),
      .data_o(w_data)
  );
  sb_rom_stream #(
      .Width(M * ChanBits),
      .Depth(NBlocks),
      .InitFile(ChanFile)
  ) i_channels (
      .clk_i,
      .rst_ni,
      .run_i(loaded_q && !load),
      .write_i(load && load_chan && chan_load % LoadBits'(ChanWords) == LoadBits'(ChanWords - 1)),
      .write_addr_i(ChanAddrBits'(chan_load / LoadBits'(ChanWords))),
      .write_data_i(chan_word),
      .valid_o(chan_valid),
      .ready_i(chan_ready),
      .data_o(chan_data)
  );

  // A batch: its rows become jobs of up to Rows rows; its beats go to the replay buffer.
  logic [31:0] rows_left_q;  // rows not yet made a job
  // Beats not yet in: row_beats_q rows of KBlocks beats, of which kb_q of the first are in.
  logic [31:0] row_beats_q;
  logic [15:0] kb_q;
  wire kb_last = kb_q == 16'(KBlocks - 1);
  wire beat_last = row_beats_q == 32'd1 && kb_last;
  logic [2:0] clamp_q;
  logic act_unsigned_q;
  logic signed [15:0] zero_point_q;
  wire start = s_axis_tvalid && !batch_q && loaded_q && rst_ni;
  wire beats_pending = row_beats_q != '0;
  logic buffer_ready, padding_q;  // padding: the batch ended early, its beats are made up
  assign s_axis_tready = batch_q && beats_pending && buffer_ready && !padding_q;
  wire beat = batch_q && beats_pending && buffer_ready && (s_axis_tvalid || padding_q);
  wire [15:0] job_rows = rows_left_q > 32'(Rows) ? 16'(Rows) : rows_left_q[15:0];
  wire job_end = rows_left_q <= 32'(Rows);
  logic job_ready, frame_ready, note_ready;
  wire job_push = batch_q && rows_left_q != '0 && job_ready && frame_ready && note_ready;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      batch_q      <= 1'b0;
      rows_left_q  <= '0;
      row_beats_q  <= '0;
      kb_q         <= '0;
      padding_q    <= 1'b0;
      error_o      <= 1'b0;
    end else if (start) begin
      batch_q        <= 1'b1;
      rows_left_q    <= rows_i == '0 ? 32'd1 : rows_i;
      row_beats_q    <= rows_i == '0 ? 32'd1 : rows_i;
      error_o        <= error_o || rows_i == '0;
      clamp_q        <= clamp_i;
      act_unsigned_q <= act_unsigned_i;
      zero_point_q   <= zero_point_i;
    end else begin
      if (job_push) rows_left_q <= job_end ? '0 : rows_left_q - 32'(Rows);
      if (beat) begin
        kb_q <= kb_last ? '0 : kb_q + 1'b1;
        if (kb_last) row_beats_q <= row_beats_q - 1'b1;
        if (!padding_q && s_axis_tlast != beat_last) error_o <= 1'b1;
        padding_q <= !beat_last && (padding_q || s_axis_tlast);
      end
      if (rows_left_q == '0 && (!beats_pending || (beat && beat_last))) batch_q <= 1'b0;
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
      .Depth(BufferDepth)
  ) i_buffer (
      .clk_i,
      .rst_ni,
      .frame_valid_i(job_push),
      .frame_ready_o(frame_ready),
      .frame_words_i(BufferBits'(32'(job_rows) * 32'(KBlocks))),
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
          rows: job_rows,
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
      .rst_ni(rst_ni && loaded_q && !load),
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

  // What the output side must know of each job: its rows and whether it ends the batch.
  logic [15:0] note_rows, out_row_q, out_nb_q;
  logic note_end, note_valid;
  wire out_beat = m_axis_tvalid && m_axis_tready;
  sb_fifo #(
      .Width(17),
      .Depth(8)
  ) i_notes (
      .clk_i,
      .rst_ni,
      .valid_i(job_push),
      .ready_o(note_ready),
      .data_i({job_rows, job_end}),
      .valid_o(note_valid),
      .ready_i(out_beat && out_last),
      .data_o({note_rows, note_end})
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {out_row_q, out_nb_q} <= '0;
    end else if (out_beat) begin
      out_row_q <= out_row_q == note_rows - 1'b1 ? '0 : out_row_q + 1'b1;
      if (out_row_q == note_rows - 1'b1) out_nb_q <= out_last ? '0 : out_nb_q + 1'b1;
    end
  end
  localparam int unsigned LastBytes = (N - (NBlocks - 1) * M) * OutBits / 8;
  assign m_axis_tkeep = out_nb_q == 16'(NBlocks - 1) ? {(M * OutBits / 8) {1'b1}} >> (M * OutBits / 8 - LastBytes) : '1;
  assign m_axis_tlast = out_last && note_end;
  assign idle = core_idle && !act_valid && !note_valid;

  `SB_ASSERT(CoreTakesEveryJob_A, !core_error)
  `SB_ASSERT(ResultHasNote_A, m_axis_tvalid |-> note_valid)
  `SB_ASSERT_STABLE(OutStable_A, m_axis_tvalid, m_axis_tready, m_axis_tdata)
  `SB_ASSERT_STABLE(InStable_A, s_axis_tvalid, s_axis_tready, s_axis_tdata)
endmodule
