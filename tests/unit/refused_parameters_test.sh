#!/usr/bin/env bash
# Illegal parameters stop the elaboration with the module's message: refused_parameters_test.sh VERILATOR TOP WORD PARAM...
# WORD is a part of the message, or "legal": then the elaboration must succeed.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
sb_paths
cd "$SB_ROOT"
verilator=$1 top=$2 word=$3
shift 3
status=0
output=$("$verilator" --lint-only -Wall scripts/lint/verilator.vlt -F rtl/files.f \
  --top-module "$top" "${@/#/-G}" 2>&1) || status=$?
if [ "$word" = legal ]; then
  [ "$status" = 0 ] || { printf '%s\n' "$output"; echo "$top $* is legal and was refused"; exit 1; }
else
  [ "$status" != 0 ] || { echo "$top $* is illegal and was accepted"; exit 1; }
  [[ $output == *"$word"* ]] || { printf '%s\n' "$output"; echo "$top $* was refused without: $word"; exit 1; }
fi
