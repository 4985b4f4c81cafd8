// SPDX-License-Identifier: Apache-2.0
// Named points of the functional coverage, at rising edges of clk_i. They are bound to the modules
// of rtl/ in the coverage preset alone: scripts/coverage.sh counts them.
`ifndef SB_COVER_SVH
`define SB_COVER_SVH
// Outside reset.
`define SB_COVER(NAME, EXPR) \
  NAME : cover property (@(posedge clk_i) disable iff (!rst_ni) (EXPR));
// A reset begins in a state. `run_q`: rst_ni of the cycle before.
`define SB_COVER_RESET(NAME, EXPR) \
  NAME : cover property (@(posedge clk_i) (!rst_ni && run_q && (EXPR)));
`endif
