// SPDX-License-Identifier: Apache-2.0
// Buffer that stores the words of a frame once and sends them several times.
//
// Contract: a frame announces `words` (1 .. Depth) and `passes` (1 or more); its words then come in
// once, in order, and leave `passes` times, in order. Frames follow each other without a gap: a
// word leaves as soon as it is there, and each word of the last pass frees its place for the next
// frame. Handshakes: `valid_o` never waits for `ready_i`; `data_o` holds while it waits. Latency 2
// cycles, throughput 1 word per cycle on both sides.
`include "sb_assert.svh"

module sb_replay_buffer #(
    parameter int unsigned Width = 8,  // payload bits
    parameter int unsigned Depth = 16,  // words, 2 or more: the longest frame
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

  // Frame being read: the head of the queue.
  logic frame_valid, frame_done;
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
      .valid_o(frame_valid),
      .ready_i(frame_done),
      .data_o({frame_words, frame_passes})
  );

  logic [AddrBits-1:0]
      write_q, read_q, base_q;  // next place to write, to read; first word of the frame
  logic [CountBits-1:0] used_q;  // places that hold a word still needed
  logic [CountBits-1:0] ahead_q;  // words that this pass may still read (and those of later frames)
  logic [CountBits-1:0] index_q;  // of the next word in this pass, from 1
  logic [15:0] pass_q;  // from 1
  logic valid_q;

  function automatic logic [AddrBits-1:0] next(logic [AddrBits-1:0] addr);
    return addr == AddrBits'(Depth - 1) ? '0 : addr + 1'b1;
  endfunction

  wire last_pass = pass_q == frame_passes;
  wire last_word = index_q == frame_words;
  assign ready_o = used_q != CountBits'(Depth);
  wire write = valid_i && ready_o;
  wire read = frame_valid && ahead_q != '0 && (!valid_q || ready_i);
  wire rewind = read && last_word && !last_pass;
  assign frame_done = read && last_word && last_pass;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {write_q, read_q, base_q} <= '0;
      {used_q, ahead_q} <= '0;
      index_q <= CountBits'(1);
      pass_q  <= 16'd1;
      valid_q <= 1'b0;
    end else begin
      if (write) write_q <= next(write_q);
      if (read) begin
        read_q  <= rewind ? base_q : next(read_q);
        index_q <= last_word ? CountBits'(1) : index_q + 1'b1;
        if (last_word) pass_q <= last_pass ? 16'd1 : pass_q + 1'b1;
        if (frame_done) base_q <= next(read_q);
      end
      used_q  <= used_q + CountBits'(write) - CountBits'(read && last_pass);
      ahead_q <= ahead_q + CountBits'(write) - CountBits'(read) + (rewind ? frame_words : '0);
      valid_q <= read || (valid_q && !ready_i);
    end
  end

  sb_ram #(
      .Width(Width),
      .Depth(Depth)
  ) i_words (
      .clk_i,
      .write_i(write),
      .write_addr_i(write_q),
      .write_data_i(data_i),
      .read_i(read),
      .read_addr_i(read_q),
      .read_data_o(data_o)
  );
  assign valid_o = valid_q;

  `SB_ASSERT_STABLE(OutputStable_A, valid_o, ready_i, data_o)
  `SB_ASSERT(
      FrameFits_A,
      frame_valid |-> frame_words != '0 && frame_words <= CountBits'(Depth) && frame_passes != '0)
  `SB_ASSERT(AheadWithinUsed_A, ahead_q <= used_q)
endmodule
