// Refused by Verilator: a blocking assignment to a register that others may read.
module blocking (
    input  logic clk_i,
    input  logic d_i,
    output logic q_o
);
  always_ff @(posedge clk_i) q_o = d_i;
endmodule
