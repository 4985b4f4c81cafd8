#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bertsim op: every operator in RTL equals the golden model on shapes that are no multiples, with
# and without stalls, stays within one code of float64, and for each kind of bad input gives one
# line and exit status 2. usage: bertsim_op_test.sh BERTSIM
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# op ARGS...: rtl (with the options in $rtl too) and golden write the same file, the report says so,
# and nothing is more than one code from float64.
op() {
  "$bertsim" op "$@" ${rtl:-} --out rtl.npy --json report.json --stall 0.3 > /dev/null ||
    fail "op $*: exit status $?"
  "$bertsim" op "$@" --out golden.npy --engine golden > /dev/null
  cmp -s rtl.npy golden.npy || fail "op $*: rtl and golden differ"
  jq -e '.equal_to_golden and .largest_error <= 1 and .cycles > 0' report.json > /dev/null ||
    fail "op $*: $(cat report.json)"
  "$bertsim" op "$@" --out float.npy --engine float > /dev/null
  [ "$(head -c 128 float.npy | grep -c '<f8')" = 1 ] || fail "op $*: float engine writes no float64"
}

npy codes.npy '|i1' 1 13 197
npy long.npy '|i1' 1 1 5000
npy rows.npy '<i2' 2 9 769
npy acc.npy '<i4' 4 11 101

op softmax --in codes.npy --in-scale 0.03
rtl="--lanes 16" op softmax --in codes.npy --in-scale 0.03 --format s8 --keys 150
op softmax --in codes.npy --in-scale 0.03 --keys 0
op layernorm --in rows.npy --in-scale 0.001 --out-scale 0.0002
rtl="--lanes 16" op layernorm --in rows.npy --in-scale 0.001 --out-scale 0.0002 --bits 9 \
  --operand-out operand.npy
[ -s operand.npy ] || fail "no operand written"
op gelu --in codes.npy --in-scale 0.05 --in-zero -40 --out-scale 0.04 --out-zero -100
for f in relu leaky_relu tanh sigmoid; do op table --function $f --in codes.npy --out-scale 0.02 \
  --clamp s9; done
op requantize --in acc.npy --in-scale 1e-8 --out-scale 0.2 --out-zero 5
op requantize --in acc.npy --in-scale 1e-8 --out-scale 0.001 --clamp s16

refused "no such file" op softmax --in missing.npy --out none.npy
refused "--in is required" op softmax --out none.npy
refused "operator" op cosine --in codes.npy --out none.npy
refused "not in -128..127" op softmax --in rows.npy --out none.npy
refused "5000 keys" op softmax --in long.npy --out none.npy
refused "--in-scale" op softmax --in codes.npy --in-scale 0 --out none.npy
refused "no stage softmax with 5 lanes" op softmax --in codes.npy --lanes 5 --out none.npy
refused "columns" op softmax --in codes.npy --keys 500 --out none.npy
refused "cannot be s16" op gelu --in codes.npy --clamp s16 --out none.npy
refused "a table has 256" op table --table codes.npy --in codes.npy --out none.npy
refused "requantization by" op requantize --in acc.npy --in-scale 1e9 --out none.npy
refused "--stall" op gelu --in codes.npy --stall 1 --out none.npy

finish
