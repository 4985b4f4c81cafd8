# SPDX-License-Identifier: Apache-2.0
# Synthesis, placement and routing of one top, without a project, out of context.
#
#   vivado -mode batch -source scripts/vivado/build.tcl \
#       -tclargs top=sb_array part=kv260 period=3.0 M=16 [NAME=VALUE...]
#
#   top     a line of tops.tcl        part    kv260, zcu104, u200, u55c or a part number
#   period  clock period in ns (default 3.333)         step    synth or impl (default impl)
#   out     folder for reports and checkpoints (default build/vivado/<top>)
#   synth_directive, opt_directive, place_directive, phys_opt_directive, route_directive
#           one of directives.tcl (default Default)
#   incremental  routed checkpoint of an earlier run whose placement and routes are used again
#   incremental_directive  how (default RuntimeOptimized); Vivado then chooses the directives of
#           placement and routing itself
#
# A checkpoint follows each step: synth.dcp, opt.dcp, place.dcp, phys_opt.dcp, route.dcp.
# Exit status: 0 all checks passed (sb::verdict), 1 not, 2 bad arguments or an error. Not run in
# Vivado: see README.md.
source [file join [file dirname [info script]] common.tcl]
source [file join [file dirname [info script]] directives.tcl]

sb::main {
    set known {top sb_array part kv260 period 3.333 step impl out "" incremental ""}
    set choices {step {synth impl}}
    dict for {name legal} $sb::directives {
        dict set known ${name}_directive [lindex $legal 0]
        dict set choices ${name}_directive $legal
    }
    lassign [sb::arguments $argv $known $choices] options parameters
    dict with options {}
    set part [sb::part $part]
    if {$out eq ""} { set out [file join $sb::root build vivado $top] }
    if {$incremental ne "" && !([file isfile $incremental] && [string match *.dcp $incremental])} {
        error "incremental=$incremental: no such checkpoint (.dcp)" "" {SB ARGUMENT}
    }
    file mkdir $out

    # The clock is the one constraint that depends on the arguments.
    set channel [open [file join $out clock.xdc] w]
    puts $channel "create_clock -name clk -period $period \[get_ports clk_i\]"
    close $channel

    # Commands that take files take lists: a path with a space is one element.
    read_verilog -sv [sb::sources]
    read_xdc [list [file join $out clock.xdc]]
    read_xdc [list [file join $sb::root constraints ooc.xdc]]
    set generics {}
    dict for {name value} $parameters { lappend generics -generic $name=$value }
    synth_design -top $top -part $part -include_dirs [sb::includes] -mode out_of_context \
        -flatten_hierarchy rebuilt -verilog_define SYNTHESIS -directive $synth_directive \
        {*}$generics
    # Where the clock buffer of the design around would be: without it clock delay and skew are
    # zero. Any buffer of the part does. UltraScale+ has BUFGCE, 7 series BUFGCTRL.
    set buffers [get_sites -quiet -filter {SITE_TYPE == BUFGCE}]
    if {$buffers eq ""} { set buffers [get_sites -quiet -filter {SITE_TYPE == BUFGCTRL}] }
    if {$buffers eq ""} { error "part $part has no clock buffer" }
    set_property HD.CLK_SRC [lindex [lsort -dictionary $buffers] 0] [get_ports clk_i]
    write_checkpoint -force [file join $out synth.dcp]
    report_utilization -hierarchical -file [file join $out synth_utilization.rpt]
    report_timing_summary -max_paths 10 -file [file join $out synth_timing.rpt]

    if {$step eq "synth"} {
        set failed [sb::verdict $top synth $out synth_timing.rpt]
    } else {
        opt_design -directive $opt_directive
        write_checkpoint -force [file join $out opt.dcp]
        if {$incremental ne ""} {
            read_checkpoint -incremental -directive $incremental_directive $incremental
        }
        place_design -directive $place_directive
        write_checkpoint -force [file join $out place.dcp]
        phys_opt_design -directive $phys_opt_directive
        write_checkpoint -force [file join $out phys_opt.dcp]
        route_design -directive $route_directive
        write_checkpoint -force [file join $out route.dcp]
        if {$incremental ne ""} {
            report_incremental_reuse -file [file join $out incremental_reuse.rpt]
        }
        report_utilization -hierarchical -file [file join $out utilization.rpt]
        report_timing_summary -max_paths 10 -file [file join $out timing.rpt]
        report_timing -max_paths 20 -nworst 1 -path_type full_clock_expanded \
            -file [file join $out worst_paths.rpt]
        report_pulse_width -file [file join $out pulse_width.rpt]
        report_design_analysis -file [file join $out design_analysis.rpt]
        report_clock_utilization -file [file join $out clock_utilization.rpt]
        report_cdc -details -file [file join $out cdc.rpt]
        report_methodology -file [file join $out methodology.rpt]
        report_power -file [file join $out power.rpt]
        set failed [sb::verdict $top routed $out timing.rpt]
    }
    set failed
}
