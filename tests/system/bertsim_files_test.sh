#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What bertsim does with the files it reads and writes, its options and its arguments: mistakes give
# one line and exit status 2, outputs are checked before the work and replaced together.
# usage: bertsim_files_test.sh BERTSIM
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# The check itself: a command that succeeds is not refused.
refused "" info > check.log
[ "$failures" -ge 1 ] || { echo "FAILED: a command that succeeds was taken for a refusal"; exit 1; }
failures=0

npy a.npy '|i1' 1 6 9
npy b.npy '|i1' 1 9 5
npy acc.npy '<i4' 4 3 40
npy codes.npy '|i1' 1 3 40
gemm=(gemm --a a.npy --b b.npy --m 4)
"$bertsim" random-model --out model > /dev/null
echo 'the happy dog' > texts.txt
echo '["the happy dog"]' > texts.json
encode=(encode --model model --text dog)

# Arguments and numbers.
refused "argument 5 of 'encode' is empty" encode --model model --text hello "" --out o.npy
refused "argument 1 of 'op' is empty" op "" --in codes.npy --out o.npy
refused "no command 'gem'; the nearest is 'gemm'" gem --a a.npy
refused "no command 'enocde'; the nearest is 'encode'" enocde
refused "no command ''" ""
for seed in -1 18446744073709551616 1e3 0x10 010 ' 1' 1.0 nan; do
  refused "--seed" random-model --out out --seed "$seed"
  refused "--seed" "${gemm[@]}" --out o.npy --seed "$seed"
done
"$bertsim" "${gemm[@]}" --out o.npy --seed 18446744073709551615 > /dev/null ||
  fail "the largest seed"
for stall in nan -1 inf -nan 1 0.96 1e400 0x0.8p0; do
  refused "--stall" "${gemm[@]}" --out o.npy --stall $stall
  refused "--stall" op table --in codes.npy --out o.npy --stall $stall
  refused "--stall" linear --model model --text x --stall $stall
done
refused "--m" "${gemm[@]}" --out o.npy --m 4.5
refused "--zp-a" "${gemm[@]}" --out o.npy --zp-a 256
refused "--max-length" "${encode[@]}" --out o.npy --max-length -1
refused "--hidden" random-model --out out --hidden 0

# Options without effect.
refused "--zp-out has no effect without --mult" "${gemm[@]}" --out o.npy --zp-out 3
refused "--out-type has no effect without --mult" "${gemm[@]}" --out o.npy --out-type uint8
refused "--trace-from has no effect without --trace" "${gemm[@]}" --out o.npy --trace-from 3
refused "--trace-to has no effect without --trace" linear --model model --text x --trace-to 3
for option in --stall=0.5 --seed=3 --trace=o.fst; do
  refused "${option%=*} has no effect with --engine golden" "${gemm[@]}" --out o.npy --engine \
    golden $option
  refused "${option%=*} has no effect with --engine float" op table --in codes.npy --out o.npy \
    --engine float $option
done
refused "an empty window" "${gemm[@]}" --out o.npy --trace o.fst --trace-from 9 --trace-to 8
refused "begins after the run" "${gemm[@]}" --out o.npy --trace o.fst --trace-from 1000000
refused "--gamma has no effect on softmax" op softmax --in codes.npy --out o.npy --gamma codes.npy
refused "--keys has no effect on table" op table --in codes.npy --out o.npy --keys 3
refused "--function has no effect with --table" op table --in codes.npy --out o.npy --table \
  codes.npy --function relu
refused "--function has no effect on gelu" op gelu --in codes.npy --out o.npy --function relu
refused "--slope has no effect without --function leaky_relu" op table --in codes.npy --out o.npy \
  --slope 0.1
refused "--in-scale has no effect with --scales" op requantize --in acc.npy --out o.npy --scales \
  a.npy --in-scale 2
refused "--no-split has no effect with --plain" quantize --model model --calibration texts.txt \
  --out o --plain --no-split
refused "--alpha has no effect with --no-smooth" quantize --model model --calibration texts.txt \
  --out o --no-smooth --alpha 0.5
