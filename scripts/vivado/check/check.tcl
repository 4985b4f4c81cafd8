# SPDX-License-Identifier: Apache-2.0
# Checks the scripts of scripts/vivado and the files of constraints/ without Vivado:
#
#   tclsh scripts/vivado/check/check.tcl FOLDER
#
# FOLDER holds the ports that check.sh wrote: <top>.ports for each top of tops.tcl, and those of the
# packaged top with some parameters. Each script runs with stand-ins (standins.tcl) for good and bad
# arguments and outcomes, in a copy of the repository whose path has a space and an umlaut. Then
# faults are put into the copy, and each must change the outcome of a run that was as expected.
# Exit status 0 if all is as expected, else 1.
set here [file normalize [file dirname [info script]]]
set root [file normalize [file join $here .. .. ..]]
set folder [file normalize [lindex $argv 0]]
source [file join $here standins.tcl]
source [file join $root scripts vivado parts.tcl]
source [file join $root scripts vivado tops.tcl]
source [file join $root scripts vivado directives.tcl]

set checks 0
set failures 0
proc expect {what ok {detail ""}} {
    incr ::checks
    if {!$ok} { incr ::failures; puts "FAILED: $what: $detail" }
}
proc script {name} { return [file join $::scratch scripts vivado $name] }
# A run of a script must end with `status` and without a problem.
proc runs {name arguments settings status} {
    set result [vivado::run [script $name] $arguments $settings]
    set what "$name $arguments {$settings}"
    expect "$what ends with $status" [expr {[dict get $result status] eq $status}] \
        "status [dict get $result status]; [dict get $result output]"
    set errors [dict get $result errors]
    expect "$what is clean" [expr {$errors eq ""}] $errors
    return $result
}
# The same run with a fault in a file of the copy must end otherwise, or have a problem.
proc fault {file from to name arguments settings status} {
    runs $name $arguments $settings $status
    edit $file $from $to
    set result [vivado::run [script $name] $arguments $settings]
    expect "the fault '[string trim $from]' -> '[string trim $to]' in [file tail $file] is found" \
        [expr {[dict get $result errors] ne "" || [dict get $result status] ne $status}]
    file copy -force [file join $::root $file] [file join $::scratch $file]
}
proc edit {file from to} {
    set path [file join $::scratch $file]
    set text [vivado::read_text $path]
    if {[string first $from $text] < 0} { error "no place for a fault in $file: '$from'" }
    vivado::write $path [string map [list $from $to] $text]
}
# Ports as a list of {direction name width}.
proc ports {name} {
    set text [string trim [vivado::read_text [file join $::folder $name.ports]]]
    return [lmap line [split $text \n] { list {*}$line }]
}

set scratch [file join $folder "a copy \u00fc"]
file mkdir [file join $scratch scripts]
foreach part {scripts/vivado rtl constraints} {
    file copy [file join $root $part] [file join $scratch $part]
}
set tops [lsort [array names sb::tops]]

