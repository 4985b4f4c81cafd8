#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Longest path in logic levels of every module of levels.list, or of those named:
# scripts/yosys/levels.sh [TOP...] Exit status 1 if one is above the bar of 8.
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")"
bar=8 status=0
while read -r top params; do
  [ $# = 0 ] || [[ " $* " == *" $top "* ]] || continue
  args=()
  for param in $params; do args+=(-G "$param"); done
  line=$(../synth.sh --top "$top" "${args[@]}" --levels-only)
  echo "$line"
  [ "${line##* }" -le "$bar" ] || status=1
done < <(grep -v '^#' levels.list)
exit $status
