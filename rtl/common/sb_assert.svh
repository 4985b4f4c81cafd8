// Named assertions. Each macro checks at every rising edge of clk_i outside reset (rst_ni low) and stops the
// simulation with the assertion's name and scope. They vanish where assertions are not compiled in.
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

// Stream contract: a word that waits stays valid and unchanged.
`define SB_ASSERT_STABLE(NAME, VALID, READY, DATA) \
  `SB_ASSERT(NAME, (VALID) && !(READY) |=> (VALID) && $stable(DATA))

`endif