# 1. Every top on every part: no problem, the steps that must be there, a checkpoint after each.
proc names {result} { return [dict get $result names] }
foreach top $tops {
    foreach part [array names sb::parts] { runs build.tcl "top=$top part=$part" {} 0 }
    set result [runs build.tcl "top=$top step=synth period=2.5" {} 0]
    expect "$top step=synth stops before placement" [expr {"place_design" ni [names $result]}]
    set result [runs build.tcl "top=$top" {} 0]
    foreach step {
        read_verilog read_xdc synth_design opt_design place_design phys_opt_design route_design
        report_utilization report_timing_summary report_timing report_drc report_cdc
        report_methodology report_power report_pulse_width report_route_status
        report_design_analysis report_clock_utilization
    } {
        expect "$top runs $step" [expr {$step in [names $result]}]
    }
    expect "$top has a checkpoint after each step" [string match "*synth_design *write_checkpoint\
        *opt_design write_checkpoint place_design write_checkpoint phys_opt_design\
        write_checkpoint route_design write_checkpoint*" [names $result]] [names $result]
    # Constraints fit the ports of the top.
    set clock [file join $scratch build vivado $top clock.xdc]
    foreach file [dict get $result xdc] {
        set problems [xdc::check $file [ports $top] [expr {$file eq $clock ? "" : $clock}]]
        expect "[file tail $file] fits $top" [expr {$problems eq ""}] $problems
    }
}
runs build.tcl {top=sb_array part=xc7k325t-ffg900-2} {} 0
proc call {result name} { return [lsearch -inline -index 0 [dict get $result calls] $name] }
set result [runs build.tcl {top=sb_gemm_core M=32 ChainLength=2 part=xczu7ev-ffvc1156-2-e} {} 0]
foreach word {M=32 ChainLength=2 MulStyle=1} {
    expect "$word reaches synth_design" [expr {$word in [call $result synth_design]}]
}
# Directives: each that the table has is one of the command.
dict for {step legal} $sb::directives {
    if {$step eq "incremental"} continue
    foreach directive $legal {
        set result [runs build.tcl "top=sb_array ${step}_directive=$directive" {} 0]
        expect "$directive reaches ${step}_design" \
            [expr {$directive in [call $result ${step}_design]}]
    }
}
# Incremental: the checkpoint is read between the steps, and what was used again is reported.
set reference [file join $scratch reference.dcp]
vivado::write $reference ""
foreach directive [dict get $sb::directives incremental] {
    set result [runs build.tcl \
        [list top=sb_array incremental=$reference incremental_directive=$directive] {} 0]
    expect "$directive reaches read_checkpoint" \
        [expr {$directive in [call $result read_checkpoint]}]
    expect "incremental: steps in order" \
        [string match "*opt_design*read_checkpoint*place_design*report_incremental_reuse*" \
        [names $result]] [names $result]
}

# 2. Exit status of failed designs and of bad arguments.
foreach settings {
    {setup -0.001} {hold -0.001} {pulse -0.001} {unrouted 1} {errors 1} {critical 1}
    {drc Error} {drc {Warning {Critical Warning}}} {drc Fatal}
} {
    runs build.tcl top=sb_array $settings 1
}
runs build.tcl {top=sb_array step=synth} {setup -0.001} 1
runs build.tcl top=sb_array {setup NA} 2
foreach arguments {
    part=xyz M=5 Nothing=1 period=0 period=fast step=dance M ChainLength= route_directive=Fast
    incremental=/none/route.dcp incremental_directive=Slow
} {
    runs build.tcl "top=sb_array $arguments" {} 2
}
runs build.tcl top=sb_nothing {} 2

# 3. The packaged core.
runs package_ip.tcl {} {} 0
runs package_ip.tcl top=sb_encoder {} 0
foreach {top missing} {
    sb_fc_layer {s_axis_w clk_i rst_ni Rows sb_assert.svh sb_dsp48e2.sv sb_fc_layer_ip.v}
    sb_encoder {s_axil m_axi irq_o AxiDataBits sb_encoder_ip.v}
} {
    foreach what $missing {
        set result [vivado::run [script package_ip.tcl] top=$top [list missing $what]]
        expect "a core without $what is refused" [expr {[dict get $result status] == 1}] \
            [dict get $result output]
    }
}
runs package_ip.tcl {} {integrity 0} 1
runs package_ip.tcl top=sb_array {} 2
# A wrapper has the ports of its top, and its defaults.
proc defaults {file} {
    set text [string map {MulInferred 0} [vivado::read_text $file]]
    set pattern {^\s*parameter\s+(?:(?:integer|bit|int unsigned)\s+)?(\w+)\s*=\s*(\d+)}
    set result {}
    foreach {- name value} [regexp -all -inline -line $pattern $text] {
        dict set result $name $value
    }
    return $result
}
foreach top [array names sb::packages] {
    set ::defaults($top) [defaults [script ${top}_ip.v]]
    set source [lsearch -inline [split [vivado::read_text [file join $root rtl files.f]] \n] \
        */$top.sv]
    expect "${top}_ip has the ports of $top" \
        [expr {[lsort [ports $top]] eq [lsort [ports ${top}_ip]]}]
    expect "${top}_ip has the defaults of $top" \
        [expr {$::defaults($top) eq [defaults [file join $root rtl $source]]}] $::defaults($top)
    expect "${top}_ip has the parameters of tops.tcl" \
        [expr {[lsort [dict keys $::defaults($top)]] eq [lsort [dict keys $sb::tops($top)]]}]
}

