#!/usr/bin/env bash
# From a bare Debian 12 to the main job: sets up, builds bertsim, and runs text through the RTL, which must equal the
# golden model element for element. Without the model of the set-up, a small built-in one with random weights is used.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
say "setting up (packages, tools, model; nothing to do if all is there)"
"$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"
sb_paths
say "building bertsim (log: build/build.log)"
sb_build bertsim
bertsim=$SB_BUILD/tb/bertsim
model=$SB_MODEL
if [ ! -e "$SB_MODEL/ready" ]; then
  model=$SB_ROOT/build/demo-model
  say "no model: a small one with random weights, in build/demo-model"
  rm -rf "$model"
  "$bertsim" random-model --out "$model"
fi
text="An int8 BERT encoder accelerator in SystemVerilog, compared bit for bit with an integer golden model."
say "bertsim linear: every linear layer of the encoder on the RTL, for the text \"$text\""
"$bertsim" linear --model "$model" --text "$text"
