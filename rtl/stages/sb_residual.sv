// Residual addition, with the row statistics that the next LayerNorm needs.
//
//   s[c] = sat_16(h[c] + d[c])                      golden/ops/numerics.md section 7
//   sum[row], sumsq[row] of s                       section 8
//
// h: the kept residual, d: the requantized product, both int16; lanes past the row's end must be 0 in both. Words carry
// row, first and last flags as in sb_row_fold, in any order of rows, one per cycle.
// Latency 1 cycle from valid_i to valid_o, 5 + log2(M) cycles from a row's last word to its statistics, no stall.
module sb_residual
  import sb_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes, a power of two
    parameter int unsigned Rows = 128,  // rows under way at a time (sb_row_stats)
    parameter int unsigned TagBits = 1,  // payload that leaves with a word
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1
) (
    input  logic                                      clk_i,
    input  logic                                      rst_ni,         // synchronous, active low
    input  logic                                      valid_i,
    input  logic                                      first_i,
    input  logic                                      last_i,
    input  logic        [   RowBits-1:0]              row_i,
    input  logic        [         M-1:0][ResBits-1:0] h_i,
    input  logic        [         M-1:0][ResBits-1:0] d_i,
    input  logic        [   TagBits-1:0]              tag_i,
    output logic                                      valid_o,
    output logic        [         M-1:0][ResBits-1:0] s_o,
    output logic        [   TagBits-1:0]              tag_o,
    output logic                                      stats_valid_o,
    output logic        [   RowBits-1:0]              stats_row_o,
    output logic signed [RowSumBits-1:0]              stats_sum_o,
    output logic        [ RowSqBits-1:0]              stats_sumsq_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_residual: TagBits = %0d, must be at least 1", TagBits);
  end
  function automatic logic [ResBits-1:0] add(logic signed [ResBits-1:0] a,
                                             logic signed [ResBits-1:0] b);
    logic signed [ResBits:0] sum;
    sum = (ResBits + 1)'(a) + (ResBits + 1)'(b);
    if (sum[ResBits] == sum[ResBits-1]) return sum[ResBits-1:0];
    return {sum[ResBits], {(ResBits - 1) {!sum[ResBits]}}};
  endfunction

  logic valid_q, first_q, last_q;
  logic [RowBits-1:0] row_q;
  logic [M-1:0][ResBits-1:0] sum_d, sum_q;
  always_ff @(posedge clk_i) begin
    valid_q <= rst_ni && valid_i;
    first_q <= first_i;
    last_q  <= last_i;
    row_q   <= row_i;
    tag_o   <= tag_i;
    if (valid_i) begin
      for (int unsigned c = 0; c < M; c++) sum_d[c] = add($signed(h_i[c]), $signed(d_i[c]));
      sum_q <= sum_d;
    end
  end
  assign valid_o = valid_q;
  assign s_o = sum_q;

  sb_row_stats #(
      .M(M),
      .Rows(Rows)
  ) i_stats (
      .clk_i,
      .rst_ni,
      .valid_i(valid_q),
      .first_i(first_q),
      .last_i(last_q),
      .row_i(row_q),
      .data_i(sum_q),
      .valid_o(stats_valid_o),
      .row_o(stats_row_o),
      .sum_o(stats_sum_o),
      .sumsq_o(stats_sumsq_o)
  );
endmodule
