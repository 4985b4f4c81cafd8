# SPDX-License-Identifier: Apache-2.0
# Directives of each step of build.tcl, its options <step>_directive: AMD UG901 (synth_design) and
# UG904 (the others). `incremental` is the mode of an incremental run, read_checkpoint -directive.
namespace eval sb {
    variable directives {
        synth {Default RuntimeOptimized AreaOptimized_high AreaOptimized_medium AlternateRoutability
            AreaMapLargeShiftRegToBRAM AreaMultThresholdDSP FewerCarryChains PerformanceOptimized
            LogicCompaction PowerOptimized_high PowerOptimized_medium}
        opt {Default Explore ExploreArea ExploreSequentialArea ExploreWithRemap AddRemap
            RuntimeOptimized}
        place {Default Explore WLDrivenBlockPlacement EarlyBlockPlacement ExtraNetDelay_high
            ExtraNetDelay_low SSI_SpreadLogic_high SSI_SpreadLogic_low SSI_SpreadSLLs
            SSI_BalanceSLLs SSI_BalanceSLRs SSI_HighUtilSLRs AltSpreadLogic_high
            AltSpreadLogic_medium AltSpreadLogic_low ExtraPostPlacementOpt ExtraTimingOpt
            RuntimeOptimized Quick}
        phys_opt {Default Explore ExploreWithHoldFix ExploreWithAggressiveHoldFix AggressiveExplore
            AlternateReplication AggressiveFanoutOpt AddRetime AlternateFlowWithRetiming
            RuntimeOptimized}
        route {Default Explore AggressiveExplore NoTimingRelaxation MoreGlobalIterations
            HigherDelayCost AdvancedSkewModeling AlternateCLBRouting RuntimeOptimized Quick}
        incremental {RuntimeOptimized TimingClosure Quick}
    }
}
