#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# encode --engine rtl, layer and run as a user calls them: results equal to golden's, figures that
# add up, and for each kind of bad input one line, exit status 2 and no file left behind.
# usage: bertsim_engine_test.sh BERTSIM
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# says WORDS ARGUMENTS...: exit status 0 and output that holds the words.
says() {
  local words=$1 status=0
  shift
  "$bertsim" "$@" > said 2>&1 || status=$?
  [ "$status" = 0 ] || fail "bertsim $*: exit status $status: $(tail -2 said)"
  grep -qF -- "$words" said || fail "bertsim $*: '$words' is not in: $(cat said)"
}

"$bertsim" random-model --out model > /dev/null
printf 'the happy dog\ntoday is a sunny day\n' > calibration.txt
for bits in 8 9; do
  "$bertsim" quantize --model model --calibration calibration.txt --activation-bits $bits \
    --out int$bits.safetensors > /dev/null
done
echo '["the happy dog", "today is a sunny day!", "a"]' > texts.json

# Text to embedding: the same bytes as the golden model, in any order of answers.
"$bertsim" encode --model int8.safetensors --engine golden --texts texts.json --out golden.npy
says " 0 mismatches" encode --model int8.safetensors --engine rtl --m 8 --texts texts.json \
  --check all --stall 0.2 --jitter 30 --reorder --json figures.json \
  --listing listing.txt --out rtl.npy
cmp golden.npy rtl.npy || fail "embeddings of the engine are not golden's"
grep -q '"mismatches": 0' figures.json || fail "figures: $(cat figures.json)"
grep -q 'layer.1.ffn2' listing.txt || fail "listing"
says "with float" encode --model int9.safetensors --engine rtl --m 8 --text "the happy dog" \
  --text a --similarities --float model --clock 200 --out rtl.npy
grep -q "ms at 200 MHz a text" said || fail "no time: $(cat said)"

# A file of texts in two processes: golden's cosines; a second call goes on where files are missing.
for i in $(seq 18); do echo "the dog $i is happy"; done > lines.txt
eval="eval --model model --int int8.safetensors --texts lines.txt"
says "texts                  18" $eval --json golden.json
says "18 texts: 0 of them kept; 6480 elements compared, 0 mismatches" \
  $eval --engine rtl --m 8 --jobs 2 --resume kept --json rtl.json
[ "$(jq .cosines golden.json)" = "$(jq .cosines rtl.json)" ] || fail "eval of the engine"
rm kept/batch-0.json
says "18 texts: 2 of them kept" $eval --engine rtl --m 8 --jobs 2 --resume kept --json again.json
[ "$(jq 'del(.engine_seconds)' again.json)" = "$(jq 'del(.engine_seconds)' rtl.json)" ] ||
  fail "eval that goes on"
refused "holds results of another model, other texts or another engine" \
  $eval --engine rtl --m 4 --resume kept --json out.json
refused "holds something else than results of eval" $eval --engine rtl --m 8 --resume model
refused "texts.json: not a folder" $eval --engine rtl --m 8 --resume texts.json
refused "--resume has no effect without --engine rtl" $eval --resume kept
refused "needs --engine rtl" $eval --m 8
refused "this build has encoders of M = 4 (8 bits)" $eval --engine rtl --m 5 --jobs 2
refused "--jobs" $eval --engine rtl --m 8 --jobs 0
echo '{"cycles": 1}' > kept/batch-0.json
refused "batch-0.json: not a batch of this evaluation" $eval --engine rtl --m 8 --resume kept

# Layers and chains.
says " 0 mismatches" layer --hidden 40 --heads 5 --ffn 33 --m 4 --tokens 7 1 4 \
  --check all --json layer.json
grep -q '"cycles_by_reason"' layer.json || fail "layer.json"
says " 0 mismatches" layer --model int8.safetensors --first 1 --m 8 --tokens 9 --check all
# Bound by the array or its tiles: every product takes the cycles that are predicted; with a bus
# that pauses, of which the prediction is not told, some do not.
off() { jq -c '[.commands[] | select(.predicted != .measured)]' layer.json; }
for shape in "--m 8 --hidden 64 --heads 4 --ffn 256 --layers 3 --tokens 30 --bytes 16" \
  "--m 32 --hidden 128 --heads 4 --ffn 512 --layers 2 --tokens 26 --bytes 64"; do
  says " 0 mismatches" layer $shape --json layer.json
  [ "$(off)" = '[]' ] || fail "predicted: $(off)"
