#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Elaborates every line of parameters.list, or of another list: parameters_test.sh verilator|slang
# [LIST]. Legal parameters pass without a warning, illegal ones stop with the module's message.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
sb_paths
cd "$SB_ROOT"
tool=$1 list=${2:-tests/unit/parameters.list}
elaborate() {  # elaborate TOP NAME=VALUE...
  local top=$1
  shift
  case $tool in
    verilator)
      verilator --lint-only -Wall scripts/lint/verilator.vlt -F rtl/files.f --top-module "$top" \
        "${@/#/-G}" ;;
    slang)
      "$SB_VENV/bin/python" scripts/lint/slang_itself.py -Werror -F rtl/files.f --top "$top" \
        "${@/#/-G}" ;;
    *) die "unknown tool '$tool': verilator or slang" ;;
  esac
}
failed=0 lines=0
while IFS= read -r line; do
  text=${line#* : }
  read -r -a words <<< "${line%% : *}"
  lines=$((lines + 1)) status=0
  output=$(elaborate "${words[@]}" 2>&1) || status=$?
  if [ "$text" = legal ]; then
    [ "$status" = 0 ] && continue
    echo "FAILED: legal, but refused: ${words[*]}"
  else
    [ "$status" != 0 ] && [[ $output == *"$text"* ]] && continue
    echo "FAILED: accepted, or refused without '$text': ${words[*]}"
  fi
  head -4 <<< "$output"
  failed=$((failed + 1))
done < <(grep -v '^#' "$list")
echo "$tool: $lines lines, $failed failed"
[ "$lines" -gt 0 ] && [ "$failed" = 0 ]
