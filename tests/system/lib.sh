# SPDX-License-Identifier: Apache-2.0
# Shared by the tests of bertsim in this folder. Sourced with the program as argument: a scratch
# folder to work in, and checks that count failures; `finish` ends the test.
bertsim=$1
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
cd "$scratch"
failures=0

fail() { printf 'FAILED: %s\n' "$*"; failures=$((failures + 1)); }

# refused WORDS ARGUMENTS...: bertsim must exit with 2 and one line that holds the words, print no
# result, and leave every file as it was.
refused() {
  local words=$1 status=0 message before
  shift
  before=$(snapshot)
  message=$(timeout 20 "$bertsim" "$@" 2>&1 > "$scratch/.stdout") || status=$?
  [ "$status" = 2 ] || fail "bertsim $*: exit status $status instead of 2"
  [ "$(printf '%s\n' "$message" | wc -l)" = 1 ] || fail "bertsim $*: not one line: $message"
  case $message in *"$words"*) ;; *) fail "bertsim $*: '$words' is not in: $message" ;; esac
  [ ! -s "$scratch/.stdout" ] || fail "bertsim $*: printed a result"
  [ "$(snapshot)" = "$before" ] || fail "bertsim $*: changed a file"
}

# Every file of the scratch folder with its time and size, and every folder.
snapshot() {
  (cd "$scratch" &&
    find . ! -name .stdout \( -type d -printf '%p\n' -o -printf '%p %y %T@ %s\n' \) | sort)
}

# npy FILE DTYPE BYTES ROWS COLS: bytes without pattern, the same every time.
npy() {
  local header
  [ -e "$scratch/noise" ] || seq 300000 | gzip -9n | tail -c +64 > "$scratch/noise"
  printf -v header "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }" "$2" "$4" "$5"
  {
    printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "$header"
    head -c $(($3 * $4 * $5)) "$scratch/noise"
  } > "$1"
}

finish() {
  [ "$failures" = 0 ] && echo "all checks passed"
  exit $((failures > 0))
}
