#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bus masters that others have written against the tops, in a folder of its own:
# run.sh fc_layer_axis. Tests that must notice a fault are among them.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
sb_paths
python=$SB_VENV/bin/python
sb_newest_verilator
"$python" -c 'import find_libpython as f, sys; sys.exit(f.find_libpython() is None)' ||
  { echo "SKIPPED: no shared library of Python"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$SB_ROOT"/tests/foreign/*.py "$SB_ROOT"/tests/examples/fc_layer_cocotb.py "$work"
cd "$work"
sed -i "s|^rtl = .*|rtl = Path('$SB_ROOT/rtl')|" fc_layer_cocotb.py
# The makefile of the wheel lacks the option that its precompiled headers need.
export MAKEFLAGS=CFG_CXXFLAGS_PCH_I=-include
OBJCACHE=ccache "$python" "$1.py" "$work/build" > log 2>&1 || { tail -60 log; exit 1; }
grep '\*\* ' log