refused "--percentile has no effect without --method percentile" formats --model model \
  --percentile 99
refused "--method has no effect with --dynamic" formats --model model --dynamic --method mse
refused "--in-zero: '40000'" op gelu --in codes.npy --out o.npy --in-zero 40000
refused "--in-zero 128: a code" op gelu --in codes.npy --out o.npy --in-zero 128
refused "--out-zero -1: a code" op gelu --in codes.npy --out o.npy --out-zero -1 --clamp u8

# What is read: the system's reason, and regular files alone.
refused "model.safetensors: no such file" info --model missing/model.safetensors
refused "missing: no such file" info --model missing
refused "/dev/zero: is not a regular file" info --model /dev/zero
refused "/dev/zero: is not a regular file" encode --model /dev/zero --text x --out o.npy --engine \
  golden
refused "is not a regular file" gemm --a /dev/stdin --b b.npy --out o.npy < /dev/zero
ln -s loop loop
refused "loop: cannot be read: Too many levels of symbolic links" info --model loop
refused "Too many levels of symbolic links" encode --model loop --text x --out o.npy
long=$(printf 'n%.0s' {1..300})
refused "cannot be read: File name too long" info --model "$long"
refused "File name too long" encode --model "$long" --text x --out o.npy
refused "cannot be written: File name too long" "${encode[@]}" --out "$long"
if [ "$(id -u)" != 0 ]; then
  as_user=()
elif command -v setpriv > /dev/null; then
  as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi
mkdir closed && cp -r model closed/
chmod 0 closed
chmod 755 "$scratch"
if [ -n "${as_user+set}" ]; then
  denied() {  # denied ARGUMENTS...: an ordinary user may not look into the folder
    local status=0 message
    message=$("${as_user[@]}" "$bertsim" "$@" 2>&1) || status=$?
    case $status$message in
      2*": Permission denied") ;;
      *) fail "bertsim $* without permission: status $status, $message" ;;
    esac
  }
  if "${as_user[@]}" test -x "$bertsim"; then
    denied info --model closed/model
    denied encode --model closed/model --text x --out /tmp/none.npy
    denied gemm --a closed/a.npy --b b.npy --out /tmp/none.npy
    denied "${encode[@]}" --out "$scratch/closed/o.npy"
  fi
fi
chmod 755 closed

# Memory that is not there.
status=0
message=$(ulimit -v 4000000; "$bertsim" random-model --hidden 65536 --out big 2>&1) || status=$?
[ "$status:$message" = "2:bertsim: out of memory" ] || fail "no memory: status $status, $message"
[ ! -e big ] || fail "no memory: left a folder"

# What is written: checked before the work.
refused "--out and --json are one file" "${gemm[@]}" --out o.npy --json o.npy
refused "--out and --acc are one file" "${gemm[@]}" --out o.npy --acc "$scratch/./o.npy"
ln -s o.npy to_o.npy
refused "--out and --acc are one file" "${gemm[@]}" --out o.npy --acc to_o.npy
refused "the save file of --trace are one file" "${gemm[@]}" --out o.gtkw --trace o.fst
refused "--out a.npy: --a reads this file" "${gemm[@]}" --out a.npy
ln a.npy also_a.npy
refused "--a reads this file" "${gemm[@]}" --out also_a.npy
refused "--in reads this file" op table --in codes.npy --out codes.npy
refused "--model reads this file" quantize --model model --calibration texts.txt --out \
  model/model.safetensors
refused "--calibration reads this file" quantize --model model --calibration texts.txt --out \
  texts.txt
refused "--json reads this file" tokenize --model model --json texts.json --out texts.json
refused "is a folder" "${encode[@]}" --out model
refused "is empty" "${encode[@]}" --out ""
refused "is empty" "${encode[@]}" --out=
refused "is empty" "${gemm[@]}" --out o.npy --json ""
refused "no/folder/o.npy: cannot be written: No such file" "${gemm[@]}" --out no/folder/o.npy
refused "cannot be written: No such file" "${gemm[@]}" --out o.npy --json no/folder/o.json
refused "o.npy: cannot be written: Not a directory" "${encode[@]}" --out a.npy/o.npy
refused "cannot be written: Too many levels of symbolic links" "${encode[@]}" --out loop
refused "a waveform needs a regular file" "${gemm[@]}" --out o.npy --trace /dev/null
: > read_only.npy
chmod 444 read_only.npy
refused "read_only.npy: cannot be written: Permission denied" "${gemm[@]}" --out read_only.npy
refused "read_only.npy: cannot be written: Permission denied" "${gemm[@]}" --out o.npy --acc \
  read_only.npy

