#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The commands of bertsim that need no hardware, on a random model: results that fit together, and
# for each kind of bad input one line, exit status 2 and no file left behind. usage:
# bertsim_golden_test.sh BERTSIM
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# broken_model NAME COMMAND: a copy of the model, changed by a shell command that runs inside it.
broken_model() {
  rm -rf "$1"
  cp -r model "$1"
  (cd "$1" && eval "$2")
}

"$bertsim" info | grep -qxE 'systolic-bert [0-9]+\.[0-9]+\.[0-9]+' ||
  fail "info: $("$bertsim" info)"
"$bertsim" random-model --out model > /dev/null
"$bertsim" random-model --out twin > /dev/null
cmp model/model.safetensors twin/model.safetensors || fail "one seed gave two models"
"$bertsim" random-model --seed 2 --out other > /dev/null
! cmp -s model/model.safetensors other/model.safetensors || fail "two seeds gave one model"

echo '["the happy dog", "today is a sunny day!"]' > texts.json
"$bertsim" tokenize --model model --json texts.json --out ids.json
grep -qE '^\[\[2(,[0-9]+)+,3\],\[2(,[0-9]+)+,3\]\]$' ids.json || fail "ids: $(cat ids.json)"
"$bertsim" tokenize --model model --json texts.json --max-length 3 --out ids.json
grep -qE '^\[\[2,[0-9]+,3\],\[2,[0-9]+,3\]\]$' ids.json || fail "ids of at most 3: $(cat ids.json)"
"$bertsim" encode --model model --texts texts.json --engine float --out both.npy
"$bertsim" encode --model model --text "today is a sunny day!" --out one.npy
tail -c 192 both.npy > second
tail -c 192 one.npy | cmp - second || fail "a text alone and in a file have different embeddings"
"$bertsim" info --model model | grep -q '^total: 37 tensors, 62624 parameters' ||
  fail "info: parameters"
"$bertsim" info --model model | grep -q '^encoder.layer.1.output.dense.weight .*F32 .*\[48, 160\]' \
  || fail "info: shapes"

long_text=$(printf 'dog %.0s' {1..100})
"$bertsim" encode --model model --text "$long_text" --out long.npy ||
  fail "a long text is cut to what the model takes"

# Each calibrator makes a model of its own that encodes.
printf 'the happy dog\nthis is a sunny day in the city\na quick test, with some words: 42!\n' > \
  texts.txt
for calibrator in max percentile mse entropy; do
  "$bertsim" quantize --model model --calibration texts.txt --out $calibrator.safetensors \
    --calibrator $calibrator \
    > /dev/null 2>&1 || fail "quantize --calibrator $calibrator"
  "$bertsim" encode --model $calibrator.safetensors --engine golden --text "the dog" --out \
    $calibrator.npy ||
    fail "encode after --calibrator $calibrator"
done
[ "$(sha256sum {max,percentile,mse,entropy}.safetensors | cut -d ' ' -f 1 | sort -u | wc -l)" = 4 \
  ] ||
  fail "two calibrators gave one model"
quantize="quantize --model model --calibration texts.txt --out out.safetensors"
refused "calibrator" $quantize --calibrator median
refused "needs --calibrator percentile, it is max" $quantize --percentile 99
refused "needs --calibrator percentile, it is mse" $quantize --calibrator mse --percentile 99
refused "percentile (above 50, at most 100) is 50" $quantize --calibrator percentile --percentile 50
refused "percentile (above 50, at most 100) is 101" $quantize --calibrator percentile --percentile \
  101
refused "percentile" $quantize --calibrator percentile --percentile most

# Accuracy: each figure in the text is in the JSON, a JSON file of texts may have labels.
echo '{"blank": [""], "words": ["the dog", "a quick test"]}' > odd.json
"$bertsim" eval --model model --int max.safetensors --texts odd.json --by-label --saturation \
  --json eval.json > eval.txt 2> /dev/null || fail "eval of a JSON file"
jq -e '.texts == 3 and .same_nearest >= 0 and .spearman <= 1 and .by_label.blank.texts == 1
  and (.by_label | length) == 2 and (.saturation | length) == 28' eval.json > /dev/null ||
  fail "eval.json: $(cat eval.json)"
