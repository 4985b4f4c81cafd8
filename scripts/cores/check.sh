#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks systolic_bert.core and Bender.yml: both name the files of rtl/files.f, in its order, and
# FuseSoC runs the lint target from the core file, which passes and refuses illegal parameters. The
# core file and the first heading of CHANGELOG.md have the version of CMakeLists.txt. Bender itself
# is not run.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
sb_paths
cd "$SB_ROOT"
wanted=$(sb_rtl_files | grep -v /cells_sim/)
models=$(sb_rtl_files | grep /cells_sim/)
for list in systolic_bert.core Bender.yml; do
  found=$(sed -n 's/^ *- \(rtl\/.*\.sv\)$/\1/p' "$list")
  if [ "$(grep -v cells_sim <<< "$found")" != "$wanted" ]; then
    echo "FAILED: $list does not have the files of rtl/files.f in its order:"
    diff <(echo "$wanted") <(grep -v cells_sim <<< "$found") || exit 1
  fi
  if [ "$(grep cells_sim <<< "$found")" != "$models" ]; then
    echo "FAILED: $list does not have the cell models of rtl/files.f"
    exit 1
  fi
done
version=$(sed -n 's/^project(.* VERSION \([^ ]*\) .*/\1/p' CMakeLists.txt)
grep -qx "name: systolic-bert:ip:systolic_bert:$version" systolic_bert.core ||
  { echo "FAILED: systolic_bert.core does not name version $version of CMakeLists.txt"; exit 1; }
[[ "$(grep -m 1 '^## ' CHANGELOG.md)" =~ ^"## $version"(,|$) ]] ||
  { echo "FAILED: CHANGELOG.md does not begin with version $version of CMakeLists.txt"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
core=systolic-bert:ip:systolic_bert
fusesoc() {
  (cd "$work" && "$SB_VENV/bin/fusesoc" --cores-root "$SB_ROOT" "$@") > "$work/log" 2>&1
}
failed() { cat "$work/log"; echo "FAILED: $*"; exit 1; }
lint() { fusesoc run --target lint --build-root lint "$core" "$@"; }
fusesoc core show "$core" || failed "fusesoc core show"
lint --M=8 --K=64 --N=64 || failed "the lint target"
for illegal in M=5 Rows=0 K=0; do
  ! lint "--$illegal" || failed "the lint target takes $illegal"
  grep -q "must be" "$work/log" || failed "the lint target refuses $illegal for another reason"
done
echo "core files: passed"
