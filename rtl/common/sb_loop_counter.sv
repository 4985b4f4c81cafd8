// SPDX-License-Identifier: Apache-2.0
// One loop of a nest: counts a number of steps again and again and says, from registers, whether it
// stands at its first or last.
//
// step_i moves on: with load_i to the first of total_i steps (1 or more), else to the next one,
// from the last to the first. step_i alone may come late in its cycle, it enables flip-flops. No
// reset: nothing is known before the first load.
module sb_loop_counter #(
    parameter int unsigned Bits = 16  // of the total
) (
    input  logic            clk_i,
    input  logic            step_i,
    input  logic            load_i,
    input  logic [Bits-1:0] total_i,
    output logic            first_o,
    output logic            last_o
);
  logic [Bits-1:0] total_q, ahead_q;  // ahead_q: number of the next step, from 1
  logic single_q;  // the first step is the last one

  always_ff @(posedge clk_i) begin
    if (step_i) begin
      first_o <= load_i || last_o;
      last_o  <= load_i ? total_i == Bits'(1) : last_o ? single_q : ahead_q == total_q;
      ahead_q <= load_i || last_o ? Bits'(2) : ahead_q + 1'b1;
      if (load_i) begin
        total_q  <= total_i;
        single_q <= total_i == Bits'(1);
      end
    end
  end
endmodule
