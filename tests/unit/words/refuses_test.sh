#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# refuses_test.sh SB_WORDS VERILATOR: what the tool does not understand gets one clear line and
# status 2, and no header; tables that differ from their package give status 1.
set -u
words=$1 verilator=$2
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 2
failed=0

# refuses 'declaration' 'line that must be printed'
refuses() {
  printf 'package p; localparam int One = 1;\n%s\nendpackage\n' "$1" > p.sv
  "$verilator" --public --xml-only --xml-output p.xml p.sv || exit 2
  rm -f p.h
  "$words" p.xml p header p.h 2> said
  status=$?
  if [ $status != 2 ] || [ "$(cat said)" != "$2" ] || [ -e p.h ]; then
    echo "$1: status $status, said: $(cat said)"
    echo "  expected: $2"
    failed=1
  fi
}
what='is no integer, enum or packed struct (arrays and unions are not supported)'
refuses 'typedef struct packed {
  logic [2:0][3:0] q;
} a_t;' "p.sv:3: q $what"
refuses 'typedef union packed { logic a; logic b; } u_t;' "p.sv:2: u_t $what"
refuses 'typedef struct { logic a; } s_t;' 'p.sv:2: s_t is a struct that is not packed'
refuses 'typedef struct packed {
  logic a, b;
} s_t;' 'p.sv:3: b must stand on a line of its own'
refuses 'typedef struct packed {
  logic [64:0] a;
} s_t;' 'p.sv:3: a is neither of a named type nor of at most 64 bits'
refuses 'localparam string S = "a";' "p.sv:2: S $what"
refuses 'localparam real R = 1.5;' "p.sv:2: R $what"
refuses "localparam int A [2] = '{1, 2};" "p.sv:2: A $what"
refuses "localparam logic [64:0] W = '0;" 'p.sv:2: W is no constant of at most 64 bits'

# Tables: current, then with another field.
printf '# A document\n<!-- words of p -->\n<!-- end of words -->\nThe end.\n' > doc.md
field() {
  printf '%s\n' 'package p; localparam int One = 1;' '// A struct.' 'typedef struct packed {' \
    "  logic [$1:0] a;  // meaning" '} s_t;' endpackage > p.sv
  "$verilator" --public --xml-only --xml-output p.xml p.sv
}
field 3
"$words" p.xml p update doc.md && "$words" p.xml p check doc.md ||
  { echo "tables just written are not current"; failed=1; }
grep -qx '| a | 3:0 | unsigned | meaning |' doc.md && grep -qx 'The end.' doc.md ||
  { echo "wrong table:"; cat doc.md; failed=1; }
field 4
"$words" p.xml p check doc.md 2> said
[ $? = 1 ] || { echo "a changed field is not noticed"; failed=1; }
printf 'no marks\n' > doc.md
"$words" p.xml p check doc.md 2> said
[ $? = 2 ] || { echo "a document without marks is not refused"; failed=1; }
exit $failed
