// SPDX-License-Identifier: Apache-2.0
// Fixed delay of `Depth` cycles, without reset (maps to shift-register LUTs). Depth 0 is a wire.
module sb_delay #(
    parameter int unsigned Width = 8,  // bits
    parameter int unsigned Depth = 1   // cycles
) (
    input  logic             clk_i,
    input  logic [Width-1:0] data_i,
    output logic [Width-1:0] data_o
);
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_delay: Width = %0d, must be at least 1", Width);
  end
  if (Depth == 0) begin : gen_wire
    assign data_o = data_i;
  end else begin : gen_stages
    logic [Depth-1:0][Width-1:0] stage_q;
    always_ff @(posedge clk_i) stage_q <= (Depth * Width)'({stage_q, data_i});
    assign data_o = stage_q[Depth-1];
  end
endmodule
