# SPDX-License-Identifier: Apache-2.0
# Predicts what arrays of M x M multipliers take of each known part:   tclsh scripts/vivado/fit.tcl
#
# sb_gemm_core with DSP48E2 cells, Rows = 128, and weights of a 768 x 768 layer in UltraRAM. DSP:
# two multipliers each, and two per lane of the requantizer. LUT: 5.5 per multiplier for the array,
# 342 per lane and 270 once, which meets the Yosys figures of M = 4 (1724) and M = 16 (7144), so an
# upper bound. BRAM: the accumulators, 32 * M bits wide, 72 bits and 512 words a block; UltraRAM: 72
# bits and 4096 words. A prediction, not a result of Vivado. A part fits if no resource is above 80
# %.
source [file join [file dirname [info script]] parts.tcl]

set rows 128
set layer 768
puts [format "%-7s %3s %12s %15s %12s %12s  %s" part M DSP LUT BRAM36 URAM fits]
foreach name {kv260 zcu104 u200 u55c} {
    foreach M {8 16 32 64} {
        set dsp [expr {$M * $M / 2 + 2 * $M}]
        set lut [expr {int(5.5 * $M * $M + 342 * $M + 270)}]
        set bram [expr {(32 * $M + 71) / 72 * (($rows + 511) / 512)}]
        set uram [expr {(8 * $M + 71) / 72 * (($layer * $layer / $M + 4095) / 4096)}]
        set have $sb::parts($name)
        set fits yes
        set cells {}
        foreach kind {dsp lut bram uram} {
            set share [expr {100.0 * [set $kind] / [dict get $have $kind]}]
            if {$share > 80} { set fits "no ($kind)" }
            lappend cells [format "%d %3.0f%%" [set $kind] $share]
        }
        lassign $cells a b c d
        puts [format "%-7s %3d %12s %15s %12s %12s  %s" $name $M $a $b $c $d $fits]
    }
}
