// SPDX-License-Identifier: Apache-2.0
// sb_replay_buffer sends the words of each frame in order, as often as the frame says, however both
// sides stall. One word, any of them, is followed: whenever its turn comes it leaves with its data.
// Depth 4, frames of 1 to 4 words and 1 to 3 passes. Proven for every sequence by k-induction.
module replay_order (
    input logic       clk_i,
    input logic       frame_valid_i,
    input logic [2:0] frame_words_i,
    input logic [1:0] frame_passes_i,
    input logic       valid_i,
    input logic [3:0] data_i,
    input logic       ready_i,
    input logic       mark_i
);
  logic started_q = 1'b0;  // the first cycle is a reset
  always_ff @(posedge clk_i) started_q <= 1'b1;

  wire legal = frame_words_i != 3'd0 && frame_words_i <= 3'd4 && frame_passes_i != 2'd0;
  logic frame_ready, ready, valid;
  logic [3:0] data;
  sb_replay_buffer #(
      .Width(4),
      .Depth(4)
  ) i_buffer (
      .clk_i,
      .rst_ni(started_q),
      .frame_valid_i(frame_valid_i && legal),
      .frame_ready_o(frame_ready),
      .frame_words_i,
      .frame_passes_i(16'(frame_passes_i)),
      .valid_i,
      .ready_o(ready),
      .data_i,
      .valid_o(valid),
      .ready_i,
      .data_o(data)
  );

  // Words are numbered modulo 8 as they come in; at most 4 are inside. The loops stand on word
  // `index` of the frame that begins with number `base`, in pass `pass`.
  logic [2:0] taken_q = '0, base_q = '0, index_q = '0;
  logic [1:0] pass_q = '0;
  wire [2:0] number = base_q + index_q;
  wire step = i_buffer.step;
  wire read = i_buffer.read;
  wire busy = i_buffer.busy_q;
  wire [2:0] words = i_buffer.i_word.total_q;
  wire [15:0] passes = i_buffer.i_pass.total_q;
  wire index_end = index_q + 3'd1 == words;
  wire pass_end = 16'(pass_q) + 16'd1 == passes;
  // Numbers of the words that are about to be read.
  logic [2:0] head, spare;
  logic unused_room, unused_valid;
  sb_skid_buffer #(
      .Width(3)
  ) i_numbers (
      .clk_i,
      .rst_ni(started_q),
      .valid_i(busy),
      .ready_o(unused_room),
      .data_i(number),
      .valid_o(unused_valid),
      .ready_i(i_buffer.due),
      .data_o(head)
  );
  assign spare = i_numbers.spare_q;
  wire [3:0] head_place = i_buffer.i_ahead.head_q, spare_place = i_buffer.i_ahead.spare_q;
  wire ahead_valid = i_buffer.i_ahead.head_valid_q;
  wire ahead_spare_valid = !i_buffer.i_ahead.spare_free_q;
  wire head_first = ahead_valid && head_place[1], head_last = ahead_valid && head_place[0];
  wire spare_first = ahead_spare_valid && spare_place[1];
  wire spare_last = ahead_spare_valid && spare_place[0];
  // The word that is followed, and whether the memory's first register or the output holds it.
  logic marked_q = 1'b0, inside_q = 1'b0, fetched_q = 1'b0, out_q = 1'b0;
  logic [2:0] mark_q;
  logic [3:0] value_q;
  logic [2:0] unread_q = '0, first_q = '0;  // the first word never read, the first still needed
  always_ff @(posedge clk_i) begin
    if (started_q) begin
      if (valid_i && ready) taken_q <= taken_q + 3'd1;
      if (i_buffer.moves) out_q <= fetched_q;
      if (step) begin
        index_q <= index_end ? 3'd0 : index_q + 3'd1;
        if (index_end) pass_q <= pass_end ? 2'd0 : pass_q + 2'd1;
        if (index_end && pass_end) base_q <= base_q + words;
      end
      if (read) begin
        unread_q <= unread_q + 3'(head_first);
        first_q <= first_q + 3'(head_last);
        fetched_q <= inside_q && head == mark_q;
        if (head_last && head == mark_q) inside_q <= 1'b0;
      end
      if (valid_i && ready && mark_i && !marked_q) begin
        marked_q <= 1'b1;
        inside_q <= 1'b1;
        mark_q   <= taken_q;
        value_q  <= data_i;
      end
    end
  end

  wire [2:0] held = taken_q - first_q;
  // A place is right where `unread` and `first` are those of its turn: in its first pass it is the
  // next one never read, else one that was; in its last pass the next one that is given up.
  function automatic logic place_right(logic [3:0] place, logic [2:0] value, logic [2:0] unread,
                                       logic [2:0] first);
    return place[3:2] == value[1:0] &&
        (place[1] ? value == unread : 3'(value - first) < 3'(unread - first)) &&
        (!place[0] || value == first);
  endfunction

  // Frames in the queue and in the buffer behind it are legal.
  function automatic logic frame_legal(logic [18:0] frame);
    return frame[18:16] != 3'd0 && frame[18:16] <= 3'd4 && frame[15:0] != 16'd0 &&
        frame[15:0] <= 16'd3;
  endfunction
  wire frame_valid = i_buffer.i_head.head_valid_q, frame_spare = !i_buffer.i_head.spare_free_q;
  logic frames_legal;
  wire [2:0] queued = i_buffer.i_frames.fill_q;
  always_comb begin
    frames_legal = (!frame_valid || frame_legal(i_buffer.i_head.head_q)) &&
        (!frame_spare || frame_legal(i_buffer.i_head.spare_q));
    for (int unsigned i = 0; i < 4; i++)
      if (3'(i) < queued)
        frames_legal &= frame_legal(i_buffer.i_frames.mem[2'(i_buffer.i_frames.read_q+2'(i))]);
  end
  always_ff @(posedge clk_i) begin
    if (started_q) begin
      // What is to be shown.
      a_data : assert (!valid || !out_q || data == value_q);
      a_full : assert (held <= 3'd4 && (!ready || held != 3'd4));
      a_due : assert (!read || 3'(head - first_q) < held);
      // Invariants: pointers and counts are those of the numbers, what adds to them counted late.
      a_write : assert (i_buffer.write_q == taken_q[1:0]);
      a_base : assert (i_buffer.base_q == base_q[1:0]);
      a_read : assert (i_buffer.read_q == number[1:0]);
      a_free : assert (i_buffer.free_q + 3'(i_buffer.freed_q) + held == 3'd4);
      a_free_within : assert (i_buffer.free_q <= 3'd4 && ready == (i_buffer.free_q != 3'd0));
      a_fresh : assert (i_buffer.fresh_q + 3'(i_buffer.written_q) == 3'(taken_q - unread_q));
      a_fresh_within : assert (3'(taken_q - unread_q) <= held && i_buffer.fresh_q <= 3'd4 &&
                               i_buffer.fresh_some_q == (i_buffer.fresh_q != 3'd0));
      // Words between the loops and the reads.
      a_numbers : assert (unused_valid == ahead_valid && unused_room == !ahead_spare_valid);
      a_ahead : assert (ahead_valid || !ahead_spare_valid);
      a_ahead_head : assert (!ahead_valid || place_right(head_place, head, unread_q, first_q));
      a_ahead_spare : assert (!ahead_spare_valid ||
                              place_right(spare_place, spare, unread_q + 3'(head_first),
                                          first_q + 3'(head_last)));
      a_unread : assert (3'(unread_q + 3'(head_first) + 3'(spare_first)) ==
                         (busy && pass_q != 2'd0 ? base_q + words : number));
      a_needed : assert (3'(first_q + 3'(head_last) + 3'(spare_last)) ==
                         (busy && pass_end ? number : base_q));
      if (busy) begin
        a_frame : assert (frame_legal({words, passes}));
        a_within : assert (index_q < words && 16'(pass_q) < passes);
        a_index : assert (i_buffer.i_word.ahead_q == 3'(index_q + 3'd2));
        a_word_last : assert (i_buffer.word_last == index_end);
        a_word_single : assert (i_buffer.i_word.single_q == (words == 3'd1));
        a_pass : assert (i_buffer.i_pass.ahead_q == 16'(pass_q) + 16'd2);
        a_pass_first : assert (i_buffer.pass_first == (pass_q == 2'd0));
        a_pass_last : assert (i_buffer.pass_last == pass_end);
        a_pass_single : assert (i_buffer.i_pass.single_q == (passes == 16'd1));
      end else begin
        a_between : assert (index_q == 3'd0 && pass_q == 2'd0);
      end
      a_inside : assert (!inside_q || (marked_q && 3'(mark_q - first_q) < held &&
                                       i_buffer.i_words.gen_inferred.mem[mark_q[1:0]] == value_q));
      a_fetched : assert (!i_buffer.fetched_q || i_buffer.i_words.gen_inferred.gen_output.waits_q);
      a_held : assert (!fetched_q || !i_buffer.fetched_q ||
                       i_buffer.i_words.gen_inferred.data == value_q);
      a_marked : assert (marked_q || (!fetched_q && !out_q));
      a_head : assert (frame_valid || !frame_spare);
      a_fill : assert (queued <= 3'd4 && queued[1:0] ==
                       2'(i_buffer.i_frames.write_q - i_buffer.i_frames.read_q));
      a_flags : assert (i_buffer.i_frames.room_q == (queued != 3'd4) &&
                        i_buffer.i_frames.some_q == (queued != 3'd0));
      a_frames : assert (frames_legal);
    end
  end
endmodule
