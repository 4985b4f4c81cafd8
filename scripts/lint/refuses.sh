#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves a checker: it must fail, and say TEXT. usage: refuses.sh TEXT CHECKER [ARGUMENT...]
set -euo pipefail
text=$1
shift
status=0
output=$("$@" 2>&1) || status=$?
[ "$status" != 77 ] || { echo "$output"; exit 77; }
[ "$status" != 0 ] || { echo "not refused: $*"; exit 1; }
grep -qF -- "$text" <<< "$output" ||
  { printf '%s\n' "refused, but without \"$text\":" "$output"; exit 1; }
