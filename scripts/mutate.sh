#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Mutation of rtl/: single-point faults, one at a time, each judged by the tests that
# tests/mutation/programs.list names for its file. Prints each fault with its verdict, then a table
# per file; both stay in build/mutation (results.tsv).
#   --file GLOB    files to change, of those in the list (default: all); may be given again
#   --count N      faults per file, drawn at random (default 5; 0: all)
#   --seed N       of the draw (default 1)
#   --minutes N    start no fault later than that
#   --jobs N       so many at a time, each in its own copy of the checkout (default 1)
#   --again        those that survived in results.tsv once more, in place of a draw
#   --lists DIR    where programs.list and equivalent.list are (default tests/mutation)
# Verdicts: killed; survived; equivalent (in equivalent.list, not run); refused (does not compile,
# or not without a warning). Exit status: 0 nothing survived, 1 something did, 2 it cannot run.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
sb_paths
cd "$SB_ROOT"
globs=() count=5 seed=1 minutes=100000 jobs=1 again='' lists=tests/mutation
while [ $# -gt 0 ]; do
  case $1 in
    --again) again=1; shift; continue ;;
    --file | --count | --seed | --minutes | --jobs | --lists)
      [ $# -gt 1 ] || die "$1 needs a value" ;;
    *) sed -n 's/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed -n '3,15p' >&2; exit 2 ;;
  esac
  case $1 in
    --file) globs+=("$2") ;;
    --count) count=$2 ;;
    --seed) seed=$2 ;;
    --minutes) minutes=$2 ;;
    --jobs) jobs=$2 ;;
    --lists) lists=$2 ;;
  esac
  shift 2
done
for number in "$count" "$seed" "$minutes" "$jobs"; do
  [[ $number =~ ^[0-9]+$ ]] || die "$number is not a number"
done
[ "$jobs" -gt 0 ] || die "--jobs 0: nothing would run"
[ -r "$lists/programs.list" ] || die "no $lists/programs.list"
[ ${#globs[@]} -gt 0 ] || globs=('*')
out=${SB_MUTATION_OUT:-$SB_ROOT/build/mutation}
mkdir -p "$out"
[ -x "${SB_MUTATE:=$SB_BUILD/scripts/mutate/sb_mutate}" ] || sb_build sb_mutate

for file in $(sb_rtl_files | grep -v /cells_sim/); do
  [ "$lists" != tests/mutation ] || grep -q "^$file " "$lists/programs.list" ||
    say "$file is not in $lists/programs.list"
done
# Files of programs.list that one of the globs fits.
chosen() {
  local file glob
  while read -r file second _; do
    [ "$second" != = ] || continue
    for glob in "${globs[@]}"; do
      # shellcheck disable=SC2254
      case $file in '' | '#'*) ;; $glob) echo "$file"; break ;; esac
    done
  done < "$lists/programs.list"
}
# Lines of faults: FILE, number, line, operator, text.
faults_of() { "$SB_MUTATE" list "$1" | sed "s|^|$1\t|"; }
draw() {
  awk -v seed="$seed" -v count="$count" '
    { all[NR] = $0 }
    END {
      srand(seed)
      for (i = NR; i > 1; i--) { j = 1 + int(rand() * i); t = all[i]; all[i] = all[j]; all[j] = t }
      for (i = 1; i <= NR && (count == 0 || i <= count); i++) print all[i]
    }'
}
survivors() {
  awk -F'\t' '$6 == "survived" { print $1 }' "$out/results.tsv" | sort -u | while read -r file; do
    faults_of "$file" | awk -F'\t' '
      FILENAME == ARGV[1] { if ($6 == "survived") want[$1, $4, $5] = 1; next }
      ($1, $4, $5) in want' "$out/results.tsv" -
  done
}
if [ -n "$again" ]; then
  [ -r "$out/results.tsv" ] || die "no $out/results.tsv: there was no run"
  survivors > "$out/faults.tsv"
else
  chosen | while read -r file; do faults_of "$file" | draw; done > "$out/faults.tsv"
fi
# Those that are known to change nothing have their verdict already.
{ grep -v '^#' "$lists/equivalent.list" 2> /dev/null || true; } > "$out/equivalent"
# Not grep -q: it ends before the list does, which pipefail takes for a failure.
cut -f1-3 "$out/equivalent" | while IFS=$'\t' read -r file what text; do
  "$SB_MUTATE" list "$file" | cut -f3- | grep -xF -- "$what"$'\t'"$text" > /dev/null ||
    say "no such fault any more: $file $what $text"
done
awk -F'\t' -v OFS='\t' '
  FILENAME == ARGV[1] { known[$1, $2, $3] = 1; next }
  { print $0, ($1, $4, $5) in known ? "equivalent" : "" }' \
  "$out/equivalent" "$out/faults.tsv" > "$out/todo.tsv"
say "$(wc -l < "$out/todo.tsv") faults"

