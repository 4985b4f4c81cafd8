#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets up, builds everything and runs the regression: ./scripts/test.sh [ctest arguments]
# Examples: ./scripts/test.sh            all tests
#           ./scripts/test.sh -L unit    tests with the label unit
#           ./scripts/test.sh -R Requant tests whose name holds Requant
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
"$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"
sb_paths
say "building (log: build/build.log)"
sb_build all
# A run of all tests counts anew, for scripts/coverage.sh; some tests add to what there is.
[ "$SB_PRESET" != coverage ] || [ $# -gt 0 ] || rm -rf "$SB_BUILD/rtl_coverage"
say "running the regression"
ctest --test-dir "$SB_BUILD" --output-on-failure -j "$(nproc)" "$@"
