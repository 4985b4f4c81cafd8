#!/usr/bin/env bash
# Checks systolic_bert.core and Bender.yml: both name the files of rtl/files.f, in its order, and FuseSoC sets up the
# lint target (and runs it, unless SETUP_ONLY is set) and the KV260 target from the core file. Bender itself is not run.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
sb_paths
cd "$SB_ROOT"
wanted=$(sed '/^rtl/!d;/^rtl\/cells_sim/d' rtl/files.f)
models=$(grep '^rtl/cells_sim' rtl/files.f)
for list in systolic_bert.core Bender.yml; do
  found=$(sed -n 's/^ *- \(rtl\/.*\.sv\)$/\1/p' "$list")
  [ "$(grep -v cells_sim <<< "$found")" = "$wanted" ] || { echo "FAILED: $list does not have the files of rtl/files.f in its order:"; diff <(echo "$wanted") <(grep -v cells_sim <<< "$found") || true; exit 1; }
  [ "$(grep cells_sim <<< "$found")" = "$models" ] || { echo "FAILED: $list does not have the cell models of rtl/files.f"; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fusesoc() { (cd "$work" && "$SB_VENV/bin/fusesoc" --cores-root "$SB_ROOT" "$@") > "$work/log" 2>&1 || { cat "$work/log"; echo "FAILED: fusesoc $*"; exit 1; }; }
fusesoc core show systolic-bert:ip:systolic_bert
fusesoc run --setup --target kv260 --build-root kv260 systolic-bert:ip:systolic_bert --M=8 --K=64 --N=64
fusesoc run ${SETUP_ONLY:+--setup} --target lint --build-root lint systolic-bert:ip:systolic_bert --M=8 --K=64 --N=64
echo "core files: passed"
