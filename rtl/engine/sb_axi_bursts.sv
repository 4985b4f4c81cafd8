// SPDX-License-Identifier: Apache-2.0
// Cuts requests into bursts of whole bus beats. A burst ends where the address is a multiple of
// Burst beats, so none crosses a multiple of 4096 bytes.
//
// Contract: requests and bursts are valid / ready streams, valid_o and ready_o depend on registers
// alone. A request is at least one word, words lie one after the other. One burst per cycle, two
// cycles more per request. bad_o, held until reset: an address that the bus does not have; no burst
// is made of it, nor of what comes after it.
`include "sb_assert.svh"

module sb_axi_bursts #(
    parameter int unsigned DataBytes = 16,  // of the bus: a power of two
    parameter int unsigned AddrBits = 40,  // of the bus; requests address 40 of them
    parameter int unsigned WordBytes = 16,  // of the words of requests: a power of two
    parameter int unsigned Burst = 32  // beats, a power of two, at most 4096 bytes
) (
    input  logic        clk_i,
    input  logic        rst_ni,         // synchronous, active low
    input  logic        req_valid_i,
    output logic        req_ready_o,
    input  logic [39:0] req_addr_i,
    input  logic [31:0] req_words_i,
    output logic        burst_valid_o,
    input  logic        burst_ready_i,
    output logic [39:0] burst_addr_o,   // of its first beat
    output logic [ 8:0] burst_beats_o,
    output logic        burst_last_o,   // of its request
    output logic        bad_o
);
  if (Burst < 1 || Burst > 256 || (Burst & (Burst - 1)) != 0 || Burst * DataBytes > 4096)
  begin : gen_illegal
    $fatal(
        1,
        "sb_axi_bursts: Burst = %0d of %0d bytes, must be a power of two, at most 256, 4096 bytes",
        Burst,
        DataBytes
    );
  end
  localparam int unsigned BeatShift = $clog2(DataBytes);
  localparam int unsigned WordShift = $clog2(WordBytes);
  localparam int unsigned CountBits = 41 - BeatShift;  // beats: of 2^40 bytes and more
  localparam int unsigned KnownBits = AddrBits < 40 ? AddrBits : 40;

  logic busy_q;  // beats are left
  logic [CountBits-1:0] addr_q, left_q;  // in beats
  logic [40+WordShift:0] bytes;
  assign bytes = (41 + WordShift)'({req_words_i, WordShift'(0)}) +
      (41 + WordShift)'(req_addr_i[BeatShift-1:0]) + (41 + WordShift)'(DataBytes) - 1'b1;
  logic [8:0] to_end, beats;
  assign to_end = 9'(Burst) - (addr_q[8:0] & 9'(Burst - 1));
  wire last = left_q <= CountBits'(to_end);
  assign beats = last ? left_q[8:0] : to_end;
  wire outside = addr_q[CountBits-1:KnownBits-BeatShift] != '0;
  wire plan = busy_q && !bad_o && (!burst_valid_o || burst_ready_i);
  assign req_ready_o = !busy_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      burst_valid_o <= 1'b0;
      bad_o <= 1'b0;
    end else begin
      if (burst_ready_i) burst_valid_o <= 1'b0;
      if (plan) begin
        burst_valid_o <= !outside;
        bad_o <= outside;
        busy_q <= !last;
      end
      if (req_valid_i && req_ready_o) busy_q <= 1'b1;
    end
    if (plan) begin
      burst_addr_o <= {addr_q[CountBits-2:0], BeatShift'(0)};
      burst_beats_o <= beats;
      burst_last_o <= last;
      addr_q <= addr_q + CountBits'(to_end);
      left_q <= left_q - CountBits'(to_end);
    end
    if (req_valid_i && req_ready_o) begin
      addr_q <= CountBits'(req_addr_i[39:BeatShift]);
      left_q <= CountBits'(bytes >> BeatShift);
    end
  end

  `SB_ASSERT_STABLE(BurstStable_A, burst_valid_o, burst_ready_i, {burst_addr_o, burst_beats_o,
                                                                  burst_last_o})
  `SB_ASSERT(NotEmpty_A, !req_valid_i || req_words_i != '0)
  `SB_ASSERT(BeatsInRange_A, !burst_valid_o || (burst_beats_o != '0 && burst_beats_o <= 9'(Burst)))
endmodule
