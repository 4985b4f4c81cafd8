#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Verible's style rules (verible.rules) over all of rtl/, or over the files given. Blocking
# assignments in clocked processes are left to Verilator's BLKSEQ, which knows local variables when
# it sees them.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
[ $# -gt 0 ] || mapfile -t files < <(find rtl -name '*.sv' -o -name '*.svh' | sort)
"$SB_VENV/bin/verible-verilog-lint" --rules_config scripts/lint/verible.rules "${@:-${files[@]}}"
