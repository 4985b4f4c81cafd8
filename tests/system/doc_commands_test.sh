#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The commands of the documents, as they are printed: the indented lines of scripts/waves/README.md
# and of golden/**/*.md, run in order, each document in a folder with the files that it speaks of.
# There scripts/bertsim is the built program, and model and texts are small ones.
# usage: doc_commands_test.sh BERTSIM BUILD
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
build=$2
. "$root/tests/system/lib.sh"

mkdir scripts bin build texts
ln -s "$root/golden" golden
ln -s "$root/scripts/waves" scripts/waves
ln -s "$build" build/dev
printf '#!/bin/sh\nexec "%s" "$@"\n' "$bertsim" > scripts/bertsim
printf '#!/bin/sh\necho "%s/model"\n' "$scratch" > scripts/model.sh
printf '#!/bin/sh\necho "%s/texts"\n' "$scratch" > scripts/texts.sh
# Needs a screen; here it takes two files that are there.
printf '#!/bin/sh\n[ $# = 2 ] && [ -s "$1" ] && grep -q "^TOP" "$2"\n' > bin/gtkwave
chmod +x scripts/*.sh scripts/bertsim bin/*
PATH=$scratch/bin:$PATH
"$bertsim" random-model --out model > /dev/null
head -8 "$root/golden/data/calibration.txt" > texts/calibration.txt
head -8 "$root/golden/data/evaluation.txt" > texts/evaluation.txt
npy A.npy '|i1' 1 13 21
npy B.npy '|i1' 1 21 10

# run DOCUMENT: its commands in one shell, without the variables of this one's project.
run() {
  sed -nE '/^    [^ ]|^      /s/^    //p' "$1" > commands.sh
  count=$((count + $(grep -cE '^[^ ]' commands.sh || true)))
  env -u SB_MODEL -u SB_VENV -u SB_BUILD bash -euo pipefail commands.sh > log 2>&1 ||
    { fail "$1: a command fails:"; cat commands.sh; tail -5 log; }
}

# The check itself: a command that fails is seen.
count=0
printf 'text\n\n    scripts/bertsim info --model "$SB_MODEL"\n' > bad.md
SB_MODEL=$scratch/model run bad.md > bad.log
[ "$failures" = 1 ] || { echo "FAILED: a command that fails passes"; exit 1; }
failures=0 count=0
for document in "$root/scripts/waves/README.md" $(cd "$root" && find golden -name '*.md' | sort); do
  [ -e "$document" ] || document=$root/$document
  run "$document"
done
[ "$count" -ge 9 ] || fail "only $count commands are found in the documents"
[ -s message.txt ] && grep -qxF "$(head -1 message.txt)" "$root/scripts/waves/README.md" ||
  fail "the walk-through's mismatch is another: $(head -1 message.txt)"
[ -s run.gtkw ] && ls build/*.fst > /dev/null || fail "the commands wrote no waveform"
echo "$count commands"
finish
