// SPDX-License-Identifier: Apache-2.0
// Memory that is written once and then sent out from first to last word, again and again.
//
// Contract: while `run_i` is high the words leave in order, wrapping round
// for ever. Write only while it is stopped. Latency 2 cycles, 1 word per cycle.
`include "sb_assert.svh"

module sb_rom_stream
  import sb_pkg::*;
#(
    parameter int unsigned Width = 8,  // payload bits
    parameter int unsigned Depth = 16,  // words
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device (sb_ram)
    parameter InitFile = "",  // $readmemh file, or empty
    localparam int unsigned AddrBits = Depth > 1 ? $clog2(Depth) : 1
) (
    input  logic                clk_i,
    input  logic                rst_ni,        // synchronous, active low
    input  logic                run_i,         // low: stopped and back at the first word
    input  logic                write_i,
    input  logic [AddrBits-1:0] write_addr_i,
    input  logic [   Width-1:0] write_data_i,
    output logic                valid_o,
    input  logic                ready_i,
    output logic [   Width-1:0] data_o
);
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_rom_stream: Width = %0d, must be at least 1", Width);
  end
  if (Depth < 1) begin : gen_illegal_depth
    $fatal(1, "sb_rom_stream: Depth = %0d, must be at least 1", Depth);
  end
  logic [AddrBits-1:0] read_q;
  logic fetched_q, valid_q;  // a word in the memory's first and in its output register
  wire moves = !valid_q || ready_i;
  wire read = run_i && (!fetched_q || moves);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || !run_i) begin
      read_q    <= '0;
      fetched_q <= 1'b0;
      valid_q   <= 1'b0;
    end else begin
      if (read) read_q <= read_q == AddrBits'(Depth - 1) ? '0 : read_q + 1'b1;
      fetched_q <= 1'b1;
      valid_q   <= fetched_q;
    end
  end

  sb_ram #(
      .Width(Width),
      .Depth(Depth),
      .ReadLatency(2),
      .MulStyle(MulStyle),
      .InitFile(InitFile)
  ) i_words (
      .clk_i,
      .write_i,
      .write_addr_i,
      .write_data_i,
      .read_i(read),
      .read_addr_i(read_q),
      .move_i(moves),
      .read_data_o(data_o)
  );
  assign valid_o = valid_q;

  `SB_ASSERT(OutputStable_A, valid_o && !ready_i && run_i |=> !run_i || valid_o)
endmodule
