# SPDX-License-Identifier: Apache-2.0
# Block design of a Zynq UltraScale+ board with the fully-connected layer behind two DMA engines, or
# with the encoder engine, down to the bitstream.
#
#   vivado -mode batch -source scripts/vivado/board.tcl \
#       -tclargs [top=sb_fc_layer|sb_encoder] [board=kv260|zcu104] [period=5.0] [M=16 ...]
#
#   processor --AXI4-Lite--> sb_encoder --AXI4--> memory; its interrupt to the processor
#
# or
#
#   processor --AXI4-Lite--> DMA, weight DMA, option registers
#   memory <--AXI4-- DMA, weight DMA
#   DMA --s_axis--> sb_fc_layer --m_axis--> DMA       weight DMA --s_axis_w--> sb_fc_layer
#
# Both sides of each DMA engine are as wide as the port of the layer, so a word a cycle passes.
# Needs the core of package_ip.tcl (ip=FOLDER, default build/vivado/ip). `step=design` stops after
# the block design is validated. Exit status: 0 all checks passed (sb::verdict), 1 not, 2 bad
# arguments or an error. Not run in Vivado: see README.md.
source [file join [file dirname [info script]] common.tcl]

# Configuration of the parts of a DMA engine for a stream of `width` bits; `side` is mm2s (to the
# layer) or s2mm (from it). Streams have up to 1024 bits, the memory side 32 to 1024 (AMD PG021).
proc dma_config {side port width} {
    if {$width > 1024} {
        error "$port has $width bits; the DMA engine has up to 1024: take a smaller M or lane" \
            "" {SB ARGUMENT}
    }
    set stream [dict get {mm2s m_axis_mm2s s2mm s_axis_s2mm} $side]
    return [list CONFIG.c_include_$side 1 CONFIG.c_${stream}_tdata_width $width \
        CONFIG.c_m_axi_${side}_data_width [expr {max(32, $width)}]]
}

# Processor to `slaves` ports of registers (control), `masters` of the design to memory, with their
# clock and reset.
proc interconnect {slaves masters} {
    foreach {name from to} [list control 1 $slaves memory $masters 1] {
        create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect $name
        set_property -dict [list CONFIG.NUM_SI $from CONFIG.NUM_MI $to] [get_bd_cells $name]
    }
    foreach {from to} {
        ps/M_AXI_HPM0_FPD control/S00_AXI    memory/M00_AXI ps/S_AXI_HP0_FPD
    } {
        connect_bd_intf_net [get_bd_intf_pins $from] [get_bd_intf_pins $to]
    }
    foreach pin {
        ps/maxihpm0_fpd_aclk ps/saxihp0_fpd_aclk reset/slowest_sync_clk control/aclk memory/aclk
    } {
        connect_bd_net [get_bd_pins ps/pl_clk0] [get_bd_pins $pin]
    }
    connect_bd_net [get_bd_pins ps/pl_resetn0] [get_bd_pins reset/ext_reset_in]
    foreach pin {control/aresetn memory/aresetn} {
        connect_bd_net [get_bd_pins reset/peripheral_aresetn] [get_bd_pins $pin]
    }
}

# What is around the cell `layer`, an sb_encoder.
proc design_sb_encoder {} {
    interconnect 1 1
    foreach {from to} {control/M00_AXI layer/s_axil    layer/m_axi memory/S00_AXI} {
        connect_bd_intf_net [get_bd_intf_pins $from] [get_bd_intf_pins $to]
    }
    connect_bd_net [get_bd_pins ps/pl_clk0] [get_bd_pins layer/clk_i]
    connect_bd_net [get_bd_pins reset/peripheral_aresetn] [get_bd_pins layer/rst_ni]
    connect_bd_net [get_bd_pins layer/irq_o] [get_bd_pins ps/pl_ps_irq0]
}

