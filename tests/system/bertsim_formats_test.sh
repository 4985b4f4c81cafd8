#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bertsim formats on a random model: the usual table, triples of formats that must rank by width,
# and for each kind of bad input one line and exit status 2. usage: bertsim_formats_test.sh BERTSIM
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# cosine OPTIONS...: the mean that bertsim formats prints for one triple.
cosine() { "$bertsim" formats --model model --texts texts.txt "$@" | tail -1 | awk '{print $4}'; }

less() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; }

"$bertsim" random-model --out model > /dev/null
printf 'the happy dog\ntoday is a sunny day!\n' > texts.txt

[ "$("$bertsim" formats --model model | wc -l)" = 10 ] ||
  fail "the usual table has not 8 rows and 2 lines of head"
int4=$(cosine --input INT8 --weight INT4) int8=$(cosine --input INT8 --weight INT8) \
  fp16=$(cosine --output FP16)
less "$int4" "$int8" || fail "INT4 weights ($int4) are not worse than INT8 ($int8)"
less "$int8" "$fp16" || fail "INT8 ($int8) is not worse than FP16 outputs ($fp16)"
[ "$(cosine --input FP32)" = 1.00000 ] || fail "FP32 alone changes the embedding"
for method in max percentile mse entropy; do
  less 0.9 "$(cosine --input INT8 --method $method)" || fail "method $method"
done
less 0.9 "$(cosine --input INT8 --output INT8 --dynamic)" || fail "--dynamic"
less 0.9 "$(cosine --weight E4M3 --fixed-grid --per-tensor-weights)" ||
  fail "--fixed-grid --per-tensor-weights"

refused "no such file" formats --model missing
refused "--model is required" formats
refused "not FP16, BF16 or E<bits>M<bits>" formats --model model --input FP12
refused "must be 2..24" formats --model model --weight INT1
refused "must be 1..8" formats --model model --weight E0M3
refused "percentile 101" formats --model model --input INT8 --method percentile --percentile 101
refused "must be 2..10" formats --model model --input INT12 --method entropy
refused "method" formats --model model --method guess
refused "no such file" formats --model model --texts missing.txt
: > bad.txt
refused "no text" formats --model model --texts bad.txt
refused "no text" formats --model model --calibration bad.txt
printf 'a\n\nb\n' > bad.txt
refused "line 2 is empty" formats --model model --texts bad.txt
printf 'caf\xe9\n' > bad.txt
refused "not valid UTF-8" formats --model model --texts bad.txt

finish
