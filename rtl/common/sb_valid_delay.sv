// SPDX-License-Identifier: Apache-2.0
// Valid bit and tag of a pipeline that never stalls: both leave `Depth` cycles after they came.
//
//   valid_i --[q]--[q]-- .. --[q]--> valid_o    reset clears all stages: what is under way is gone
//           \    \    \
//            0    1    2 ..          stage_valid_o[s]: the word that came s cycles ago is valid
//   tag_i ---[q]--[q]-- .. --[q]--> tag_o        no reset (maps to shift-register LUTs)
//
// Contract: valid_o is stage_valid_o[Depth]; tag_o belongs to it and is anything where it is low.
// A datapath enables its register s with stage_valid_o[s]. Depth 0 is a wire.
module sb_valid_delay #(
    parameter int unsigned Depth   = 1,  // cycles, 0 or more
    parameter int unsigned TagBits = 1   // payload that travels along, 1 or more
) (
    input  logic               clk_i,
    input  logic               rst_ni,        // synchronous, active low
    input  logic               valid_i,
    input  logic [TagBits-1:0] tag_i,
    output logic               valid_o,
    output logic [TagBits-1:0] tag_o,
    output logic [    Depth:0] stage_valid_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_valid_delay: TagBits = %0d, must be at least 1", TagBits);
  end
  if (Depth == 0) begin : gen_wire
    assign stage_valid_o = valid_i;
  end else begin : gen_stages
    logic [Depth-1:0] valid_q;
    always_ff @(posedge clk_i) valid_q <= rst_ni ? Depth'({valid_q, valid_i}) : '0;
    assign stage_valid_o = {valid_q, valid_i};
  end
  assign valid_o = stage_valid_o[Depth];

  sb_delay #(
      .Width(TagBits),
      .Depth(Depth)
  ) i_tag (
      .clk_i,
      .data_i(tag_i),
      .data_o(tag_o)
  );
endmodule