# A full disk: of a file, of the second of two files, of standard output, of a waveform.
refused "/dev/full: cannot be written: No space left on device" "${encode[@]}" --out /dev/full
status=0
message=$("$bertsim" "${gemm[@]}" --out kept.npy --json /dev/full 2>&1 > /dev/null) || status=$?
[ "$status" = 2 ] && [ ! -e kept.npy ] || fail "the second output is full: status $status, $message"
for command in "info --model model" "${gemm[*]} --out kept.npy" "--help" \
  "op table --in codes.npy --out kept.npy" "random-model --out kept"; do
  status=0
  message=$("$bertsim" $command 2>&1 > /dev/full) || status=$?
  [ "$status" = 2 ] || fail "$command into a full standard output: status $status"
  [ "$(wc -l <<< "$message")" = 1 ] || fail "$command into a full standard output: $message"
  [ ! -e kept.npy ] || fail "$command into a full standard output left a result"
done
rm -rf kept
if "$bertsim" gemm --a a.npy --b b.npy --m 64 --out o.npy --trace o.fst > /dev/null 2>&1; then
  rm o.npy o.fst o.gtkw
  before=$(snapshot)
  for blocks in 1 4 16; do
    status=0
    message=$(ulimit -f $blocks
      "$bertsim" gemm --a a.npy --b b.npy --m 64 --out o.npy --trace o.fst 2>&1 > /dev/null) ||
      status=$?
    [ "$status" = 2 ] && [ "$(wc -l <<< "$message")" = 1 ] ||
      fail "a waveform beyond $blocks blocks: status $status, $message"
    [ "$(snapshot)" = "$before" ] || fail "a waveform beyond $blocks blocks left a file"
  done
fi

# Ctrl-C takes away what is unfinished.
before=$(snapshot)
"$bertsim" linear --model model --text "$(printf 'dog %.0s' {1..60})" --m 4 --stall 0.95 --json \
  o.json \
  --trace long.fst > "$scratch/.stdout" 2>&1 &
until ls -d .tmp*/run.fst > /dev/null 2>&1 || ! kill -0 $! 2> /dev/null; do sleep 0.05; done
kill -TERM $!
status=0
wait $! || status=$?
[ "$status" = 143 ] || fail "a run that is ended: status $status"
[ "$(snapshot)" = "$before" ] || fail "a run that is ended left a file: $(ls -a)"

# What is written where it should be.
mkdir real
ln -s real/target.npy link.npy
"$bertsim" "${gemm[@]}" --out link.npy > /dev/null
[ -L link.npy ] && [ -s real/target.npy ] || fail "a symbolic link is not followed"
: > private.npy
chmod 600 private.npy
"$bertsim" "${gemm[@]}" --out private.npy > /dev/null
[ "$(stat -c %a private.npy)" = 600 ] && cmp -s private.npy link.npy ||
  fail "a file loses its permissions"
"$bertsim" "${gemm[@]}" --engine golden --out /dev/stdout | tail -c +20 | head -c 6 | grep -q \
  NUMPY ||
  fail "a result on standard output"
mkfifo pipe
cat pipe > piped.npy &
"$bertsim" "${gemm[@]}" --out pipe > /dev/null
wait $!
cmp -s piped.npy link.npy || fail "a result into a pipe"
[ -z "$(find . -name '.tmp*')" ] || fail "temporary files are left"

# An array stored column by column is the same array.
rows=5 cols=9
npy c_order.npy '|i1' 1 $cols $rows
printf -v header "{'descr': '|i1', 'fortran_order': True, 'shape': (%d, %d), }" $rows $cols
{ printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "$header"; tail -c $((rows * cols)) c_order.npy; } > \
  fortran.npy
