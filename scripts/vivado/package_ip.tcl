# SPDX-License-Identifier: Apache-2.0
# Packages sb_fc_layer or sb_encoder as an IP core for Vivado's catalog.
#
#   vivado -mode batch -source scripts/vivado/package_ip.tcl \
#       -tclargs [top=sb_fc_layer|sb_encoder] [part=kv260] [out=FOLDER]
#
# The packaged top is <top>_ip.v, in plain Verilog with integer parameters. Its AXI ports follow
# Vivado's naming and are inferred; its clock and reset, clk_i and rst_ni, and the interrupt irq_o
# of sb_encoder do not, and are made interfaces by name. The script checks what it got: interfaces,
# their clock and reset, polarity and sensitivity, parameters, and that every source and include
# file is in the package, whatever MulStyle.
# Exit status: 0 done, 1 something is missing or the core is not sound, 2 bad arguments or an error.
# Not run in Vivado: see README.md.
source [file join [file dirname [info script]] common.tcl]

sb::main {
    lassign [sb::arguments $argv {top sb_fc_layer part kv260 out ""} \
        [list top [lsort [array names sb::packages]]]] options parameters
    dict with options {}
    if {$out eq ""} { set out [file join $sb::root build vivado ip] }
    file mkdir $out
    set buses [dict get $sb::packages($top) buses]
    set files [concat [sb::headers] [sb::sources] [list [file join $sb::here ${top}_ip.v]]]
    create_project -force -part [sb::part $part] package_$top [file join $out project]
    # Otherwise Vivado leaves out what the top with its default parameters does not instantiate.
    set_property source_mgmt_mode None [current_project]
    add_files -norecurse $files
    set_property include_dirs [sb::includes] [current_fileset]
    set_property top ${top}_ip [current_fileset]
    update_compile_order -fileset sources_1

    ipx::package_project -root_dir [file join $out $top] -vendor systolic-bert -library user \
        -taxonomy /UserIP -import_files -force
    set core [ipx::current_core]
    set_property name $top $core
    set_property display_name [dict get $sb::packages($top) title] $core
    set_property supported_families \
        {zynquplus Production virtexuplus Production virtexuplusHBM Production} $core

    set missing {}
    # Clock, reset, interrupt: inferred unless the packager did so itself.
    set signals {clk_i clock_rtl rst_ni reset_rtl}
    if {$top eq "sb_encoder"} { lappend signals irq_o interrupt_rtl }
    foreach {port type} $signals {
        if {[ipx::get_bus_interfaces $port -of_objects $core] eq ""} {
            ipx::infer_bus_interface $port xilinx.com:signal:$type:1.0 $core
        }
    }
    foreach bus $buses {
        if {[ipx::get_bus_interfaces $bus -of_objects $core] eq ""} {
            lappend missing "bus interface $bus"
        } else {
            ipx::associate_bus_interfaces -busif $bus -clock clk_i $core
        }
    }
    ipx::associate_bus_interfaces -clock clk_i -reset rst_ni $core
    set levels {rst_ni POLARITY ACTIVE_LOW}
    if {$top eq "sb_encoder"} { lappend levels irq_o SENSITIVITY LEVEL_HIGH }
    foreach {port name level} $levels {
        set bus [ipx::get_bus_interfaces $port -of_objects $core]
        if {$bus eq ""} continue
        set parameter [ipx::get_bus_parameters $name -of_objects $bus]
        if {$parameter eq ""} { set parameter [ipx::add_bus_parameter $name $bus] }
        set_property value $level $parameter
    }
    foreach {interface name wanted} [list clk_i ASSOCIATED_BUSIF $buses \
        clk_i ASSOCIATED_RESET rst_ni {*}$levels] {
        set value ""
        set bus [ipx::get_bus_interfaces $interface -of_objects $core]
        set parameter [expr {$bus eq "" ? "" : [ipx::get_bus_parameters $name -of_objects $bus]}]
        if {$parameter ne ""} { set value [get_property VALUE $parameter] }
        if {[lsort [split $value :]] ne $wanted} {
            lappend missing "$name of $interface is '$value', wanted '$wanted'"
        }
    }

    # Parameters with their ranges, as tops.tcl has them.
    dict for {name range} $sb::tops($top) {
        set parameter [ipx::get_user_parameters $name -of_objects $core]
        if {$parameter eq ""} {
            lappend missing "parameter $name"
            continue
        }
        if {[get_property VALUE_FORMAT $parameter] ne "long"} { lappend missing "integer $name" }
        if {[regexp {^(\d+)-(\d+)$} $range -> low high]} {
            set_property value_validation_type range_long $parameter
            set_property value_validation_range_minimum $low $parameter
            set_property value_validation_range_maximum $high $parameter
        } else {
            set_property value_validation_type list $parameter
            set_property value_validation_list $range $parameter
        }
    }
    dict for {name value} $parameters {
        set_property value $value [ipx::get_user_parameters $name -of_objects $core]
        set_property value $value [ipx::get_hdl_parameters $name -of_objects $core]
    }

    # Every file is in the package, for synthesis and for simulation.
    foreach group {xilinx_anylanguagesynthesis xilinx_anylanguagebehavioralsimulation} {
        set names {}
        set object [ipx::get_file_groups $group -of_objects $core]
        if {$object ne ""} {
            foreach file [ipx::get_files -of_objects $object] {
                lappend names [file tail [get_property NAME $file]]
            }
        }
        foreach file $files {
            if {[file tail $file] ni $names} { lappend missing "[file tail $file] in $group" }
        }
    }

    ipx::create_xgui_files $core
    ipx::update_checksums $core
    if {[ipx::check_integrity $core] == 0} { lappend missing "a sound core (ipx::check_integrity)" }
    ipx::save_core $core
    close_project
    foreach what $missing { puts stderr "error: missing: $what" }
    puts "SUMMARY package $top: [expr {$missing eq "" ? {passed} : {FAILED}}]"
    expr {$missing ne ""}
}
