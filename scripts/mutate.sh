#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Mutation of rtl/: single-point faults, one at a time, each judged by the tests that
# tests/mutation/programs.list names for its file. Prints a table per file; each fault with its verdict
# goes to build/mutation/results.tsv.
#   --file GLOB    files to change, of those in the list (default: all); may be given again
#   --count N      faults per file, drawn at random (default 5; 0: all)
#   --seed N       of the draw (default 1)
#   --minutes N    start no fault later than that
#   --jobs N       so many at a time, each in its own copy of the checkout (default 1)
#   --again        those that survived in results.tsv, once more, not a draw
#   --lists DIR    programs.list and equivalent.list are there (default tests/mutation)
# Verdicts: killed; survived; equivalent (equivalent.list, not run); refused (does not compile or does
# not pass Verilator's -Wall). Exit status: 0 nothing survived, 1 something did.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
sb_paths
cd "$SB_ROOT"
globs=() count=5 seed=1 minutes=100000 jobs=1 again='' lists=tests/mutation
while [ $# -gt 0 ]; do
  case $1 in
    --file) globs+=("$2"); shift ;;
    --count) count=$2; shift ;;
    --seed) seed=$2; shift ;;
    --minutes) minutes=$2; shift ;;
    --jobs) jobs=$2; shift ;;
    --lists) lists=$2; shift ;;
    --again) again=1 ;;
    *) sed -n '3,15s/^# //p' "${BASH_SOURCE[0]}"; exit 2 ;;
  esac
  shift
done
for number in "$count" "$seed" "$minutes" "$jobs"; do
  [[ $number =~ ^[0-9]+$ ]] || die "$number is not a number"
done
[ -r "$lists/programs.list" ] || die "no $lists/programs.list"
[ ${#globs[@]} -gt 0 ] || globs=('*')
out=${SB_MUTATION_OUT:-$SB_ROOT/build/mutation}
mkdir -p "$out"
[ -x "${SB_MUTATE:=$SB_BUILD/scripts/mutate/sb_mutate}" ] || sb_build sb_mutate

# The faults to make: file, number, line, operator, text, verdict (empty: to be judged).
: > "$out/faults.tsv"
while read -r file _; do
  case $file in '' | '#'*) continue ;; esac
  for glob in "${globs[@]}"; do
    # shellcheck disable=SC2254
    case $file in $glob) break ;; *) false ;; esac
  done || continue
  "$SB_MUTATE" list "$file" |
    awk -F'\t' -v OFS='\t' -v file="$file" -v seed="$seed" -v count="$count" '
      { all[NR] = $0 }
      END {
        srand(seed)
        for (i = NR; i > 1; i--) { j = 1 + int(rand() * i); t = all[i]; all[i] = all[j]; all[j] = t }
        for (i = 1; i <= NR && (count == 0 || i <= count); i++) print file, all[i]
      }' >> "$out/faults.tsv"
done < "$lists/programs.list"
if [ -n "$again" ]; then
  : > "$out/again.tsv"
  for file in $(awk -F'\t' '$6 == "survived" { print $1 }' "$out/results.tsv" | sort -u); do
    "$SB_MUTATE" list "$file" | sed "s|^|$file\t|" |
      awk -F'\t' 'FILENAME == ARGV[1] { if ($6 == "survived") want[$1, $4, $5] = 1; next } ($1, $4, $5) in want' \
        "$out/results.tsv" - >> "$out/again.tsv"
  done
  mv "$out/again.tsv" "$out/faults.tsv"
fi
{ cat "$lists/equivalent.list" 2> /dev/null || true; } | grep -v '^#' > "$out/equivalent" || true
cut -f1-3 "$out/equivalent" | sort -u | while IFS=$'\t' read -r file what text; do
  "$SB_MUTATE" list "$file" | cut -f3- | grep -qxF -- "$what	$text" || say "no such fault any more: $file $what $text"
done
awk -F'\t' -v OFS='\t' '
  FILENAME == ARGV[1] { known[$1, $2, $3] = 1; next }
  { print $0, ($1, $4, $5) in known ? "equivalent" : "" }' "$out/equivalent" "$out/faults.tsv" > "$out/todo.tsv"
say "$(wc -l < "$out/todo.tsv") faults"

# A copy of the checkout in which files are changed, and its build: models without optimization.
prepare() {
  local tree=$1
  mkdir -p "$tree"
  git ls-files -z --cached --others --exclude-standard | tar cf - --null --ignore-failed-read -T - 2> /dev/null |
    tar xf - -C "$tree"
  [ -n "$plain" ] && return
  (cd "$tree" && export CCACHE_BASEDIR=$tree && cmake --preset dev -DSB_TRACE=OFF -DSB_FEW_CYCLES=ON \
    > configure.log 2>&1 && cmake --build --preset dev --target $programs > build.log 2>&1) ||
    { tail -20 "$tree/build.log" >&2; die "the unchanged sources do not build in $tree"; }
}
# The judges of a file, as PROGRAM[@MODEL,MODEL...]:FILTER or sh:SCRIPT.
judges_of() { awk -v file="$1" '$1 == file { for (i = 2; i <= NF; i++) print $i }' "$lists/programs.list"; }
# Models of a program (as the build knows them: NAME TOP FILE-OF-VERILATOR EXTRA...) with the file.
models_of() {
  local tree=$1 file=$2 program=$3 only=$4 name top made extra
  while read -r name top made extra; do
    case ",$only," in ,, | *,"$name",*) ;; *) continue ;; esac
    # shellcheck disable=SC2086
    "$SB_MUTATE" uses "$top" $(sb_rtl_files) $extra | grep -qx "$file" && echo "$made"
  done < <(ninja -C "$tree/build/dev" -t inputs "$program" |
    sed -n 's|.*/libsb_model_\(.*\)\.a$|\1|p' | sort -u | while read -r lib; do cat "$tree/build/dev/models/$lib.txt"; done)
}

