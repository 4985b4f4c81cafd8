# Packages sb_fc_layer as an IP core for Vivado's catalog.
#
#   vivado -mode batch -source scripts/vivado/package_ip.tcl -tclargs [part=kv260] [out=FOLDER]
#
# The AXI4-Stream ports follow Vivado's naming, so the packager infers the interfaces; the script checks that it found
# all three and ties them to the clock. Exit status: 0 done, 1 an interface is missing or the core is not sound, 2 bad
# arguments or an error. Not run in Vivado: see README.md.
source [file join [file dirname [info script]] common.tcl]

sb::main {
    lassign [sb::arguments $argv {top sb_fc_layer part kv260 out ""}] options parameters
    dict with options {}
    if {$out eq ""} { set out [file join $sb::root build vivado ip] }
    file mkdir $out
    create_project -force -part [sb::part $part] package_$top [file join $out project]
    add_files -norecurse [sb::sources]
    set_property include_dirs [sb::includes] [current_fileset]
    set_property top $top [current_fileset]
    update_compile_order -fileset sources_1

    ipx::package_project -root_dir [file join $out $top] -vendor systolic-bert -library user -taxonomy /UserIP -import_files -force
    set core [ipx::current_core]
    set_property name $top $core
    set_property display_name "Int8 fully-connected layer, systolic" $core
    set_property supported_families {zynquplus Production virtexuplus Production virtexuplusHBM Production} $core

    set failed 0
    foreach bus {s_axis s_axis_w m_axis} {
        if {[ipx::get_bus_interfaces $bus -of_objects $core] eq ""} {
            puts stderr "error: no bus interface $bus was inferred"
            set failed 1
        } else {
            ipx::associate_bus_interfaces -busif $bus -clock clk_i $core
        }
    }
    # Component parameters with their ranges, as tops.tcl has them.
    dict for {name range} $sb::tops($top) {
        set parameter [ipx::get_user_parameters $name -of_objects $core]
        if {$parameter eq ""} {
            puts stderr "error: the core has no parameter $name"
            set failed 1
        } elseif {[regexp {^(\d+)-(\d+)$} $range -> low high]} {
            set_property value_validation_type range_long $parameter
            set_property value_validation_range_minimum $low $parameter
            set_property value_validation_range_maximum $high $parameter
        } else {
            set_property value_validation_type list $parameter
            set_property value_validation_list $range $parameter
        }
    }
    ipx::create_xgui_files $core
    ipx::update_checksums $core
    if {[ipx::check_integrity $core] == 0} { set failed 1 }
    ipx::save_core $core
    close_project
    puts "SUMMARY package $top: [expr {$failed ? {FAILED} : {passed}}]"
    set failed
}
