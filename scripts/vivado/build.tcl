# Synthesis, placement and routing of one top, without a project, out of context.
#
#   vivado -mode batch -source scripts/vivado/build.tcl -tclargs top=sb_array part=kv260 period=3.0 M=16 [NAME=VALUE...]
#
#   top     a line of tops.tcl                         part    kv260, zcu104, u200, u55c or a part number
#   period  clock period in ns (default 3.333)         step    synth or impl (default impl)
#   out     folder for reports and checkpoints (default build/vivado/<top>)
#
# Exit status: 0 timing met and no critical warning, 1 not, 2 bad arguments or an error. Not run in Vivado: see README.md.
source [file join [file dirname [info script]] common.tcl]

sb::main {
    lassign [sb::arguments $argv {top sb_array part kv260 period 3.333 step impl out ""}] options parameters
    dict with options {}
    set part [sb::part $part]
    if {$step ni {synth impl}} { error "step=$step: must be synth or impl" "" {SB ARGUMENT} }
    if {$out eq ""} { set out [file join $sb::root build vivado $top] }
    file mkdir $out

    # The clock is the one constraint that depends on the arguments.
    set channel [open [file join $out clock.xdc] w]
    puts $channel "create_clock -name clk -period $period \[get_ports clk_i\]"
    close $channel

    read_verilog -sv [sb::sources]
    read_xdc [file join $out clock.xdc]
    read_xdc [file join $sb::root constraints ooc.xdc]
    set generics {}
    dict for {name value} $parameters { lappend generics -generic $name=$value }
    synth_design -top $top -part $part -include_dirs [sb::includes] -mode out_of_context -flatten_hierarchy rebuilt \
        -verilog_define SYNTHESIS {*}$generics
    write_checkpoint -force [file join $out synth.dcp]
    report_utilization -hierarchical -file [file join $out synth_utilization.rpt]
    report_timing_summary -max_paths 10 -file [file join $out synth_timing.rpt]

    if {$step eq "impl"} {
        opt_design
        place_design
        phys_opt_design
        route_design
        write_checkpoint -force [file join $out route.dcp]
        report_utilization -hierarchical -file [file join $out utilization.rpt]
        report_timing_summary -max_paths 10 -file [file join $out timing.rpt]
        report_timing -max_paths 20 -nworst 1 -path_type full_clock_expanded -file [file join $out worst_paths.rpt]
        report_drc -file [file join $out drc.rpt]
        report_cdc -details -file [file join $out cdc.rpt]
        report_methodology -file [file join $out methodology.rpt]
        report_power -file [file join $out power.rpt]
    }
    sb::verdict $top
}
