#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Speed of the simulation and of the build, on the bench preset (no assertions, no waveforms):
#   simulation of gemm_core, one thread, multiply-accumulates per second of CPU time (macs) and of
#   wall time (macs_wall); bar 300 M at M = 32 and 64;
#   build of the M = 32 models of gemm_core and of the engine from scratch, Verilator included,
#   without ccache; bar 60 s for gemm_core, the engine at most 6 times that (CPU time).
# usage: bench.sh [Google Benchmark arguments]
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
"$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"
SB_PRESET=bench
sb_paths
sb_build sb_bench
"$SB_BUILD/tests/benchmark/sb_bench" "$@"

# Builds a model of M = 32 from scratch, prints what it took and leaves the CPU seconds in `cpu`.
build() {
  local model=sb_model_$1_m32 times TIMEFORMAT='%R %U %S'
  say "building $model from scratch"
  rm -rf "$SB_BUILD/tb/CMakeFiles/$model.dir" "$SB_BUILD/tb/lib$model.a"
  rm -f "$SB_BUILD/tb/$model.dir"/*.{cpp,h,dat}
  times=$({ time CCACHE_DISABLE=1 sb_build "$model" >&3 2>&3; } 2>&1)
  read -r wall user system <<< "$times"
  say "build of $model: $wall s wall, $user s + $system s CPU (user + system)"
  cpu=$(awk "BEGIN {print $user + $system}")
}
exec 3>&2
build gemm_core
core=$cpu
build engine
say "engine over gemm_core: $(awk "BEGIN {printf \"%.1f\", $cpu / $core}") times"
