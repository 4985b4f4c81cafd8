#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/coverage.sh on small recorded counts: it passes when the bars are met, fails when one
# point of each kind is missing, and refuses what it cannot read.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; cat "$work/out"; exit 1; }
expect() {  # expect STATUS TEXT: of a run over $work/counts with the list $work/list
  local status=0
  SB_UNREACHABLE=$work/list "$root/scripts/coverage.sh" "$work/counts" > "$work/out" 2>&1 ||
    status=$?
  [ "$status" = "$1" ] || fail "exit status $status, not $1"
  grep -qE -- "$2" "$work/out" || fail "no '$2'"
}
point() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@"; }
write() {  # write LINE BRANCH TOGGLE FUNCTIONAL: the counts of one point of each kind
  mkdir -p "$work/counts"
  {
    point v_line rtl/common/sb_fifo.sv 40.3 block 40-41 7
    point v_line rtl/common/sb_fifo.sv 42.5 block 42 "$1"
    point v_line rtl/common/sb_fifo.sv 43.5 if 40 9
    point v_line rtl/common/sb_fifo.sv 43.6 else 40 "$2"
    point v_toggle rtl/common/sb_fifo.sv 17.30 'data_i[0]' '' 5
    point v_toggle rtl/common/sb_fifo.sv 17.30 'data_i[1]' '' "$3"
    point v_user tests/coverage/sb_buffers_cover.sv 32.1 FifoFull_C 32 "$4"
    point v_line rtl/cells_sim/DSP48E2.sv 1.1 block 1 0  # not counted
  } > "$work/counts/a.cov"
}
: > "$work/list"
expect 2 'no folder'
write 1 1 1 1
expect 0 '^functional +100.00 % of 1 points'
# Counts of several processes add up: none of two files alone is enough.
write 0 1 1 1
mv "$work/counts/a.cov" "$work/b"
write 1 1 1 0
mv "$work/b" "$work/counts/b.cov"
expect 0 '^line +100.00'
rm "$work/counts/b.cov"
write 0 1 1 1
expect 1 'sb_fifo.sv:42 line'
write 1 0 1 1
expect 1 '^branch +50.00 .*MISSED'
write 1 1 0 1
expect 1 'toggle data_i\[1\]'
echo 'rtl/common/sb_fifo.sv | toggle | data_i\[.*\] | a reason' > "$work/list"
expect 0 '^toggle +100.00 % of 1 points, bar 95 %, 1 left out'
write 1 1 1 1
expect 2 'leaves nothing out'
echo 'rtl/common/sb_fifo.sv | toggle | data_i' > "$work/list"
expect 2 'not file'
: > "$work/list"
write 1 1 1 0
expect 1 'functional FifoFull_C'
write x 1 1 1
expect 2 'not a count'
