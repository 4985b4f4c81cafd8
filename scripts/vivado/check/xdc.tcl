# Checks constraint files against a list of ports: each get_* must find something that the design has, and each command
# and option must be one of those below.
#
#   xdc::check FILE PORTS TOP_CONSTRAINTS -> list of problems. PORTS: a list of {direction name width}. TOP_CONSTRAINTS: a file that is
#   read first (the clock that build.tcl writes), or empty.
namespace eval xdc {
    variable ports
    variable clocks
    variable problems
    variable options {
        create_clock {-name 1 -period 1 -waveform 1 -add 0}
        set_input_delay {-clock 1 -max 0 -min 0 -add_delay 0 -clock_fall 0}
        set_output_delay {-clock 1 -max 0 -min 0 -add_delay 0 -clock_fall 0}
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
            if {[dict get $options $name $word]} { dict set given $word [lindex $words [incr i]] } else { dict set given $word 1 }
        }
        return [list $given $rest]
    }
    proc problem {text} { variable problems; lappend problems $text }

    proc call {name args} {
        variable ports
        variable clocks
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
                        set test [regsub -all {([!=]=)\s*([A-Za-z_]\w*)} [dict get $given -filter] {\1 "\2"}]
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
                if {![string is double -strict [dict get $given -period]]} { problem "create_clock: period [dict get $given -period]" }
                lappend clocks [dict get $given -name]
            }
            set_input_delay - set_output_delay {
                if {[dict get $given -clock] ni $clocks} { problem "$name: no clock [dict get $given -clock]" }
                if {[llength $rest] != 2 || ![string is double -strict [lindex $rest 0]]} { problem "$name: needs a delay and ports, has {$rest}" }
            }
            current_design { return design }
        }
    }

    proc check {file port_list before} {
        variable ports $port_list
        variable clocks {}
        variable problems {}
        variable options
        set child [interp create -safe]
        foreach name [dict keys $options] { $child alias $name xdc::call $name }
        foreach one [list $before $file] {
            if {$one eq ""} continue
            set channel [open $one]
            if {[catch {$child eval [read $channel]} message]} { problem "[file tail $one]: $message" }
            close $channel
        }
        interp delete $child
        return $problems
    }
}
