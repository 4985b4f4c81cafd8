// SPDX-License-Identifier: Apache-2.0
// Turns a pipeline that cannot stall into a valid / ready stream: the pipeline hangs between
// start_o and result_*.
//
//   valid_i/ready_o --start_o--> pipeline of Latency --result_valid_i--> FIFO --> valid_o/ready_i
//
// A word starts only when the FIFO has room for it and for all that are on their way (credits).
// Contract: each started word must give exactly one result, Latency cycles later (asserted);
// results leave in order and none is lost. `ready_o` depends on registers alone; data_o holds while
// it waits. One word per cycle, latency Latency + 1 cycles, with Ram Latency + ram_fifo_latency().
`include "sb_assert.svh"

module sb_stream_pipe
  import sb_pkg::*;
#(
    parameter int unsigned Width = 8,  // bits of a result
    parameter int unsigned Latency = 4,  // of the pipeline, 1 or more
    parameter int unsigned Store = 0,  // results that may wait besides without slowing the input
    parameter bit Ram = 0,  // results wait in block RAM (sb_ram_fifo)
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device of the block RAM
    localparam int unsigned Depth = 1 << $clog2(Latency + 3 + Store)
) (
    input  logic             clk_i,
    input  logic             rst_ni,          // synchronous, active low
    input  logic             valid_i,
    output logic             ready_o,
    output logic             start_o,         // a word enters the pipeline
    input  logic             result_valid_i,
    input  logic [Width-1:0] result_i,
    output logic             valid_o,
    input  logic             ready_i,
    output logic [Width-1:0] data_o
);
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_stream_pipe: Width = %0d, must be at least 1", Width);
  end
  if (Latency < 1) begin : gen_illegal_latency
    $fatal(1, "sb_stream_pipe: Latency = %0d, must be at least 1", Latency);
  end
  localparam int unsigned CreditBits = $clog2(Depth) + 1;

  // Free places in the FIFO, less the words on their way; a place is counted a cycle after it was
  // given back.
  logic [CreditBits-1:0] credit_q;
  logic some_q, refund_q, room;
  wire refund = valid_o && ready_i;

  assign ready_o = some_q;
  assign start_o = valid_i && ready_o;

  if (Ram) begin : gen_ram
    sb_ram_fifo #(
        .Width(Width),
        .Depth(Depth),
        .MulStyle(MulStyle)
    ) i_results (
        .clk_i,
        .rst_ni,
        .valid_i(result_valid_i),
        .ready_o(room),
        .data_i(result_i),
        .valid_o,
        .ready_i,
        .data_o
    );
  end else begin : gen_fifo
    sb_fifo #(
        .Width(Width),
        .Depth(Depth)
    ) i_results (
        .clk_i,
        .rst_ni,
        .valid_i(result_valid_i),
        .ready_o(room),
        .data_i(result_i),
        .valid_o,
        .ready_i,
        .data_o
    );
  end

  always_ff @(posedge clk_i) begin
    refund_q <= rst_ni && refund;
    if (!rst_ni) begin
      credit_q <= CreditBits'(Depth);
      some_q   <= 1'b1;
    end else if (start_o != refund_q) begin
      credit_q <= start_o ? credit_q - 1'b1 : credit_q + 1'b1;
      some_q   <= refund_q || credit_q != CreditBits'(1);
    end
  end

  // The pipeline keeps its promise.
  logic [Latency-1:0] start_q;
  always_ff @(posedge clk_i) start_q <= rst_ni ? Latency'({start_q, start_o}) : '0;
  `SB_ASSERT(LatencyHolds_A, result_valid_i == start_q[Latency-1])
  `SB_ASSERT(ResultHasRoom_A, result_valid_i |-> room)
endmodule
