// SPDX-License-Identifier: Apache-2.0
// Named assertions. Each macro checks at every rising edge of clk_i outside reset (rst_ni low) and
// stops the simulation with the assertion's name and scope. They vanish where assertions are not
// compiled in.
`ifndef SB_ASSERT_SVH
`define SB_ASSERT_SVH

// A property over clk_i, off in reset. Synthesis tools define SYNTHESIS and see nothing.
`ifdef SYNTHESIS
`define SB_ASSERT(NAME, PROPERTY)
`else
`define SB_ASSERT(NAME, PROPERTY) \
  NAME : assert property (@(posedge clk_i) disable iff (!rst_ni) (PROPERTY)) \
    else $fatal(1, "assertion %m failed");
`endif

// Stream contract: a word that waits stays valid and unchanged. The word is kept here and not by
// $stable, which the simulator (Verilator 5.006) cannot sample when it is wide.
`ifdef SYNTHESIS
`define SB_ASSERT_STABLE(NAME, VALID, READY, DATA)
`else
`define SB_ASSERT_STABLE(NAME, VALID, READY, DATA) \
  logic [$bits(DATA)-1:0] NAME``_q; \
  always_ff @(posedge clk_i) NAME``_q <= DATA; \
  wire NAME``_same = NAME``_q == DATA; \
  `SB_ASSERT(NAME, (VALID) && !(READY) |=> (VALID) && NAME``_same)
`endif

`endif
