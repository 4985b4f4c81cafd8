# SPDX-License-Identifier: Apache-2.0
# Runs a script in an interpreter where Vivado's commands are stand-ins that record each call and
# check it against commands.tcl: known option, value present and in its set, number of arguments,
# order, files and folders named. Objects are strings; properties that were set can be read.
#
#   vivado::run SCRIPT ARGV SETTINGS -> dictionary: status (exit status), errors, calls, output, xdc
#
# SETTINGS, all with a good default:
#   setup hold pulse      slacks in ns of the routed design
#   synth_hold port_hold  hold slacks that must not count: before routing, at ports out of context
#   unrouted errors       nets not routed, nets with routing errors
#   drc                   severities of DRC violations
#   critical run_critical critical warnings of this session, of the log of the implementation run
#   progress              of the implementation run
#   boards                versions of the board files installed
#   missing               interfaces, parameters and files that the packager does not find
#   integrity             result of ipx::check_integrity
#   ports                 ports of the packaged top, {direction name width}
#   defaults              default values of its parameters
source [file join [file dirname [info script]] commands.tcl]
source [file join [file dirname [info script]] xdc.tcl]

namespace eval vivado {
    variable state

    proc problem {text} { variable state; dict lappend state errors $text }

    proc call {name args} {
        variable commands
        variable values
        variable state
        set entry [dict get $commands $name]
        set options {}
        set rest {}
        for {set i 0} {$i < [llength $args]} {incr i} {
            set word [lindex $args $i]
            if {![regexp {^-[a-z_]+[a-z0-9_]*$} $word]} { lappend rest $word; continue }
            if {![dict exists $entry options $word]} { problem "$name: no option $word"; continue }
            set value 1
            if {[dict get $entry options $word]} {
                if {[incr i] >= [llength $args]} { problem "$name: $word needs a value"; continue }
                set value [lindex $args $i]
                if {[dict exists $values $name $word] && $value ni [dict get $values $name $word]} {
                    problem "$name: $word $value is not one of {[dict get $values $name $word]}"
                }
            }
            dict lappend options $word $value
        }
        lassign [dict get $entry count] least most
        # Commands whose object is named by an option do not repeat it.
        if {[llength $rest] < $least && $name ne "get_bd_pins"} {
            problem "$name: [llength $rest] arguments, needs $least"
        }
        if {[llength $rest] > $most} {
            problem "$name: unexpected arguments [lrange $rest $most end]"
        }
        foreach before [dict get $entry before] {
            set met 0
            foreach one [split $before |] { if {$one in [dict get $state names]} { set met 1 } }
            if {!$met} { problem "$name: comes before $before" }
        }
        dict lappend state names $name
        dict lappend state calls [list $name {*}$args]
        effect $name $options $rest
    }