# 4. Boards, with the ports that the layer has for the parameters given.
proc layer {{parameters ""}} {
    return [list defaults $::defaults(sb_fc_layer) \
        ports [ports [string trim "sb_fc_layer_ip $parameters"]]]
}
set engine [list defaults $::defaults(sb_encoder) ports [ports sb_encoder_ip]]
foreach name {kv260 zcu104} {
    set result [runs board.tcl board=$name [layer] 0]
    expect "$name: the latest board files are taken" \
        [string match *:part0:1.10 [lindex [lsearch -inline [dict get $result calls] \
        {set_property board_part *}] 2]]
    runs board.tcl "board=$name step=design M=8 K=64" [layer {M=8 K=64}] 0
    runs board.tcl "top=sb_encoder board=$name" $engine 0
}
runs board.tcl {step=design M=4 ActBits=9 OutBits=32} [layer {M=4 ActBits=9 OutBits=32}] 0
foreach settings {{setup -1} {hold -1} {pulse -1} {errors 1} {drc Error} {critical 3}
    {run_critical 1}} {
    runs board.tcl {} [concat [layer] $settings] 1
}
foreach settings {{progress 40%} {boards {}}} { runs board.tcl {} [concat [layer] $settings] 2 }
runs board.tcl top=sb_encoder [concat $engine {setup -1}] 1
foreach arguments {board=u200 ip=/nowhere step=dance {M=64 OutBits=32} top=sb_array} {
    runs board.tcl $arguments [layer] 2
}

