# Checks the scripts of scripts/vivado and the files of constraints/ without Vivado:
#
#   tclsh scripts/vivado/check/check.tcl FOLDER
#
# FOLDER holds <top>.ports for each top of tops.tcl that rtl/files.f has (scripts/synth.sh --ports writes them). Each script
# runs with stand-ins (standins.tcl) for good and bad arguments and outcomes; then faults are put into copies of the
# scripts and constraints, and each must be found. Exit status 0 if all is as expected, else 1.
set here [file normalize [file dirname [info script]]]
set root [file normalize [file join $here .. .. ..]]
set folder [file normalize [lindex $argv 0]]
source [file join $here standins.tcl]
source [file join $here xdc.tcl]
source [file join $root scripts vivado parts.tcl]
source [file join $root scripts vivado tops.tcl]

set checks 0
set failures 0
proc expect {what ok {detail ""}} {
    incr ::checks
    if {!$ok} { incr ::failures; puts "FAILED: $what: $detail" }
}
# A run of `script` must end with `status` and, unless `broken`, without a problem; broken scripts must have one.
proc runs {script arguments settings status {broken 0}} {
    set result [vivado::run $script $arguments $settings]
    set errors [dict get $result errors]
    set what "[file tail $script] $arguments {$settings}"
    if {$broken} {
        expect "$what must be refused" [expr {$errors ne "" || [dict get $result status] == 2}] "nothing was found"
    } else {
        expect "$what ends with $status" [expr {[dict get $result status] eq $status}] \
            "status [dict get $result status]; [dict get $result output]"
        expect "$what is clean" [expr {$errors eq ""}] $errors
    }
    return $result
}
proc slurp {path} { set c [open $path]; set text [read $c]; close $c; return $text }

set tops {}
foreach top [lsort [array names sb::tops]] {
    if {[file exists [file join $folder $top.ports]]} { lappend tops $top } else { puts "SKIPPED: $top is not in rtl/files.f" }
}
proc ports {top} {
    set list {}
    foreach line [split [string trim [slurp [file join $::folder $top.ports]]] \n] { lappend list $line }
    return $list
}

# A copy of the repository's scripts and sources in which faults can be put.
set scratch [file join $folder copy]
file delete -force $scratch
proc fresh {} {
    file delete -force $::scratch
    file mkdir [file join $::scratch scripts]
    foreach part {scripts/vivado rtl constraints} {
        file copy [file join $::root $part] [file join $::scratch $part]
    }
}
proc edit {file from to} {
    set path [file join $::scratch $file]
    set text [slurp $path]
    if {[string first $from $text] < 0} { error "fault cannot be put into $file: no '$from'" }
    set channel [open $path w]
    puts -nonewline $channel [string map [list $from $to] $text]
    close $channel
}

# 1. Every top on every part: no problem, and the steps that must be there.
fresh
set build [file join $scratch scripts vivado build.tcl]
foreach top $tops {
    foreach part [array names sb::parts] { runs $build "top=$top part=$part" {} 0 }
    set result [runs $build "top=$top step=synth period=2.5" {} 0]
    expect "$top step=synth stops before placement" [expr {"place_design" ni [dict get $result names]}]
    set result [runs $build "top=$top" {} 0]
    foreach step {read_verilog read_xdc synth_design opt_design place_design phys_opt_design route_design report_utilization
        report_timing_summary report_timing report_drc report_cdc report_methodology report_power write_checkpoint} {
        expect "$top runs $step" [expr {$step in [dict get $result names]}]
    }
    # 2. Constraints fit the ports of the top.
    set clock [file join $scratch build vivado $top clock.xdc]
    foreach file [dict get $result xdc] {
        set problems [xdc::check $file [ports $top] [expr {$file eq $clock ? "" : $clock}]]
        expect "[file tail $file] fits $top" [expr {$problems eq ""}] $problems
    }
}
set result [runs $build {top=sb_gemm_core M=32 ChainLength=2 part=xczu7ev-ffvc1156-2-e} {} 0]
set synth [lsearch -inline -index 0 [dict get $result calls] synth_design]
expect "parameters reach synth_design" [expr {"M=32" in $synth && "ChainLength=2" in $synth && "MulStyle=1" in $synth}] $synth

