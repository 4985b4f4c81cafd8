// SPDX-License-Identifier: Apache-2.0
// Buffer that stores the words of a frame once and sends them several times.
//
// Contract: a frame announces `words` (1 .. Depth) and `passes` (1 or more); its words then come in
// once, in order, and leave `passes` times, in order. Frames follow each other without a gap (but a
// cycle behind one of a single word that is sent once): a word leaves as soon as it is there, and
// each word of the last pass frees its place for the next frame. Handshakes: `valid_o` never waits
// for `ready_i`; `data_o` holds while it waits. Latency 4 cycles from a word and 6 from a frame,
// throughput 1 word per cycle on both sides.
`include "sb_assert.svh"

module sb_replay_buffer
  import sb_pkg::*;
#(
    parameter int unsigned Width = 8,  // payload bits
    parameter int unsigned Depth = 16,  // words, 2 or more: the longest frame
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device (sb_ram)
    localparam int unsigned CountBits = $clog2(Depth + 1)
) (
    input  logic                 clk_i,
    input  logic                 rst_ni,          // synchronous, active low
    input  logic                 frame_valid_i,
    output logic                 frame_ready_o,
    input  logic [CountBits-1:0] frame_words_i,
    input  logic [         15:0] frame_passes_i,
    input  logic                 valid_i,
    output logic                 ready_o,
    input  logic [    Width-1:0] data_i,
    output logic                 valid_o,
    input  logic                 ready_i,
    output logic [    Width-1:0] data_o
);
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_replay_buffer: Width = %0d, must be at least 1", Width);
  end
  if (Depth < 2) begin : gen_illegal
    $fatal(1, "sb_replay_buffer: Depth = %0d, must be at least 2", Depth);
  end

  localparam int unsigned AddrBits = $clog2(Depth);

  // Frames: the head of the queue moves to the loops, and leaves the queue a cycle later.
  logic queue_valid, queue_ready, frame_valid, frame_take, frame_taken_q;
  logic [CountBits+15:0] queue_frame;
  logic [CountBits-1:0] frame_words;
  logic [15:0] frame_passes;
  sb_fifo #(
      .Width(CountBits + 16),
      .Depth(4)
  ) i_frames (
      .clk_i,
      .rst_ni,
      .valid_i(frame_valid_i),
      .ready_o(frame_ready_o),
      .data_i({frame_words_i, frame_passes_i}),
      .valid_o(queue_valid),
      .ready_i(queue_ready),
      .data_o(queue_frame)
  );
  sb_skid_buffer #(
      .Width(CountBits + 16)
  ) i_head (
      .clk_i,
      .rst_ni,
      .valid_i(queue_valid),
      .ready_o(queue_ready),
      .data_i(queue_frame),
      .valid_o(frame_valid),
      .ready_i(frame_taken_q),
      .data_o({frame_words, frame_passes})
  );

  // Loops, for pass: for word, run ahead of the reads into a buffer of two places: they wait for a
  // place there alone, a read for its word and for the word before it to move on.
  typedef struct packed {
    logic [AddrBits-1:0] addr;
    logic                first;  // pass
    logic                last;
  } place_t;
  place_t ahead;
  logic busy_q, word_last, pass_first, pass_last;
  logic ahead_free, ahead_valid;
  logic [AddrBits-1:0] read_q, base_q;  // of the loops: the next word, the first one of the frame
  wire step = busy_q && ahead_free;
  wire frame_end = !busy_q || (word_last && pass_last);  // the next step takes a frame
  sb_loop_counter #(
      .Bits(CountBits)
  ) i_word (
      .clk_i,
      .step_i(step || !busy_q),
      .load_i(frame_end),
      .total_i(frame_words),
      .first_o(),
      .last_o(word_last)
  );
  sb_loop_counter i_pass (
      .clk_i,
      .step_i((step && word_last) || !busy_q),
      .load_i(frame_end),
      .total_i(frame_passes),
      .first_o(pass_first),
      .last_o(pass_last)
  );
  wire frame_done = step && word_last && pass_last;
  assign frame_take = frame_valid && !frame_taken_q && (!busy_q || frame_done);

  logic fresh_some_q;  // words that have not been read yet
  logic fetched_q, valid_q;  // a word in the memory's first and in its output register
  wire moves = !valid_q || ready_i;
  wire due = (fresh_some_q || !ahead.first) && (!fetched_q || moves);
  wire read = ahead_valid && due;
  sb_skid_buffer #(
      .Width($bits(place_t))
  ) i_ahead (
      .clk_i,
      .rst_ni,
      .valid_i(busy_q),
      .ready_o(ahead_free),
      .data_i({read_q, pass_first, pass_last}),
      .valid_o(ahead_valid),
      .ready_i(due),
      .data_o(ahead)
  );

  logic [AddrBits-1:0] write_q;
  // Places that are free, and words that wait for their first read. What adds to them is counted a
  // cycle late, what takes from them at once: the flags, that they are not 0, do not promise too
  // much.
  logic [CountBits-1:0] free_q, fresh_q;
  logic free_some_q, freed_q, written_q;
  wire write = valid_i && free_some_q;
  wire first_read = read && ahead.first;

  function automatic logic [AddrBits-1:0] next(logic [AddrBits-1:0] addr);
    return addr == AddrBits'(Depth - 1) ? '0 : addr + 1'b1;
  endfunction
  // Not 0 after one was added, or taken.
  function automatic logic some(logic [CountBits-1:0] count, logic add, logic take);
    return add || (take ? count > CountBits'(1) : count != '0);
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {write_q, read_q, base_q} <= '0;
      {busy_q, frame_taken_q, fetched_q, valid_q, written_q, freed_q, fresh_some_q} <= '0;
      fresh_q <= '0;
      free_q <= CountBits'(Depth);
      free_some_q <= 1'b1;
    end else begin
      frame_taken_q <= frame_take;
      if (frame_take || frame_done) busy_q <= frame_take;
      fetched_q <= read || (fetched_q && !moves);
      valid_q   <= fetched_q || !moves;
      if (write) write_q <= next(write_q);
      if (step) begin
        read_q <= word_last && !pass_last ? base_q : next(read_q);
        if (word_last && pass_last) base_q <= next(read_q);
      end
      written_q <= write;
      freed_q <= read && ahead.last;
      if (written_q != first_read) fresh_q <= written_q ? fresh_q + 1'b1 : fresh_q - 1'b1;
      if (freed_q != write) free_q <= freed_q ? free_q + 1'b1 : free_q - 1'b1;
      fresh_some_q <= some(fresh_q, written_q, first_read);
      free_some_q  <= some(free_q, freed_q, write);
    end
  end
  assign ready_o = free_some_q;

  sb_ram #(
      .Width(Width),
      .Depth(Depth),
      .ReadLatency(2),
      .MulStyle(MulStyle)
  ) i_words (
      .clk_i,
      .write_i(write),
      .write_addr_i(write_q),
      .write_data_i(data_i),
      .read_i(read),
      .read_addr_i(ahead.addr),
      .move_i(moves),
      .read_data_o(data_o)
  );
  assign valid_o = valid_q;

  `SB_ASSERT_STABLE(OutputStable_A, valid_o, ready_i, data_o)
  `SB_ASSERT(
      FrameFits_A,
      frame_valid |-> frame_words != '0 && frame_words <= CountBits'(Depth) && frame_passes != '0)
  `SB_ASSERT(FreshWithinUsed_A, fresh_q <= CountBits'(Depth) - free_q)
endmodule
