# SPDX-License-Identifier: Apache-2.0
# Vivado's commands as its documentation gives them: options that take no value, options that take
# one, how many other arguments, which commands must have come before, and where the syntax was
# read. An option that is not here is refused.
# [doc]: syntax section of AMD's Tcl command reference (UG835) or implementation guide (UG904),
#        release in brackets.
# [use]: no syntax section at hand; the options are those seen in published scripts.
namespace eval vivado {
    variable commands [dict create]
    # command NAME {flags} {options with a value} {least most} {commands before} source
    proc command {name flags valued count before source} {
        variable commands
        set table [dict create -quiet 0 -verbose 0]
        foreach option $flags { dict set table $option 0 }
        foreach option $valued { dict set table $option 1 }
        dict set commands $name \
            [dict create options $table count $count before $before source $source]
    }
    # Options whose values are a closed set.
    variable values {
        synth_design {-mode {default out_of_context} -flatten_hierarchy {full none rebuilt}
            -gated_clock_conversion {off on auto}
            -directive {Default RuntimeOptimized AreaOptimized_high AreaOptimized_medium
                AlternateRoutability AreaMapLargeShiftRegToBRAM AreaMultThresholdDSP
                FewerCarryChains PerformanceOptimized LogicCompaction PowerOptimized_high
                PowerOptimized_medium}}
        opt_design {-directive {Default Explore ExploreArea ExploreSequentialArea ExploreWithRemap
            AddRemap RuntimeOptimized RQS}}
        place_design {-directive {Default Explore WLDrivenBlockPlacement EarlyBlockPlacement
            ExtraNetDelay_high ExtraNetDelay_low SSI_SpreadLogic_high SSI_SpreadLogic_low
            SSI_SpreadSLLs SSI_BalanceSLLs SSI_BalanceSLRs SSI_HighUtilSLRs AltSpreadLogic_high
            AltSpreadLogic_medium AltSpreadLogic_low ExtraPostPlacementOpt ExtraTimingOpt
            RuntimeOptimized Quick Auto_1 Auto_2 Auto_3 RQS}}
        phys_opt_design {-directive {Default Explore ExploreWithHoldFix ExploreWithAggressiveHoldFix
            AggressiveExplore AlternateReplication AggressiveFanoutOpt AddRetime
            AlternateFlowWithRetiming RuntimeOptimized RQS}}
        route_design {-directive {Default Explore AggressiveExplore NoTimingRelaxation
            MoreGlobalIterations HigherDelayCost AdvancedSkewModeling AlternateCLBRouting
            RuntimeOptimized Quick RQS}}
        read_checkpoint {-directive {RuntimeOptimized TimingClosure Quick}}
        report_timing {-delay_type {max min min_max}
            -path_type {end summary short full full_clock full_clock_expanded}}
        report_timing_summary {-delay_type {max min min_max}
            -path_type {end summary short full full_clock full_clock_expanded}}
        create_bd_cell {-type {ip IP hier container module}}
        get_msg_config {-severity {STATUS INFO WARNING {CRITICAL WARNING} ERROR}}
    }

