// verible-verilog-format would write this otherwise.
module format ( input logic a_i,
 output   logic b_o);
assign b_o=a_i;
endmodule
