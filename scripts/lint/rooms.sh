#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rooms (scripts/cmake/SbRooms.cmake): what each may include, by the tables in the README files,
# against what the build lets it include. For every pair of rooms a file of one include line is
# compiled as a source of the one: it must compile if the tables lead from it to the other, and must
# not find the header if they do not. Cycles and includes by relative path are refused too.
# usage: rooms.sh             all pairs
#        rooms.sh ROOM FILE   compiles FILE as a source of ROOM (golden/model)
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
[ -e "$SB_BUILD/rooms" ] || die "no build/$SB_PRESET: cmake --preset $SB_PRESET"

# Of each room of the build a line: the room and its include path, parted by semicolons.
room_lines() { cat "$SB_BUILD"/rooms/*.txt; }
include_path() {  # ROOM: sets flags
  local line
  line=$(room_lines | grep "^$1;") || die "$1 is not a room"
  IFS=';' read -r -a flags <<< "${line#*;}"
  flags=("${flags[@]/#/-I}")
}
# In a folder where nothing is found beside the file.
compile() {
  (cd "$SB_BUILD/rooms" && "${CXX:-c++}" -std=c++20 -E -x c++ "${flags[@]}" "$1" -o /dev/null)
}

if [ $# = 2 ]; then
  include_path "$1"
  compile "$(realpath "$2")"
  exit
fi

# "| `golden/io` | what | -> `golden/base` |" in a README is the arrow from io to base.
readmes=(golden/README.md)
[ ! -e tb/README.md ] || readmes+=(tb/README.md)
declare -A reaches=()
mapfile -t rooms < <(room_lines | cut -d ';' -f 1)
while read -r from to; do
  reaches[$from,$to]=1
done < <(sed -nE 's/^\| `([a-z_\/]+)` .*\| -> (.*) \|$/\1 \2/p' "${readmes[@]}" |
           tr -d '`,' | awk '{ for (i = 2; i <= NF; i++) print $1, $i }')
for via in "${rooms[@]}"; do
  for from in "${rooms[@]}"; do
    for to in "${rooms[@]}"; do
      [ -z "${reaches[$from,$via]:-}" ] || [ -z "${reaches[$via,$to]:-}" ] || reaches[$from,$to]=1
    done
  done
done

status=0
fail() { printf '%s\n' "$*"; status=1; }
for from in "${rooms[@]}"; do
  include_path "$from"
  grep -q "^| \`$from\` .*| -> " "${readmes[@]}" ||
    fail "$from: not in the table of the rooms"
  for to in "${rooms[@]}"; do
    if [ "$from" = "$to" ]; then
      [ -z "${reaches[$from,$to]:-}" ] || fail "$from: uses itself by way of others"
      continue
    fi
    header=$(find "$to" -maxdepth 1 -name '*.h' -printf '%s\t%p\n' | sort -n | head -1 | cut -f 2)
    if output=$(compile - <<< "#include \"$header\"" 2>&1); then
      [ -n "${reaches[$from,$to]:-}" ] || fail "$from may include $header: not in the table"
    elif [ -n "${reaches[$from,$to]:-}" ]; then
      fail "$from may not include $header: the table says it may" "$output"
    else
      [[ $output = *"$header: No such file"* ]] || fail "$from, $header: other message" "$output"
    fi
  done
done
! grep -rnE '#include "\.\.?/' golden tb || fail "an include by relative path gets round the rooms"
exit $status
