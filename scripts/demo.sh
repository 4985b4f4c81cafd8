#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian to the main job: sets up, builds bertsim, and takes sentences, from text,
# through all layers of all-MiniLM-L6-v2 on the simulated encoder engine, which must equal the
# golden model element for element.
#   demo.sh [SENTENCE...]
# Without the model of the set-up, a small built-in one with random weights is used. The model is
# quantized without --odd (golden/quantize/integer_model.md), which takes four times as long and is
# for texts unlike sentences.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
say "setting up (packages, tools, model; nothing to do if all is there)"
"$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"
SB_PRESET=${SB_PRESET:-bench}  # the simulation without assertions and waveforms
sb_paths
say "building bertsim with this engine alone (log: build/build.log)"
sb_build bertsim_m32
bertsim=$SB_BUILD/tb/bertsim_m32
model=$SB_MODEL
if [ ! -e "$SB_MODEL/ready" ]; then
  model=$SB_ROOT/build/demo-model
  say "no model: a small one with random weights, in build/demo-model"
  rm -rf "$model"
  "$bertsim" random-model --out "$model"
fi
# Made again when what it is made with changes.
key=$(cat "$SB_ROOT"/golden/{data,quantize,ops,model}/* "$model/config.json" |
  sha256sum | cut -c1-12)
integer=$SB_ROOT/build/demo-$key.safetensors
if [ ! -e "$integer" ]; then
  say "quantizing the model to 8 bits (kept in build/)"
  rm -f "$SB_ROOT"/build/demo-*.safetensors
  "$bertsim" quantize --model "$model" --calibration "$SB_ROOT/golden/data/calibration.txt" \
    --out "$integer"
fi
[ $# -gt 0 ] ||
  set -- "That is a happy person" "That is a very happy person" "That is a happy dog" \
    "Today is a sunny day"
texts=()
for text; do texts+=(--text "$text"); done
say "bertsim encode --engine rtl: $# sentences through all layers on the simulated engine," \
  "every tensor compared"
"$bertsim" encode --engine rtl --model "$integer" --float "$model" "${texts[@]}" \
  --check all --similarities --clock 300 \
  --json "$SB_ROOT/build/demo.json" --timeline "$SB_ROOT/build/demo.trace" \
  --report "$SB_ROOT/build/demo.html" --out "$SB_ROOT/build/demo.npy"
say "figures: build/demo.json; embeddings: build/demo.npy; for Perfetto: build/demo.trace"
say "report: build/demo.html (one page, for any browser)"
