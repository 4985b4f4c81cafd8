#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares the tokenizer with the PyPI package `tokenizers`, cased and uncased: normalization and
# word borders of every code point; normalized text, words, ids, ids cut to a limit and ids of pairs
# for COUNT generated texts and for real ones (package descriptions of this machine, the documents
# of this repository). Prints the number of disagreements; exit status 1 if there is one, 77 if the
# model is not there.
# usage: check_tokenizer.sh [COUNT [SEED]]      (100000 texts, seed 1)
# SB_TOKENIZER_DUMP names the built program tokenizer_dump; without it, it is built.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
sb_paths
count=${1:-100000} seed=${2:-1}
if [ ! -e "$SB_MODEL/tokenizer.json" ]; then
  [ -z "${SB_REQUIRE_MODEL:-}" ] ||
    die "SB_REQUIRE_MODEL is set, but SB_MODEL holds no tokenizer.json"
  say "skipped: SB_MODEL holds no tokenizer.json (scripts/setup.sh fetches it)"
  exit 77
fi
if [ -z "${SB_TOKENIZER_DUMP:-}" ]; then
  sb_build tokenizer_dump
  SB_TOKENIZER_DUMP=$SB_BUILD/tests/golden/tokenizer_dump
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

compare() {  # points|texts cased|uncased FILE: compares a dump with the package
  "$SB_VENV/bin/python" - "$@" "$SB_MODEL" <<'PY'
import json, sys
from tokenizers import Tokenizer
from tokenizers.implementations import BertWordPieceTokenizer
mode, case, path, model = sys.argv[1:]
if case == "uncased":
    reference = Tokenizer.from_file(model + "/tokenizer.json")
    reference.no_padding()
else:
    reference = BertWordPieceTokenizer(model + "/vocab.txt", lowercase=False)
normalize = reference.normalizer.normalize_str
words = lambda text: [word for word, _ in reference.pre_tokenizer.pre_tokenize_str(text)]
lines = wrong = 0
for line in open(path, encoding="utf-8"):
    row, lines = json.loads(line), lines + 1
    if mode == "points":
        expected = [row[0], normalize(row[0]), words(row[0])]
    else:
        text, limit, second = row[0], row[4], row[6]
        normalized = normalize(text)
        reference.no_truncation()
        ids = reference.encode(text).ids
        reference.enable_truncation(limit)
        pair = reference.encode(text, second)
        expected = [text, normalized, words(normalized), ids, limit, reference.encode(text).ids,
                    second, pair.ids, pair.type_ids]
    if row != expected:
        wrong += 1
        for name, ours, theirs in zip(("text", "normalized", "words", "ids"), row, expected):
            if ours != theirs and wrong <= 5:
                print(ascii(row[0])[:200], name, ascii(ours)[:500], ascii(theirs)[:500], sep="\n  ")
print(f"{mode}, {case}: {wrong} disagreements of {lines}" +
      (" blocks of 512 code points" if mode == "points" else ""))
sys.exit(wrong > 0)
PY
}

real_texts() {
  sed -n "s/^Description: //p; s/^ \([^.]\)/\1/p; ${count}q" /var/lib/dpkg/status \
    2>/dev/null || true
  cat "$SB_ROOT"/*.md "$SB_ROOT"/golden/*.md
}

status=0
for case in uncased cased; do
  "$SB_TOKENIZER_DUMP" points "$SB_MODEL" $case 0 0 "$scratch/points"
  compare points $case "$scratch/points" || status=1
  real_texts | "$SB_TOKENIZER_DUMP" texts "$SB_MODEL" $case "$count" "$seed" "$scratch/texts"
  compare texts $case "$scratch/texts" || status=1
done
# The comparison itself: a single changed id must be found.
"$SB_TOKENIZER_DUMP" texts "$SB_MODEL" uncased 100 "$seed" "$scratch/texts" fault < /dev/null
if compare texts uncased "$scratch/texts" > /dev/null; then
  say "an injected wrong id was not found"
  status=1
fi
exit $status
