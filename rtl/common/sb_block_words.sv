// SPDX-License-Identifier: Apache-2.0
// Words per block of columns (scales, biases), loaded before and then read again and again in the
// order of the blocks.
//
// Each `next_i` reads the word of the next block: data_o block_words_latency() cycles later, which
// holds until the next read's. `last_i` with it marks the last block of a row, after which block 0
// is next.
module sb_block_words
  import sb_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned Width = 32,  // bits of a word
    parameter int unsigned Blocks = 128,  // words, 2 or more
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device (sb_ram)
    localparam int unsigned BlockBits = $clog2(Blocks)
) (
    input  logic                 clk_i,
    input  logic                 rst_ni,       // synchronous, active low
    input  logic                 load_i,
    input  logic [BlockBits-1:0] load_addr_i,
    input  logic [    Width-1:0] load_data_i,
    input  logic                 next_i,
    input  logic                 last_i,
    output logic [    Width-1:0] data_o
);
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_block_words: Width = %0d, must be at least 1", Width);
  end
  if (Blocks < 2) begin : gen_illegal_blocks
    $fatal(1, "sb_block_words: Blocks = %0d, must be at least 2", Blocks);
  end
  logic [BlockBits-1:0] block_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) block_q <= '0;
    else if (next_i) block_q <= last_i ? '0 : block_q + 1'b1;
  end
  sb_ram #(
      .Width(Width),
      .Depth(Blocks),
      .ReadLatency(block_words_latency()),
      .MulStyle(MulStyle)
  ) i_words (
      .clk_i,
      .write_i(load_i),
      .write_addr_i(load_addr_i),
      .write_data_i(load_data_i),
      .read_i(next_i),
      .read_addr_i(block_q),
      .move_i(1'b1),
      .read_data_o(data_o)
  );
endmodule
