// Verible's rules must refuse this: `always` in place of always_comb.
module style (
    input  logic d_i,
    output logic q_o
);
  always @* q_o = d_i;
endmodule