    command read_verilog {-sv} {-library} {1 1} {} {[doc UG835 2023.2]}
    command read_xdc {-unmanaged -quiet_diff} {-cells -ref -mode} {1 1} {} {[use]}
    command synth_design {-rtl -lint -no_lc -lut_cascade -rtl_skip_mlo -rtl_skip_ip
        -rtl_skip_constraints -keep_equivalent_registers -no_srlextract -assert
        -no_timing_driven -sfcu -debug_log} {-name -part -constrset -top -include_dirs -generic
        -define -verilog_define -vhdl_define -flatten_hierarchy -gated_clock_conversion
        -directive -file -bufg -shreg_min_size -mode -fsm_extraction -srl_style
        -resource_sharing -cascade_dsp -control_set_opt_threshold -incremental_mode -max_bram
        -max_uram -max_dsp -max_bram_cascade_height -max_uram_cascade_height -global_retiming} \
        {0 0} {read_verilog read_xdc} {[doc UG835 2024.1]}
    command opt_design {-retarget -propconst -sweep -bram_power_opt -remap -aggressive_remap
        -resynth_remap -resynth_area -resynth_seq_area -muxf_remap -bufg_opt -mbufg_opt
        -shift_register_opt -dsp_register_opt -control_set_merge -control_set_opt
        -merge_equivalent_drivers -carry_remap -debug_log -property_opt_only} {-directive
        -hier_fanout_limit -srl_remap_modes} {0 0} {synth_design} {[doc UG835 2022.2]}
    command place_design {-no_timing_driven -timing_summary -unplace -post_place_opt -no_psip
        -no_bufg_opt -ultrathreads} {-directive} {0 0} {opt_design} {[doc UG904 2023.2]}
    command phys_opt_design {-fanout_opt -placement_opt -routing_opt -slr_crossing_opt
        -insert_negative_edge_ffs -restruct_opt -interconnect_retime -lut_opt -casc_opt
        -cell_group_opt -critical_cell_opt -dsp_register_opt -bram_register_opt
        -uram_register_opt -bram_enable_opt -shift_register_opt -hold_fix -aggressive_hold_fix
        -retime -critical_pin_opt -clock_opt -tns_cleanup -sll_reg_hold_fix} \
        {-force_replication_on_nets -directive -path_groups} {0 0} {place_design} {[doc UG904
        2023.2]}
    command route_design {-unroute -release_memory -physical_nets -tns_cleanup -no_timing_driven
        -preserve -delay -auto_delay -timing_summary -finalize -ultrathreads -eco} {-nets -pins
        -directive -max_delay -min_delay} {0 0} {place_design} {[doc UG904 2023.2]}
    command write_checkpoint {-force -logic_function_stripped -encrypt} {-cell -key} {1 1} \
        {synth_design} {[doc UG835 2023.1]}
    command report_utilization {-append -evaluate_pblock -exclude_child_pblocks
        -exclude_non_assigned -return_string -slr -packthru -no_primitives -omit_locs
        -hierarchical -hierarchical_percentages} {-file -pblocks -cells -name -spreadsheet_file
        -spreadsheet_table -spreadsheet_depth -hierarchical_depth} {0 0} {synth_design|open_run} \
        {[doc UG835 2023.1]}
    command report_timing_summary {-check_timing_verbose -no_detailed_paths -setup -hold
        -unique_pins -no_reused_label -input_pins -no_pr_attribute -no_pblock -routable_nets
        -report_unconstrained -no_header -append -return_string -warn_on_violation -datasheet} \
        {-delay_type -max_paths -nworst -path_type -slack_lesser_than -significant_digits -file
        -name -cells -rpx} {0 0} {synth_design|open_run} {[doc UG835 2023.1]}
    command report_timing {-setup -hold -unique_pins -input_pins -no_header -no_reused_label
        -no_report_unconstrained -user_ignored -append -no_pr_attribute -no_pblock
        -routable_nets -return_string -warn_on_violation} {-from -rise_from -fall_from -to
        -rise_to -fall_to -through -rise_through -fall_through -delay_type -max_paths -nworst
        -path_type -slack_lesser_than -slack_greater_than -group -sort_by -of_objects
        -significant_digits -column_style -file -name -inter_slr -cells -rpx} {0 0} \
        {synth_design|open_run} {[doc UG835 2026.1]}
    command report_drc {-append -return_string -waived -no_waivers} {-name -upgrade_cw -checks
        -ruledecks -file -rpx} {0 0} {route_design|open_run} {[use]}
    command report_cdc {-details -summary -all_checks_per_endpoint -no_header -show_waiver
        -no_waiver -waived -append -return_string} {-from -to -cells -severity -file -name} {0
        0} {route_design} {[doc UG835 2021.2]}
    command report_methodology {-append -waived -no_waivers -return_string} {-name -cells
        -checks -file -rpx -slack_lesser_than -merge_exceptions} {0 0} {route_design} {[doc
        UG835 2022.1]}
    command report_power {-no_propagation -append -advisory -return_string} {-hier
        -hierarchical_depth -vid -file -name -format -xpe -rpx -l} {0 0} {route_design} {[use]}
    command get_drc_violations {-regexp -nocase} {-name -filter} {0 1} {report_drc} {[use]}
    command report_route_status {-return_string -append -list_all_nets -show_all -has_routing
        -ignore_cache} {-of_objects -route_type -dump_routes -boolean_check -file} {0 0} \
        {route_design|open_run} {[use]}
    command report_pulse_width {-append -return_string -warn_on_violation -all_violators
        -no_header -limit} {-file -name -clocks -cells -significant_digits -rpx} {0 1} \
        {route_design|open_run} {[use]}
    command report_design_analysis {-append -return_string -complexity -congestion -timing
        -setup -hold -show_all -full_logical_pin -routed_vs_estimated -logic_level_distribution
        -qor_summary} {-file -name -cells -max_paths -min_level -max_level -extend
        -logic_level_dist_paths} {0 0} {route_design} {[use]}
    command report_clock_utilization {-append -return_string -write_xdc -clock_roots_only} \
        {-file -name -cells} {0 0} {route_design} {[use]}
    command report_incremental_reuse {-append -return_string -hierarchical} {-file -cells
        -hierarchical_depth} {0 0} {read_checkpoint} {[use]}
    command read_checkpoint {-incremental -auto_incremental -only_reuse -fix_reuse} {-cell
        -directive -reuse_objects -fix_objects} {1 1} {opt_design} {[doc UG904 2022.1]}
    command get_sites {-regexp -nocase} {-filter -range -of_objects} {0 1} {synth_design} \
        {[use]}
    command get_ports {-regexp -nocase} {-filter -of_objects} {0 1} {synth_design} {[use]}
    command get_msg_config {-rules -limit -count} {-id -severity} {0 0} {} {[doc UG835 2020.2]}
    command get_property {-min -max} {} {2 2} {} {[use]}
    command set_property {} {-dict} {1 3} {} {[use]}

