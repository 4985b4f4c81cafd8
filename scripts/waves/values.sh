#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Values of signals in one cycle of a waveform, a line each: those whose path, with the lane of an
# array, matches a regular expression, as the rising edge of that cycle finds them. As an unsigned
# number, as a signed one if it is another, and in bits.
# usage: values.sh RUN.fst CYCLE PATTERN
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
[ $# -eq 3 ] || die "usage: values.sh RUN.fst CYCLE PATTERN"
[ -r "$1" ] || die "$1: cannot be read"
[[ $2 =~ ^[0-9]+$ ]] || die "cycle '$2': a whole number is needed"
fst2vcd -f "$1" 2> /dev/null | cycle=$2 pattern=$3 awk '
  function number(bits,   n, i) {
    for (i = 1; i <= length(bits); ++i) n = 2 * n + substr(bits, i, 1)
    return n + 0
  }
  BEGIN { cycle = ENVIRON["cycle"]; pattern = ENVIRON["pattern"] }
  $1 == "$scope" { path[++depth] = $3 }
  $1 == "$upscope" { --depth }
  $1 == "$var" && $2 != "parameter" {
    where = path[1]
    for (i = 2; i <= depth; ++i) where = where "." path[i]
    where = where "." $5
    if (where ~ pattern) { name[++count] = where; code[count] = $4; size[count] = $3 }
  }
  # Time 2c + 1 is the edge of cycle c: what came before it counts. The rest is read too, or the
  # pipe would break.
  /^#/ && substr($1, 2) + 0 > 2 * cycle { over = 1 }
  over { next }
  /^#/ { begun = 1 }
  /^[01xz]/ { now[substr($1, 2)] = substr($1, 1, 1) }
  /^b/ { now[$2] = substr($1, 2) }
  END {
    if (!count) { print "error: no signal matches " pattern > "/dev/stderr"; exit 2 }
    if (!begun) { print "error: cycle " cycle " is not recorded" > "/dev/stderr"; exit 2 }
    for (i = 1; i <= count; ++i) {
      bits = now[code[i]]
      while (length(bits) < size[i]) bits = "0" bits
      text = bits ~ /[xz]/ ? "unknown" : sprintf("%.0f", number(bits))
      if (size[i] > 1 && bits ~ /^1[01]*$/)
        text = text sprintf(" (%.0f)", number(bits) - 2 ^ size[i])
      print name[i] " = " text (size[i] > 1 ? " " bits : "")
    }
  }'
