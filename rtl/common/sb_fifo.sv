// SPDX-License-Identifier: Apache-2.0
// First-in first-out buffer, first word falls through.
//
// Contract: each word taken leaves once, in order. `ready_o` and `valid_o` are registers; `data_o`
// holds while it waits. Latency 1 cycle, throughput 1 word per cycle. Storage is
// read without a clock, so it maps to distributed RAM.
`include "sb_assert.svh"

module sb_fifo #(
    parameter int unsigned Width = 8,  // payload bits, 1 or more
    parameter int unsigned Depth = 4   // words, a power of two, 2 or more
) (
    input  logic             clk_i,
    input  logic             rst_ni,   // synchronous, active low
    input  logic             valid_i,
    output logic             ready_o,
    input  logic [Width-1:0] data_i,
    output logic             valid_o,
    input  logic             ready_i,
    output logic [Width-1:0] data_o
);
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_fifo: Width = %0d, must be at least 1", Width);
  end
  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : gen_illegal_depth
    $fatal(1, "sb_fifo: Depth = %0d, must be a power of two, at least 2", Depth);
  end

  localparam int unsigned PtrBits = $clog2(Depth);

  // Else Yosys takes block RAM for deep ones, whose read without an output register is slow.
  (* ram_style = "distributed" *) logic [Width-1:0] mem[Depth];
  logic [PtrBits-1:0] write_q, read_q;
  logic [PtrBits:0] fill_q;
  logic room_q, some_q;  // not full, not empty
  wire take = valid_i && room_q;
  wire drop = some_q && ready_i;

  assign ready_o = room_q;
  assign valid_o = some_q;
  assign data_o  = mem[read_q];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
      fill_q  <= '0;
      room_q  <= 1'b1;
      some_q  <= 1'b0;
    end else begin
      if (take) write_q <= write_q + 1'b1;
      if (drop) read_q <= read_q + 1'b1;
      if (take != drop) begin
        fill_q <= take ? fill_q + 1'b1 : fill_q - 1'b1;
        room_q <= drop || fill_q != (PtrBits + 1)'(Depth - 1);
        some_q <= take || fill_q != (PtrBits + 1)'(1);
      end
    end
    if (room_q) mem[write_q] <= data_i;  // before it is valid, too: the enable is a flip-flop
  end

  `SB_ASSERT_STABLE(OutputStable_A, valid_o, ready_i, data_o)
  `SB_ASSERT(FillInRange_A, fill_q <= (PtrBits + 1)'(Depth))
  `SB_ASSERT(FlagsTellFill_A,
             room_q == (fill_q != (PtrBits + 1)'(Depth)) && some_q == (fill_q != '0))
endmodule
