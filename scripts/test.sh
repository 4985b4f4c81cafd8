#!/usr/bin/env bash
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
say "running the regression"
ctest --test-dir "$SB_BUILD" --output-on-failure -j "$(nproc)" "$@"
