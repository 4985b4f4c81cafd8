// Verible's rules must refuse this: a blocking assignment in a register, and `always` in place of always_comb.
module style (
    input  logic clk_i,
    input  logic d_i,
    output logic q_o
);
  logic d;
  always @* d = d_i;
  always_ff @(posedge clk_i) q_o = d;
endmodule
