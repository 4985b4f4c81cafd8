#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# judge.sh toy.sv: computes its outputs for all inputs. 0: right, 3: not an expression, 1: wrong.
set -u
value() {  # OUTPUT: of a_i and b_i as they stand
  local expression
  expression=$(sed -n "s/^ *assign $1 *= *\(.*\);.*/\1/p" "$file")
  (echo $((expression))) 2> /dev/null || exit 3
}
file=$1
for a_i in 0 1 2 3; do
  for b_i in 0 1 2 3; do
    max=$((a_i < b_i ? b_i : a_i)) both=$((a_i * b_i > 0))
    got=$(value max_o) || exit 3
    [ "$got" = "$max" ] || exit 1
    got=$(value both_o) || exit 3
    [ "$got" = "$both" ] || exit 1
  done
done
