#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Coverage of rtl/ by all that has run in the coverage preset: per file the share of lines,
# branches, toggles and functional points (tests/coverage), against bars; what is missing, and what
# scripts/coverage/unreachable.list leaves out.
#   SB_PRESET=coverage ./scripts/test.sh     # writes build/coverage/rtl_coverage
#   ./scripts/coverage.sh [--all] [FOLDER]   # --all: every missing point, not only some of a file
# Exit status: 0 bars met, 1 one missed, 2 nothing to read or an entry of the list
# that fits nothing.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
sb_paths
all=0
[ "${1:-}" != --all ] || { all=1; shift; }
[ $# -le 1 ] || die "usage: coverage.sh [--all] [FOLDER]"
folder=${1:-$SB_ROOT/build/coverage/rtl_coverage}
list=${SB_UNREACHABLE:-$SB_ROOT/scripts/coverage/unreachable.list}
[ -d "$folder" ] || die "no folder $folder: run SB_PRESET=coverage ./scripts/test.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Counts of all processes added up: many files, so not all on one command line.
find "$folder" -name '*.cov' -print0 | xargs -0 -r cat |
  awk -F'\t' -v OFS='\t' '
    NF != 6 || $6 !~ /^[0-9]+$/ { print "error: not a count: " $0 > "/dev/stderr"; exit bad = 2 }
    { n[$1 OFS $2 OFS $3 OFS $4 OFS $5] += $6 }
    END { if (bad) exit bad; for (p in n) print p, n[p] }' > "$work/sum"
[ -s "$work/sum" ] || die "$folder: no counts"
cd "$SB_ROOT"
awk -v all="$all" -v list="$list" -f scripts/coverage/report.awk scripts/coverage/bars.txt "$list" \
  "$work/sum"
