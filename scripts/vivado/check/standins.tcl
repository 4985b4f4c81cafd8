# Runs a script in an interpreter where Vivado's commands are stand-ins that record each call and check it against
# commands.tcl: known option, value present and in its set, number of arguments, order, files and folders named.
#
#   vivado::run SCRIPT ARGV SETTINGS -> dictionary: status (exit status), errors, calls, output
#
# SETTINGS: setup, hold (slack in ns), critical (number of critical warnings), missing (bus interfaces and user
# parameters that the packager does not find), integrity (result of ipx::check_integrity), progress.
source [file join [file dirname [info script]] commands.tcl]

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
        if {[llength $rest] < $least && !($name eq "get_bd_pins")} { problem "$name: [llength $rest] arguments, needs $least" }
        if {[llength $rest] > $most} { problem "$name: unexpected arguments [lrange $rest $most end]" }
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
        foreach option {-file -rpx} {
            if {[dict exists $options $option]} { folder_of $name [lindex [dict get $options $option] 0] }
        }
        switch -- $name {
            read_verilog - read_xdc - add_files {
                foreach file [lindex $rest 0] {
                    if {![file exists $file] && $file ne "wrapper.v"} { problem "$name: no file $file" }
                }
                if {$name eq "read_xdc"} { dict lappend state xdc [lindex $rest 0] }
            }
            synth_design {
                foreach need {-top -part} { if {![dict exists $options $need]} { problem "synth_design: $need missing" } }
                foreach folder [lindex [dict get $options -include_dirs] 0] {
                    if {![file isdirectory $folder]} { problem "synth_design: no folder $folder" }
                }
                if {[dict exists $options -generic]} {
                    foreach generic [dict get $options -generic] {
                        if {![regexp {^\w+=\S+$} $generic]} { problem "synth_design: -generic $generic is not NAME=VALUE" }
                    }
                }
            }
            write_checkpoint - write_hw_platform { folder_of $name [lindex $rest 0] }
            get_timing_paths { return [expr {[dict exists $options -hold] ? "hold_path" : "setup_path"}] }
            get_msg_config { return [dict get $settings critical] }
            get_property {
                switch -- [lindex $rest 0] {
                    SLACK { return [dict get $settings [string map {_path ""} [lindex $rest 1]]] }
                    PROGRESS { return [dict get $settings progress] }
                }
            }
            ipx::current_core { return core }
            ipx::get_bus_interfaces - ipx::get_user_parameters {
                return [expr {[lindex $rest 0] in [dict get $settings missing] ? "" : [lindex $rest 0]}]
            }
            ipx::check_integrity { return [dict get $settings integrity] }
            create_bd_cell { dict lappend state cells [lindex $rest 0]; return [lindex $rest 0] }
            get_bd_cells {
                if {[lindex $rest 0] ni [dict get $state cells]} { problem "get_bd_cells: no cell [lindex $rest 0]" }
                return [lindex $rest 0]
            }
            get_bd_pins - get_bd_intf_pins {
                lassign [split [lindex $rest 0] /] cell pin
                if {$cell ni [dict get $state cells]} { problem "$name: no cell for [lindex $rest 0]" }
                if {$cell eq "layer" && $pin ni [dict get $settings ports]} { problem "$name: the layer has no port $pin" }
                return [lindex $rest 0]
            }
            connect_bd_net - connect_bd_intf_net {
                foreach pin [lrange $rest 1 end] {
                    if {$pin in [dict get $state connected]} { problem "$name: $pin is connected twice" }
                    dict lappend state connected $pin
                }
            }
            make_wrapper { return wrapper.v }
            get_files - get_runs - current_project - current_fileset { return [list $name {*}$rest] }
        }
        return ""
    }
    proc folder_of {name path} {
        if {![file isdirectory [file dirname $path]]} { problem "$name: no folder for $path" }
    }

    proc run {script argv settings} {
        variable commands
        variable state
        set settings [dict merge {setup 0.1 hold 0.02 critical 0 missing {} integrity 1 progress 100% ports {}} $settings]
        set state [dict create errors {} calls {} names {} cells {} connected {} xdc {} output {} settings $settings]
        set child [interp create]
        dict for {name entry} $commands {
            if {[string match *::* $name]} { $child eval [list namespace eval [namespace qualifiers $name] {}] }
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
    proc leave {child {status 0}} { return -code error -errorcode [list SB EXIT $status] "exit $status" }
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
