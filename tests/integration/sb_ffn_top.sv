// SPDX-License-Identifier: Apache-2.0
// Residual addition, LayerNorm, first product of the feed-forward block and GELU, stages and core
// connected.
//
//   {d, h} --> residual --> s memory ----> LayerNorm --> y8 --> core --> table --> out
//                   `--> row constants ------'   `--> y16
//
// Words come in (block, row) order. They are read again as soon as the constants of their row are
// there, once per block of outputs; y16 leaves in the first of these passes. Weights, jobs and
// channels of the core come from the test bench.
`include "sb_assert.svh"

module sb_ffn_top
  import sb_pkg::*;
#(
    parameter int unsigned M = 8,
    parameter int unsigned Rows = 32,  // most rows
    parameter int unsigned Blocks = 16  // most blocks of inputs
) (
    input  logic                           clk_i,
    input  logic                           rst_ni,
    input  logic                           start_i,
    input  logic [15:0]                    rows_i,
    input  logic [15:0]                    blocks_i,      // of inputs
    input  logic [15:0]                    passes_i,      // blocks of outputs
    input  logic [NormJobBits-1:0]         norm_i,
    input  operand_t                       operand_i,
    input  logic                           load_chan_i,
    input  logic                           load_table_i,
    input  logic [7:0]                     load_addr_i,
    input  logic [M-1:0][NormChanBits-1:0] load_data_i,
    input  logic                           in_valid_i,
    output logic                           in_ready_o,
    input  logic [2*M*ResBits-1:0]         in_data_i,     // {M lanes of d, M lanes of h}
    input  logic                           job_valid_i,
    output logic                           job_ready_o,
    input  logic [JobBits-1:0]             job_i,
    input  logic                           w_valid_i,
    output logic                           w_ready_o,
    input  logic [M-1:0][WeightBits-1:0]   w_data_i,
    input  logic                           chan_valid_i,
    output logic                           chan_ready_o,
    input  logic [M-1:0][ChanBits-1:0]     chan_data_i,
    output logic                           issue_o,       // a word enters the core
    output logic                           y16_valid_o,   // no back-pressure
    output logic [M-1:0][ResBits-1:0]      y16_data_o,
    output logic                           out_valid_o,
    input  logic                           out_ready_i,
    output logic [M-1:0][OpBits-1:0]       out_data_o,
    output logic                           out_last_o
);
  localparam int unsigned RowBits = $clog2(Rows);
  localparam int unsigned AddrBits = $clog2(Rows * Blocks);
  localparam int unsigned BlockBits = $clog2(Blocks);

  // Residual addition into memory.
  logic write_first, write_last, sum_valid, stats_valid;
  logic [15:0] write_row, write_addr;
  logic [AddrBits-1:0] sum_addr;
  logic [M-1:0][ResBits-1:0] in_h, in_d, sum;
  logic [RowBits-1:0] stats_row, const_row;
  logic signed [RowSumBits-1:0] stats_sum;
  logic [RowSqBits-1:0] stats_sumsq;
  assign {in_d, in_h} = in_data_i;
  wire take = in_valid_i && in_ready_o;
  sb_word_walker #(.Gated(0)) i_write (
      .clk_i, .rst_ni, .start_i, .rows_i, .blocks_i, .passes_i(16'd1), .release_i(1'b0),
      .next_i(take),
      .valid_o(in_ready_o), .row_o(write_row), .block_o(), .address_o(write_addr),
      .first_o(write_first), .last_o(write_last), .pass_first_o(), .pass_last_o()
  );
  sb_residual #(.M(M), .Rows(Rows), .TagBits(AddrBits)) i_residual (
      .clk_i, .rst_ni, .valid_i(take), .first_i(write_first), .last_i(write_last),
      .row_i(write_row[RowBits-1:0]), .h_i(in_h), .d_i(in_d), .tag_i(write_addr[AddrBits-1:0]),
      .valid_o(sum_valid), .s_o(sum), .tag_o(sum_addr),
      .stats_valid_o(stats_valid), .stats_row_o(stats_row), .stats_sum_o(stats_sum),
      .stats_sumsq_o(stats_sumsq)
  );
  logic const_valid;
  logic [NormRowBits-1:0] const_word;
  sb_norm_row #(.TagBits(RowBits)) i_norm_row (
      .clk_i, .rst_ni, .job_i(norm_i), .valid_i(stats_valid), .sum_i(stats_sum),
      .sumsq_i(stats_sumsq), .tag_i(stats_row),
      .valid_o(const_valid), .row_o(const_word), .tag_o(const_row)
  );

  // Reads.
  logic read_valid, read_pass_first, act_start, act_ready;
  logic [15:0] read_row, read_block, read_addr;
  sb_word_walker i_read (
      .clk_i, .rst_ni, .start_i, .rows_i, .blocks_i, .passes_i, .release_i(const_valid),
      .next_i(act_start),
      .valid_o(read_valid), .row_o(read_row), .block_o(read_block), .address_o(read_addr),
      .first_o(), .last_o(), .pass_first_o(read_pass_first), .pass_last_o()
  );
  logic [M-1:0][ResBits-1:0] s, y16;
  logic [NormRowBits-1:0] row_const;
  logic [M-1:0][NormChanBits-1:0] norm_chan;
  sb_ram #(.Width(M * ResBits), .Depth(Rows * Blocks)) i_sums (
      .clk_i, .write_i(sum_valid), .write_addr_i(sum_addr), .write_data_i(sum),
      .read_i(act_start), .read_addr_i(read_addr[AddrBits-1:0]), .move_i(1'b1), .read_data_o(s)
  );
  sb_ram #(.Width(NormRowBits), .Depth(Rows)) i_consts (
      .clk_i, .write_i(const_valid), .write_addr_i(const_row), .write_data_i(const_word),
      .read_i(act_start), .read_addr_i(read_row[RowBits-1:0]), .move_i(1'b1),
      .read_data_o(row_const)
  );
  sb_ram #(.Width(M * NormChanBits), .Depth(Blocks)) i_norm_chans (
      .clk_i, .write_i(load_chan_i), .write_addr_i(load_addr_i[BlockBits-1:0]),
      .write_data_i(load_data_i),
      .read_i(act_start), .read_addr_i(read_block[BlockBits-1:0]), .move_i(1'b1),
      .read_data_o(norm_chan)
  );

  // LayerNorm into the core.
  logic norm_valid_q, norm_first_q, norm_done, norm_first;
  logic [M-1:0][OpBits-1:0] y8;
  logic [M-1:0][7:0] operand, act;
  always_ff @(posedge clk_i) begin
    norm_valid_q <= rst_ni && act_start;
    norm_first_q <= read_pass_first;
  end
  sb_layernorm #(.M(M)) i_layernorm (
      .clk_i, .rst_ni, .valid_i(norm_valid_q), .s_i(s), .row_i(row_const), .chan_i(norm_chan),
      .operand_i,
      .tag_i(norm_first_q), .valid_o(norm_done), .y16_o(y16), .y8_o(y8), .tag_o(norm_first)
  );
  assign y16_valid_o = norm_done && norm_first;
  assign y16_data_o = y16;
  always_comb for (int unsigned c = 0; c < M; c++) operand[c] = y8[c][7:0];
  logic act_valid, act_take;
  sb_stream_pipe #(.Width(M * 8), .Latency(1 + sb_latency_pkg::layernorm_latency())) i_act (
      .clk_i, .rst_ni, .valid_i(read_valid), .ready_o(act_ready), .start_o(act_start),
      .result_valid_i(norm_done),
      .result_i(operand), .valid_o(act_valid), .ready_i(act_take), .data_o(act)
  );
  assign issue_o = act_valid && act_take;

  // FFN1 and the table.
  logic ffn_valid, ffn_ready, ffn_last, error, idle, table_start, table_done, table_last;
  logic [M-1:0][7:0] ffn;
  logic [M-1:0][OpBits-1:0] gelu;
  sb_gemm_core #(.M(M), .Rows(Rows), .ActBits(8), .OutBits(8)) i_core (
      .clk_i, .rst_ni, .job_valid_i, .job_ready_o, .job_i, .w_valid_i, .w_ready_o, .w_data_i,
      .chan_valid_i, .chan_ready_o, .chan_data_i, .act_valid_i(act_valid), .act_ready_o(act_take),
      .act_data_i(act),
      .out_valid_o(ffn_valid), .out_ready_i(ffn_ready), .out_data_o(ffn), .out_last_o(ffn_last),
      .error_o(error), .idle_o(idle)
  );
  sb_table #(.M(M)) i_table (
      .clk_i, .rst_ni, .load_i(load_table_i), .load_select_i('0), .load_addr_i,
      .load_data_i(load_data_i[0][OpBits-1:0]),
      .valid_i(table_start), .select_i('0), .index_i(ffn), .tag_i(ffn_last),
      .valid_o(table_done), .data_o(gelu), .tag_o(table_last)
  );
  sb_stream_pipe #(.Width(M * OpBits + 1), .Latency(sb_latency_pkg::table_latency())) i_out (
      .clk_i, .rst_ni, .valid_i(ffn_valid), .ready_o(ffn_ready), .start_o(table_start),
      .result_valid_i(table_done),
      .result_i({table_last, gelu}), .valid_o(out_valid_o), .ready_i(out_ready_i),
      .data_o({out_last_o, out_data_o})
  );

  `SB_ASSERT(NoError_A, !error)
endmodule
