// SPDX-License-Identifier: Apache-2.0
// What toy_test.sh lets scripts/mutate.sh change: expressions that a shell can compute.
module toy (
    input  logic [1:0] a_i,
    input  logic [1:0] b_i,
    output logic [1:0] max_o,
    output logic       both_o
);
  assign max_o  = a_i > b_i ? a_i : b_i;  // >= gives the same
  assign both_o = a_i != 0 && b_i != 0;
endmodule
