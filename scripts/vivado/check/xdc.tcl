# SPDX-License-Identifier: Apache-2.0
# Checks constraint files against a list of ports: each get_* must find something that the design
# has, and each command and option must be one of those below.
#
#   xdc::check FILE PORTS TOP_CONSTRAINTS -> list of problems. PORTS: a list of {direction name
#   width}. TOP_CONSTRAINTS: a file that is read first (the clock that build.tcl writes), or empty.
#
#   xdc::hold_at_ports FILES -> whether hold is timed at any port of a module that has a clock, an
#   input and an output.
namespace eval xdc {
    variable ports
    variable clocks
    variable problems
    variable hold_ports
    variable options {
        create_clock {-name 1 -period 1 -waveform 1 -add 0}
        set_input_delay {-clock 1 -max 0 -min 0 -add_delay 0 -clock_fall 0}
        set_output_delay {-clock 1 -max 0 -min 0 -add_delay 0 -clock_fall 0}
        set_false_path {-hold 0 -setup 0 -from 1 -to 1}
        set_property {-dict 1}
        get_ports {-filter 1 -quiet 0 -regexp 0 -nocase 0}
        get_clocks {-filter 1 -quiet 0 -of_objects 1}
        current_design {}
    }

    # Splits words into options and the rest; unknown options are problems.
    proc words {name words} {
        variable options
        set given {}
        set rest {}
        for {set i 0} {$i < [llength $words]} {incr i} {
            set word [lindex $words $i]
            if {![regexp {^-[a-z_]+$} $word]} { lappend rest $word; continue }
            if {![dict exists $options $name $word]} { problem "$name: no option $word"; continue }
            set value 1
            if {[dict get $options $name $word]} { set value [lindex $words [incr i]] }
            dict set given $word $value
        }
        return [list $given $rest]
    }
    proc problem {text} { variable problems; lappend problems $text }

    proc call {name args} {
        variable ports
        variable clocks
        variable hold_ports
        lassign [words $name $args] given rest
        switch -- $name {
            get_ports {
                set pattern [expr {[llength $rest] ? [lindex $rest 0] : "*"}]
                set found {}
                foreach port $ports {
                    lassign $port direction NAME
                    set DIRECTION [string map {input IN output OUT} $direction]
                    if {![string match $pattern $NAME]} continue
                    if {[dict exists $given -filter]} {
                        # NAME != x && DIRECTION == IN, as an expression of Tcl
                        set test [dict get $given -filter]
                        set test [regsub -all {([!=]=)\s*([A-Za-z_]\w*)} $test {\1 "\2"}]
                        set test [regsub -all {\m(NAME|DIRECTION)\M(?=\s*[!=]=)} $test {$\1}]
                        if {![expr $test]} continue
                    }
                    lappend found $NAME
                }
                if {$found eq ""} { problem "get_ports $args: no such port" }
                return $found
            }
            get_clocks {
                if {[lindex $rest 0] ni $clocks} { problem "get_clocks $args: no such clock" }
                return [lindex $rest 0]
            }
            create_clock {
                if {[lindex $rest 0] eq ""} { problem "create_clock: no port" }
                set period [dict get $given -period]
                if {![string is double -strict $period]} { problem "create_clock: period $period" }
                lappend clocks [dict get $given -name]
            }
            set_input_delay - set_output_delay {
                if {![dict exists $given -clock] || [dict get $given -clock] ni $clocks} {
                    problem "$name: no such clock: $args"
                }
                if {[llength $rest] != 2 || ![string is double -strict [lindex $rest 0]]} {
                    problem "$name: needs a delay and ports, has {$rest}"
                }
                if {![dict exists $given -max]} { lappend hold_ports {*}[lindex $rest 1] }
            }
            set_false_path {
                if {$rest ne "" || !([dict exists $given -from] || [dict exists $given -to])} {
                    problem "set_false_path: needs -from or -to alone, has {$args}"
                }
                if {![dict exists $given -hold]} { problem "set_false_path: setup too is left out" }
                foreach side {-from -to} {
                    if {![dict exists $given $side] || [dict exists $given -setup]} continue
                    set hold_ports [lmap port $hold_ports {
                        if {$port in [dict get $given $side]} continue
                        set port
                    }]
                }
            }
            current_design { return design }
        }
    }

    proc check {file port_list before} {
        variable problems
        evaluate [list $before $file] $port_list
        return $problems
    }
    proc hold_at_ports {files} {
        variable hold_ports
        evaluate $files {{input clk_i 1} {input data_i 8} {output data_o 8}}
        return [expr {$hold_ports ne ""}]
    }
    proc evaluate {files port_list} {
        variable ports $port_list
        variable clocks {}
        variable problems {}
        variable hold_ports {}
        variable options
        set child [interp create -safe]
        foreach name [dict keys $options] { $child alias $name xdc::call $name }
        foreach one $files {
            if {$one eq ""} continue
            set channel [open $one]
            if {[catch {$child eval [read $channel]} message]} {
                problem "[file tail $one]: $message"
            }
            close $channel
        }
        interp delete $child
    }
}
