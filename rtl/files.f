+incdir+rtl/common
-v rtl/cells_sim/DSP48E2.sv
-v rtl/cells_sim/MULT18X18D.sv
rtl/pkg/sb_pkg.sv
rtl/common/sb_delay.sv
rtl/common/sb_fifo.sv
rtl/common/sb_ram.sv
rtl/compute/sb_adder_tree.sv
rtl/compute/sb_mac_dsp48e2.sv
rtl/compute/sb_mac_mult18x18d.sv
rtl/compute/sb_column.sv
rtl/compute/sb_array.sv
rtl/compute/sb_accumulator.sv
rtl/compute/sb_requant.sv
rtl/compute/sb_gemm_core.sv
