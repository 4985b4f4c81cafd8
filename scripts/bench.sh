#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Speed of the simulation and of the build, on the bench preset (no assertions, no waveforms):
#   simulation of gemm_core, one thread, multiply-accumulates per second of CPU time (macs) and of
#   wall time (macs_wall); bar 300 M at M = 32 and 64;
#   build of the M = 32 model from scratch, Verilator included, without ccache; bar 60 s.
# usage: bench.sh [Google Benchmark arguments]
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
"$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"
SB_PRESET=bench
sb_paths
sb_build sb_bench
"$SB_BUILD/tests/benchmark/sb_bench" "$@"

model=sb_model_gemm_core_m32
say "building $model from scratch"
rm -rf "$SB_BUILD/tb/CMakeFiles/$model.dir" "$SB_BUILD/tb/lib$model.a"
rm -f "$SB_BUILD/tb/$model.dir"/*.{cpp,h,dat}
TIMEFORMAT="build of $model: %R s wall, %U s + %S s CPU (user + system)"
time CCACHE_DISABLE=1 sb_build $model
