// Row constants of LayerNorm from the row's sums (golden/ops/numerics.md section 8):
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
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_norm_row: TagBits = %0d, must be at least 1", TagBits);
  end
  localparam int unsigned RootLatency = 4 + (17 + StageBits - 1) / StageBits;
  localparam int unsigned SquareBits = 2 * RowSumBits;
  localparam int unsigned ProductBits = RowSqBits + 13;  // columns * sumsq
  localparam int unsigned MeanBits = RowSumBits + 27;
  localparam int unsigned Mean8Bits = 25;

  norm_job_t job;
  assign job = job_i;

  // {value * 2^-shift without its fraction, round up?}, ties to even.
  function automatic logic [Mean8Bits:0] split(logic signed [MeanBits-1:0] value,
                                               logic [5:0] shift);
    logic signed [MeanBits-1:0] whole;
    logic [MeanBits-1:0] rest;  // what is shifted out, at the top
    whole = value >>> shift;
    rest = value << (6'(MeanBits) - shift);
    return {Mean8Bits'(whole), rest[MeanBits-1] && (rest[MeanBits-2:0] != '0 || whole[0])};
  endfunction

  // Products are made of parts of at most 17 bits, each a DSP. Stages beside the root: 1 parts, 2 products, 3 W and the mean's parts,
  // 4 the mean.
  logic [2:0] valid_q;
  localparam int unsigned LowBits = 17;
  wire signed [RowSumBits-LowBits-1:0] sum_high = sum_i[RowSumBits-1:LowBits];
  wire [LowBits-1:0] sum_low = sum_i[LowBits-1:0];
  wire signed [26:0] mean_mult = $signed({1'b0, job.mean_mult});
  logic [2*(RowSumBits-LowBits)-1:0] high_high_q;
  logic signed [RowSumBits:0] high_low_q;
  logic [2*LowBits-1:0] low_low_q;
  logic [ProductBits-LowBits-1:0] product_high_q;
  logic [12+LowBits:0] product_low_q;
  logic signed [MeanBits-LowBits-1:0] mean_high_q;
  logic [26+LowBits-1:0] mean_low_q;
  logic [SquareBits-1:0] square2_q;
  logic [ProductBits-1:0] product2_q;
  logic signed [MeanBits-1:0] mean2_q;
  logic [56:0] w_q;
  logic signed [Mean8Bits-1:0] mean_q, mean8_q;
  logic mean_up_q;
  always_ff @(posedge clk_i) begin
    valid_q    <= rst_ni ? {valid_q[1:0], valid_i} : '0;
    high_high_q    <= (2 * (RowSumBits - LowBits))'(sum_high) * (2 * (RowSumBits - LowBits))'(sum_high);
    high_low_q     <= (RowSumBits + 1)'(sum_high) * (RowSumBits + 1)'($signed({1'b0, sum_low}));
    low_low_q      <= (2 * LowBits)'(sum_low) * (2 * LowBits)'(sum_low);
    product_high_q <= (ProductBits - LowBits)'(job.columns) * (ProductBits - LowBits)'(sumsq_i[RowSqBits-1:LowBits]);
    product_low_q  <= (13 + LowBits)'(job.columns) * (13 + LowBits)'(sumsq_i[LowBits-1:0]);
    mean_high_q    <= (MeanBits - LowBits)'(sum_high) * (MeanBits - LowBits)'(mean_mult);
    mean_low_q     <= (26 + LowBits)'(job.mean_mult) * (26 + LowBits)'(sum_low);
    square2_q      <= {high_high_q, low_low_q} + (SquareBits'(high_low_q) << (LowBits + 1));
    product2_q     <= {product_high_q, LowBits'(0)} + ProductBits'(product_low_q);
    mean2_q        <= $signed({mean_high_q, LowBits'(0)}) + MeanBits'($signed({1'b0, mean_low_q}));
    // columns * sumsq - sum^2 + e
    w_q        <= 57'(sum3(Sum3Bits'(product2_q), ~Sum3Bits'(square2_q), Sum3Bits'(job.e), 1'b1, 1'b0));
    {mean_q, mean_up_q} <= split(mean2_q, job.mean_shift);
    mean8_q    <= mean_q + Mean8Bits'(mean_up_q);
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
      .Depth(RootLatency - 1)
  ) i_mean (
      .clk_i,
      .data_i(mean8_q),
      .data_o(row.mean8)
  );
  assign row.q = 7'(h) + $signed({2'b00, job.row_shift});
  assign row_o = row;
endmodule