# judge TREE FILE JUDGE: exit status 0 passes, 3 does not compile, else fails.
judge() {
  local tree=$1 file=$2 judge=$3
  local program=${judge%%:*} filter=${judge#*:}
  if [ "$program" = sh ]; then
    (cd "$tree" && timeout 300 "$filter" "$file") > "$tree/judge.log" 2>&1
    return
  fi
  local only=''
  case $program in *@*) only=${program#*@} program=${program%%@*} ;; esac
  (cd "$tree" && models_of "$tree" "$file" "$program" "$only" | xargs -r rm -f &&
    export CCACHE_BASEDIR=$tree && cmake --build --preset dev --target "$program") > "$tree/judge.log" 2>&1 || return 3
  (cd "$tree" && timeout 300 "$(find build/dev/tests -name "$program" -type f)" --gtest_brief=1 --gtest_fail_fast \
    --gtest_filter="$filter") > "$tree/judge.log" 2>&1
}

worker() {
  local w=$1 tree=$out/tree$1 file number line what text verdict by from status
  while IFS=$'\t' read -r file number line what text verdict; do
    by=-
    from=$SECONDS
    if [ -z "$verdict" ]; then
      [ $((SECONDS / 60)) -lt "$minutes" ] || break
      verdict=survived
      cp -p "$file" "$tree/original"
      "$SB_MUTATE" apply "$file" "$number" > "$tree/$file"
      touch -r "$tree/original" "$tree/$file"  # only the models that are taken away are made anew
      while read -r j; do
        status=0
        judge "$tree" "$file" "$j" < /dev/null || status=$?
        [ $status != 0 ] || continue
        by=$j
        if [ $status = 3 ]; then verdict=refused; else verdict=killed; fi
        break
      done < <(judges_of "$file")
      cp -p "$tree/original" "$tree/$file"
      # What the next fault does not make anew must be that of the unchanged file.
      [ -n "$plain" ] || while read -r j; do
        case $j in sh:*) continue ;; esac
        j=${j%%:*}
        models_of "$tree" "$file" "${j%%@*}" '' | (cd "$tree" && xargs -r rm -f)
      done < <(judges_of "$file")
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$file" "$number" "$line" "$what" "$text" "$verdict" "$by" \
      $((SECONDS - from)) | tee -a "$out/results$w.tsv"
  done < <(awk -v w="$w" -v jobs="$jobs" 'NR % jobs == w' "$out/todo.tsv")
}

plain=1 programs=''
for file in $(cut -f1 "$out/todo.tsv" | sort -u); do
  for j in $(judges_of "$file"); do
    case $j in sh:*) ;; *) plain='' programs="$programs ${j%%[@:]*}" ;; esac
  done
done
programs=$(tr ' ' '\n' <<< "$programs" | sort -u | tr '\n' ' ')
rm -f "$out"/results[0-9]*.tsv

for ((w = 0; w < jobs; ++w)); do prepare "$out/tree$w"; done
# Judges must pass what is unchanged.
for file in $(cut -f1 "$out/todo.tsv" | sort -u); do judges_of "$file" | sed "s|^sh:|$file &|; t; s|^|none |"; done |
  sort -u | while read -r file j; do
  judge "$out/tree0" "$file" "$j" < /dev/null || { tail -5 "$out/tree0/judge.log" >&2; die "$j fails without a fault"; }
done
for ((w = 0; w < jobs; ++w)); do worker "$w" & done
wait
cat "$out"/results[0-9]*.tsv > "$out/results.tsv"

awk -F'\t' '
  function row(name, m, k, s, e, r) {
    printf "%-34s %5d %6d %8d %10d %7d  %s\n", name, m, k, s, e, r,
           k + s ? sprintf("%5.1f %%", 100 * k / (k + s)) : "-"
  }
  BEGIN { printf "%-34s %5s %6s %8s %10s %7s  %s\n", "file", "made", "killed", "survived", "equivalent", "refused", "killed" }
  { made[$1]++; n[$1, $6]++; made_all++; all[$6]++ }
  END {
    for (f in made) { order[++files] = f }
    for (i = 1; i <= files; i++) for (j = i + 1; j <= files; j++) if (order[j] < order[i]) { t = order[i]; order[i] = order[j]; order[j] = t }
    for (i = 1; i <= files; i++) { f = order[i]; row(f, made[f], n[f, "killed"], n[f, "survived"], n[f, "equivalent"], n[f, "refused"]) }
    row("all", made_all, all["killed"], all["survived"], all["equivalent"], all["refused"])
  }' "$out/results.tsv"
# shellcheck disable=SC2015
awk -F'\t' -v OFS='\t' '$6 == "survived" { print "survived: " $1 ":" $3, $4, $5; some = 1 } END { exit some }' "$out/results.tsv"
