#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The design space as a table: what an array of M x M multipliers costs and what it gains.
#
#   ./scripts/design_space.sh [M...]          (4 8 16 32 64)
#
# DSP, LUT, FF, BRAM (18 Kb): sb_gemm_core with DSP48E2 cells and 128 rows, Yosys for UltraScale+.
# Fmax: the array alone with MULT18X18D cells, not packed, on an ECP5-85 (nextpnr, slowest speed
# grade, the best of three placements); none where the part has too few multipliers. Cycles: all
# products of one encoder layer for 128 tokens, heads included, simulated: MiniLM (hidden 384, 12
# heads, FFN 1536) and BERT-base (768, 12, 3072), with random weights.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
[ $# -gt 0 ] || set -- 4 8 16 32 64
for m in "$@"; do
  case $m in 4 | 8 | 16 | 32 | 64) ;; *) die "M = $m: must be 4, 8, 16, 32 or 64" ;; esac
done
sb_paths
sb_build bertsim
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bertsim=$SB_BUILD/tb/bertsim
[ -x "$bertsim" ] || bertsim=$(find "$SB_BUILD" -name bertsim -type f -perm -u+x | head -1)
layer() {
  "$bertsim" random-model --layers 1 --positions 128 --out "$work/$1" "${@:2}" > /dev/null
}
layer minilm --hidden 384 --heads 12 --ffn 1536
layer base --hidden 768 --heads 12 --ffn 3072
text=$(printf 'model %.0s' {1..200})
cycles() {
  "$bertsim" linear --model "$work/$1" --text "$text" --max-length 128 --m "$m" \
    --json "$work/cycles.json" > /dev/null
  jq .total.cycles "$work/cycles.json"
}
echo "| M | DSP | LUT | FF | BRAM | Fmax ECP5, MHz | cycles MiniLM layer | cycles BERT-base layer |"
echo "|---|---|---|---|---|---|---|---|"
for m in "$@"; do
  "$SB_ROOT/scripts/synth.sh" --top sb_gemm_core -G "M=$m" -G MulStyle=1 \
    --json "$work/synth.json" > /dev/null
  fmax=-
  if [ $((m * m)) -le 156 ]; then  # multipliers of the part
    "$SB_ROOT/scripts/synth.sh" --top sb_array -G "M=$m" -G Packed=0 -G MulStyle=2 --fmax \
      --json "$work/fmax.json" > /dev/null
    fmax=$(jq .fmax "$work/fmax.json")
  fi
  printf '| %s | %s | %s | %s |\n' "$m" \
    "$(jq -r '.figures | "\(.dsp) | \(.lut) | \(.ff) | \(.bram)"' "$work/synth.json")" "$fmax" \
    "$(cycles minilm) | $(cycles base)"
done