# What is around the cell `layer`, an sb_fc_layer.
proc design_sb_fc_layer {} {
    foreach name {M ActBits OutBits} {
        set $name [get_property CONFIG.$name [get_bd_cells layer]]
    }
    set act_lane [expr {$ActBits == 9 ? 16 : 8}]

    create_bd_cell -type ip -vlnv xilinx.com:ip:axi_dma dma
    set_property -dict [list CONFIG.c_include_sg 0 CONFIG.c_sg_length_width 26 \
        {*}[dma_config mm2s s_axis [expr {$M * $act_lane}]] \
        {*}[dma_config s2mm m_axis [expr {$M * $OutBits}]]] [get_bd_cells dma]
    create_bd_cell -type ip -vlnv xilinx.com:ip:axi_dma weight_dma
    set_property -dict [list CONFIG.c_include_sg 0 CONFIG.c_sg_length_width 26 \
        {*}[dma_config mm2s s_axis_w [expr {$M * 8}]] CONFIG.c_include_s2mm 0] \
        [get_bd_cells weight_dma]
    # Two words of outputs: the number of rows; {zero point, clamp, unsigned}.
    create_bd_cell -type ip -vlnv xilinx.com:ip:axi_gpio options
    set_property -dict [list CONFIG.C_IS_DUAL 1 CONFIG.C_ALL_OUTPUTS 1 CONFIG.C_ALL_OUTPUTS_2 1 \
        CONFIG.C_GPIO2_WIDTH 20] [get_bd_cells options]
    foreach {cell from to} {unsigned 0 0 clamp 3 1 zero_point 19 4} {
        create_bd_cell -type ip -vlnv xilinx.com:ip:xlslice $cell
        set_property -dict [list CONFIG.DIN_WIDTH 20 CONFIG.DIN_FROM $from CONFIG.DIN_TO $to] \
            [get_bd_cells $cell]
        connect_bd_net [get_bd_pins options/gpio2_io_o] [get_bd_pins $cell/Din]
    }
    connect_bd_net [get_bd_pins options/gpio_io_o] [get_bd_pins layer/rows_i]
    connect_bd_net [get_bd_pins unsigned/Dout] [get_bd_pins layer/act_unsigned_i]
    connect_bd_net [get_bd_pins clamp/Dout] [get_bd_pins layer/clamp_i]
    connect_bd_net [get_bd_pins zero_point/Dout] [get_bd_pins layer/zero_point_i]

    foreach {from to} {
        dma/M_AXIS_MM2S layer/s_axis    weight_dma/M_AXIS_MM2S layer/s_axis_w
        layer/m_axis dma/S_AXIS_S2MM
    } {
        connect_bd_intf_net [get_bd_intf_pins $from] [get_bd_intf_pins $to]
    }

    # Control: processor to the three slaves. Data: three masters to memory.
    interconnect 3 3
    foreach {from to} {
        control/M00_AXI dma/S_AXI_LITE
        control/M01_AXI weight_dma/S_AXI_LITE
        control/M02_AXI options/S_AXI
        dma/M_AXI_MM2S memory/S00_AXI
        dma/M_AXI_S2MM memory/S01_AXI
        weight_dma/M_AXI_MM2S memory/S02_AXI
    } {
        connect_bd_intf_net [get_bd_intf_pins $from] [get_bd_intf_pins $to]
    }
    foreach pin {
        layer/clk_i options/s_axi_aclk dma/s_axi_lite_aclk dma/m_axi_mm2s_aclk dma/m_axi_s2mm_aclk
        weight_dma/s_axi_lite_aclk weight_dma/m_axi_mm2s_aclk
    } {
        connect_bd_net [get_bd_pins ps/pl_clk0] [get_bd_pins $pin]
    }
    foreach pin {
        layer/rst_ni options/s_axi_aresetn dma/axi_resetn weight_dma/axi_resetn
    } {
        connect_bd_net [get_bd_pins reset/peripheral_aresetn] [get_bd_pins $pin]
    }
    create_bd_cell -type ip -vlnv xilinx.com:ip:xlconcat interrupts
    set_property -dict [list CONFIG.NUM_PORTS 3] [get_bd_cells interrupts]
    foreach {from to} {dma/mm2s_introut In0 dma/s2mm_introut In1 weight_dma/mm2s_introut In2} {
        connect_bd_net [get_bd_pins $from] [get_bd_pins interrupts/$to]
    }
    connect_bd_net [get_bd_pins interrupts/dout] [get_bd_pins ps/pl_ps_irq0]
}

