#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy (.clang-tidy) over the files given, over a short list of small ones with --small, or
# over all that is compiled of golden/, tb/ and tests/. Nearly every file includes Eigen, so all of
# them take tens of minutes one by one; without arguments the batches of the build are checked
# (SB_UNITY), half a minute for six files. A regression checks the short list only. Needs a
# configured build (SB_PRESET), for tb/devices/models one with Verilated models. A single file that
# is only compiled in a batch is read with the options of its neighbour and the project's folder as
# an include path.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
[ -e "$SB_BUILD/compile_commands.json" ] || die "no build/$SB_PRESET: cmake --preset $SB_PRESET"
# Each version has rules of its own, and the list of .clang-tidy is for this one.
clang-tidy --version | grep -q 'version 14\.' ||
  { say "SKIPPED: clang-tidy 14 (Debian 12) is not here"; exit 77; }
options=("--extra-arg=-I$SB_ROOT")
case ${1:-} in
  --small) files=(golden/io/utf8.cpp tb/bfm/stall.cpp tb/host/requant_code.cpp tb/sim/clock.cpp
                  tb/sim/fatal.cpp) ;;
  '') mapfile -t files < <(
        grep -o '"file": "[^"]*"' "$SB_BUILD/compile_commands.json" | cut -d '"' -f 4 |
        grep -E "^$SB_ROOT/(golden|tb|tests)/|/Unity/unity_" | sort -u)
      options+=(--checks=-bugprone-suspicious-include) ;;  # a batch includes sources
  *) files=("$@") ;;
esac
printf '%s\n' "${files[@]}" |
  xargs -P "$(nproc)" -n 1 \
    clang-tidy -p "$SB_BUILD" --quiet --warnings-as-errors='*' "${options[@]}"