    # What a command does that a script can see, and what it needs of the file system.
    proc effect {name options rest} {
        variable state
        set settings [dict get $state settings]
        set file ""
        foreach option {-file -rpx} {
            if {[dict exists $options $option]} {
                set file [lindex [dict get $options $option] 0]
                folder_of $name $file
            }
        }
        set first [lindex $rest 0]
        switch -- $name {
            read_verilog - read_xdc - add_files {
                foreach one $first {
                    if {![file exists $one] && $one ne "wrapper.v"} {
                        problem "$name: no file $one"
                    }
                    if {$name eq "read_xdc"} { dict lappend state xdc $one }
                    if {$name eq "add_files"} { dict lappend state files $one }
                }
            }
            synth_design {
                foreach need {-top -part} {
                    if {![dict exists $options $need]} { problem "synth_design: $need missing" }
                }
                foreach folder [lindex [dict get $options -include_dirs] 0] {
                    if {![file isdirectory $folder]} { problem "synth_design: no folder $folder" }
                }
                if {[dict exists $options -generic]} {
                    foreach generic [dict get $options -generic] {
                        if {![regexp {^\w+=\S+$} $generic]} {
                            problem "synth_design: -generic $generic is not NAME=VALUE"
                        }
                    }
                }
                dict set state part [lindex [dict get $options -part] 0]
            }
            get_sites {
                # 7 series has no BUFGCE sites.
                set filter [lindex [dict get $options -filter] 0]
                set kind [expr {[string match xc7* [dict get $state part]] ? "BUFGCTRL" : "BUFGCE"}]
                if {$filter ne "SITE_TYPE == $kind"} { return "" }
                return [list ${kind}_X0Y10 ${kind}_X0Y2]
            }
            get_ports { return $first }
            place_design {
                set source [property clk_i HD.CLK_SRC]
                if {![regexp {^BUFG(CE|CTRL)_X\d+Y\d+$} $source]} {
                    problem "place_design: HD.CLK_SRC of clk_i is '$source', not a clock buffer"
                }
            }
            read_checkpoint {
                if {![file isfile $first]} { problem "$name: no file $first" }
                if {"place_design" in [dict get $state names]} {
                    problem "$name: after place_design"
                }
            }
            write_checkpoint - write_hw_platform { folder_of $name $first }
            report_timing_summary { write $file [timing_summary] }
            report_route_status { write $file [route_status] }
            report_drc { dict set state drc [dict get $settings drc] }
            get_drc_violations {
                return [lmap severity [dict get $state drc] { string cat "violation " $severity }]
            }
            get_msg_config { return [dict get $settings critical] }
            set_property {
                if {[dict exists $options -dict]} {
                    foreach {key value} [lindex [dict get $options -dict] 0] {
                        set_one $first $key $value
                    }
                } else {
                    set_one [lindex $rest 2] $first [lindex $rest 1]
                }
            }
            get_property {
                lassign $rest key object
                switch -- $key {
                    PROGRESS { return [dict get $settings progress] }
                    SEVERITY { return [string range $object 10 end] }
                    DIRECTORY { return [file join [dict get $state project] $object] }
                    NAME { return $object }
                }
                return [property $object $key]
            }
            create_project { dict set state project [lindex $rest 1] }
            get_board_parts {
                # board_part of VLNV:version; without the option, all versions
                if {![string match *:part0:* $first]} { problem "get_board_parts: pattern $first" }
                set found [lmap version [dict get $settings boards] {
                    string map [list * $version] $first
                }]
                if {![dict exists $options -latest_file_version]} { return [lsort $found] }
                return [lindex [lsort -dictionary $found] end]
            }
            launch_runs {
                foreach {run count} [list synth_1 0 impl_1 [dict get $settings run_critical]] {
                    set folder [file join [dict get $state project] $run]
                    file mkdir $folder
                    write [file join $folder runme.log] \
                        "INFO: a line about CRITICAL WARNING: no\n[string repeat \
                        "CRITICAL WARNING: \[Timing 38-282\] not met\n" $count]"
                }
            }
            get_runs {
                return [expr {$first eq "" ? "synth_1 impl_1 system_dma_0_synth_1" : $first}]
            }
            ipx::current_core { return core }
            ipx::package_project { package }
            ipx::infer_bus_interface {
                lassign $rest port type
                set types [lmap kind {clock reset interrupt} {
                    string cat xilinx.com:signal:${kind}_rtl:1.0
                }]
                if {$type ni $types} { problem "$name: no interface $type" }
                if {$port ni [dict get $settings missing]} { dict lappend state interfaces $port }
            }
            ipx::get_bus_interfaces {
                return [expr {$first in [dict get $state interfaces] ? $first : ""}]
            }
            ipx::get_bus_parameters {
                set object [lindex [dict get $options -of_objects] 0]/$first
                return [expr {[property $object VALUE] eq "" ? "" : $object}]
            }
            ipx::add_bus_parameter { return [lindex $rest 1]/$first }
            ipx::associate_bus_interfaces {
                set clock [lindex [dict get $options -clock] 0]
                if {$clock ni [dict get $state interfaces]} { problem "$name: no interface $clock" }
                if {[dict exists $options -reset]} {
                    set_one $clock/ASSOCIATED_RESET VALUE [lindex [dict get $options -reset] 0]
                } else {
                    set buses [split [property $clock/ASSOCIATED_BUSIF VALUE] :]
                    lappend buses [lindex [dict get $options -busif] 0]
                    set_one $clock/ASSOCIATED_BUSIF VALUE [join $buses :]
                }
            }
            ipx::get_user_parameters - ipx::get_hdl_parameters {
                return [expr {[property $first VALUE_FORMAT] eq "" ? "" : $first}]
            }
            ipx::get_file_groups { return $first }
            ipx::get_files {
                return [lmap one [dict get $state packaged] {
                    if {[file tail $one] in [dict get $settings missing]} continue
                    string cat src/ [file tail $one]
                }]
            }
            ipx::check_integrity { return [dict get $settings integrity] }
            create_bd_cell {
                dict lappend state cells $first
                if {$first eq "layer"} {
                    dict for {key value} [dict get $settings defaults] {
                        set_one layer CONFIG.$key $value
                    }
                }
                return $first
            }
            get_bd_cells {
                if {$first ni [dict get $state cells]} { problem "get_bd_cells: no cell $first" }
                return $first
            }
            get_bd_pins - get_bd_intf_pins {
                lassign [split $first /] cell pin
                if {$cell ni [dict get $state cells]} { problem "$name: no cell for $first" }
                # A pin is a port, an interface what its ports begin with.
                set ports [expr {$name eq "get_bd_pins" ? $pin : "${pin}_*"}]
                if {$cell eq "layer" && [lsearch [lmap port [dict get $settings ports] {
                    lindex $port 1
                }] $ports] < 0} {
                    problem "$name: the layer has no port $pin"
                }
                return $first
            }
            connect_bd_net - connect_bd_intf_net {
                # A net may go from one pin to many, an interface to one alone.
                foreach pin [lrange $rest [expr {$name eq "connect_bd_net"}] end] {
                    if {$pin in [dict get $state connected]} {
                        problem "$name: $pin is connected twice"
                    }
                    dict lappend state connected $pin
                }
                if {$name eq "connect_bd_intf_net"} { same_width {*}$rest }
            }
            validate_bd_design {
                foreach port [dict get $settings ports] {
                    if {[regexp {^(\w+)_(?:tvalid|awvalid)$} [lindex $port 1] -> bus]
                        && "layer/$bus" ni [dict get $state connected]} {
                        problem "$name: layer/$bus is not connected"
                    }
                }
            }
            make_wrapper { return wrapper.v }
            get_files - current_project - current_fileset { return [list $name {*}$rest] }
        }
        return ""
    }

