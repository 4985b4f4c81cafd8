#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The comparison with the bars (check.jq): passes at the bar and 5 % above, fails beyond, and
# refuses what has no bar. Levels of a few cells. And the refusal of cells of another device.
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")"
figures() {
  printf '{"top": "sb_x", "target": "xcup", "parameters": {"M": "4"}, "figures": {"lut": %s}, ' "$1"
  printf '"fmax": %s}' "$2"
}
bars="lut=100 fmax=200"
compare() { figures "$1" "$2" | jq -r --arg bars "sb_x xcup M=4 $bars" -f check.jq; }
expect() {
  [ "$(compare "$1" "$2" | grep -c '^OVER')" = "$3" ] && return
  echo "FAILED: lut $1, fmax $2: expected $3 over ($bars)"
  compare "$1" "$2"
  exit 1
}
expect 100 200 0
expect 105 190 0
expect 106 200 1
expect 100 189 1
expect 106 189 2
bars="lut<=100 fmax>=200"
expect 100 200 0
expect 101 200 1
expect 100 199.9 1
bars="lut<100"
if compare 100 200 > /dev/null 2>&1; then
  echo "FAILED: a bar that cannot be read passed"
  exit 1
fi
if figures 1 1 | jq -r --arg bars "sb_y xcup M=4 lut=1" -f check.jq > /dev/null 2>&1; then
  echo "FAILED: a missing bar passed"
  exit 1
fi
# Levels: a LUT into the Nth CARRY4 of a chain of four, and a LUT behind the last one.
levels() {
  awk -v first="$1" 'BEGIN {
    print "LUT2 - 100 < 1 2"
    for (n = 1; n <= 4; n++)
      print "CARRY4", (n > 1 ? 199 + n : "-"), 200 + n, "<", (n == first ? 100 : 3)
    print "LUT1 - 300 < 204"
  }' | awk -f levels.awk
}
for case in "1 4" "2 4" "3 3" "4 3"; do
  [ "$(levels "${case% *}")" = "${case#* }" ] ||
    { echo "FAILED: a LUT into carry cell ${case% *}: $(levels "${case% *}") levels"; exit 1; }
done
# Cells of another device are refused.
refuse() {
  local status=0 output
  output=$(../synth.sh --top "$1" --target "$2" 2>&1) || status=$?
  [ "$status" = 2 ] && [[ $output == *"cells (MulStyle=$3): they need --target"* ]] ||
    { echo "FAILED: $1 on $2: status $status, $output"; exit 1; }
}
refuse sb_dsp48e2 xc7 1
refuse sb_mult18x18d xcup 2
echo "bars: passed"
