// SPDX-License-Identifier: Apache-2.0
// Row constants of LayerNorm from the row's sums (golden/ops/numerics.md section 8):
//
//   mean8 = rhe(sum * mean_mult * 2^-mean_shift)
//   W = columns * sumsq - sum^2 + e,   (m, h) = rsqrt(W),   q = h + row_shift
//
//   sum ---+--> square ----+--> W --> sb_rsqrt --> m, q
//   sumsq -|--> product ---+
//          +--> product --> mean ----- delay ----> mean8
//
// job_i holds still while rows are under way, and from two cycles before the first. One row per
// cycle, latency norm_row_latency(), no stall.
module sb_norm_row
  import sb_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned TagBits  = 1,           // payload that leaves with a row
    parameter int unsigned MulStyle = MulInferred  // mul_style_e
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
  localparam int unsigned SquareBits = 2 * RowSumBits;
  localparam int unsigned ProductBits = RowSqBits + 13;  // columns * sumsq
  localparam int unsigned MeanBits = RowSumBits + 27;
  localparam int unsigned Mean8Bits = 25;
  localparam int unsigned WBits = 57, SumBits = WBits + 1;
  // Latencies: of the products, of W behind them, of the mean behind its product.
  localparam int unsigned SquareLatency = mul_latency(MulStyle, RowSumBits, RowSumBits);
  localparam int unsigned ProductLatency = mul_latency(MulStyle, RowSqBits + 1, 14);
  localparam int unsigned MeanLatency = mul_latency(MulStyle, RowSumBits, 27, 1'b0, 1'b1);
  localparam int unsigned Before = norm_row_latency(MulStyle) - rsqrt_latency();  // of the root
  localparam int unsigned Products = Before - norm_w_latency();

  norm_job_t job;
  assign job = job_i;

  logic [Before:0] valid;
  logic root_valid;
  logic [TagBits-1:0] tag;
  sb_valid_delay #(
      .Depth  (Before),
      .TagBits(TagBits)
  ) i_valid (
      .clk_i,
      .rst_ni,
      .valid_i,
      .tag_i,
      .valid_o(root_valid),
      .tag_o(tag),
      .stage_valid_o(valid)
  );

  // Operands and products.
  logic [RowSumBits-1:0] sum[1];
  logic [RowSqBits-1:0] sumsq[1];
  logic [12:0] columns[1];
  logic [25:0] mean_mult[1];
  logic [5:0] half_bit_q;
  logic signed [MeanBits-1:0] half[1];  // the rounding bit of the mean
  logic signed [SquareBits-1:0] square[1];
  logic signed [ProductBits-1:0] product[1];
  logic signed [MeanBits-1:0] mean[1];
  assign sum[0] = sum_i;
  assign sumsq[0] = sumsq_i;
  always_ff @(posedge clk_i) begin
    columns[0]   <= job.columns;
    mean_mult[0] <= job.mean_mult;
    half_bit_q   <= job.mean_shift - 1'b1;
    half[0]      <= MeanBits'(1) << half_bit_q;
  end
  sb_mul #(
      .XBits(RowSumBits),
      .YBits(RowSumBits),
      .PBits(SquareBits),
      .MulStyle(MulStyle)
  ) i_square (
      .clk_i,
      .stage_valid_i(valid[SquareLatency-1:0]),
      .x_i(sum),
      .x2_i('{default: '0}),
      .y_i(sum),
      .c_i('{default: '0}),
      .p_o(square)
  );
  sb_mul #(
      .XBits(RowSqBits),
      .XSigned(1'b0),
      .YBits(13),
      .YSigned(1'b0),
      .PBits(ProductBits),
      .MulStyle(MulStyle)
  ) i_product (
      .clk_i,
      .stage_valid_i(valid[ProductLatency-1:0]),
      .x_i(sumsq),
      .x2_i('{default: '0}),
      .y_i(columns),
      .c_i('{default: '0}),
      .p_o(product)
  );
  sb_mul #(
      .XBits(RowSumBits),
      .YBits(26),
      .YSigned(1'b0),
      .CBits(MeanBits),
      .PBits(MeanBits),
      .MulStyle(MulStyle)
  ) i_mean (
      .clk_i,
      .stage_valid_i(valid[MeanLatency-1:0]),
      .x_i(sum),
      .x2_i('{default: '0}),
      .y_i(mean_mult),
      .c_i(half),
      .p_o(mean)
  );
  logic [ SquareBits-1:0] square_late;
  logic [ProductBits-1:0] product_late;
  sb_delay #(
      .Width(SquareBits),
      .Depth(Products - SquareLatency)
  ) i_square_wait (
      .clk_i,
      .data_i(square[0]),
      .data_o(square_late)
  );
  sb_delay #(
      .Width(ProductBits),
      .Depth(Products - ProductLatency)
  ) i_product_wait (
      .clk_i,
      .data_i(product[0]),
      .data_o(product_late)
  );

  // W, modulo 2^SumBits: a row of full adders, then two operands in three parts.
  localparam int unsigned Part = 20;
  logic [SumBits-1:0] ones1_q, twos1_q;
  logic [SumBits-1:Part] ones2_q, twos2_q;
  logic [SumBits-1:2*Part] ones3_q, twos3_q;
  logic [Part:0] low2_q, middle3_q;
  logic [ Part-1:0] low3_q;
  logic [WBits-1:0] w_q;
  always_ff @(posedge clk_i) begin
    automatic logic [SumBits-1:0] a, b, c;
    automatic logic [SumBits-2:0] twos_d;
    if (valid[Products]) begin
      a = SumBits'(product_late);
      b = ~SumBits'(square_late);
      c = SumBits'(job.e);
      twos_d = (SumBits - 1)'((a & b) | (c & (a | b)));
      ones1_q <= a ^ b ^ c;
      twos1_q <= {twos_d, 1'b1};  // +1 for ~square
    end
    if (valid[Products+1]) begin
      low2_q  <= {1'b0, ones1_q[Part-1:0]} + {1'b0, twos1_q[Part-1:0]};
      ones2_q <= ones1_q[SumBits-1:Part];
      twos2_q <= twos1_q[SumBits-1:Part];
    end
    if (valid[Products+2]) begin
      low3_q    <= low2_q[Part-1:0];
      middle3_q <= {1'b0, ones2_q[2*Part-1:Part]} + {1'b0, twos2_q[2*Part-1:Part]} +
          (Part + 1)'(low2_q[Part]);
      ones3_q <= ones2_q[SumBits-1:2*Part];
      twos3_q <= twos2_q[SumBits-1:2*Part];
    end
    if (valid[Products+3]) begin
      w_q <= WBits'({
        ones3_q + twos3_q + (SumBits - 2 * Part)'(middle3_q[Part]), middle3_q[Part-1:0], low3_q
      });
    end
  end

  // The mean: shift by 16, 24 or 32, then by up to 7. A tie, all that is shifted out 0 once half
  // was added, goes to the even one below.
  localparam int unsigned MeanShifts = 2;
  logic signed [MeanBits-17:0] mean1_q;
  logic signed [Mean8Bits-1:0] mean2_q;
  logic exact1_q;
  logic [5:0] over;
  always_ff @(posedge clk_i) begin
    automatic logic signed [Mean8Bits-1:0] whole;
    automatic logic tie;
    over <= job.mean_shift - 6'd16;
    if (valid[MeanLatency]) begin
      mean1_q <= (MeanBits - 16)'(mean[0] >>> {6'd2 + 6'(over[5:3]), 3'b0});
      exact1_q <= mean[0][15:0] == '0 && (over[5:3] == '0 || mean[0][23:16] == '0) &&
          (!over[4] || mean[0][31:24] == '0);
    end
    if (valid[MeanLatency+1]) begin
      whole = Mean8Bits'(mean1_q >>> over[2:0]);
      tie   = exact1_q;
      for (int unsigned i = 0; i < 7; i++) if (3'(i) < over[2:0] && mean1_q[i]) tie = 1'b0;
      mean2_q <= {whole[Mean8Bits-1:1], whole[0] && !tie};
    end
  end

  logic signed [4:0] h;
  norm_row_t row;
  sb_rsqrt #(
      .TagBits(TagBits)
  ) i_rsqrt (
      .clk_i,
      .rst_ni,
      .valid_i(root_valid),
      .w_i(w_q),
      .tag_i(tag),
      .valid_o,
      .m_o(row.m),
      .h_o(h),
      .tag_o
  );
  sb_delay #(
      .Width(Mean8Bits),
      .Depth(norm_row_latency(MulStyle) - MeanLatency - MeanShifts)
  ) i_mean_wait (
      .clk_i,
      .data_i(mean2_q),
      .data_o(row.mean8)
  );
  assign row.q = 7'(h) + $signed({2'b00, job.row_shift});
  assign row_o = row;
endmodule
