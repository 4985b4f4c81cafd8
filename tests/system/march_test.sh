#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Quantization gives one file on every processor: built for this processor, for any x86-64, and with
# the C library kept from its variants for newer ones.
# usage: march_test.sh BERTSIM NATIVE BASELINE [MODEL TEXTS]
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
native=$2 baseline=$3
# Another instruction set, or the test says nothing.
! cmp -s "$native" "$baseline" || fail "both programs are one"
model=${4:-model} texts=${5:-texts.txt}
if [ $# -lt 5 ]; then
  "$bertsim" random-model --hidden 96 --heads 3 --ffn 320 --out model > /dev/null
  printf '%s\n' 'the happy dog' 'this is a sunny day in the city' \
    'a quick test, with some words: 42!' 'what is the time today?' \
    'weights of the array and a memory of the cycle' > texts.txt
fi
"$native" "$model" "$texts" native
"$baseline" "$model" "$texts" baseline
GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F "$baseline" "$model" "$texts" plain
[ -s native ] || fail "no model"
cmp native baseline || fail "the instruction set changes the model"
cmp native plain || fail "the variants of the C library change the model"
finish
