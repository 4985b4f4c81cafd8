# Timing of a module out of context: its neighbours are registers on the same clock, 0.3 ns of wire away. The clock
# itself is made by scripts/vivado/build.tcl, from its period argument.
set_input_delay -clock clk -max 0.3 [get_ports -filter {DIRECTION == IN && NAME != clk_i}]
set_input_delay -clock clk -min 0.1 [get_ports -filter {DIRECTION == IN && NAME != clk_i}]
set_output_delay -clock clk -max 0.3 [get_ports -filter {DIRECTION == OUT}]
set_output_delay -clock clk -min -0.1 [get_ports -filter {DIRECTION == OUT}]
# The reset is synchronous and is timed like any other input: there is no asynchronous reset and one clock, so there
# is no false path, no clock group and nothing else to say.