# 3. Exit status of failed designs and of bad arguments.
foreach settings {{setup -0.001} {hold -0.001} {critical 1}} { runs $build top=sb_array $settings 1 }
foreach arguments {top=sb_nothing part=xyz M=5 Nothing=1 period=0 period=fast step=dance M {ChainLength=}} {
    runs $build [expr {[string match top=* $arguments] ? $arguments : "top=sb_array $arguments"}] {} 2
}
if {"sb_fc_layer" in $tops} {
    set names [lmap port [ports sb_fc_layer] { lindex $port 1 }]
    lappend names s_axis s_axis_w m_axis
    set package [file join $scratch scripts vivado package_ip.tcl]
    set board [file join $scratch scripts vivado board.tcl]
    runs $package {} {} 0
    runs $package {} {missing s_axis_w} 1
    runs $package {} {missing Rows} 1
    runs $package {} {integrity 0} 1
    foreach name {kv260 zcu104} {
        runs $board board=$name [list ports $names] 0
        runs $board "board=$name step=design M=8 K=64" [list ports $names] 0
    }
    runs $board {} [list ports $names setup -1] 1
    runs $board {} [list ports $names critical 3] 1
    runs $board {} [list ports $names progress 40%] 2
    runs $board {board=u200} [list ports $names] 2
    runs $board {ip=/nowhere} [list ports $names] 2
    # A port of the layer that the block design gets wrong.
    edit scripts/vivado/board.tcl layer/clamp_i layer/clamp
    runs $board {} [list ports $names] 0 1
    fresh
    runs $package {} {} 0
    edit scripts/vivado/board.tcl {        weight_dma/M_AXI_MM2S memory/S02_AXI} {        weight_dma/M_AXI_MM2S memory/S01_AXI}
    runs $board {} [list ports $names] 0 1
    fresh
    edit scripts/vivado/package_ip.tcl {ipx::update_checksums $core} {}
    runs $package {} {} 0 1
}

# 4. Faults in the build script that must be found.
foreach {from to} {
    {-max_paths 10 -file} {-max_path 10 -file}
    {-mode out_of_context} {-mode outofcontext}
    {    opt_design
} {}
    {report_drc -file} {report_drcs -file}
    {write_checkpoint -force [file join $out route.dcp]} {write_checkpoint -force [file join $out none route.dcp]}
    {constraints ooc.xdc} {constraints missing.xdc}
    {    read_verilog -sv [sb::sources]
} {}
    {-part $part} {}
    {-path_type full_clock_expanded} {-path_type everything}
} {
    fresh
    edit scripts/vivado/build.tcl $from $to
    runs $build top=sb_array {} 0 1
}
fresh
edit rtl/files.f rtl/array/sb_array.sv rtl/stages/sb_arrays.sv
runs $build top=sb_array {} 0 1
# A verdict that forgets hold slack would pass a failed design.
fresh
edit scripts/vivado/common.tcl {|| $hold < 0 } {}
set result [vivado::run $build top=sb_array {hold -1}]
expect "a verdict without hold slack is noticed" [expr {[dict get $result status] == 0}]

# 5. Faults in constraints that must be found.
fresh
set clock [file join $folder clock.xdc]
set channel [open $clock w]
puts $channel {create_clock -name clk -period 3.333 [get_ports clk_i]}
close $channel
foreach {from to} {
    {NAME != clk_i} {NAME == clock_i} {-clock clk} {-clock clock} {DIRECTION == OUT} {DIRECTION == INOUT} {-max 0.3} {-maximum 0.3}
} {
    fresh
    edit constraints/ooc.xdc $from $to
    expect "constraint fault '$to' is found" [expr {[xdc::check [file join $scratch constraints ooc.xdc] [ports sb_array] $clock] ne ""}]
}
expect "board.xdc is clean" [expr {[xdc::check [file join $root constraints board.xdc] {} ""] eq ""}]

file delete -force $scratch
puts "$checks checks, $failures failed"
exit [expr {$failures > 0}]