# PROGRAM[@MODEL,MODEL...]:FILTER or sh:SCRIPT, in order.
judges_of() {
  awk -v file="$1" '
    $2 == "=" { for (i = 3; i <= NF; i++) set[$1] = set[$1] (i > 3 ? "\n" : "") $i; next }
    $1 == file { for (i = 2; i <= NF; i++) print ($i in set ? set[$i] : $i) }' \
    "$lists/programs.list"
}
all_judges() { cut -f1 "$out/todo.tsv" | sort -u | while read -r file; do judges_of "$file"; done; }
programs=$(all_judges | sed '/^sh:/d; s/[@:].*//' | sort -u | xargs)

# prepare TREE: a copy of the checkout, with a build of the programs whose models are compiled
# without optimization.
prepare() {
  mkdir -p "$1/build"
  # A run that was interrupted left models with a fault.
  [ ! -e "$1/build/faulty" ] || find "$1/build" '(' -name '*_fast.cpp' -o -name faulty ')' -delete
  tar cf - --exclude=./build --exclude=./.git . | tar xf - -C "$1"
  [ -n "$programs" ] || return 0
  (
    cd "$1"
    cmake --preset dev -DSB_TRACE=OFF -DSB_FEW_CYCLES=ON > build.log 2>&1 &&
      make_programs "$programs"
  ) || { tail -20 "$1/build.log" >&2; die "the unchanged sources do not build in $1"; }
}
make_programs() {
  # shellcheck disable=SC2086
  CCACHE_BASEDIR=$PWD cmake --build --preset dev --target $1 > build.log 2>&1
}
# forget FILE PROGRAM [MODEL,MODEL...]: takes away what Verilator made of the file for a program, so
# that the next build makes it anew.
forget() {
  local file=$1 program=$2 only=${3:-} name top made extra
  ninja -C build/dev -t inputs "$program" | sed -n 's|.*/libsb_model_\(.*\)\.a$|\1|p' | sort -u |
    while read -r name; do
      case ",$only," in ,, | *,"$name",*) ;; *) continue ;; esac
      read -r name top made extra < "build/dev/models/$name.txt"
      # shellcheck disable=SC2046,SC2086
      if "$SB_MUTATE" uses "$top" $(sb_rtl_files) $extra | grep -qx "$file"; then rm -f "$made"; fi
    done
}
# judge TREE FILE JUDGE: status 0 passes, 3 does not compile, else notices a fault.
judge() {
  cd "$1"
  local file=$2 filter=${3#*:} program=${3%%:*} models=''
  if [ "$program" = sh ]; then
    timeout 300 "$filter" "$file" > judge.log 2>&1
    return
  fi
  case $program in *@*) models=${program#*@} program=${program%%@*} ;; esac
  forget "$file" "$program" "$models"
  make_programs "$program" || return 3
  # Seconds of the processor: a busy machine is no fault.
  (
    ulimit -t 120
    exec timeout 3000 "$(find build/dev/tests -name "$program" -type f)" --gtest_brief=1 \
      --gtest_fail_fast --gtest_filter="$filter"
  ) > judge.log 2>&1
}

# worker W: its share of the faults.
worker() {
  local tree=$out/tree$1 file number line what text verdict by from status j program models judged
  while IFS=$'\t' read -r file number line what text verdict; do
    by=- from=$SECONDS
    if [ -z "$verdict" ]; then
      [ $((SECONDS / 60)) -lt "$minutes" ] || break
      verdict=survived
      : > "$tree/build/faulty"
      "$SB_MUTATE" apply "$file" "$number" > "$tree/$file"
      touch -r "$file" "$tree/$file"  # only models that are forgotten are made anew
      judged=()
      while read -r j; do
        judged+=("$j")
        status=0
        (judge "$tree" "$file" "$j") < /dev/null || status=$?
        case $status in 0) continue ;; 3) verdict=refused ;; *) verdict=killed ;; esac
        by=$j
        break
      done < <(judges_of "$file")
      cp -p "$file" "$tree/$file"
      # Only what was made with the fault is made anew.
      for j in "${judged[@]}"; do
        IFS=@ read -r program models <<< "${j%%:*}"
        [ "$program" = sh ] || (cd "$tree" && forget "$file" "$program" "$models") < /dev/null
      done
      rm "$tree/build/faulty"
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$file" "$number" "$line" "$what" "$text" "$verdict" \
      "$by" $((SECONDS - from)) | tee -a "$out/results$1.tsv"
  done < <(awk -v w="$1" -v jobs="$jobs" 'NR % jobs == w' "$out/todo.tsv")
}

rm -f "$out"/results[0-9]*.tsv
for ((w = 0; w < jobs; ++w)); do
  prepare "$out/tree$w"
  : > "$out/results$w.tsv"
done
# What is unchanged must pass; scripts judge one of their files.
cut -f1 "$out/todo.tsv" | sort -u | while read -r file; do
  judges_of "$file" | sed "s|^sh:|$file &|; t; s|^|none |"
done | sort -u | while read -r file j; do
  (judge "$out/tree0" "$file" "$j") < /dev/null ||
    { tail -5 "$out/tree0/judge.log" >&2; die "$j fails without a fault"; }
  ! grep -q '^\[==========\] 0 tests' "$out/tree0/judge.log" || die "$j runs no test"
done
for ((w = 0; w < jobs; ++w)); do worker "$w" & done
wait
cat "$out"/results[0-9]*.tsv > "$out/results.tsv"
awk -f scripts/mutate/table.awk "$out/results.tsv"
