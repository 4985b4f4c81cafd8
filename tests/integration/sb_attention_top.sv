// SPDX-License-Identifier: Apache-2.0
// One attention head, stages and two cores connected: scores -> row maximum -> exp -> P·V -> row
// factor and requantization.
//
//   core A --> score memory --> exp --> core B (raw) --> requantizer --> out
//        `--> row maximum --'    `--> reciprocals ----------'
//
// Core A multiplies Q by K (one job, int8 results), core B exp codes by V (one job, raw results);
// weights, jobs and channels come from the test bench. Words of scores are read as soon as the
// maximum of their row is there; the scores are read once per block of the head's width. Columns of
// the last block past keys_i are masked.
`include "sb_assert.svh"

module sb_attention_top
  import sb_pkg::*;
#(
    parameter int unsigned M = 8,
    parameter int unsigned Rows = 32,  // most queries
    parameter int unsigned Blocks = 8  // most blocks of keys, and of the head's width
) (
    input  logic                         clk_i,
    input  logic                         rst_ni,
    input  logic                         start_i,
    input  logic [15:0]                  rows_i,        // queries
    input  logic [15:0]                  keys_i,        // valid keys; 0: all masked
    input  logic [15:0]                  blocks_i,      // of keys
    input  logic [15:0]                  passes_i,      // blocks of the head's width
    input  logic                         load_exp_i,
    input  logic                         load_chan_i,
    input  logic [7:0]                   load_addr_i,
    input  logic [M-1:0][ChanBits-1:0]   load_data_i,
    input  logic                         ajob_valid_i,
    output logic                         ajob_ready_o,
    input  logic [JobBits-1:0]           ajob_i,
    input  logic                         aw_valid_i,
    output logic                         aw_ready_o,
    input  logic [M-1:0][WeightBits-1:0] aw_data_i,
    input  logic                         achan_valid_i,
    output logic                         achan_ready_o,
    input  logic [M-1:0][ChanBits-1:0]   achan_data_i,
    input  logic                         aact_valid_i,
    output logic                         aact_ready_o,
    input  logic [M-1:0][7:0]            aact_data_i,
    input  logic                         bjob_valid_i,
    output logic                         bjob_ready_o,
    input  logic [JobBits-1:0]           bjob_i,
    input  logic                         bw_valid_i,
    output logic                         bw_ready_o,
    input  logic [M-1:0][WeightBits-1:0] bw_data_i,
    input  logic                         bchan_valid_i,
    output logic                         bchan_ready_o,
    input  logic [M-1:0][ChanBits-1:0]   bchan_data_i,
    output logic                         issue_o,       // a word enters core B
    output logic                         out_valid_o,
    input  logic                         out_ready_i,
    output logic [M-1:0][7:0]            out_data_o,
    output logic                         out_last_o
);
  localparam int unsigned RowBits = $clog2(Rows);
  localparam int unsigned AddrBits = $clog2(Rows * Blocks);
  localparam int unsigned BlockBits = $clog2(Blocks);

  // Scores. The result stream of core A never waits.
  logic score_valid, score_last, a_error, a_idle;
  logic [M-1:0][7:0] score;
  sb_gemm_core #(.M(M), .Rows(Rows), .ActBits(8), .OutBits(8)) i_core_a (
      .clk_i, .rst_ni, .job_valid_i(ajob_valid_i), .job_ready_o(ajob_ready_o), .job_i(ajob_i),
      .w_valid_i(aw_valid_i), .w_ready_o(aw_ready_o), .w_data_i(aw_data_i),
      .chan_valid_i(achan_valid_i), .chan_ready_o(achan_ready_o), .chan_data_i(achan_data_i),
      .act_valid_i(aact_valid_i), .act_ready_o(aact_ready_o), .act_data_i(aact_data_i),
      .out_valid_o(score_valid), .out_ready_i(1'b1), .out_data_o(score), .out_last_o(score_last),
      .error_o(a_error), .idle_o(a_idle)
  );
  logic write_first, write_last;
  logic [15:0] write_row, write_block, write_addr;
  sb_word_walker #(.Gated(0)) i_write (
      .clk_i, .rst_ni, .start_i, .rows_i, .blocks_i, .passes_i(16'd1), .release_i(1'b0),
      .next_i(score_valid),
      .valid_o(), .row_o(write_row), .block_o(write_block), .address_o(write_addr),
      .first_o(write_first), .last_o(write_last), .pass_first_o(), .pass_last_o()
  );
  function automatic logic [M-1:0] keep(logic [15:0] block, logic [15:0] keys);
    for (int unsigned c = 0; c < M; c++) keep[c] = 32'(block) * M + c < 32'(keys);
  endfunction
  logic max_valid;
  logic [RowBits-1:0] max_row;
  logic signed [7:0] max;
  sb_row_max #(.M(M), .Rows(Rows)) i_max (
      .clk_i, .rst_ni, .valid_i(score_valid), .first_i(write_first), .last_i(write_last),
      .row_i(write_row[RowBits-1:0]), .keep_i(keep(write_block, keys_i)), .score_i(score),
      .valid_o(max_valid), .row_o(max_row), .max_o(max)
  );

  // Reads of scores and maxima, one pass per block of the head's width.
  logic read_valid, read_first, read_last, act_start, act_ready;
  logic [15:0] read_row, read_block, read_addr;
  sb_word_walker i_read (
      .clk_i, .rst_ni, .start_i, .rows_i, .blocks_i, .passes_i, .release_i(max_valid),
      .next_i(act_start),
      .valid_o(read_valid), .row_o(read_row), .block_o(read_block), .address_o(read_addr),
      .first_o(read_first), .last_o(read_last), .pass_first_o(), .pass_last_o()
  );
  logic [M-1:0][7:0] read_score;
  logic [7:0] read_max;
  sb_ram #(.Width(M * 8), .Depth(Rows * Blocks)) i_scores (
      .clk_i, .write_i(score_valid), .write_addr_i(write_addr[AddrBits-1:0]), .write_data_i(score),
      .read_i(act_start), .read_addr_i(read_addr[AddrBits-1:0]), .move_i(1'b1),
      .read_data_o(read_score)
  );
  sb_ram #(.Width(8), .Depth(Rows)) i_maxima (
      .clk_i, .write_i(max_valid), .write_addr_i(max_row), .write_data_i(max),
      .read_i(act_start), .read_addr_i(read_row[RowBits-1:0]), .move_i(1'b1),
      .read_data_o(read_max)
  );

  // exp into core B.
  logic exp_valid_q, exp_first_q, exp_last_q, exp_done, exp_tag, recip_valid;
  logic [RowBits-1:0] exp_row_q, recip_row;
  logic [M-1:0] exp_keep_q;
  logic [M-1:0][7:0] exp, act;
  logic [FactorBits-1:0] recip;
  always_ff @(posedge clk_i) begin
    exp_valid_q <= rst_ni && act_start;
    exp_first_q <= read_first;
    exp_last_q  <= read_last;
    exp_row_q   <= read_row[RowBits-1:0];
    exp_keep_q  <= keep(read_block, keys_i);
  end
  sb_exp #(.M(M), .Rows(Rows)) i_exp (
      .clk_i, .rst_ni, .load_i(load_exp_i), .load_select_i('0), .load_addr_i,
      .load_data_i(load_data_i[0][7:0]),
      .valid_i(exp_valid_q), .first_i(exp_first_q), .last_i(exp_last_q), .row_i(exp_row_q),
      .select_i('0),
      .max_i($signed(read_max)), .keep_i(exp_keep_q), .score_i(read_score), .tag_i(1'b0),
      .valid_o(exp_done), .u_o(exp), .tag_o(exp_tag),
      .recip_valid_o(recip_valid), .recip_row_o(recip_row), .recip_o(recip)
  );
  logic act_valid, act_take;
  sb_stream_pipe #(.Width(M * 8), .Latency(1 + sb_latency_pkg::exp_latency())) i_act (
      .clk_i, .rst_ni, .valid_i(read_valid), .ready_o(act_ready), .start_o(act_start),
      .result_valid_i(exp_done),
      .result_i(exp), .valid_o(act_valid), .ready_i(act_take), .data_o(act)
  );
  assign issue_o = act_valid && act_take;

  logic raw_valid, raw_take, raw_last, b_error, b_idle;
  logic [M-1:0][AccBits-1:0] raw;
  sb_gemm_core #(.M(M), .Rows(Rows), .ActBits(8), .OutBits(32)) i_core_b (
      .clk_i, .rst_ni, .job_valid_i(bjob_valid_i), .job_ready_o(bjob_ready_o), .job_i(bjob_i),
      .w_valid_i(bw_valid_i), .w_ready_o(bw_ready_o), .w_data_i(bw_data_i),
      .chan_valid_i(bchan_valid_i), .chan_ready_o(bchan_ready_o), .chan_data_i(bchan_data_i),
      .act_valid_i(act_valid), .act_ready_o(act_take), .act_data_i(act),
      .out_valid_o(raw_valid), .out_ready_i(raw_take), .out_data_o(raw), .out_last_o(raw_last),
      .error_o(b_error), .idle_o(b_idle)
  );

  // Requantization with the row's reciprocal, as soon as that is there.
  logic factor_there, out_start, out_ready;
  logic [15:0] out_row, out_block;
  sb_word_walker i_out_walk (
      .clk_i, .rst_ni, .start_i, .rows_i, .blocks_i(passes_i), .passes_i(16'd1),
      .release_i(recip_valid),
      .next_i(out_start), .valid_o(factor_there), .row_o(out_row), .block_o(out_block),
      .address_o(),
      .first_o(), .last_o(), .pass_first_o(), .pass_last_o()
  );
  assign raw_take = factor_there && out_ready;
  logic [FactorBits-1:0] factor;
  logic [M-1:0][ChanBits-1:0] chan;
  logic requant_valid_q, requant_last_q, requant_done, requant_last;
  logic [M-1:0][AccBits-1:0] raw_q;
  logic [M-1:0][7:0] context_word;
  sb_ram #(.Width(FactorBits), .Depth(Rows)) i_recips (
      .clk_i, .write_i(recip_valid), .write_addr_i(recip_row), .write_data_i(recip),
      .read_i(out_start), .read_addr_i(out_row[RowBits-1:0]), .move_i(1'b1), .read_data_o(factor)
  );
  sb_ram #(.Width(M * ChanBits), .Depth(Blocks)) i_chans (
      .clk_i, .write_i(load_chan_i), .write_addr_i(load_addr_i[BlockBits-1:0]),
      .write_data_i(load_data_i),
      .read_i(out_start), .read_addr_i(out_block[BlockBits-1:0]), .move_i(1'b1), .read_data_o(chan)
  );
  always_ff @(posedge clk_i) begin
    requant_valid_q <= rst_ni && out_start;
    requant_last_q  <= raw_last;
    raw_q           <= raw;
  end
  sb_requant #(.M(M), .OutBits(8), .RowFactor(1)) i_requant (
      .clk_i, .rst_ni, .valid_i(requant_valid_q), .acc_i(raw_q), .factor_on_i(1'b1),
      .factor_i(factor), .chan_i(chan),
      .clamp_i(ClampS8), .zero_point_i('0), .tag_i(requant_last_q),
      .valid_o(requant_done), .data_o(context_word), .tag_o(requant_last)
  );
  sb_stream_pipe #(.Width(M * 8 + 1),
                   .Latency(1 + sb_latency_pkg::requant_latency(1'b1, MulInferred))) i_out (
      .clk_i, .rst_ni, .valid_i(raw_valid && factor_there), .ready_o(out_ready),
      .start_o(out_start),
      .result_valid_i(requant_done), .result_i({requant_last, context_word}),
      .valid_o(out_valid_o), .ready_i(out_ready_i), .data_o({out_last_o, out_data_o})
  );

  `SB_ASSERT(NoError_A, !a_error && !b_error)
endmodule