# 5. Faults that must be found. Lines: file, from, to, then the run that shows it.
set build scripts/vivado/build.tcl
set common scripts/vivado/common.tcl
set package scripts/vivado/package_ip.tcl
set board scripts/vivado/board.tcl
set ooc constraints/ooc.xdc
set array {build.tcl top=sb_array}
foreach {file from to} [subst {
    $build {-max_paths 10 -file} {-max_path 10 -file}
    $build {-mode out_of_context} {-mode outofcontext}
    $build {        opt_design -directive \$opt_directive
} {}
    $build {report_pulse_width -file} {report_pulse -file}
    $build {write_checkpoint -force \[file join \$out route.dcp]}
           {write_checkpoint -force \[file join \$out none route.dcp]}
    $build {constraints ooc.xdc} {constraints missing.xdc}
    $build {read_xdc \[list \[file join \$sb::root constraints ooc.xdc]]}
           {read_xdc \[file join \$sb::root constraints ooc.xdc]}
    $build {    read_verilog -sv \[sb::sources]
} {}
    $build {-part \$part} {}
    $build {-path_type full_clock_expanded} {-path_type everything}
    $build {set_property HD.CLK_SRC} {set_property HD.CLK_SOURCE}
    $build {SITE_TYPE == BUFGCE} {SITE_TYPE == BUFG}
    $ooc {set_false_path -hold -from} {set_false_path -setup -from}
    $ooc {set_false_path -hold -to} {#}
    rtl/files.f {sb_array.sv} {sb_arrays.sv}
}] {
    fault $file $from $to {*}$array {} 0
}
fault $build {read_checkpoint -incremental} {read_checkpoint -increment} build.tcl \
    [list top=sb_array incremental=$reference] {} 0
fault $build {verdict $top synth} {verdict $top routed} build.tcl {top=sb_array step=synth} {} 0
foreach {from to settings} {
    {$setup >= 0} 1 {setup -1}
    {$hold >= 0} 1 {hold -1}
    {$pulse >= 0} 1 {pulse -1}
    {[lindex $values 8]} {[lindex $values 0]} {pulse -1}
    {[lindex $values 4]} {[lindex $values 0]} {hold -1}
    {$unrouted + $wrong} {$wrong} {unrouted 1}
    {$unrouted + $wrong} {$unrouted} {errors 1}
    {$violations == 0} 1 {drc Error}
    {Fatal Error {Critical Warning}} {Error} {drc {{Critical Warning}}}
    {$critical == 0} 1 {critical 1}
} {
    fault $common $from $to {*}$array $settings 1
}
foreach {from to} {
    {set_property source_mgmt_mode None [current_project]} {}
    {[sb::headers]} {{}}
    {set_property top ${top}_ip} {set_property top $top}
    {            ipx::infer_bus_interface} {            #}
    {:signal:$type:1.0} {:interface:$type:1.0}
    {-busif $bus -clock clk_i} {-busif s_axis -clock clk_i}
    {ipx::associate_bus_interfaces -clock clk_i -reset rst_ni $core} {}
    {set_property value $level} {set_property value ACTIVE_HIGH}
    {ipx::update_checksums $core} {}
    {add_files -norecurse $files} {add_files -norecurse [lindex $files end]}
} {
    fault $package $from $to package_ip.tcl {} {} 0
}
fault scripts/vivado/sb_fc_layer_ip.v {parameter integer Packed} {parameter [0:0] Packed} \
    package_ip.tcl {} {} 0
fault $package {lappend signals irq_o} {lappend signals irq} package_ip.tcl top=sb_encoder {} 0
fault scripts/vivado/sb_encoder_ip.v s_axil_awvalid s_axi_awvalid package_ip.tcl top=sb_encoder {} 0
foreach {from to} {
    layer/irq_o layer/irq  layer/s_axil layer/s_axi  {layer/m_axi memory/S00_AXI} {}
    {control/M00_AXI layer/s_axil} {memory/M00_AXI layer/s_axil}
} {
    fault $board $from $to board.tcl top=sb_encoder $engine 0
}
foreach {from to} {
    layer/clamp_i layer/clamp
    {weight_dma/M_AXI_MM2S memory/S02_AXI} {weight_dma/M_AXI_MM2S memory/S01_AXI}
    {[dma_config mm2s s_axis [expr {$M * $act_lane}]]} {}
    {[dma_config mm2s s_axis_w [expr {$M * 8}]]} {[dma_config mm2s s_axis_w 32]}
    {[expr {$M * $OutBits}]} {[expr {$M * 8 * 2}]}
    {[expr {max(32, $width)}]} 32
} {
    fault $board $from $to board.tcl {} [layer] 0
}
fault $board {foreach run [get_runs]} {foreach run {}} board.tcl {} \
    [concat [layer] {run_critical 1}] 1
fault $common {^CRITICAL WARNING: } {CRITICAL WARNING: } board.tcl {} [layer] 0
fault $board {-fileset constrs_1 -norecurse [list} {-fileset constrs_1 -norecurse [join} board.tcl \
    {} [layer] 0

# 6. Faults in constraints that must be found.
set clock [file join $folder clock.xdc]
vivado::write $clock "create_clock -name clk -period 3.333 \[get_ports clk_i\]\n"
foreach {from to} {
    {NAME != clk_i} {NAME == clock_i}  {-clock clk} {-clock clock}
    {DIRECTION == OUT} {DIRECTION == INOUT}  {set_input_delay -clock} {set_input_delay -clk}
    {set_false_path -hold -to} {set_false_path -to}
} {
    edit $ooc $from $to
    expect "constraint fault '$to' is found" \
        [expr {[xdc::check [file join $scratch $ooc] [ports sb_array] $clock] ne ""}]
    file copy -force [file join $root $ooc] [file join $scratch $ooc]
}
expect "board.xdc is clean" \
    [expr {[xdc::check [file join $root constraints board.xdc] {} ""] eq ""}]

file delete -force $scratch
puts "$checks checks, $failures failed"
exit [expr {$failures > 0}]
