// SPDX-License-Identifier: Apache-2.0
// First-in first-out buffer in block RAM, for depths that cost too much as distributed RAM.
//
//   data_i --> [RAM] --> [RAM's latch] --> [data_o]      each moves on when the next one is free
//
// Contract: each word taken leaves once, in order. `ready_o` and `valid_o` are registers; `data_o`
// holds while it waits. Latency ram_fifo_latency() cycles, throughput 1 word per cycle. Holds Depth
// words, and two on their way out.
`include "sb_assert.svh"

module sb_ram_fifo
  import sb_pkg::*;
#(
    parameter int unsigned Width = 8,  // payload bits, 1 or more
    parameter int unsigned Depth = 512,  // words, a power of two, 2 or more
    parameter int unsigned MulStyle = MulInferred  // mul_style_e: the device (sb_ram)
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
    $fatal(1, "sb_ram_fifo: Width = %0d, must be at least 1", Width);
  end
  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : gen_illegal_depth
    $fatal(1, "sb_ram_fifo: Depth = %0d, must be a power of two, at least 2", Depth);
  end

  localparam int unsigned PtrBits = $clog2(Depth);

  logic [PtrBits-1:0] write_q, read_q;
  logic [PtrBits:0] fill_q;
  logic room_q, some_q;  // not full, not empty
  logic latch_valid_q, out_valid_q;
  wire take = valid_i && room_q;
  wire out_free = !out_valid_q || ready_i;
  wire latch_free = !latch_valid_q || out_free;
  wire read = some_q && latch_free;

  assign ready_o = room_q;
  assign valid_o = out_valid_q;

  sb_ram #(
      .Width(Width),
      .Depth(Depth),
      .ReadLatency(2),
      .MulStyle(MulStyle),
      .Block(1)
  ) i_ram (
      .clk_i,
      .write_i(take),
      .write_addr_i(write_q),
      .write_data_i(data_i),
      .read_i(read),
      .read_addr_i(read_q),
      .move_i(out_free),
      .read_data_o(data_o)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q <= '0;
      fill_q <= '0;
      room_q <= 1'b1;
      some_q <= 1'b0;
      latch_valid_q <= 1'b0;
      out_valid_q <= 1'b0;
    end else begin
      if (take) write_q <= write_q + 1'b1;
      if (read) read_q <= read_q + 1'b1;
      if (take != read) begin
        fill_q <= take ? fill_q + 1'b1 : fill_q - 1'b1;
        room_q <= read || fill_q != (PtrBits + 1)'(Depth - 1);
        some_q <= take || fill_q != (PtrBits + 1)'(1);
      end
      if (latch_free) latch_valid_q <= read;
      if (out_free) out_valid_q <= latch_valid_q;
    end
  end

  `SB_ASSERT_STABLE(OutputStable_A, valid_o, ready_i, data_o)
  `SB_ASSERT(FillInRange_A, fill_q <= (PtrBits + 1)'(Depth))
  `SB_ASSERT(FlagsTellFill_A,
             room_q == (fill_q != (PtrBits + 1)'(Depth)) && some_q == (fill_q != '0))
endmodule
