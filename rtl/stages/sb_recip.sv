// SPDX-License-Identifier: Apache-2.0
// Reciprocal of a row's exp sum, the factor of the deferred softmax normalization
// (golden/ops/numerics.md section 5):
//
//   r = min(131071, floor((2^24 + floor(sum / 2)) / sum)),  0 for sum = 0
//
// One row per cycle. Latency ceil(17 / StageBits) cycles, no stall.
module sb_recip
  import sb_pkg::*;
#(
    parameter int unsigned StageBits = 1,  // quotient bits per stage (sb_divide)
    parameter int unsigned TagBits   = 1   // payload that leaves with a reciprocal
) (
    input  logic                  clk_i,
    input  logic                  rst_ni,   // synchronous, active low
    input  logic                  valid_i,
    input  logic [ExpSumBits-1:0] sum_i,
    input  logic [   TagBits-1:0] tag_i,
    output logic                  valid_o,
    output logic [FactorBits-1:0] recip_o,
    output logic [   TagBits-1:0] tag_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_recip: TagBits = %0d, must be at least 1", TagBits);
  end
  localparam int unsigned Fraction = 24;
  sb_divide #(
      .NumBits  (Fraction + 1),
      .DenBits  (ExpSumBits),
      .QuotBits (FactorBits),
      .StageBits(StageBits),
      .TagBits  (TagBits)
  ) i_divide (
      .clk_i,
      .rst_ni,
      .valid_i,
      .num_i({1'b1, (Fraction)'(sum_i[ExpSumBits-1:1])}),
      .den_i(sum_i),
      .tag_i,
      .valid_o,
      .quot_o(recip_o),
      .tag_o
  );
endmodule
