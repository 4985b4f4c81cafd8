# Shared by the scripts of this folder: arguments, the file list, exit status.
namespace eval sb {
    variable root [file normalize [file join [file dirname [info script]] .. ..]]
}
source [file join [file dirname [info script]] parts.tcl]
source [file join [file dirname [info script]] tops.tcl]

namespace eval sb {
    # Arguments of -tclargs, words NAME=VALUE: those in `known` (a dictionary of defaults) and parameters of the
    # top. Returns {options parameters}. Wrong ones are errors of class {SB ARGUMENT}.
    proc arguments {words known} {
        variable tops
        variable defaults
        set given {}
        foreach word $words {
            if {![regexp {^([A-Za-z_]\w*)=(.+)$} $word -> name value]} {
                error "argument '$word': must be NAME=VALUE" "" {SB ARGUMENT}
            }
            if {[dict exists $known $name]} { dict set known $name $value } else { dict set given $name $value }
        }
        set top [dict get $known top]
        if {![info exists tops($top)]} {
            error "top=$top: must be one of [lsort [array names tops]]" "" {SB ARGUMENT}
        }
        set parameters [dict merge $defaults($top) $given]
        dict for {name value} $parameters {
            if {![dict exists $tops($top) $name]} {
                error "$name=$value: $top has the parameters [dict keys $tops($top)]; options are [dict keys $known]" "" {SB ARGUMENT}
            }
            if {![legal [dict get $tops($top) $name] $value]} {
                error "$name=$value: must be in {[dict get $tops($top) $name]}" "" {SB ARGUMENT}
            }
        }
        if {[dict exists $known period] && !([string is double -strict [dict get $known period]] && [dict get $known period] > 0)} {
            error "period=[dict get $known period]: must be nanoseconds above 0" "" {SB ARGUMENT}
        }
        return [list $known $parameters]
    }

    # Source files of rtl/files.f in order, as absolute paths; models of vendors' cells are for simulation and left out.
    proc sources {} {
        variable root
        set files {}
        foreach line [lines [file join $root rtl files.f]] {
            if {[regexp {^rtl/(?!cells_sim/)} $line]} { lappend files [file join $root $line] }
        }
        foreach file $files {
            if {![file exists $file]} { error "rtl/files.f names $file, which does not exist" }
        }
        return $files
    }
    # Include folders of rtl/files.f.
    proc includes {} {
        variable root
        set folders {}
        foreach line [lines [file join $root rtl files.f]] {
            if {[regexp {^\+incdir\+(.+)$} $line -> folder]} { lappend folders [file join $root $folder] }
        }
        return $folders
    }
    proc lines {path} {
        set channel [open $path]
        set result {}
        foreach line [split [read $channel] \n] {
            set line [string trim $line]
            if {$line ne "" && ![string match #* $line]} { lappend result $line }
        }
        close $channel
        return $result
    }

    # Runs `script` and ends with its exit status: 0 done, 1 the design fails a check, 2 bad arguments or an error.
    proc main {script} {
        if {[catch {uplevel #0 $script} result options]} {
            if {[string match {SB EXIT*} [dict get $options -errorcode]]} { return -options $options $result }
            puts stderr "error: $result"
            if {[dict get $options -errorcode] ne {SB ARGUMENT}} { puts stderr [dict get $options -errorinfo] }
            exit 2
        }
        exit $result
    }

    # Checks that end every build: worst setup and hold slack, critical warnings. Returns 0 or 1 and prints a line.
    proc verdict {name} {
        set slack {}
        foreach kind {setup hold} {
            set path [get_timing_paths -$kind -max_paths 1]
            if {$path eq ""} { error "no timing path found: is the clock constrained?" }
            lappend slack [get_property SLACK $path]
        }
        lassign $slack setup hold
        set critical [get_msg_config -count -severity {CRITICAL WARNING}]
        set failed [expr {$setup < 0 || $hold < 0 || $critical > 0}]
        puts "SUMMARY $name: setup slack $setup ns, hold slack $hold ns, critical warnings $critical: [expr {$failed ? {FAILED} : {passed}}]"
        return $failed
    }
}
