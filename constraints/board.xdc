# SPDX-License-Identifier: Apache-2.0
# The block designs of scripts/vivado/board.tcl have no pins of their own: clock, reset and memory
# come from the processor, whose configuration carries its constraints. What is left is the
# bitstream.
set_property BITSTREAM.GENERAL.COMPRESS TRUE [current_design]
