// SPDX-License-Identifier: Apache-2.0
// Walks the words of a (row, block) matrix as the array wants them: for pass: for block: for row.
//
// start_i loads the sizes; then one step per next_i, until the last word. address = block * rows + row.
module sb_word_walker #(
    parameter int unsigned Bits = 16  // of a count and of the address
) (
    input  logic            clk_i,
    input  logic            rst_ni,
    input  logic            start_i,
    input  logic [Bits-1:0] rows_i,    // 1 or more, as the other two; still while walking
    input  logic [Bits-1:0] blocks_i,
    input  logic [Bits-1:0] passes_i,
    input  logic            next_i,
    output logic            busy_o,
    output logic [Bits-1:0] row_o,
    output logic [Bits-1:0] block_o,
    output logic [Bits-1:0] pass_o,
    output logic [Bits-1:0] address_o,
    output logic            block_last_o  // in the last block of a row
);
  wire row_last = row_o == rows_i - 1'b1;
  assign block_last_o = block_o == blocks_i - 1'b1;
  wire pass_last = pass_o == passes_i - 1'b1;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      busy_o <= rst_ni && start_i;
      {row_o, block_o, pass_o, address_o} <= '0;
    end else if (next_i) begin
      row_o     <= row_last ? '0 : row_o + 1'b1;
      address_o <= row_last && block_last_o ? '0 : address_o + 1'b1;
      if (row_last) block_o <= block_last_o ? '0 : block_o + 1'b1;
      if (row_last && block_last_o) pass_o <= pass_o + 1'b1;
      if (row_last && block_last_o && pass_last) busy_o <= 1'b0;
    end
  end
endmodule
