#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The examples of this folder as their README.md says, in a folder of their own:
# run.sh verilator|cocotb. The first also with a fault in its top, which its comparison must notice.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
sb_paths
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$SB_ROOT"/tests/examples/* "$work"
cd "$work"
# Verilator splits the path of a file list at spaces: none is in this one.
ln -s "$SB_ROOT" checkout
case $1 in
  verilator)
    build() {
      OBJCACHE=ccache verilator --cc --exe --build -j 2 --no-timing --assert -Wall --Mdir "$1" \
        checkout/scripts/lint/verilator.vlt -F checkout/rtl/files.f --top-module example_top \
        example_top.sv main.cpp > log 2>&1 || { cat log; exit 1; }
    }
    build obj_dir
    obj_dir/Vexample_top
    sed -i 's/act_unsigned_i(1.b0)/act_unsigned_i(1'"'"'b1)/' example_top.sv
    build obj_fault
    ! obj_fault/Vexample_top || { echo "FAILED: unsigned inputs are not noticed"; exit 1; }
    ;;
  cocotb)
    python=$SB_VENV/bin/python
    sb_newest_verilator
    "$python" -c 'import find_libpython as f, sys; sys.exit(f.find_libpython() is None)' ||
      { echo "SKIPPED: no shared library of Python"; exit 77; }
    sed -i "s|^rtl = .*|rtl = Path('$SB_ROOT/rtl')|" fc_layer_cocotb.py
    # The makefile of the wheel lacks the option that its precompiled headers need.
    export MAKEFLAGS=CFG_CXXFLAGS_PCH_I=-include
    OBJCACHE=ccache "$python" fc_layer_cocotb.py "$work/build" > log 2>&1 ||
      { tail -60 log; exit 1; }
    grep '\*\* ' log
    ;;
  *) die "unknown example '$1': verilator or cocotb" ;;
esac
