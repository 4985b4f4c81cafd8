// SPDX-License-Identifier: Apache-2.0
// Stand-alone softmax with normalized 8-bit output (golden/ops/numerics.md section 6).
//
//   e = keep ? table[max - s] : 0,  sum of e over the row
//   r = floor((num + floor(sum / 2)) / sum),   num = 2^43 (uint8, unit 1/256) or 255 * 2^34 (int8,
//                                                                                  unit 1/127.5)
//   y = sat(rhe(floor((e * r + 2^18) * 2^-19) * 2^-16))
//
//   scores --> FIFO ------> exp ------> FIFO -----> multiply, round --> FIFO --> probabilities
//       `--> row maximum --'  `--> sum, divide -----'
//
// Words of a row come one after the other, `last` marks the last; `keep` says which lanes are keys
// (all others, and lanes past the row's end, give 0; a row without a key gives zeros). Rows up to
// MaxWords words (a longer one sets error_o; its results, and those behind it, do not count and may
// not come), back to back without a bubble: one word per cycle once the first row is through. The
// table (256 entries, 18 bits, entry d for a score d below the maximum) is loaded before. The
// latency of a row of L words, without stalls, is 2 * L + softmax_top_latency() cycles from its
// first word to its first result.
`include "sb_assert.svh"

module sb_softmax_top
  import sb_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned M = 8,  // lanes, a power of two
    parameter int unsigned MaxWords = 64,  // of the longest row, M * MaxWords up to 4096
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e
    localparam int unsigned ExpBits = 18,
    localparam int unsigned BlockBits = $clog2(MaxWords)
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous, active low
    input logic load_i,
    input logic [7:0] load_addr_i,
    input logic [ExpBits-1:0] load_data_i,
    input logic int8_i,  // int8, unit 1/127.5, else uint8, unit 1/256; still with words under way
    input logic in_valid_i,
    output logic in_ready_o,
    input logic [M*9:0] in_data_i,  // {last, keep of M lanes, M lanes of int8}
    output logic out_valid_o,
    input logic out_ready_i,
    output logic [M-1:0][7:0] out_data_o,
    output logic out_last_o,
    output logic error_o  // a row was longer than MaxWords; stays set until reset
);
  if (MaxWords < 2) begin : gen_illegal_max_words
    $fatal(1, "sb_softmax_top: MaxWords = %0d, must be at least 2", MaxWords);
  end
  if (M * MaxWords > 4096) begin : gen_illegal
    $fatal(1, "sb_softmax_top: M * MaxWords = %0d, must be at most 4096", M * MaxWords);
  end
  localparam int unsigned SumBits = ExpBits + 12;
  localparam int unsigned RecipBits = 26;
  localparam int unsigned NumBits = 44;
  // Words wait while the row fills, its maximum or sum follows the last word, and passes a FIFO.
  localparam int unsigned FifoLatency = ram_fifo_latency();
  localparam int unsigned ExpLatency = exp_latency();
  localparam int unsigned RoundLatency = softmax_round_latency(MulStyle);
  localparam int unsigned ScoreDepth = 1 << $clog2(MaxWords + row_max_latency(M) + FifoLatency + 4);
  localparam int unsigned ExpStore = MaxWords + row_sum_latency(
      M
  ) + divide_latency(
      RecipBits
  ) + FifoLatency;
  localparam int unsigned ExpDepth = 1 << $clog2(ExpLatency + 3 + ExpStore);

  // Scores wait for the maximum of their row.
  typedef struct packed {
    logic              last;
    logic [M-1:0]      keep;
    logic [M-1:0][7:0] score;
  } score_t;
  score_t score, in_word;
  assign in_word = in_data_i;
  logic score_valid, score_take, first_q, max_valid, max_ready, max_pop, row_max_valid, max_row;
  logic signed [7:0] max;
  logic [7:0] row_max;
  wire take = in_valid_i && in_ready_o;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) first_q <= 1'b1;
    else if (take) first_q <= in_word.last;
  end
  sb_ram_fifo #(
      .Width($bits(score_t)),
      .Depth(ScoreDepth),
      .MulStyle(MulStyle)
  ) i_scores (
      .clk_i,
      .rst_ni,
      .valid_i(in_valid_i),
      .ready_o(in_ready_o),
      .data_i(in_word),
      .valid_o(score_valid),
      .ready_i(score_take),
      .data_o(score)
  );
  sb_row_max #(
      .M(M),
      .Rows(1),
      .MulStyle(MulStyle)
  ) i_max (
      .clk_i,
      .rst_ni,
      .valid_i(take),
      .first_i(first_q),
      .last_i(in_word.last),
      .row_i(1'b0),
      .keep_i(in_word.keep),
      .score_i(in_word.score),
      .valid_o(max_valid),
      .row_o(max_row),
      .max_o(max)
  );
  // A maximum leaves with the last word of its row, so there are never more of them than words.
  sb_ram_fifo #(
      .Width(8),
      .Depth(ScoreDepth),
      .MulStyle(MulStyle)
  ) i_maxima (
      .clk_i,
      .rst_ni,
      .valid_i(max_valid),
      .ready_o(max_ready),
      .data_i(max),
      .valid_o(row_max_valid),
      .ready_i(max_pop),
      .data_o(row_max)
  );

  // exp; the results wait for the sum of their row.
  logic
      exp_start,
      exp_ready,
      exp_first_q,
      exp_done,
      exp_first,
      exp_last,
      exp_valid,
      exp_take,
      word_last;
  logic [M-1:0][ExpBits-1:0] exp, word;
  assign score_take = exp_ready && row_max_valid;
  assign max_pop = exp_start && score.last;
  sb_stream_pipe #(
      .Width(M * ExpBits + 1),
      .Latency(ExpLatency),
      .Store(ExpStore),
      .Ram(1'b1),
      .MulStyle(MulStyle)
  ) i_exps (
      .clk_i,
      .rst_ni,
      .valid_i(score_valid && row_max_valid),
      .ready_o(exp_ready),
      .start_o(exp_start),
      .result_valid_i(exp_done),
      .result_i({exp_last, exp}),
      .valid_o(exp_valid),
      .ready_i(exp_take),
      .data_o({word_last, word})
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) exp_first_q <= 1'b1;
    else if (exp_start) exp_first_q <= score.last;
  end
  sb_exp_lookup #(
      .M(M),
      .Width(ExpBits),
      .MulStyle(MulStyle),
      .TagBits(2)
  ) i_lookup (
      .clk_i,
      .rst_ni,
      .load_i,
      .load_select_i('0),
      .load_addr_i,
      .load_data_i,
      .valid_i(exp_start),
      .select_i('0),
      .max_i($signed(row_max)),
      .keep_i(score.keep),
      .score_i(score.score),
      .tag_i({exp_first_q, score.last}),
      .valid_o(exp_done),
      .data_o(exp),
      .tag_o({exp_first, exp_last})
  );

  // Sum and reciprocal.
  logic signed [ExpBits:0] lane[M];
  always_comb for (int unsigned c = 0; c < M; c++) lane[c] = {1'b0, exp[c]};
  logic sum_valid, sum_row, recip_done, recip_tag, recip_room, recip_valid, recip_pop;
  logic signed [SumBits:0] sum;
  logic [RecipBits-1:0] recip_d, recip;
  sb_row_sum #(
      .M(M),
      .Width(ExpBits + 1),
      .SumBits(SumBits + 1),
      .Rows(1),
      .MulStyle(MulStyle)
  ) i_sum (
      .clk_i,
      .rst_ni,
      .valid_i(exp_done),
      .first_i(exp_first),
      .last_i(exp_last),
      .row_i(1'b0),
      .value_i(lane),
      .valid_o(sum_valid),
      .row_o(sum_row),
      .sum_o(sum)
  );
  wire [NumBits-1:0] num = {int8_i ? 10'd255 : 10'd512, 34'(sum[SumBits-1:1])};
  sb_divide #(
      .NumBits (NumBits),
      .DenBits (SumBits),
      .QuotBits(RecipBits)
  ) i_divide (
      .clk_i,
      .rst_ni,
      .valid_i(sum_valid),
      .num_i(num),
      .den_i(sum[SumBits-1:0]),
      .tag_i(1'b0),
      .valid_o(recip_done),
      .quot_o(recip_d),
      .tag_o(recip_tag)
  );
  sb_ram_fifo #(
      .Width(RecipBits),
      .Depth(ExpDepth),
      .MulStyle(MulStyle)
  ) i_recips (
      .clk_i,
      .rst_ni,
      .valid_i(recip_done),
      .ready_o(recip_room),
      .data_i(recip_d),
      .valid_o(recip_valid),
      .ready_i(recip_pop),
      .data_o(recip)
  );

  // Normalize: operands, product, two stages of rounding. Half of the last place, and what rounds
  // the product to 16 fraction bits, are added in the multiplier; a tie goes to the even one below.
  localparam int unsigned ProdBits = ExpBits + RecipBits + 1;
  localparam int unsigned ProdLatency = mul_latency(MulStyle, ExpBits, RecipBits + 1, 1'b0, 1'b1);
  localparam int unsigned Cut = 19;  // bits below the 16 fraction bits that decide the rounding
  localparam int unsigned Point = 35;
  localparam int unsigned WholeBits = ProdBits - Point;
  logic start, ready, done, done_last;
  logic [RoundLatency:0] round_valid;
  assign exp_take = ready && recip_valid;
  assign recip_pop = start && word_last;
  sb_valid_delay #(
      .Depth  (RoundLatency),
      .TagBits(1)
  ) i_round (
      .clk_i,
      .rst_ni,
      .valid_i(start),
      .tag_i(word_last),
      .valid_o(done),
      .tag_o(done_last),
      .stage_valid_o(round_valid)
  );

  // The unsigned e is taken as e - 2^17, which makes 18 bits with sign: 2^17 * r is added.
  logic [ExpBits-1:0] e_q[M];
  logic [RecipBits-1:0] recip_q;
  logic signed [ProdBits-1:0] offset_q, prod[M];
  logic signed [WholeBits-1:0] whole_q[M];
  logic [M-1:0] tie_q;
  logic [M-1:0][7:0] y_q;
  always_ff @(posedge clk_i) begin
    automatic logic [ExpBits-1:0] e_d[M];
    automatic logic signed [WholeBits-1:0] whole_d[M];
    automatic logic [M-1:0] tie_d;
    automatic logic [M-1:0][7:0] y_d;
    automatic logic [WholeBits-1:0] rounded, limit;
    limit = int8_i ? WholeBits'(127) : WholeBits'(255);
    for (int unsigned c = 0; c < M; c++) begin
      e_d[c] = {!word[c][ExpBits-1], word[c][ExpBits-2:0]};
      whole_d[c] = prod[c][ProdBits-1:Point];
      tie_d[c] = prod[c][Point-1:Cut] == '0;
      rounded = {whole_q[c][WholeBits-1:1], whole_q[c][0] && !tie_q[c]};
      y_d[c] = rounded > limit ? limit[7:0] : rounded[7:0];
    end
    if (round_valid[0]) begin
      e_q      <= e_d;
      recip_q  <= recip;
      offset_q <= {1'b0, (RecipBits + 1)'(recip) + (RecipBits + 1)'((1 << (Cut - 18)) +
                                                              (1 << (Point - 18))), 17'b0};
    end
    if (round_valid[ProdLatency+1]) begin
      whole_q <= whole_d;
      tie_q   <= tie_d;
    end
    if (round_valid[ProdLatency+2]) y_q <= y_d;
  end
  logic [RecipBits-1:0] recips[M];
  logic signed [ProdBits-1:0] offsets[M];
  logic [ExpBits-1:0] zeros[M];
  always_comb begin
    for (int unsigned c = 0; c < M; c++) begin
      recips[c] = recip_q;
      offsets[c] = offset_q;
      zeros[c] = '0;
    end
  end
  sb_mul #(
      .M(M),
      .XBits(ExpBits),
      .YBits(RecipBits),
      .YSigned(1'b0),
      .CBits(ProdBits),
      .PBits(ProdBits),
      .MulStyle(MulStyle)
  ) i_prod (
      .clk_i,
      .stage_valid_i(round_valid[1+:ProdLatency]),
      .x_i(e_q),
      .x2_i(zeros),
      .y_i(recips),
      .c_i(offsets),
      .p_o(prod)
  );
  sb_stream_pipe #(
      .Width  (M * 8 + 1),
      .Latency(RoundLatency)
  ) i_out (
      .clk_i,
      .rst_ni,
      .valid_i(exp_valid && recip_valid),
      .ready_o(ready),
      .start_o(start),
      .result_valid_i(done),
      .result_i({done_last, y_q}),
      .valid_o(out_valid_o),
      .ready_i(out_ready_i),
      .data_o({out_last_o, out_data_o})
  );

  logic [BlockBits-1:0] words_q;  // of the row so far
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      words_q <= '0;
      error_o <= 1'b0;
    end else if (take) begin
      words_q <= in_word.last ? '0 : words_q + 1'b1;
      error_o <= error_o || (!in_word.last && words_q == BlockBits'(MaxWords - 1));
    end
  end
  `SB_ASSERT(MaximumHasRoom_A, max_valid |-> max_ready)
  `SB_ASSERT(ReciprocalHasRoom_A, recip_done |-> recip_room)
endmodule
