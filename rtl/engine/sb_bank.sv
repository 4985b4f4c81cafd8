// SPDX-License-Identifier: Apache-2.0
// Memory bank with an output register: read data ReadLatency = 2 cycles after read_i. One word written
// and one read per cycle; a read in the cycle of a write to the same word returns the old word.
module sb_bank #(
    parameter int unsigned Width = 32,  // bits of a word
    parameter int unsigned Depth = 128,  // words, 1 or more
    localparam int unsigned AddrBits = Depth > 1 ? $clog2(Depth) : 1
) (
    input  logic                clk_i,
    input  logic                write_i,
    input  logic [AddrBits-1:0] write_addr_i,
    input  logic [   Width-1:0] write_data_i,
    input  logic                read_i,
    input  logic [AddrBits-1:0] read_addr_i,
    output logic [   Width-1:0] read_data_o
);
  logic [Width-1:0] data;
  sb_ram #(
      .Width(Width),
      .Depth(Depth)
  ) i_ram (
      .clk_i,
      .write_i,
      .write_addr_i,
      .write_data_i,
      .read_i,
      .read_addr_i,
      .read_data_o(data)
  );
  logic read_q;
  always_ff @(posedge clk_i) begin
    read_q <= read_i;
    if (read_q) read_data_o <= data;
  end
endmodule