grep -q "^rank correlation  *$(jq -r .spearman eval.json | cut -c 1-4)" eval.txt ||
  fail "eval.txt: $(cat eval.txt)"
# An empty line among texts is an empty text; the end of the last line begins none.
printf 'the happy dog\n\na quick test\n' > gap.txt
"$bertsim" eval --model model --int max.safetensors --texts gap.txt --json gap.json > /dev/null \
  2>&1 && [ "$(jq .texts gap.json)" = 3 ] || fail "eval of a file with an empty line"
"$bertsim" quantize --model model --calibration gap.txt --odd gap.txt --out gap.safetensors \
  > gap.log 2>/dev/null && grep -q "3 calibration texts and 3 odd ones" gap.log ||
  fail "quantize with an empty line: $(cat gap.log)"
refused "texts.txt has no labels" \
  eval --model model --int max.safetensors --texts texts.txt --by-label --json out.json
echo '{"blank": []}' > bad.json
refused "bad.json: no texts" \
  eval --model model --int max.safetensors --texts bad.json --json out.json

refused "no such file" encode --model missing --text x --out out.npy
refused "no such file" tokenize --model missing --json texts.json --out out.json
refused "no such file" info --model missing
refused "missing.json: no such file" encode --model model --texts missing.json --out out.npy
refused "not valid UTF-8" encode --model model --text $'caf\xe9' --out out.npy
refused "engine" encode --model model --text x --engine abacus --out out.npy
refused "--out is required" encode --model model --text x
refused "'1' is not a whole number" encode --model model --text x --max-length 1 --out out.npy
refused "65 tokens" encode --model model --text "$long_text" --max-length 65 --out out.npy
refused "cannot be written" encode --model model --text x --out out-folder/out.npy
refused "is a folder" encode --model model --text x --out model
refused "not a multiple" random-model --hidden 10 --heads 4 --out out-model
refused "built-in vocabulary" random-model --vocab 9 --out out-model

printf '[]' > bad.json
refused "at least one text" tokenize --model model --json bad.json --out out.json
printf '["a", 3]' > bad.json
refused "element 1 is not a string" tokenize --model model --json bad.json --out out.json
printf '["a' > bad.json
refused "not valid JSON" tokenize --model model --json bad.json --out out.json
printf '["caf\xe9"]' > bad.json
refused "not valid JSON" tokenize --model model --json bad.json --out out.json

name_twice() {
  sed -i '1,/type_embeddings/s/token_type_embeddings/position_embeddings.__/
    s/position_embeddings.__.weight/position_embeddings.weight/' model.safetensors
}
three_layers() { sed -i 's/"num_hidden_layers": 2/"num_hidden_layers": 3/' config.json; }
end_in_nan() {
  truncate -s -4 model.safetensors
  printf '\377\377\377\377' >> model.safetensors
}
while IFS='|' read -r words command; do
  broken_model broken "$command"
  refused "$words" encode --model broken --text "the dog" --out out.npy
done <<'CASES'
is empty|: > model.safetensors
cut short|truncate -s 100000 model.safetensors
after the last tensor|printf x >> model.safetensors
not a safetensors file|cp vocab.txt model.safetensors
appears twice|name_twice
hidden_size is missing|sed -i /hidden_size/d config.json
vocab_size of|sed -i '$d' vocab.txt
vocab_size of|echo extra >> vocab.txt
appears twice|sed -i '9s/.*/the/' vocab.txt
[UNK] is missing|sed -i 's/\[UNK\]/[unk]/' vocab.txt
is not [192, 48]|sed -i 's/"intermediate_size": 160/"intermediate_size": 192/' config.json
not supported|sed -i 's/"gelu"/"relu"/' config.json
layer.2.attention.self.query.weight': missing|three_layers
more encoder layers|sed -i 's/"num_hidden_layers": 2/"num_hidden_layers": 1/' config.json
do_lower_case|echo '{"do_lower_case": 1}' > tokenizer_config.json
is -nan|end_in_nan
CASES

finish