sb::main {
    lassign [sb::arguments $argv \
        {top sb_fc_layer board kv260 period 5.0 step bitstream ip "" out ""} \
        [list top [lsort [array names sb::packages]] board {kv260 zcu104} \
        step {design bitstream}]] options parameters
    dict with options {}
    if {$ip eq ""} { set ip [file join $sb::root build vivado ip] }
    if {$out eq ""} { set out [file join $sb::root build vivado ${top}_$board] }
    if {![file isdirectory $ip]} {
        error "ip=$ip: no such folder; run package_ip.tcl first" "" {SB ARGUMENT}
    }
    file mkdir $out
    set mhz [expr {1000.0 / $period}]

    create_project -force -part [sb::part $board] ${top}_$board [file join $out project]
    # Which versions of the board files are there depends on Vivado's release: the latest.
    set board_part [lindex [get_board_parts -quiet -latest_file_version \
        [dict get $sb::parts($board) board]] 0]
    if {$board_part eq ""} {
        error "board=$board: no board files; install them in Vivado's board store" "" {SB ARGUMENT}
    }
    set_property board_part $board_part [current_project]
    set_property ip_repo_paths [list $ip] [current_project]
    update_ip_catalog

    create_bd_design system
    create_bd_cell -type ip -vlnv xilinx.com:ip:zynq_ultra_ps_e ps
    apply_bd_automation -rule xilinx.com:bd_rule:zynq_ultra_ps_e -config {apply_board_preset 1} \
        [get_bd_cells ps]
    set_property -dict [list CONFIG.PSU__USE__M_AXI_GP0 1 CONFIG.PSU__USE__M_AXI_GP1 0 \
        CONFIG.PSU__USE__M_AXI_GP2 0 CONFIG.PSU__USE__S_AXI_GP2 1 CONFIG.PSU__USE__IRQ0 1 \
        CONFIG.PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ $mhz] [get_bd_cells ps]
    create_bd_cell -type ip -vlnv xilinx.com:ip:proc_sys_reset reset
    create_bd_cell -type ip -vlnv systolic-bert:user:$top layer
    set config {}
    dict for {name value} $parameters { lappend config CONFIG.$name $value }
    if {[llength $config] > 0} { set_property -dict $config [get_bd_cells layer] }
    design_$top
    assign_bd_address
    validate_bd_design
    save_bd_design

    if {$step eq "design"} {
        puts "SUMMARY $top on $board: block design is valid"
        set failed 0
    } else {
        set design [get_files system.bd]
        generate_target all $design
        add_files -norecurse [list [make_wrapper -files $design -top]]
        add_files -fileset constrs_1 -norecurse [list [file join $sb::root constraints board.xdc]]
        set_property top system_wrapper [current_fileset]
        update_compile_order -fileset sources_1
        launch_runs impl_1 -to_step write_bitstream -jobs 2
        wait_on_run impl_1
        if {[get_property PROGRESS [get_runs impl_1]] ne "100%"} {
            error "the implementation run did not finish"
        }
        # Each run is a process of its own, whose messages are in its own log alone. Runs of cores
        # that came from Vivado's cache have none.
        set logs {}
        foreach run [get_runs] {
            set log [file join [get_property DIRECTORY $run] runme.log]
            if {[file exists $log]} {
                lappend logs $log
            } elseif {$run in {synth_1 impl_1}} {
                error "run $run left no log: $log"
            }
        }
        open_run impl_1
        report_utilization -hierarchical -file [file join $out utilization.rpt]
        report_timing_summary -max_paths 10 -file [file join $out timing.rpt]
        report_pulse_width -file [file join $out pulse_width.rpt]
        write_hw_platform -fixed -include_bit -force [file join $out ${top}_$board.xsa]
        set failed [sb::verdict $board routed $out timing.rpt $logs]
    }
    set failed
}
