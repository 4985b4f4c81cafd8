#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Verilator's warnings, all of them fatal, for every line of tops.list; or for one file:
# verilator.sh FILE TOP. With SB_MAX_M, lines with a larger M are left out.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

elaborate() {
  local files=$1 top=$2
  shift 2
  local m
  m=$(sed -n 's/.*\bM=\([0-9]*\).*/\1/p' <<< "$*")
  [ "${m:-0}" -le "${SB_MAX_M:-64}" ] || return 0
  # The list of files is split at its line ends on purpose.
  verilator --lint-only -Wall --assert --no-timing \
    scripts/lint/verilator.vlt -Irtl/common "${@/#/-G}" --top-module "$top" $files
}
for_each_top "$@"