    command create_project {-force -in_memory -ip} {-part} {1 2} {} {[use]}
    command close_project {-delete} {} {0 0} {create_project} {[use]}
    command add_files {-norecurse -scan_for_includes} {-fileset -of_objects} {1 1} \
        {create_project} {[use]}
    command get_board_parts {-regexp -nocase -latest_file_version -latest_hw_revision} {-filter} \
        {0 1} {} {[doc UG835 2018.3]}
    command current_project {} {} {0 1} {create_project} {[use]}
    command current_fileset {-constrset -simset} {} {0 1} {create_project} {[use]}
    command update_compile_order {-force_gui} {-fileset} {0 0} {add_files} {[use]}
    command update_ip_catalog {-rebuild} {-repo_path -add_ip} {0 0} {create_project} {[use]}
    command get_files {-regexp -nocase -all} {-filter -compile_order -used_in -of_objects} {0 1} \
        {create_project} {[use]}
    command get_runs {-regexp -nocase} {-filter} {0 1} {create_project} {[use]}
    command launch_runs {-scripts_only -next_step -email_all -force} {-jobs -lsf -sge
        -cluster_configuration -dir -to_step -host -remote_cmd -email_to -pre_launch_script
        -post_launch_script -custom_script} {1 8} {update_compile_order} {[doc UG835 2023.1]}
    command wait_on_run {} {-timeout} {1 1} {launch_runs} {[use]}
    command open_run {} {-name -pr_config} {1 1} {wait_on_run} {[use]}
    command write_hw_platform {-fixed -force -include_bit -include_sim_content -minimal -hw
        -hw_emu} {} {0 1} {open_run} {[use]}

    command ipx::package_project {-import_files -force -set_current -generated_files} {-root_dir
        -vendor -library -taxonomy -module -archive_source_project} {0 1} {update_compile_order} \
        {[use]}
    command ipx::current_core {} {} {0 1} {ipx::package_project} {[use]}
    command ipx::get_bus_interfaces {} {-of_objects -filter} {0 1} {ipx::package_project} \
        {[use]}
    command ipx::infer_bus_interface {} {} {3 3} {ipx::package_project} {[use]}
    command ipx::get_bus_parameters {} {-of_objects -filter} {0 1} {ipx::package_project} \
        {[use]}
    command ipx::add_bus_parameter {} {} {2 2} {ipx::package_project} {[use]}
    command ipx::get_file_groups {} {-of_objects -filter} {0 1} {ipx::package_project} {[use]}
    command ipx::get_files {} {-of_objects -filter} {0 1} {ipx::package_project} {[use]}
    command ipx::get_hdl_parameters {} {-of_objects -filter} {0 1} {ipx::package_project} \
        {[use]}
    command ipx::get_user_parameters {} {-of_objects -filter} {0 1} {ipx::package_project} \
        {[use]}
    command ipx::associate_bus_interfaces {-clear -remove} {-busif -clock -reset} {1 1} \
        {ipx::package_project} {[use]}
    command ipx::create_xgui_files {} {-logo_file} {1 1} {ipx::package_project} {[use]}
    command ipx::update_checksums {} {} {1 1} {ipx::create_xgui_files} {[use]}
    command ipx::check_integrity {} {-kernel} {1 1} {ipx::update_checksums} {[use]}
    command ipx::save_core {} {} {1 1} {ipx::check_integrity} {[use]}

    command create_bd_design {} {-dir -cell -bdsource} {1 1} {create_project} {[use]}
    command create_bd_cell {} {-vlnv -type -reference -revision} {1 1} {create_bd_design} {[doc
        UG835 2026.1]}
    command apply_bd_automation {} {-rule -config -dict -opts} {1 8} {create_bd_cell} {[doc
        UG835 2022.2]}
    command get_bd_cells {-regexp -hierarchical -nocase} {-filter -of_objects} {0 1} \
        {create_bd_cell} {[use]}
    command get_bd_pins {-regexp -hierarchical -nocase} {-filter -of_objects} {0 1} \
        {create_bd_cell} {[use]}
    command get_bd_intf_pins {-regexp -hierarchical -nocase} {-filter -of_objects} {0 1} \
        {create_bd_cell} {[use]}
    command connect_bd_net {} {-net -boundary_type} {2 99} {create_bd_cell} {[use]}
    command connect_bd_intf_net {} {-intf_net -boundary_type} {2 3} {create_bd_cell} {[doc UG835
        2023.1]}
    command assign_bd_address {-import_from_file} {-target_address_space -offset -range} {0 1} \
        {connect_bd_intf_net} {[use]}
    command validate_bd_design {-force -include_pfm -assign_dfx_addressing} {-design -steps
        -limit} {0 0} {assign_bd_address} {[doc UG835 2026.1]}
    command save_bd_design {} {} {0 1} {validate_bd_design} {[use]}
    command generate_target {-force} {} {2 2} {save_bd_design} {[use]}
    command make_wrapper {-top -testbench -inst_template -import -force} {-fileset -files} {0 1} \
        {save_bd_design} {[doc UG835 2022.2]}
}
