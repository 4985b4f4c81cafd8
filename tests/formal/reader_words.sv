// SPDX-License-Identifier: Apache-2.0
// sb_axi_read_client asks for each beat of its requests once, in order, never for more than its
// buffer has room for, and its words are those of the requests, each once, in order: of the first
// Count requests after a reset, whenever they come, bursts are granted, beats come and words are
// taken. A beat of the bus carries its own number, so a unit of it says where it lies.
module reader_words #(
    parameter int unsigned WordBytes = 4,
    parameter int unsigned DataBytes = 4
) (
    input logic       clk_i,
    input logic       req_valid_i,
    input logic [2:0] req_line_i,   // address in multiples of 64
    input logic [2:0] req_words_i,
    input logic       ar_ready_i,
    input logic       r_valid_i,
    input logic       word_ready_i
);
  localparam int unsigned Depth = 4, Burst = 2, Count = 2;
  localparam int unsigned Unit = WordBytes < DataBytes ? WordBytes : DataBytes;
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic req_ready, ar_valid, bad, word_valid;
  logic [39:0] ar_addr;
  logic [8:0] ar_beats;
  logic [WordBytes*8-1:0] word;
  logic [DataBytes*8-1:0] data;
  logic r_valid;
  // Requests taken: their first byte, and words.
  logic [1:0] taken_q;
  logic [Count-1:0][11:0] first_q;
  logic [Count-1:0][3:0] words_q;
  wire req_valid = started_q && req_valid_i && req_words_i != '0 && taken_q != 2'(Count);
  // Start in the middle of a beat where beats are wider than 64 bytes.
  wire [11:0] first = {3'b0, req_line_i, 6'b0};
  sb_axi_read_client #(
      .WordBytes(WordBytes),
      .DataBytes(DataBytes),
      .AddrBits (32),
      .Depth    (Depth),
      .Burst    (Burst),
      .Requests (2)
  ) i_client (
      .clk_i,
      .rst_ni(started_q),
      .req_valid_i(req_valid),
      .req_ready_o(req_ready),
      .req_addr_i(40'(first)),
      .req_words_i(32'(req_words_i)),
      .ar_valid_o(ar_valid),
      .ar_ready_i,
      .ar_addr_o(ar_addr),
      .ar_beats_o(ar_beats),
      .bad_o(bad),
      .r_valid_i(r_valid),
      .r_data_i(data),
      .word_valid_o(word_valid),
      .word_ready_i,
      .word_data_o(word)
  );

  // A place in the requests: which, and how many of its bytes are done. Beats count from the one
  // that the request begins in.
  typedef struct packed {
    logic [1:0]  request;
    logic [11:0] done;
  } at_t;
  at_t ask_q, answer_q, word_q;
  function automatic at_t moved(at_t from, logic [11:0] bytes, logic [11:0] count);
    if (from.done + bytes >= count) return '{from.request + 1'b1, '0};
    return '{from.request, from.done + bytes};
  endfunction
  localparam logic [11:0] InBeat = 12'(DataBytes - 1);
  function automatic logic [11:0] beat_of(at_t at, logic [Count-1:0][11:0] firsts);
    return (firsts[at.request[0]] & ~InBeat) + at.done;
  endfunction
  // Bytes of a request, and with those that its first beat has before it.
  function automatic logic [11:0] bytes_of(logic [3:0] words);
    return 12'(words) * 12'(WordBytes);
  endfunction
  wire [11:0] ask_bytes = bytes_of(
      words_q[ask_q.request[0]]
  ) + (first_q[ask_q.request[0]] & InBeat);
  wire [11:0] answer_bytes = bytes_of(
      words_q[answer_q.request[0]]
  ) + (first_q[answer_q.request[0]] & InBeat);
  wire [11:0] answer_beat = beat_of(answer_q, first_q);
  wire [11:0] word_at = first_q[word_q.request[0]] + word_q.done;
  wire req = req_valid && req_ready;
  wire grant = ar_valid && ar_ready_i;
  assign r_valid = started_q && r_valid_i && answer_q != ask_q;
  wire take = word_valid && word_ready_i;
  // A unit of the bus carries its number.
  always_comb begin
    data = '0;
    for (int unsigned u = 0; u < DataBytes / Unit; u++)
    data[u*Unit*8+:8] = 8'(answer_beat / 12'(Unit)) + 8'(u);
  end
  logic [WordBytes*8-1:0] wanted;
  always_comb begin
    wanted = '0;
    for (int unsigned u = 0; u < WordBytes / Unit; u++)
    wanted[u*Unit*8+:8] = 8'(word_at / 12'(Unit)) + 8'(u);
  end
  logic [5:0] asked_q, freed_q;  // beats
  always_ff @(posedge clk_i) begin
    if (!started_q) begin
      {taken_q, ask_q, answer_q, word_q, asked_q, freed_q} <= '0;
    end else begin
      if (req) begin
        taken_q <= taken_q + 1'b1;
        first_q[taken_q[0]] <= first;
        words_q[taken_q[0]] <= 4'(req_words_i);
      end
      if (grant) begin
        ask_q   <= moved(ask_q, 12'(ar_beats) * 12'(DataBytes), ask_bytes);
        asked_q <= asked_q + 6'(ar_beats);
      end
      if (r_valid) answer_q <= moved(answer_q, 12'(DataBytes), answer_bytes);
      if (take) word_q <= moved(word_q, 12'(WordBytes), bytes_of(words_q[word_q.request[0]]));
      if (i_client.pop) freed_q <= freed_q + 1'b1;
      assert (!bad);
      a_ask :
      assert (!ar_valid || (ask_q.request < taken_q && ar_addr == 40'(beat_of(
          ask_q, first_q
      )) && ar_beats != '0 && ar_beats <= 9'(Burst) &&
          ask_q.done + 12'(ar_beats - 1'b1) * 12'(DataBytes) < ask_bytes));
      a_room : assert (!grant || asked_q + 6'(ar_beats) - freed_q <= 6'(Depth));
      a_kept : assert (!r_valid || i_client.beat_room);
      a_word : assert (!word_valid || (word_q.request < taken_q && word == wanted));
    end
  end
endmodule
