// SPDX-License-Identifier: Apache-2.0
// One loop of a nest: counts `total_i` steps again and again and says, from registers, whether it
// stands at its first or last.
//
// load_i takes total_i, 1 or more, and starts at the first step; step_i moves on, from the last
// step to the first. load_i wins over step_i. No reset: nothing is known before the first load.
module sb_loop_counter #(
    parameter int unsigned Bits = 16  // of the total
) (
    input  logic            clk_i,
    input  logic            load_i,
    input  logic [Bits-1:0] total_i,
    input  logic            step_i,
    output logic            first_o,
    output logic            last_o
);
  logic [Bits-1:0] again_q, left_q;  // steps after this one: at the first step, and now
  logic single_q;  // the first step is the last one

  always_ff @(posedge clk_i) begin
    if (load_i || (step_i && last_o)) begin
      first_o <= 1'b1;
      last_o  <= load_i ? total_i == Bits'(1) : single_q;
      left_q  <= load_i ? total_i - 1'b1 : again_q;
    end else if (step_i) begin
      first_o <= 1'b0;
      last_o  <= left_q == Bits'(1);
      left_q  <= left_q - 1'b1;
    end
    if (load_i) begin
      again_q  <= total_i - 1'b1;
      single_q <= total_i == Bits'(1);
    end
  end
endmodule
