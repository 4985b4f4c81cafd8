// SPDX-License-Identifier: Apache-2.0
// sb_requant against golden/ops/numerics.md section 2, for every accumulator of 8 bits, bias of 3
// bits, multiplier m * 2^22 of 4 bits, shift, zero point of 10 bits and clamp. The inputs are any
// constants; the result is compared once the pipeline is full.
module requant_spec
  import sb_pkg::*;
(
    input logic clk_i
);
  localparam int unsigned Latency = sb_latency_pkg::requant_latency(1'b0, MulInferred);
  // Never assigned another value: any constants.
  logic signed [7:0] acc_q;
  logic signed [2:0] bias_q;
  logic [3:0] mult_q;
  logic [1:0] sel_q;
  logic signed [9:0] zero_q;
  logic [2:0] clamp_q;
  logic [3:0] age_q = '0;
  always_ff @(posedge clk_i) begin
    acc_q <= acc_q;
    bias_q <= bias_q;
    mult_q <= mult_q;
    sel_q <= sel_q;
    zero_q <= zero_q;
    clamp_q <= clamp_q;
    if (age_q != '1) age_q <= age_q + 1'b1;
  end

  chan_t chan;
  assign chan = '{reserved: '0, shift_sel: sel_q, mult: {mult_q, 22'd0}, bias: 32'(bias_q)};
  logic valid;
  logic [31:0] data;
  logic tag;
  sb_requant #(.M(1), .OutBits(32)) i_dut (
      .clk_i, .rst_ni(age_q != '0), .valid_i(1'b1), .acc_i(32'(acc_q)), .chan_i(chan),
      .clamp_i(clamp_e'(clamp_q)),
      .zero_point_i(16'(zero_q)), .tag_i(1'b0), .valid_o(valid), .data_o(data), .tag_o(tag)
  );

  // product * 2^-shift, rounded half to even, by adding one below a half, plus one where the
  // integer part is odd.
  logic signed [39:0] product, half, rounded, low, high, result;
  logic [5:0] shift;
  always_comb begin
    product = 40'(acc_q) + 40'(bias_q);
    product = product * 40'($signed({1'b0, mult_q}));  // in units of 2^22
    // Shifts of 16, 26, 36 and 46 of a product in units of 2^22: by -6, 4, 14 and 24.
    shift = sel_q == 2'd0 ? 6'd0 : 6'(10 * sel_q) - 6'd6;
    half = (40'sd1 <<< shift) >>> 1;
    rounded = sel_q == 2'd0 ? product <<< 6 :
        (product + half - 40'sd1 + 40'($signed({1'b0, product[shift]}))) >>> shift;
    unique case (clamp_e'(clamp_q))
      ClampU8: {low, high} = {40'sd0, 40'sd255};
      ClampS9: {low, high} = {-40'sd256, 40'sd255};
      ClampS16: {low, high} = {-40'sd32768, 40'sd32767};
      default: {low, high} = {-40'sd128, 40'sd127};
    endcase
    result = rounded + 40'(zero_q);
    if (result < low) result = low;
    if (result > high) result = high;
    if (clamp_e'(clamp_q) == ClampRaw) result = 40'(acc_q) + 40'(bias_q);
    if (age_q > 4'(Latency)) begin
      a_valid: assert (valid);
      if (clamp_q <= 3'd4) a_result: assert ($signed(data) == result[31:0]);
    end
  end
endmodule
