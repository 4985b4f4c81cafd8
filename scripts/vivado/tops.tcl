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
        sb_encoder    {M {4 8 16 32 64} Rows 1-1024 StatRows 1-65536 ActBits {8 9}
            ActDepth0 2-65536 ActDepth1 2-65536 ResDepth0 2-65536 ResDepth1 2-65536
            ExpTables {1 2 4 8 16 32 64} MulStyle {0 1} ChainLength {1 2 4} Packed {0 1}
            AxiAddrBits 32-64 AxiDataBits {32 64 128 256 512 1024} AxiIdBits 2-16
            MaxBurst {1 2 4 8 16 32 64 128 256} PrefetchTiles {2 4 8 16 32 64}}
    }
    # Tops that package_ip.tcl packages (<top>_ip.v) and board.tcl puts on a board, with the bus
    # interfaces that follow Vivado's naming.
    variable packages
    array set packages {
        sb_fc_layer {title "Int8 fully-connected layer, systolic" buses {m_axis s_axis s_axis_w}}
        sb_encoder  {title "Int8 BERT encoder, systolic" buses {m_axi s_axil}}
    }
    # Parameters that a top gets unless the command line says otherwise: the DSP48E2 cells.
    variable defaults
    array set defaults {
        sb_array {MulStyle 1} sb_gemm_core {MulStyle 1} sb_fc_layer {MulStyle 1}
        sb_encoder {MulStyle 1}
        sb_requant {} sb_accumulator {}
    }

    proc legal {range value} {
        if {[regexp {^(\d+)-(\d+)$} $range -> low high]} {
            return [expr {[string is integer -strict $value] && $value >= $low && $value <= $high}]
        }
        return [expr {$value in $range}]
    }
}
