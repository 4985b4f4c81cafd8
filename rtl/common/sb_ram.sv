// SPDX-License-Identifier: Apache-2.0
// Memory with one write port and one read port, both clocked: infers block RAM (distributed RAM
// when small).
//
// Contract: read data appears one cycle after `read_i` and holds until the next read. A read in the
// cycle of a write to the same word returns the old word. Contents come from `InitFile` ($readmemh)
// or are undefined.
module sb_ram #(
    parameter int unsigned Width = 32,  // bits of a word
    parameter int unsigned Depth = 128,  // words
    parameter InitFile = ""  // $readmemh file, one word a line; empty: not initialised
) (
    input  logic                                       clk_i,
    input  logic                                       write_i,
    input  logic [(Depth > 1 ? $clog2(Depth) : 1)-1:0] write_addr_i,
    input  logic [                          Width-1:0] write_data_i,
    input  logic                                       read_i,
    input  logic [(Depth > 1 ? $clog2(Depth) : 1)-1:0] read_addr_i,
    output logic [                          Width-1:0] read_data_o
);
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_ram: Width = %0d, must be at least 1", Width);
  end
  if (Depth < 1) begin : gen_illegal_depth
    $fatal(1, "sb_ram: Depth = %0d, must be at least 1", Depth);
  end
  logic [Width-1:0] mem[Depth];

  if (InitFile != "") begin : gen_init
    initial $readmemh(InitFile, mem);
  end

  always_ff @(posedge clk_i) begin
    if (read_i) read_data_o <= mem[read_addr_i];
    if (write_i) mem[write_addr_i] <= write_data_i;
  end
endmodule
