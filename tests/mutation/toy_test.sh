#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# toy_test.sh SB_MUTATE: scripts/mutate.sh on a module whose faults are known. All are killed but
# the one that changes nothing; that one survives until a list says why it may.
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/../.."
export SB_MUTATE=$1
SB_MUTATION_OUT=$(mktemp -d)
export SB_MUTATION_OUT
trap 'rm -rf "$SB_MUTATION_OUT"' EXIT
lists=$SB_MUTATION_OUT/lists said=$SB_MUTATION_OUT/said toy=tests/mutation/toy/toy.sv
mkdir "$lists"
echo "$toy sh:tests/mutation/toy/judge.sh" > "$lists/programs.list"
harmless='assign max_o = a_i >= b_i ? a_i : b_i; // >= gives the same'

# expect STATUS ARGUMENT...
expect() {
  local want=$1 status=0
  shift
  scripts/mutate.sh --lists "$lists" "$@" > "$said" 2>&1 || status=$?
  [ $status = "$want" ] ||
    { cat "$said"; echo "mutate.sh $*: status $status, expected $want"; exit 1; }
}
says() { grep -qF -- "$1" "$said" || { cat "$said"; echo "does not say: $1"; exit 1; }; }
verdicts() { awk -F'\t' '{ print $6 }' "$SB_MUTATION_OUT/results.tsv" | sort | uniq -c | xargs; }

expect 1 --count 0
[ "$(verdicts)" = '7 killed 1 survived' ] || { cat "$said"; exit 1; }
says "survived: $toy:9	compare	$harmless"
expect 1 --again
[ "$(verdicts)" = '1 survived' ] || { cat "$said"; exit 1; }

printf "%s\tcompare\t%s\tof two equal numbers either is the larger\n" "$toy" "$harmless" \
  > "$lists/equivalent.list"
expect 0 --count 0
[ "$(verdicts)" = '1 equivalent 7 killed' ] || { cat "$said"; exit 1; }

# A draw is that of its seed.
expect 0 --count 4 --seed 7
cp "$SB_MUTATION_OUT/faults.tsv" "$SB_MUTATION_OUT/drawn"
expect 0 --count 4 --seed 7
cmp "$SB_MUTATION_OUT/faults.tsv" "$SB_MUTATION_OUT/drawn"
[ "$(wc -l < "$SB_MUTATION_OUT/drawn")" = 4 ]
expect 0 --count 4 --seed 8
! cmp -s "$SB_MUTATION_OUT/faults.tsv" "$SB_MUTATION_OUT/drawn"

# A line of the list that fits no fault any more is said, tests that fail by themselves end the run.
printf '%s\tcompare\tassign gone = 1;\twas there once\n' "$toy" >> "$lists/equivalent.list"
expect 0 --count 0
says "no such fault any more: $toy compare assign gone = 1;"
echo "$toy sh:/bin/false" > "$lists/programs.list"
expect 2 --count 1
says 'fails without a fault'
expect 2 --count x
expect 2 --nonsense
