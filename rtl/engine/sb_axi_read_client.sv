// SPDX-License-Identifier: Apache-2.0
// One reader of external memory: requests in, their words out, in order and without gaps.
//
//   req --+--> sb_axi_bursts --> room? --> ar         r --> [buffer] --> units --> words
//         '--> first unit, words ------------------------------------------^
//
// Contract: a burst is only asked for when the buffer has room for all of it, so beats of r are
// always taken and no reader can block another one. Addresses are multiples of 64. Streams are
// valid / ready; ready of a beat at the buffer depends on word_ready_i, all else on registers.
// Words come one per cycle if a word is not wider than the bus, else at the rate of the bus; of a
// bus of 128 bytes 64 bytes per cycle. Reset drops everything; what is still to come on r then must
// not come here.
`include "sb_assert.svh"

module sb_axi_read_client #(
    parameter int unsigned WordBytes = 16,  // 2 to 128, a power of two
    parameter int unsigned DataBytes = 16,  // of the bus: 4 to 128, a power of two
    parameter int unsigned AddrBits = 40,  // of the bus
    parameter int unsigned Depth = 512,  // beats that the buffer holds: a power of two
    parameter int unsigned Burst = 32,  // beats of the longest burst, at most Depth
    parameter int unsigned Requests = 8  // that are under way, a power of two
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,        // synchronous, active low
    input  logic                   req_valid_i,
    output logic                   req_ready_o,
    input  logic [           39:0] req_addr_i,
    input  logic [           31:0] req_words_i,   // 1 or more
    output logic                   ar_valid_o,
    input  logic                   ar_ready_i,
    output logic [           39:0] ar_addr_o,
    output logic [            8:0] ar_beats_o,
    output logic                   bad_o,         // an address that the bus does not have
    input  logic                   r_valid_i,
    input  logic [DataBytes*8-1:0] r_data_i,
    output logic                   word_valid_o,
    input  logic                   word_ready_i,
    output logic [WordBytes*8-1:0] word_data_o
);
  if (Burst > Depth) begin : gen_illegal
    $fatal(1, "sb_axi_read_client: Burst = %0d, must be at most Depth = %0d", Burst, Depth);
  end
  // A unit divides words, beats and the alignment of addresses.
  localparam int unsigned Narrow = WordBytes < DataBytes ? WordBytes : DataBytes;
  localparam int unsigned Unit = Narrow < 64 ? Narrow : 64;
  localparam int unsigned PerBeat = DataBytes / Unit;
  localparam int unsigned PerWord = WordBytes / Unit;
  localparam int unsigned FreeBits = $clog2(Depth + 1);

  // Requests, to both sides.
  logic cut_ready, info_ready, cut_valid, cut_take;
  logic [39:0] cut_addr;
  logic [31:0] cut_words;
  assign req_ready_o = cut_ready && info_ready;
  sb_fifo #(
      .Width(72),
      .Depth(Requests)
  ) i_requests (
      .clk_i,
      .rst_ni,
      .valid_i(req_valid_i && info_ready),
      .ready_o(cut_ready),
      .data_i({req_addr_i, req_words_i}),
      .valid_o(cut_valid),
      .ready_i(cut_take),
      .data_o({cut_addr, cut_words})
  );

  // Bursts, as the buffer has room.
  logic burst_valid, unused_last;
  logic [FreeBits-1:0] free_q;
  logic pop;
  wire fits = 32'(ar_beats_o) <= 32'(free_q);
  wire grant = ar_valid_o && ar_ready_i;
  assign ar_valid_o = burst_valid && fits;
  sb_axi_bursts #(
      .DataBytes(DataBytes),
      .AddrBits (AddrBits),
      .WordBytes(WordBytes),
      .Burst    (Burst)
  ) i_bursts (
      .clk_i,
      .rst_ni,
      .req_valid_i(cut_valid),
      .req_ready_o(cut_take),
      .req_addr_i(cut_addr),
      .req_words_i(cut_words),
      .burst_valid_o(burst_valid),
      .burst_ready_i(ar_ready_i && fits),
      .burst_addr_o(ar_addr_o),
      .burst_beats_o(ar_beats_o),
      .burst_last_o(unused_last),
      .bad_o
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) free_q <= FreeBits'(Depth);
    else free_q <= free_q - (grant ? FreeBits'(ar_beats_o) : '0) + FreeBits'(pop);
  end

  // Beats.
  logic beat_room, beat_valid;
  logic [DataBytes*8-1:0] beat;
  sb_ram_fifo #(
      .Width(DataBytes * 8),
      .Depth(Depth)
  ) i_buffer (
      .clk_i,
      .rst_ni,
      .valid_i(r_valid_i),
      .ready_o(beat_room),
      .data_i(r_data_i),
      .valid_o(beat_valid),
      .ready_i(pop),
      .data_o(beat)
  );

  // Units of the beats; the last beat of a request may have more than it wants.
  logic unit_valid, unit_ready;
  logic [Unit*8-1:0] unit;
  logic word_done;
  if (PerBeat == 1) begin : gen_whole
    assign info_ready = 1'b1;
    assign unit_valid = beat_valid;
    assign unit = beat;
    assign pop = unit_valid && unit_ready;
    wire unused_done = word_done;
  end else begin : gen_part
    localparam int unsigned LaneBits = $clog2(PerBeat);
    logic info_valid, active_q, job_done;
    logic [LaneBits-1:0] first, lane_q;
    logic [31:0] words, left_q;  // left_q: words after this one
    sb_fifo #(
        .Width(LaneBits + 32),
        .Depth(Requests)
    ) i_infos (
        .clk_i,
        .rst_ni,
        .valid_i(req_valid_i && cut_ready),
        .ready_o(info_ready),
        .data_i({req_addr_i[$clog2(Unit)+:LaneBits], req_words_i}),
        .valid_o(info_valid),
        .ready_i(!active_q || job_done),
        .data_o({first, words})
    );
    wire take = unit_valid && unit_ready;
    assign job_done = word_done && left_q == '0;
    assign unit_valid = beat_valid && active_q;
    // A loop, not an index: Verilator 5.032 ends with an internal error at that.
    wire [PerBeat-1:0][Unit*8-1:0] lanes = beat;
    always_comb begin
      unit = lanes[0];
      for (int unsigned i = 1; i < PerBeat; i++) if (lane_q == LaneBits'(i)) unit = lanes[i];
    end
    assign pop = take && (job_done || lane_q == '1);
    always_ff @(posedge clk_i) begin
      if (!rst_ni) active_q <= 1'b0;
      else if (!active_q || job_done) active_q <= info_valid;
      if (!active_q || job_done) begin
        lane_q <= first;
        left_q <= words - 1'b1;
      end else begin
        if (take) lane_q <= lane_q + 1'b1;
        if (word_done) left_q <= left_q - 1'b1;
      end
    end
  end

  // Words of units.
  assign word_done = word_valid_o && word_ready_i;
  if (PerWord == 1) begin : gen_unit
    assign word_valid_o = unit_valid;
    assign word_data_o = unit;
    assign unit_ready = word_ready_i;
  end else begin : gen_gather
    localparam int unsigned IndexBits = $clog2(PerWord);
    logic [IndexBits-1:0] index_q;
    logic [PerWord-2:0][Unit*8-1:0] part_q;
    wire full = index_q == '1;
    wire take = unit_valid && unit_ready;
    assign word_valid_o = unit_valid && full;
    assign word_data_o = {unit, part_q};
    assign unit_ready = !full || word_ready_i;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) index_q <= '0;
      else if (take) index_q <= index_q + 1'b1;
      for (int unsigned i = 0; i < PerWord - 1; i++) begin
        if (take && 32'(index_q) == i) part_q[i] <= unit;
      end
    end
  end

  `SB_ASSERT(RoomReserved_A, !r_valid_i || beat_room)
  `SB_ASSERT(Aligned_A, !req_valid_i || req_addr_i[5:0] == '0)
  `SB_ASSERT_STABLE(WordStable_A, word_valid_o, word_ready_i, word_data_o)
endmodule