done
says " 0 mismatches" layer $shape --stall 0.8 --json layer.json
[ "$(off)" != '[]' ] || fail "a bus that pauses is not noticed"
cat > net.json <<'END'
{"inputs": 16, "layers": [{"outputs": 32, "activation": "relu"}, {"outputs": 64},
                          {"outputs": 5, "clamp": "s16"}]}
END
says "16-32-64-5: 20 rows" run net.json --m 4 --rows 20 --check all --out y.npy
grep -q " 0 mismatches" said || fail "run: $(cat said)"

# Waveforms, where the build has them.
if "$bertsim" layer --hidden 8 --heads 2 --ffn 9 --m 4 --tokens 3 --trace w.fst \
  --trace-from 10 --trace-to 60 > said 2>&1; then
  [ -s w.fst ] || fail "no waveform"
else
  grep -q "this build has no waveforms" said || fail "waveform: $(cat said)"
fi

encode="encode --model int8.safetensors --text a --out out.npy"
refused "needs --engine rtl" $encode --m 8
refused "needs --engine rtl" $encode --engine golden --check all
refused "needs an integer model file" encode --model model --engine rtl --text a --out out.npy
refused "this build has encoders of M = 4 (8 bits)" $encode --engine rtl --m 5
refused "M = 32 with 9 bits" encode --model int9.safetensors --engine rtl --text a --out out.npy
refused "--check" $encode --engine rtl --check some
refused "--latency: '0' is not a whole number in 1.." $encode --engine rtl --m 4 --latency 0
refused "--latency: '10001' is not" $encode --engine rtl --m 4 --latency 10001
refused "--jitter: '-1' is not" $encode --engine rtl --m 4 --jitter -1
refused "--stall: 'nan' is not" $encode --engine rtl --m 4 --stall nan
refused "--bytes: '1e-9' is not" $encode --engine rtl --m 4 --bytes 1e-9
refused "--bytes: '0' is not" $encode --engine rtl --m 4 --bytes 0
refused "--seed: '-1' is not" $encode --engine rtl --m 4 --seed -1
refused "--seed: '18446744073709551616' is not" $encode --engine rtl --seed 18446744073709551616
refused "--stall: 'nan' is not" eval --model model --int int8.safetensors \
  --texts calibration.txt --engine rtl --m 4 --stall nan
refused "--clock: 'nan' is not" $encode --engine rtl --m 4 --clock nan
refused "--trace-to has no effect without --trace" $encode --engine rtl --m 4 --trace-to 9
refused "an empty window" $encode --engine rtl --m 4 --trace out.fst --trace-from 9 --trace-to 3
refused "--first has no effect without --model" layer --m 4 --first 1 --tokens 2
refused "--size has no effect with --model" layer --model int8.safetensors --m 4 --size minilm
refused "--weights-seed has no effect" layer --model int8.safetensors --m 4 --weights-seed 4
refused "--hidden: '65536' is not" layer --m 4 --hidden 65536 --heads 1 --tokens 1
refused "--weights-seed: '-1' is not" run net.json --m 4 --weights-seed -1
refused "--rows: '0' is not" run net.json --m 4 --rows 0
refused "99 bytes a cycle on a bus of 8 bytes" $encode --engine rtl --m 4 --bytes 99
refused "take StatRows" layer --hidden 8 --heads 2 --ffn 9 --m 4 --tokens 40
refused "no multiple of 7 heads" layer --hidden 40 --heads 7
refused "the model has 2" layer --model int8.safetensors --first 1 --layers 2
echo '{"inputs": 3, "layers": [{"outputs": 4}, {}]}' > bad.json
refused 'bad.json: layer 1: "outputs" must be a number' run bad.json
echo '{"inputs": 3, "layers": []}' > bad.json
refused '"layers" must be a list' run bad.json
echo '{"inputs": 3, "layers": [{"outputs": 4, "weights": "w.npy"}]}' > bad.json
refused 'unknown key "weights"' run bad.json
echo '{"inputs": 3, "layers": [{"outputs": 4, "clamp": "s16"}, {"outputs": 4}]}' > bad.json
refused "only the last layer can have" run bad.json
echo '{"inputs": 3' > bad.json
refused "bad.json" run bad.json

finish
