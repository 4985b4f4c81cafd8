# SPDX-License-Identifier: Apache-2.0
# Timing of a module out of context: its neighbours are registers on the same clock, 0.3 ns of wire
# away. scripts/vivado/build.tcl makes the clock, from its period argument, and says where its
# buffer would be (HD.CLK_SRC), which needs the part's sites.
set_input_delay -clock clk 0.3 [get_ports -filter {DIRECTION == IN && NAME != clk_i}]
set_output_delay -clock clk 0.3 [get_ports -filter {DIRECTION == OUT}]
# Hold at a port depends on the clock tree of the design around, which is not there: judged (and
# repaired by the router) between registers alone.
set_false_path -hold -from [get_ports -filter {DIRECTION == IN && NAME != clk_i}]
set_false_path -hold -to [get_ports -filter {DIRECTION == OUT}]
# The reset is synchronous and is timed like any other input: there is no asynchronous reset and one
# clock, so there is no clock group and nothing else to say.
