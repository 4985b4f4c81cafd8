// Row constants of LayerNorm from the row's sums (golden/numerics.md section 8):
//
//   mean8 = rhe(sum * mean_mult * 2^-mean_shift)
//   W = columns * sumsq - sum^2 + e,   (m, h) = rsqrt(W),   q = h + row_shift
//
// job_i holds still while rows are under way. One row per cycle, latency 3 + 4 + ceil(17 / StageBits) cycles, no stall.
module sb_norm_row
  import sb_pkg::*;
#(
    parameter int unsigned StageBits = 1,  // bits of the root per stage (sb_rsqrt)
    parameter int unsigned TagBits   = 1   // payload that leaves with a row
) (
    input  logic                          clk_i,
    input  logic                          rst_ni,   // synchronous, active low
    input  logic        [NormJobBits-1:0] job_i,    // norm_job_t
    input  logic                          valid_i,
    input  logic signed [ RowSumBits-1:0] sum_i,
    input  logic        [  RowSqBits-1:0] sumsq_i,
    input  logic        [    TagBits-1:0] tag_i,
    output logic                          valid_o,
    output logic        [NormRowBits-1:0] row_o,    // norm_row_t
    output logic        [    TagBits-1:0] tag_o
);
  localparam int unsigned RootLatency = 4 + (17 + StageBits - 1) / StageBits;
  localparam int unsigned SquareBits = 2 * RowSumBits;
  localparam int unsigned ProductBits = RowSqBits + 13;  // columns * sumsq
  localparam int unsigned MeanBits = RowSumBits + 27;
  localparam int unsigned Mean8Bits = 25;

  norm_job_t job;
  assign job = job_i;

  function automatic logic signed [Mean8Bits-1:0] round_shift(logic signed [MeanBits-1:0] value, logic [5:0] shift);
    logic signed [MeanBits-1:0] whole;
    logic [MeanBits-1:0] rest;  // what is shifted out, at the top
    whole = value >>> shift;
    rest = value << (6'(MeanBits) - shift);
    return Mean8Bits'(whole) + Mean8Bits'(rest[MeanBits-1] && (rest[MeanBits-2:0] != '0 || whole[0]));
  endfunction

  // 1: products, 2: product register, 3: W and mean
  logic [2:0] valid_q;
  logic signed [SquareBits-1:0] square1_q, square2_q;
  logic [ProductBits-1:0] product1_q, product2_q;
  logic signed [MeanBits-1:0] mean1_q, mean2_q;
  logic [56:0] w_q;
  logic signed [Mean8Bits-1:0] mean8_q;
  always_ff @(posedge clk_i) begin
    valid_q    <= rst_ni ? {valid_q[1:0], valid_i} : '0;
    square1_q  <= SquareBits'(sum_i) * SquareBits'(sum_i);
    product1_q <= ProductBits'(job.columns) * ProductBits'(sumsq_i);
    mean1_q    <= MeanBits'(sum_i) * MeanBits'($signed({1'b0, job.mean_mult}));
    square2_q  <= square1_q;
    product2_q <= product1_q;
    mean2_q    <= mean1_q;
    w_q        <= 57'(product2_q) - 57'($unsigned(square2_q)) + 57'(job.e);
    mean8_q    <= round_shift(mean2_q, job.mean_shift);
  end

  logic [TagBits-1:0] tag;
  sb_delay #(
      .Width(TagBits),
      .Depth(3)
  ) i_tag (
      .clk_i,
      .data_i(tag_i),
      .data_o(tag)
  );
  logic signed [4:0] h;
  norm_row_t row;
  sb_rsqrt #(
      .StageBits(StageBits),
      .TagBits  (TagBits)
  ) i_rsqrt (
      .clk_i,
      .rst_ni,
      .valid_i(valid_q[2]),
      .w_i(w_q),
      .tag_i(tag),
      .valid_o,
      .m_o(row.m),
      .h_o(h),
      .tag_o
  );
  sb_delay #(
      .Width(Mean8Bits),
      .Depth(RootLatency)
  ) i_mean (
      .clk_i,
      .data_i(mean8_q),
      .data_o(row.mean8)
  );
  assign row.q = 7'(h) + $signed({2'b00, job.row_shift});
  assign row_o = row;
endmodule
