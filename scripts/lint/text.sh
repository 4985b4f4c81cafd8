#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No line of the project's own text is longer than 100 columns (tables of Markdown, lists and pinned
# versions aside), and every source names its licence in one of its first three lines. Looks at the
# files given, or at all.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
[ $# -gt 0 ] || mapfile -t files < <(
  find . \( -name build -o -name .git -o -path ./tests/lint -o -path ./golden/data \) -prune \
    -o -type f -printf '%P\n' | sort)
status=0
for file in "${@:-${files[@]}}"; do
  is_source=1
  case $file in
    *.cpp | *.h | *.sv | *.svh | *.v | *.vlt | *.sh | *.cmake | *CMakeLists.txt | *.tcl | *.xdc | \
      *.py | *.awk | *.jq | *.core | *.f | scripts/bertsim | .ci/run) ;;
    *.md | *.yml | *.json | .clang-*) is_source= ;;
    *) continue ;;
  esac
  wrong=$(
    LC_ALL=C.UTF-8 grep -nE '^.{101,}' "$file" | grep -vE '^[0-9]+:\|' | cut -c 1-60 |
      sed "s|^|$file: over 100 columns: |"
    [ -z "$is_source" ] || head -3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2\.0' ||
      echo "$file: no SPDX line"
  ) || true
  [ -z "$wrong" ] || { printf '%s\n' "$wrong"; status=1; }
done
exit $status
