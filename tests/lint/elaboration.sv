// Refused: the slang front end must refuse this: an instance with a port that is not there.
module leaf (
    input logic clk_i
);
endmodule

module elaboration (
    input logic clk_i
);
  leaf i_leaf (
      .clk_i,
      .rst_ni(1'b1)
  );
endmodule
