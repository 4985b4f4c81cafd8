# SPDX-License-Identifier: Apache-2.0
# Tops that the scripts build, one entry each. Parameters are those of the module that -tclargs may
# set, with the values that they may take (a list, or from-to).
namespace eval sb {
    variable tops
    array set tops {
        sb_array      {M {4 8 16 32 64} ChainLength {1 2 4} Packed {0 1} MulStyle {0 1}
            LutChannels 0-64}
        sb_requant    {M 1-64 OutBits {8 9 16 32}}
        sb_accumulator {M 1-64 Rows 1-65535}
        sb_gemm_core  {M {4 8 16 32 64} Rows 1-65535 ActBits {8 9} OutBits {8 9 16 32}
            ChainLength {1 2 4} Packed {0 1} MulStyle {0 1} LutChannels 0-64}
        sb_fc_layer   {M {4 8 16 32 64} K 1-1048576 N 1-1048576 Rows 1-65535 ActBits {8 9}
            OutBits {8 16 32} ChainLength {1 2 4} Packed {0 1} MulStyle {0 1} LutChannels 0-64}
    }
    # Parameters that a top gets unless the command line says otherwise: the DSP48E2 cells.
    variable defaults
    array set defaults {
        sb_array {MulStyle 1} sb_gemm_core {MulStyle 1} sb_fc_layer {MulStyle 1}
        sb_requant {} sb_accumulator {}
    }

    proc legal {range value} {
        if {[regexp {^(\d+)-(\d+)$} $range -> low high]} {
            return [expr {[string is integer -strict $value] && $value >= $low && $value <= $high}]
        }
        return [expr {$value in $range}]
    }
}