npy a9.npy '|i1' 1 6 9
"$bertsim" gemm --a a9.npy --b c_order.npy --m 4 --out y1.npy > /dev/null
"$bertsim" gemm --a a9.npy --b fortran.npy --b-transposed --m 4 --out y2.npy > /dev/null
cmp -s y1.npy y2.npy || fail "Fortran order changes the product"

# Texts of a file in messages are cut.
printf -v header "{'descr': '%s', 'fortran_order': False, 'shape': (3,), }" \
  "$(printf 'x%.0s' {1..90})"
{ printf '\x93NUMPY\x01\x00\xbf\x00%-190s\n' "$header"; printf abc; } > descr.npy
refused "'$(printf 'x%.0s' {1..77})...' is not supported" gemm --a descr.npy --b b.npy --out o.npy

# An empty text is [CLS] [SEP], as one of spaces is.
echo '["dog", "", " "]' > empty.json
"$bertsim" tokenize --model model --json empty.json --out ids.json
[ "$(jq -c '.[1:]' ids.json)" = "[[2,3],[2,3]]" ] || fail "empty texts: $(cat ids.json)"
"$bertsim" encode --model model --text "" --out e1.npy || fail "encode an empty text"
"$bertsim" encode --model model --text " " --out e2.npy
cmp -s e1.npy e2.npy || fail "an empty text differs from one of spaces"
"$bertsim" encode --model model --texts empty.json --out e3.npy ||
  fail "encode with an empty text among others"
"$bertsim" linear --model model --m 4 --text "" > linear.log || fail "linear on an empty text"
grep -q '^text: 2 tokens' linear.log || fail "linear on an empty text: $(head -1 linear.log)"

# What the hardware refuses, golden refuses, with the channel named.
one=(gemm --a a.npy --b b.npy --out o.npy)
scale() {  # scale FILE VALUE...: 5 int32 values in a row
  local file=$1 header value
  shift
  printf -v header "{'descr': '<i4', 'fortran_order': False, 'shape': (5,), }"
  printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "$header" > "$file"
  for value in "$@"; do
    printf "$(printf '\\x%02x' $((value & 255)) $((value >> 8 & 255)) \
      $((value >> 16 & 255)) $((value >> 24 & 255)))" >> "$file"
  done
}
scale mult.npy 1 1 1 65535 1
scale shift.npy 10 10 10 3 10
scale bias.npy 0 0 0 0 2147483647
for engine in rtl golden; do
  refused "M = 5" "${one[@]}" --m 5 --engine $engine
  refused "channel 3: multiplier 65535 with shift 3" "${one[@]}" --mult mult.npy --shift shift.npy \
    --engine $engine
  refused "output 4 could reach" "${one[@]}" --bias bias.npy --engine $engine
done
npy bias33.npy '<i4' 4 3 3
npy b9.npy '|i1' 1 9 9
refused "3 x 3 values for 9 outputs" gemm --a a.npy --b b9.npy --bias bias33.npy --out o.npy

# Requantization of any width and of every factor that 26 bits hold.
npy wide.npy '<i4' 4 2 2100
for scale in 1e-8 511 1023.9; do
  for engine in rtl golden; do
    "$bertsim" op requantize --in wide.npy --in-scale $scale --out-scale 1 --engine $engine --out \
      $engine.npy > /dev/null ||
      fail "requantize 2100 columns by $scale, $engine"
  done
  cmp -s rtl.npy golden.npy || fail "requantize 2100 columns by $scale: rtl and golden differ"
done
refused "requantization by 1024" op requantize --in acc.npy --in-scale 1024 --out-scale 1 --out \
  o.npy
"$bertsim" op --help | grep -q 'softmax  *1\.\.512 with --lanes 8, 1\.\.4096 with --lanes 16' ||
  fail "row limits in --help"
npy wide8.npy '|i1' 1 1 600
refused "the stage takes 1 to 512" op softmax --in wide8.npy --out o.npy

finish
