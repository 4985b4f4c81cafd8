# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts of this folder: arguments, the file list, exit status.
namespace eval sb {
    variable here [file normalize [file dirname [info script]]]
    variable root [file normalize [file join $here .. ..]]
}
source [file join [file dirname [info script]] parts.tcl]
source [file join [file dirname [info script]] tops.tcl]

namespace eval sb {
    # Arguments of -tclargs, words NAME=VALUE: those in `known` (a dictionary of defaults), whose
    # values may be closed sets (`choices`), and parameters of the top. Returns {options
    # parameters}; wrong ones are errors of class {SB ARGUMENT}.
    proc arguments {words known {choices {}}} {
        variable tops
        variable defaults
        set given {}
        foreach word $words {
            if {![regexp {^([A-Za-z_]\w*)=(.+)$} $word -> name value]} {
                error "argument '$word': must be NAME=VALUE" "" {SB ARGUMENT}
            }
            if {[dict exists $known $name]} {
                dict set known $name $value
            } else {
                dict set given $name $value
            }
        }
        dict for {name legal} [dict merge [list top [lsort [array names tops]]] $choices] {
            if {[dict get $known $name] ni $legal} {
                error "$name=[dict get $known $name]: must be one of $legal" "" {SB ARGUMENT}
            }
        }
        set top [dict get $known top]
        set parameters [dict merge $defaults($top) $given]
        dict for {name value} $parameters {
            if {![dict exists $tops($top) $name]} {
                error "$name=$value: $top has the parameters [dict keys $tops($top)];\
                    options are [dict keys $known]" "" {SB ARGUMENT}
            }
            if {![legal [dict get $tops($top) $name] $value]} {
                error "$name=$value: must be in {[dict get $tops($top) $name]}" "" {SB ARGUMENT}
            }
        }
        if {[dict exists $known period]} {
            set period [dict get $known period]
            if {!([string is double -strict $period] && $period > 0)} {
                error "period=$period: must be nanoseconds above 0" "" {SB ARGUMENT}
            }
        }
        return [list $known $parameters]
    }

    # Source files of rtl/files.f in order, as absolute paths; models of vendors' cells are for
    # simulation and left out.
    proc sources {} {
        variable root
        set files {}
        foreach line [lines [file join $root rtl files.f]] {
            if {[regexp {^(?!cells_sim/)\w+/.*\.sv$} $line]} {
                lappend files [file join $root rtl $line]
            }
        }
        foreach file $files {
            if {![file exists $file]} { error "rtl/files.f names $file, which does not exist" }
        }
        return $files
    }
    # Include files of the include folders of rtl/files.f.
    proc headers {} {
        set files {}
        foreach folder [includes] { lappend files {*}[lsort [glob -directory $folder *.svh]] }
        return $files
    }
    # Include folders of rtl/files.f.
    proc includes {} {
        variable root
        set folders {}
        foreach line [lines [file join $root rtl files.f]] {
            if {[regexp {^\+incdir\+(.+)$} $line -> folder]} {
                lappend folders [file join $root rtl $folder]
            }
        }
        return $folders
    }
    proc lines {path} {
        set result {}
        foreach line [split [read_text $path] \n] {
            set line [string trim $line]
            if {$line ne "" && ![string match //* $line]} { lappend result $line }
        }
        return $result
    }

    # Runs `script` and ends with its exit status: 0 done, 1 the design fails a check, 2 bad
    # arguments or an error.
    proc main {script} {
        if {[catch {uplevel #0 $script} result options]} {
            set class [dict get $options -errorcode]
            if {[string match {SB EXIT*} $class]} { return -options $options $result }
            puts stderr "error: $result"
            if {$class ne {SB ARGUMENT}} { puts stderr [dict get $options -errorinfo] }
            exit 2
        }
        exit $result
    }

    # Checks that end every build: prints one line, returns 0 or 1.
    #
    # `stage` synth: setup slack alone (hold before routing says nothing) and critical warnings.
    # routed: setup, hold and pulse width of the timing summary in `report`, every net routed, no
    # DRC violation that is an error or a critical warning. Out of context, hold covers paths
    # between registers alone: constraints/ooc.xdc takes the ports out. `logs`: logs of runs, whose
    # messages count beside those of this session.
    proc verdict {name stage out report {logs {}}} {
        lassign [slacks [read_text [file join $out $report]]] setup hold pulse
        set checks [list "setup slack $setup ns" [expr {$setup >= 0}]]
        if {$stage eq "routed"} {
            lappend checks "hold slack $hold ns" [expr {$hold >= 0}]
            lappend checks "pulse width slack $pulse ns" [expr {$pulse >= 0}]
            report_route_status -file [file join $out route_status.rpt]
            set open [unrouted [read_text [file join $out route_status.rpt]]]
            lappend checks "nets not routed $open" [expr {$open == 0}]
            report_drc -file [file join $out drc.rpt]
            set violations 0
            foreach violation [get_drc_violations -quiet] {
                if {[get_property SEVERITY $violation] in {Fatal Error {Critical Warning}}} {
                    incr violations
                }
            }
            lappend checks "DRC violations $violations" [expr {$violations == 0}]
        }
        set critical [get_msg_config -count -severity {CRITICAL WARNING}]
        foreach log $logs { incr critical [llength [critical_warnings [read_text $log]]] }
        lappend checks "critical warnings $critical" [expr {$critical == 0}]
        set failed {}
        foreach {what good} $checks { if {!$good} { lappend failed $what } }
        puts "SUMMARY $name: [join [dict keys $checks] {, }]:\
            [expr {$failed eq "" ? "passed" : "FAILED ([join $failed {, }])"}]"
        return [expr {$failed ne ""}]
    }

    # Worst slacks {setup hold pulse-width}, in ns, of the table "Design Timing Summary" that
    # report_timing_summary writes (UG906): names, dashes, twelve values; NA without a path.
    proc slacks {text} {
        set lines [split $text \n]
        set header [lsearch -regexp $lines {^\s*WNS\(ns\).*\sWHS\(ns\).*\sWPWS\(ns\)}]
        set values [regexp -all -inline {\S+} [lindex $lines $header+2]]
        if {$header < 0 || [llength $values] != 12} {
            error "no table of slacks in the timing report"
        }
        set result [list [lindex $values 0] [lindex $values 4] [lindex $values 8]]
        foreach slack $result {
            if {![string is double -strict $slack]} {
                error "a slack is '$slack': is the clock constrained?"
            }
        }
        return $result
    }

    # Nets of a text of report_route_status that are not routed or routed with errors. The line of
    # unrouted nets is there only if there are any. Nets that end at ports count as neither.
    proc unrouted {text} {
        set unrouted 0
        regexp {# of unrouted nets[. ]*:\s*(\d+)\s*:} $text -> unrouted
        if {![regexp {# of nets with routing errors[. ]*:\s*(\d+)\s*:} $text -> wrong]} {
            error "no line '# of nets with routing errors' in the report of routes"
        }
        return [expr {$unrouted + $wrong}]
    }

    # Lines of a log that are critical warnings.
    proc critical_warnings {text} {
        return [lsearch -all -inline -regexp [split $text \n] {^CRITICAL WARNING: }]
    }

    proc read_text {path} {
        set channel [open $path]
        set text [read $channel]
        close $channel
        return $text
    }
}
