#!/usr/bin/env bash
# clang-tidy (.clang-tidy) over the files given, over a short list of small ones with --small, or over all sources of
# golden/, tb/ and tests/. All of them take tens of minutes, since nearly every one includes Eigen: so the regression
# checks the short list only, and the rest is for the person who changed it. Needs a configured build (SB_PRESET).
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
case ${1:-} in
  --small) files=(golden/utf8.cpp tb/bfm/stall.cpp tb/host/requant_code.cpp tb/sim/clock.cpp tb/sim/fatal.cpp) ;;
  '') mapfile -t files < <(cpp_files | grep '\.cpp$') ;;
  *) files=("$@") ;;
esac
[ -e "$SB_BUILD/compile_commands.json" ] || die "no build/$SB_PRESET: cmake --preset $SB_PRESET"
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy -p "$SB_BUILD" --quiet --warnings-as-errors='*'
