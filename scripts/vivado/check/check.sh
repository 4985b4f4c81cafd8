#!/usr/bin/env bash
# Checks the Vivado scripts and constraints under tclsh (check.tcl), with the ports of the tops as Yosys elaborates them.
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
folder=build/vivado_check
rm -rf "$folder" && mkdir -p "$folder"
for top in $(sed -n 's/^        \(sb_[a-z0-9_]*\) *{.*/\1/p' scripts/vivado/tops.tcl); do
  grep -q "/$top.sv\$" rtl/files.f || continue
  ./scripts/synth.sh --top "$top" --ports "$folder/$top.ports"
done
tclsh scripts/vivado/check/check.tcl "$folder"
