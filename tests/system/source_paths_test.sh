#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Messages name source files from the checkout on, so they are those of this checkout even if
# another one filled the compiler cache: source_paths_test.sh COMPILER PROGRAM...
set -euo pipefail
compiler=$1
shift
# Absolute paths of our sources in a program, as __FILE__ puts them there.
absolute() { strings -a "$1" | grep -E '^/.*/(golden|tb|cli|tests)/.*\.(cpp|h)$' || true; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tests"
echo '#include <cstdio>
int main() { std::puts(__FILE__); }' > "$work/tests/unmapped.cpp"
"$compiler" "$work/tests/unmapped.cpp" -o "$work/unmapped"
[ -n "$(absolute "$work/unmapped")" ] || { echo "FAILED: an absolute path is not found"; exit 1; }
for program in "$@"; do
  found=$(absolute "$program")
  [ -z "$found" ] || { echo "FAILED: $program has absolute paths:"; echo "$found"; exit 1; }
  # Not grep -q, which would end `strings` by a signal.
  strings -a "$program" | grep -E '^(golden|tb|cli|tests)/.*\.(cpp|h)$' > /dev/null ||
    { echo "FAILED: $program names no source at all"; exit 1; }
done