    # Properties; names in any case, as in Vivado.
    proc set_one {object key value} {
        variable state
        if {[string match CONFIG.c_*_width $key] && ![string is integer -strict $value]} {
            problem "set_property: $key $value"
        }
        dict set state properties $object [string toupper $key] $value
    }
    proc property {object key} {
        variable state
        set key [string toupper $key]
        if {![dict exists $state properties $object $key]} { return "" }
        return [dict get $state properties $object $key]
    }

    # What the packager makes of a project: a top in plain Verilog, its parameters with types, and
    # the files that are not left out. Left out, unless source_mgmt_mode is None, is what a default
    # MulStyle does not instantiate, and include files.
    proc package {} {
        variable state
        set top [property current_fileset top]
        set files [dict get $state files]
        set found [lsearch -inline $files */$top.v]
        if {$found eq ""} {
            problem "ipx::package_project: the top $top is not a file in plain Verilog"
        } else {
            set text [read_text $found]
            foreach {- type name} [regexp -all -inline -line \
                {^\s*parameter\s+(?:(integer|\[.*\])\s+)?(\w+)\s*=} $text] {
                if {$name in [dict get $state settings missing]} continue
                set_one $name VALUE_FORMAT \
                    [expr {$type eq "integer" ? "long" : $type eq "" ? "string" : "bitString"}]
            }
        }
        if {[property current_project source_mgmt_mode] ne "None"} {
            set files [lsearch -all -inline -not -regexp $files {_mac_|_cell_|_lut_|\.svh$}]
        }
        # What a file includes is in the package too.
        set tails [lmap file $files { file tail $file }]
        foreach file $files {
            set found [regexp -line {^`include "(.*)"} [read_text $file] -> header]
            if {$found && $header ni $tails} {
                problem "ipx::package_project: [file tail $file] includes $header, not packaged"
            }
        }
        dict set state packaged $files
        # Interfaces are made of ports named after AXI's signals.
        dict set state interfaces {}
        if {$found eq ""} return
        foreach {- bus} [regexp -all -inline -line {\m(\w+)_(?:tvalid|awvalid)\M,?$} $text] {
            if {$bus ni [dict get $state settings missing]} { dict lappend state interfaces $bus }
        }
    }

    # Both ends of a stream have one width; the memory side of a DMA engine is as wide.
    proc same_width {args} {
        set widths {}
        foreach pin $args {
            lassign [split $pin /] cell port
            if {$cell eq "layer"} {
                lappend widths [port_width ${port}_tdata]
            } elseif {$port in {M_AXIS_MM2S S_AXIS_S2MM}} {
                set side [expr {$port eq "M_AXIS_MM2S" ? "m_axis_mm2s" : "s_axis_s2mm"}]
                set width [property $cell CONFIG.c_${side}_tdata_width]
                set memory [property $cell CONFIG.c_m_axi_[string range $side 7 end]_data_width]
                if {$width eq ""} { set width 32 }
                if {$memory eq ""} { set memory 32 }
                if {$width ni {8 16 32 64 128 256 512 1024}} { problem "$pin: $width bits" }
                if {$memory != max(32, $width)} { problem "$pin: memory side of $memory bits" }
                lappend widths $width
            }
        }
        if {[llength [lsort -unique $widths]] > 1} { problem "$args: widths $widths differ" }
    }
    proc port_width {name} {
        variable state
        foreach port [dict get $state settings ports] {
            if {[lindex $port 1] eq $name} { return [lindex $port 2] }
        }
        return 0
    }

    # Texts of reports, as far as the scripts read them (UG906).
    proc timing_summary {} {
        variable state
        dict with state settings {}
        if {"route_design" ni [dict get $state names] && "open_run" ni [dict get $state names]} {
            set hold $synth_hold
        }
        # Ports out of context have a hold slack that means nothing, unless the constraints say so.
        if {[dict get $state xdc] ne "" && [xdc::hold_at_ports [dict get $state xdc]]} {
            set hold [expr {min($hold, $port_hold)}]
        }
        set names {WNS(ns) TNS(ns) {TNS Failing Endpoints} {TNS Total Endpoints}
            WHS(ns) THS(ns) {THS Failing Endpoints} {THS Total Endpoints}
            WPWS(ns) TPWS(ns) {TPWS Failing Endpoints} {TPWS Total Endpoints}}
        return "| Design Timing Summary\n| ---------------------\n\n    [join $names {  }]\n   \
            [join [lmap name $names { string repeat - [string length $name] }] {  }]\n   \
            $setup  0.000  0  2345  $hold  0.000  0  2345  $pulse  0.000  0  1123\n\nText.\n"
    }
    proc route_status {} {
        variable state
        dict with state settings {}
        set text "   # of routable nets..................... :        1111 :\n"
        append text "       # of fully routed nets............. :        1111 :\n"
        if {$unrouted > 0} {
            append text "       # of unrouted nets................. :           $unrouted :\n"
        }
        return "$text   # of nets with routing errors.......... :           $errors :\n"
    }
    proc write {path text} {
        set channel [open $path w]
        puts -nonewline $channel $text
        close $channel
    }
    proc read_text {path} {
        set channel [open $path]
        set text [read $channel]
        close $channel
        return $text
    }
    proc folder_of {name path} {
        if {![file isdirectory [file dirname $path]]} { problem "$name: no folder for $path" }
    }

    proc run {script argv settings} {
        variable commands
        variable state
        set settings [dict merge {setup 0.1 hold 0.02 pulse 1.0 synth_hold -0.3 port_hold -0.5
            unrouted 0 errors 0 drc {Advisory Warning} critical 0 run_critical 0 progress 100%
            boards {1.4 1.10 1.9} missing {} integrity 1 ports {} defaults {}} $settings]
        set state [dict create errors {} calls {} names {} cells {} connected {} xdc {} files {} \
            packaged {} interfaces {} properties {} drc {} part {} project {} output {} \
            settings $settings]
        set child [interp create]
        dict for {name entry} $commands {
            if {[string match *::* $name]} {
                $child eval [list namespace eval [namespace qualifiers $name] {}]
            }
            $child alias $name vivado::call $name
        }
        $child alias exit vivado::leave $child
        $child alias puts vivado::print $child
        $child hide open open
        $child alias open vivado::opened $child
        $child eval [list set argv $argv]
        set status none
        # `exit` unwinds the script with an error code of its own.
        if {[catch {$child eval [list source $script]} result options]} {
            if {[lrange [dict get $options -errorcode] 0 1] eq {SB EXIT}} {
                set status [lindex [dict get $options -errorcode] 2]
            } else {
                problem "the script failed: $result"
            }
        }
        interp delete $child
        dict set state status $status
        return $state
    }
    proc leave {child {status 0}} {
        return -code error -errorcode [list SB EXIT $status] "exit $status"
    }
    proc opened {child args} { $child invokehidden open {*}$args }
    # Text for a channel of the script's own goes there; the rest is kept.
    proc print {child args} {
        variable state
        if {[llength $args] == 2 && [lindex $args 0] ni {stdout stderr -nonewline}} {
            $child eval [list chan puts {*}$args]
        } else {
            dict lappend state output [lindex $args end]
        }
    }
}
