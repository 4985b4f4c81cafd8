// SPDX-License-Identifier: Apache-2.0
// The write channels of the AXI4 master: stores, one after the other.
//
//   sreq --+--> sb_axi_bursts --> all its beats there? --> aw, lengths --> w
//          '--> start, words                                               ^
//   st words --> units --> beats and strobes --> [buffer] -----------------+
//
// Contract: a burst is only asked for when all of its beats are in the buffer, so w never waits for
// the engine. sreq and st are valid / ready streams, a store's words come in the order of requests;
// addresses are multiples of 64. done_o: one cycle for each store, when every burst of it has been
// answered. While run_i is low no burst starts and what is buffered is dropped, but for the beats
// of bursts that have been asked for; run_i may rise when idle_o is high. error_o: an answer of
// this run was an error, or an address is none of the bus. One beat per cycle, also between bursts;
// of a bus of 128 bytes one in two cycles.
`include "sb_assert.svh"

module sb_axi_write #(
    parameter int unsigned M = 16,  // 4 to 64
    parameter int unsigned AddrBits = 40,  // of the bus: 32 to 64
    parameter int unsigned DataBits = 128,  // of the bus: 32 to 1024
    parameter int unsigned IdBits = 2,  // ID 0 is used
    parameter int unsigned MaxBurst = 32,  // beats
    parameter int unsigned Outstanding = 16  // bursts not answered, a power of two
) (
    input  logic                  clk_i,
    input  logic                  rst_ni,         // synchronous, active low
    input  logic                  run_i,
    output logic                  idle_o,         // no burst under way
    output logic                  error_o,
    output logic                  progress_o,     // a handshake on aw, w or b
    output logic                  beat_o,         // a handshake on w
    input  logic                  sreq_valid_i,
    output logic                  sreq_ready_o,
    input  logic [          39:0] sreq_addr_i,
    input  logic [          31:0] sreq_words_i,   // of 2 * M bytes, 1 or more
    input  logic                  st_valid_i,
    output logic                  st_ready_o,
    input  logic [      M*16-1:0] st_data_i,
    output logic                  done_o,
    output logic [    IdBits-1:0] m_axi_awid,
    output logic [  AddrBits-1:0] m_axi_awaddr,
    output logic [           7:0] m_axi_awlen,
    output logic                  m_axi_awvalid,
    input  logic                  m_axi_awready,
    output logic [  DataBits-1:0] m_axi_wdata,
    output logic [DataBits/8-1:0] m_axi_wstrb,
    output logic                  m_axi_wlast,
    output logic                  m_axi_wvalid,
    input  logic                  m_axi_wready,
    input  logic [           1:0] m_axi_bresp,
    input  logic                  m_axi_bvalid,
    output logic                  m_axi_bready
);
  localparam int unsigned Bytes = DataBits / 8;
  localparam int unsigned Burst = MaxBurst * Bytes > 4096 ? 4096 / Bytes : MaxBurst;
  localparam int unsigned Depth = 2 * Burst > 16 ? 2 * Burst : 16;  // beats of the buffer
  localparam int unsigned CountBits = $clog2(Depth + 3);
  // A unit divides words, beats and the alignment of addresses.
  localparam int unsigned WordBytes = 2 * M;
  localparam int unsigned Narrow = WordBytes < Bytes ? WordBytes : Bytes;
  localparam int unsigned Unit = Narrow < 64 ? Narrow : 64;
  localparam int unsigned PerBeat = Bytes / Unit;
  localparam int unsigned PerWord = WordBytes / Unit;
  localparam int unsigned LaneBits = PerBeat > 1 ? $clog2(PerBeat) : 1;
  localparam int unsigned IndexBits = PerWord > 1 ? $clog2(PerWord) : 1;

  wire run_n = rst_ni && run_i;

  // Requests, to both sides.
  logic cut_ready, info_ready, cut_valid, cut_take;
  logic [39:0] cut_addr;
  logic [31:0] cut_words;
  assign sreq_ready_o = cut_ready && info_ready;
  sb_fifo #(
      .Width(72),
      .Depth(2)
  ) i_requests (
      .clk_i,
      .rst_ni(run_n),
      .valid_i(sreq_valid_i && info_ready),
      .ready_o(cut_ready),
      .data_i({sreq_addr_i, sreq_words_i}),
      .valid_o(cut_valid),
      .ready_i(cut_take),
      .data_o({cut_addr, cut_words})
  );
  logic info_valid, active_q, job_done;
  logic [LaneBits-1:0] first;
  logic [31:0] words;
  wire [LaneBits-1:0] first_lane = PerBeat > 1 ? sreq_addr_i[$clog2(Unit)+:LaneBits] : '0;
  sb_fifo #(
      .Width(LaneBits + 32),
      .Depth(2)
  ) i_infos (
      .clk_i,
      .rst_ni(run_n),
      .valid_i(sreq_valid_i && cut_ready),
      .ready_o(info_ready),
      .data_i({first_lane, sreq_words_i}),
      .valid_o(info_valid),
      .ready_i(!active_q || job_done),
      .data_o({first, words})
  );

  // Units of words into beats.
  logic [LaneBits-1:0] lane_q;
  logic [IndexBits-1:0] index_q;
  logic [31:0] left_q;  // words after this one
  logic [PerBeat-1:0] strobe_q, strobe;
  logic [PerBeat-1:0][Unit*8-1:0] part_q, beat;
  logic beat_room;
  // A loop, not an index: Verilator 5.032 ends with an internal error at that.
  wire [PerWord-1:0][Unit*8-1:0] lanes = st_data_i;
  logic [Unit*8-1:0] unit;
  always_comb begin
    unit = lanes[0];
    for (int unsigned i = 1; i < PerWord; i++) if (index_q == IndexBits'(i)) unit = lanes[i];
  end
  wire word_last = index_q == IndexBits'(PerWord - 1);
  wire store_last = word_last && left_q == '0;
  wire beat_last = lane_q == LaneBits'(PerBeat - 1) || store_last;
  wire take = active_q && st_valid_i && (!beat_last || beat_room);
  assign job_done = take && store_last;
  wire beat_done = take && beat_last;
  assign st_ready_o = active_q && word_last && (!beat_last || beat_room);
  always_comb begin
    beat = part_q;
    strobe = strobe_q;
    for (int unsigned l = 0; l < PerBeat; l++) begin
      if (32'(lane_q) == l) begin
        beat[l] = unit;
        strobe[l] = 1'b1;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (!run_n) begin
      active_q <= 1'b0;
      strobe_q <= '0;
      index_q  <= '0;
    end else begin
      if (!active_q || job_done) active_q <= info_valid;
      if (take) begin
        strobe_q <= beat_last ? '0 : strobe;
        index_q  <= word_last ? '0 : index_q + 1'b1;
      end
    end
    if (!active_q || job_done) begin
      lane_q <= first;
      left_q <= words - 1'b1;
    end else if (take) begin
      lane_q <= lane_q == LaneBits'(PerBeat - 1) ? '0 : lane_q + 1'b1;
      if (word_last) left_q <= left_q - 1'b1;
    end
    if (take) part_q <= beat;
  end

  // Beats. Those of bursts on their way are at the front, so all can go when these have left.
  logic w_burst, buffer_valid;
  logic [PerBeat-1:0] out_strobe;
  wire w_take = m_axi_wvalid && m_axi_wready;
  sb_ram_fifo #(
      .Width(DataBits + PerBeat),
      .Depth(Depth)
  ) i_buffer (
      .clk_i,
      .rst_ni(rst_ni && (run_i || w_burst)),
      .valid_i(beat_done && run_i),
      .ready_o(beat_room),
      .data_i({strobe, beat}),
      .valid_o(buffer_valid),
      .ready_i(w_take),
      .data_o({out_strobe, m_axi_wdata})
  );

  // Bursts, as their beats are there.
  logic burst_valid, burst_last;
  logic [39:0] burst_addr;
  logic [ 8:0] burst_beats;
  logic lengths_free, flags_free, flag_valid, flag, bad;
  logic aw_valid_q;
  logic [39:0] aw_addr_q;
  logic [7:0] aw_len_q;
  logic [CountBits-1:0] stored_q;  // beats in the buffer that no burst has taken
  wire there = 32'(stored_q) >= 32'(burst_beats);
  wire issue_free = there && lengths_free && flags_free && (!aw_valid_q || m_axi_awready);
  wire issue = run_i && burst_valid && issue_free;
  sb_axi_bursts #(
      .DataBytes(Bytes),
      .AddrBits (AddrBits),
      .WordBytes(WordBytes),
      .Burst    (Burst)
  ) i_bursts (
      .clk_i,
      .rst_ni(run_n),
      .req_valid_i(cut_valid),
      .req_ready_o(cut_take),
      .req_addr_i(cut_addr),
      .req_words_i(cut_words),
      .burst_valid_o(burst_valid),
      .burst_ready_i(issue_free),
      .burst_addr_o(burst_addr),
      .burst_beats_o(burst_beats),
      .burst_last_o(burst_last),
      .bad_o(bad)
  );
  logic [7:0] w_len, w_count_q;
  sb_fifo #(
      .Width(8),
      .Depth(4)
  ) i_lengths (
      .clk_i,
      .rst_ni,
      .valid_i(issue),
      .ready_o(lengths_free),
      .data_i(8'(burst_beats - 1'b1)),
      .valid_o(w_burst),
      .ready_i(w_take && m_axi_wlast),
      .data_o(w_len)
  );
  sb_fifo #(
      .Width(1),
      .Depth(Outstanding)
  ) i_flags (
      .clk_i,
      .rst_ni,
      .valid_i(issue),
      .ready_o(flags_free),
      .data_i(burst_last),
      .valid_o(flag_valid),
      .ready_i(m_axi_bvalid),
      .data_o(flag)
  );
  assign m_axi_wvalid = w_burst && buffer_valid;
  assign m_axi_wlast  = w_count_q == w_len;
  for (genvar l = 0; l < PerBeat; l++) begin : gen_strobe
    assign m_axi_wstrb[l*Unit+:Unit] = {Unit{out_strobe[l]}};
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_valid_q <= 1'b0;
      w_count_q <= '0;
      done_o <= 1'b0;
      error_o <= 1'b0;
    end else begin
      if (!aw_valid_q || m_axi_awready) aw_valid_q <= issue;
      if (w_take) w_count_q <= m_axi_wlast ? '0 : w_count_q + 1'b1;
      done_o  <= run_i && m_axi_bvalid && !m_axi_bresp[1] && flag_valid && flag;
      error_o <= run_i && ((m_axi_bvalid && m_axi_bresp[1]) || bad);
    end
    if (!run_n) stored_q <= '0;
    else stored_q <= stored_q + CountBits'(beat_done) - (issue ? CountBits'(burst_beats) : '0);
    if (issue) begin
      aw_addr_q <= burst_addr;
      aw_len_q  <= 8'(burst_beats - 1'b1);
    end
  end
  assign m_axi_awvalid = aw_valid_q;
  assign m_axi_awid = '0;
  assign m_axi_awaddr = AddrBits'(aw_addr_q);
  assign m_axi_awlen = aw_len_q;
  assign m_axi_bready = 1'b1;
  assign idle_o = !flag_valid;
  assign beat_o = w_take;
  assign progress_o = w_take || m_axi_bvalid || (aw_valid_q && m_axi_awready);
  wire unused_bits = ^{m_axi_bresp[0], aw_addr_q};  // of a bus with narrower addresses

  `SB_ASSERT(Answered_A, !m_axi_bvalid || flag_valid)
  `SB_ASSERT(RunsWhenIdle_A, !run_i |=> !run_i || !flag_valid)
  `SB_ASSERT(BeatsThere_A, !w_burst || !run_i || 32'(stored_q) <= Depth + 2)
  `SB_ASSERT(Aligned_A, !sreq_valid_i || sreq_addr_i[5:0] == '0)
endmodule
